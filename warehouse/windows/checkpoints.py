"""Checkpoints of a feed: a slice per night that starts from one, keyed by the current deliveries up to its day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from warehouse.windows.slices import Made, Slices


@dataclass(frozen=True)
class Recipe:
    """How the slices of a checkpoint are made: SQL in a part per group of shards, always in the same order."""

    nights: Sequence[date]
    """In the order in which their slices are made."""
    rows: Sequence[str]
    """Rows that are read for several slices."""
    slice_sql: Callable[[Sequence[str], date, Made | None], Sequence[str]]
    """A night's slice from where those rows are and the slice made just before it (None: the first)."""


def checkpoint(slices: Slices, basis: str, night: date, recipe: Callable[[], Recipe]) -> str:
    """Where a night's slice of a checkpoint is, as text for FROM.

    `basis` is the digest of the deliveries up to the checkpoint's day that count. Where the slice is missing, those of
    all nights of the recipe are made, which is asked for only then.
    """
    wanted = {night: basis}
    if found := slices.found(wanted):
        return found
    made = recipe()
    with slices.lake.scratch("checkpoint_rows", made.rows) as rows:
        slices.ensured(dict.fromkeys(made.nights, basis), partial(made.slice_sql, rows))
        return slices.ensured(wanted, partial(made.slice_sql, rows))


def checkpoint_table(feed: str, version: str) -> str:
    """The table of the cache that holds a feed's checkpoints of one declaration."""
    return f"{feed.replace('.', '_')}_checkpoint_{version}"
