"""The queries of the profile's reductions over feeds that lie anywhere."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from orchestration.inputs.derived import REDUCTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transforms.reading import Rows


def reductions(as_of: date, sources: Mapping[str, Rows]) -> dict[str, str]:
    """Name → SQL of every reduction of the profile, over the rows of each feed in `sources` (by its whole name)."""
    by_table = {name.partition(".")[2]: rows for name, rows in sources.items()}
    made = {}
    for function in (f for f in REDUCTIONS if f.__module__.startswith("transforms.profile.")):
        names = inspect.signature(function).parameters
        if all(name in by_table or name == "as_of" for name in names):
            made[function.__name__] = function(**{n: as_of if n == "as_of" else by_table[n] for n in names})
    return made
