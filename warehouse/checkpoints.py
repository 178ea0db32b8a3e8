"""Checkpoints of a feed: a slice per day that nights stand on, keyed by all deliveries up to it that count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.slices import Slices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from warehouse.lake import Lake
    from warehouse.registry import Knowledge


def checkpoint(
    lake: Lake, known: Knowledge, feed: str, version: str, checkpoint_sql: Callable[[], Sequence[str]]
) -> str | None:
    """Where a feed's checkpoint of the day up to which `known` knows is, as text for FROM; made where it is missing.

    `checkpoint_sql` is asked for its SQL, (customer_token, shard, an aggregate per column) in a part per group of
    shards, only then; `version` names what it holds. None where nothing had arrived by that day.
    """
    if not known.deliveries[feed]:
        return None
    wanted = {known.as_of: known.basis(feed)}
    return Slices(lake, checkpoint_table(feed, version)).ensured(wanted, lambda _: checkpoint_sql())


def checkpoint_table(feed: str, version: str) -> str:
    """The table of the cache that holds a feed's checkpoints of one declaration."""
    return f"{feed.replace('.', '_')}_checkpoint_{version}"
