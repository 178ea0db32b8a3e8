"""The one `Definitions` of the code location."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from orchestration.assets.feeds import FEEDS
from orchestration.assets.outputs import OUTPUTS
from orchestration.assets.publication import PUBLICATION
from orchestration.jobs import NIGHT
from orchestration.run.resources import Warehouse
from orchestration.schedules import NIGHTLY

if TYPE_CHECKING:
    from collections.abc import Mapping


def build_defs(*, resource_overrides: Mapping[str, object] | None = None) -> dg.Definitions:
    """Fresh definitions; tests and the command line override resources, production takes them from `FENQI_*`."""
    return dg.Definitions(
        assets=[*FEEDS, *OUTPUTS, *PUBLICATION],
        jobs=[NIGHT],
        schedules=[NIGHTLY],
        resources={"warehouse": Warehouse(), **(resource_overrides or {})},
        executor=dg.in_process_executor,
    )


defs = build_defs()
