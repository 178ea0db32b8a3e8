"""What windowed features stand on, night by night: which checkpoint and which tiles, by whose SQL, from which rows.

The warehouse keeps slices and knows no feature; the transforms write SQL and know no lake. This joins the two.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from transforms.profile.features import EVENT_DATE
from transforms.profile.window_checkpoints import (
    checkpoint_day,
    checkpoint_days,
    checkpoint_sql,
    checkpoint_starts,
    checkpoint_version,
)
from transforms.profile.window_tiles import first_tile_month, tile_sql, tile_version
from transforms.profile.windows import window_starts
from warehouse.checkpoints import checkpoint, checkpoint_table
from warehouse.contract import load_contract
from warehouse.slices import prune_slices
from warehouse.tiles import month_tiles, tile_bases, tile_table

if TYPE_CHECKING:
    from datetime import date

    from warehouse.night import Night
    from warehouse.registry import Knowledge, Relations


class Checkpoints:
    """The checkpoints under one run's nights, each looked up, or made, once."""

    def __init__(self, from_rows: int) -> None:
        self._from_rows = from_rows
        self._found: dict[tuple[date, date, str], str | None] = {}

    def under(self, night: Night, feed: str, rows: Relations, as_of: date, shards: tuple[int, int]) -> Relations:
        """`rows`, with the checkpoint that the windows of `as_of` stand on where the feed is large enough for one."""
        key = night.as_of, as_of, feed
        if key not in self._found:
            self._found[key] = self._find(night, feed, as_of)
        found = self._found[key]
        if found is None:
            return rows
        return replace(rows, checkpoint=_within(found, shards))

    def _find(self, night: Night, feed: str, as_of: date) -> str | None:
        if _rows_in_windows(night.known(as_of), feed, as_of) < self._from_rows:
            return None
        known = night.known(checkpoint_day(as_of))
        return checkpoint(
            night.lake, known, feed, checkpoint_version(feed), partial(_checkpoint_sql, night, known, feed)
        )


def prune_checkpoints(night: Night, keep_from: date) -> int:
    """Delete the tiles and checkpoints that no night from `keep_from` to the given one can use; returns how many.

    Those of other declarations go, those of deliveries that no longer count, and those of days too long ago. A night
    that wants one of them all the same makes it anew.
    """
    kept: dict[str, set[tuple[date, str]]] = {}
    for feed in EVENT_DATE:
        tiles = kept.setdefault(tile_table(feed, tile_version(feed)), set())
        checkpoints = kept.setdefault(checkpoint_table(feed, checkpoint_version(feed)), set())
        for day in checkpoint_days(keep_from, night.as_of):
            known = night.known(day)
            checkpoints.add((day, known.basis(feed)))
            tiles.update(tile_bases(known, feed, _first_tile(feed, day)).items())
    return prune_slices(night.lake, kept)


def _checkpoint_sql(night: Night, known: Knowledge, feed: str) -> list[str]:
    """A part per group of shards; the tiles it is made from are made first where they are missing."""
    day, groups = known.as_of, list(night.shard_groups())
    first, version = _first_tile(feed, day), tile_version(feed)
    tiles = month_tiles(night.lake, known, feed, version, partial(tile_sql, feed), first, groups)
    parts = [(shards, known.relations(load_contract(feed), shards)) for shards in groups]
    return [
        checkpoint_sql(feed, rows.facts, str(rows.late), tiles and _within(tiles, shards), day)
        for shards, rows in parts
    ]


def _within(relation: str, shards: tuple[int, int]) -> str:
    return f"(SELECT * FROM {relation} WHERE shard BETWEEN {shards[0]} AND {shards[1]})"


def _first_tile(feed: str, day: date) -> date:
    return first_tile_month(checkpoint_starts(feed, day))


def _rows_in_windows(known: Knowledge, feed: str, as_of: date) -> int:
    first = window_starts(feed, as_of)[-1]
    return sum(x.accepted_rows for x in known.deliveries[feed] if x.business_date > first)
