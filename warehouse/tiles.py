"""Month tiles of a feed: a slice per closed month of arrivals, keyed by the deliveries of that month that count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from warehouse.contract import load_contract
from warehouse.slices import Slices

if TYPE_CHECKING:
    from warehouse.lake import Lake
    from warehouse.registry import Knowledge
    from warehouse.slices import Made

#: Makes the SQL of one month's tile from the feed's facts and late rows and the first day of the feed month:
#: (customer_token, shard, event_month, a partial aggregate per column).
TileSql = Callable[[str, str, date], str]


def month_tiles(
    lake: Lake,
    known: Knowledge,
    feed: str,
    version: str,
    tile_sql: TileSql,
    first: date,
    groups: Sequence[tuple[int, int]],
) -> str | None:
    """Where a feed's tiles from the month of `first` to the last closed one are, as text for FROM.

    Those missing are made; months without deliveries have none, and where there is no tile at all the answer is None.
    `version` names what the tiles hold; they are made one of the `groups` of shards at a time.
    """
    wanted = tile_bases(known, feed, first)
    if not wanted:
        return None
    parts = [known.arrivals(load_contract(feed), shards) for shards in groups]

    def make(month: date, _: Made | None) -> list[str]:
        return [f"{tile_sql(rows.facts, str(rows.late), month)} ORDER BY shard" for rows in parts]

    return Slices(lake, tile_table(feed, version)).ensured(wanted, make)


def tile_bases(known: Knowledge, feed: str, first: date) -> dict[date, str]:
    """Per closed month of arrivals since that of `first`, the digest of its deliveries that count."""
    months = {x.business_date.replace(day=1) for x in known.deliveries[feed]}
    return {
        month: known.basis(feed, month, (month + timedelta(days=31)).replace(day=1))
        for month in sorted(months)
        if first.replace(day=1) <= month < known.as_of.replace(day=1)
    }


def tile_table(feed: str, version: str) -> str:
    """The table of the cache that holds a feed's tiles of one declaration."""
    return f"{feed.replace('.', '_')}_tile_{version}"
