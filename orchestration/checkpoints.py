"""What windowed features stand on, night by night: which checkpoint and which tiles, by whose SQL, from which rows.

The warehouse keeps slices and knows no feature; the transforms write SQL and know no lake. This joins the two.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from transforms.profile.features import EVENT_DATE
from transforms.profile.window_checkpoints import (
    carried_on_sql,
    checkpoint_day,
    checkpoint_days,
    checkpoint_nights,
    checkpoint_version,
    goes_back,
    leaving_sql,
    moved_slice_sql,
    slice_sql,
)
from transforms.profile.window_tiles import first_tile_month, tile_sql, tile_version
from transforms.profile.windows import window_starts
from warehouse.checkpoints import Recipe, checkpoint, checkpoint_table
from warehouse.contract import load_contract
from warehouse.slices import prune_slices
from warehouse.tiles import month_tiles, tile_bases, tile_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from warehouse.night import Night
    from warehouse.registry import Knowledge, Relations
    from warehouse.slices import Made


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
        previous, version = checkpoint_day(known.as_of), checkpoint_version(feed)
        return checkpoint(night.lake, known, feed, version, as_of, previous, partial(_recipe, night, known, feed))


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
            checkpoints.update((night_on, known.basis(feed)) for night_on in checkpoint_nights(day))
            tiles.update(tile_bases(known, feed, _first_tile(feed, checkpoint_nights(day)[-1])).items())
    return prune_slices(night.lake, kept)


def _recipe(night: Night, known: Knowledge, feed: str, previous: str | None) -> Recipe:
    """The slices of a checkpoint: on from the one before where there is one, else back from the last night's."""
    day, groups = known.as_of, list(night.shard_groups())
    parts = [(shards, known.relations(load_contract(feed), shards)) for shards in groups]
    forth = previous is not None and goes_back(feed)

    def from_tiles(on: date) -> list[str]:
        first, version = _first_tile(feed, on), tile_version(feed)
        tiles = month_tiles(night.lake, known, feed, version, partial(tile_sql, feed), first, groups)
        return [
            slice_sql(feed, rows.facts, str(rows.late), tiles and _within(tiles, shards), day, on)
            for shards, rows in parts
        ]

    def carried_on() -> list[str]:
        return [
            f"({carried_on_sql(feed, rows.facts, str(rows.late), _within(str(previous), shards), day)})"
            for shards, rows in parts
        ]

    def sql(leaving: Sequence[str], on: date, before: Made | None) -> list[str]:
        if before is None and not forth:
            return from_tiles(on)
        here, held = before or (day, carried_on())
        return [moved_slice_sql(feed, rows, part, here, on) for rows, part in zip(leaving, held, strict=True)]

    nights = checkpoint_nights(day)
    leaving = [leaving_sql(feed, rows.facts, str(rows.late), day) for _, rows in parts]
    return Recipe(nights if forth else nights[::-1], leaving, sql)


def _within(relation: str, shards: tuple[int, int]) -> str:
    return f"(SELECT * FROM {relation} WHERE shard BETWEEN {shards[0]} AND {shards[1]})"


def _first_tile(feed: str, night: date) -> date:
    return first_tile_month(window_starts(feed, night))


def _rows_in_windows(known: Knowledge, feed: str, as_of: date) -> int:
    first = window_starts(feed, as_of)[-1]
    return sum(x.accepted_rows for x in known.deliveries[feed] if x.business_date > first)
