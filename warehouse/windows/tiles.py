"""Month tiles of a feed: a slice per closed month of arrivals, keyed by the deliveries of that month that count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from warehouse.contract import load_contract

if TYPE_CHECKING:
    from warehouse.registry import FeedSnapshot
    from warehouse.windows.slices import Made, Slices

#: Makes the SQL of one month's tile from the feed's facts and late rows and the first day of the feed month:
#: (customer_token, shard, event_month, a partial aggregate per column).
TileSql = Callable[[str, str, date], str]
#: Groups of shards, from..to (inclusive).
Shards = Sequence[tuple[int, int]]


def month_tiles(
    slices: Slices, known: FeedSnapshot, feed: str, wanted: Mapping[date, str], tile_sql: TileSql, groups: Shards
) -> str | None:
    """Where the wanted tiles of a feed are (month and basis as in :func:`tile_bases`), as text for FROM.

    Those missing are made, one of the `groups` of shards at a time. None where none is wanted.
    """
    if not wanted:
        return None
    parts = [known.arrivals(load_contract(feed), shards) for shards in groups]

    def make(month: date, _: Made | None) -> list[str]:
        return [f"{tile_sql(rows.facts, str(rows.late), month)} ORDER BY shard" for rows in parts]

    return slices.ensured(wanted, make)


def tile_bases(known: FeedSnapshot, feed: str, first: date) -> dict[date, str]:
    """Per closed month of arrivals since that of `first`, the digest of its deliveries that count."""
    months = {x.business_date.replace(day=1) for x in known.deliveries[feed]}
    return {
        month: known.basis(feed, month, month + relativedelta(months=1))
        for month in sorted(months)
        if first.replace(day=1) <= month < known.as_of.replace(day=1)
    }


def tile_table(feed: str, version: str) -> str:
    """The table of the cache that holds a feed's tiles of one declaration."""
    return f"{feed.replace('.', '_')}_tile_{version}"
