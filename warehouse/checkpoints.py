"""Checkpoints of a feed: a slice per night that stands on one, keyed by the deliveries up to its day that count."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from warehouse.slices import Slices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from warehouse.lake import Lake
    from warehouse.registry import Knowledge
    from warehouse.slices import Made


@dataclass(frozen=True)
class Recipe:
    """How the slices of a checkpoint are made: SQL in a part per group of shards, always in the same order."""

    nights: Sequence[date]
    """In the order in which their slices are made."""
    rows: Sequence[str]
    """Rows that are read for several slices."""
    slice_sql: Callable[[Sequence[str], date, Made | None], Sequence[str]]
    """A night's slice from where those rows are and the slice made just before it (None: the first)."""


def checkpoint(
    lake: Lake,
    known: Knowledge,
    feed: str,
    version: str,
    night: date,
    previous: date,
    recipe: Callable[[str | None], Recipe],
) -> str | None:
    """Where a night's slice of the checkpoint of the day up to which `known` knows is, as text for FROM.

    Where it is missing, those of all nights of the recipe are made. It is asked for only then, and given where the
    slice of the night of the checkpoint's own day is, which stands on the checkpoint of the day `previous`, if that
    one has been made from what still counts. `version` names what a slice holds. None where nothing had arrived by
    that day.
    """
    if not known.deliveries[feed]:
        return None
    slices, wanted = Slices(lake, checkpoint_table(feed, version)), {night: known.basis(feed)}
    if found := slices.found(wanted):
        return found
    made = recipe(slices.found({known.as_of: known.back_to(previous).basis(feed)}))
    with lake.scratch("checkpoint_rows", made.rows) as rows:
        slices.ensured(dict.fromkeys(made.nights, known.basis(feed)), partial(made.slice_sql, rows))
        return slices.ensured(wanted, partial(made.slice_sql, rows))


def checkpoint_table(feed: str, version: str) -> str:
    """The table of the cache that holds a feed's checkpoints of one declaration."""
    return f"{feed.replace('.', '_')}_checkpoint_{version}"
