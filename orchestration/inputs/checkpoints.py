"""Inputs of windowed features, night by night: which checkpoint and tiles, by whose SQL, from which rows.

The warehouse keeps slices and knows no feature; the transforms write SQL and know no lake. This joins the two.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from transforms.windows.checkpoints import (
    CheckpointState,
    additive,
    carried_slice_sql,
    checkpoint_day,
    checkpoint_days,
    checkpoint_nights,
    checkpoint_version,
    moved_slice_sql,
    moving_sql,
    slice_sql,
    worth_carrying,
)
from transforms.windows.features import EVENT_DATE
from transforms.windows.tiles import first_tile_month, tile_sql, tile_version
from transforms.windows.windows import window_starts
from warehouse.contract import load_contract
from warehouse.night import shards_within
from warehouse.registry import feed_snapshot
from warehouse.sql import literal
from warehouse.windows.checkpoints import Recipe, checkpoint, checkpoint_table
from warehouse.windows.slices import Cache, Slices, prune_slices
from warehouse.windows.tiles import month_tiles, tile_bases, tile_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from warehouse.lake import Lake
    from warehouse.night import Night
    from warehouse.registry import FeedSnapshot, Relations
    from warehouse.windows.slices import Made


#: So many rows of the longest window are added up at once, within some 2 GB.
_ROWS_A_GROUP = 40_000_000


class Checkpoints:
    """The checkpoints under one run's nights, each looked up, or made, once."""

    def __init__(self, lake: Lake, from_rows: int) -> None:
        self._cache = Cache(lake)
        self._from_rows = from_rows
        self._found: dict[tuple[date, date, str], str | None] = {}

    def under(self, night: Night, feed: str, rows: Relations, as_of: date, shards: tuple[int, int]) -> Relations:
        """`rows`, with the checkpoint that the windows of `as_of` start from, if the feed is large enough for one."""
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
        if not known.deliveries[feed]:
            return None
        builder = CheckpointBuilder(night, feed, known, self._cache)
        return checkpoint(builder.slices, known.basis(feed), as_of, builder.recipe)


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
            known, nights = night.known(day), checkpoint_nights(day)
            checkpoints.update((night_on, known.basis(feed)) for night_on in nights)
            tiles.update(tile_bases(known, feed, _first_tile(feed, nights[0])).items())
    return prune_slices(night.lake, kept)


class CheckpointBuilder:
    """How the checkpoint of a feed is made from what is known of the feed by its day."""

    def __init__(self, night: Night, feed: str, known: FeedSnapshot, cache: Cache) -> None:
        self.slices = Slices(cache, checkpoint_table(feed, checkpoint_version(feed)))
        self._night, self._feed, self._known = night, feed, known
        self._announced: dict[str, bool] = {}
        self._later: dict[date, FeedSnapshot] = {}

    def recipe(self) -> Recipe:
        """The slices in a chain, the first of them from the nearest there is; without a chain where none can be."""
        nights = checkpoint_nights(self._known.as_of)
        if not additive(self._feed):
            return Recipe(nights, [], self._from_tiles)
        moving = [moving_sql(self._feed, *_both(rows), nights[0], nights[-1]) for rows in self._parts(self._known)]
        return Recipe(nights, moving, self._slice)

    def _slice(self, moving: Sequence[str], on: date, before: Made | None) -> list[str]:
        if before is None:
            return self._first(moving, on)
        here, held = before
        return [
            moved_slice_sql(self._feed, rows, part, here, on, announced=self._is_announced(rows))
            for rows, part in zip(moving, held, strict=True)
        ]

    def _is_announced(self, moving: str) -> bool:
        """Whether any of the rows is of an event after the checkpoint's day, as few feeds have."""
        if moving not in self._announced:
            later = f"FROM {moving} WHERE {EVENT_DATE[self._feed]} > {literal(self._known.as_of)}"
            row = self._night.lake.con.execute(f"SELECT EXISTS ({later})").fetchone()
            self._announced[moving] = bool(row and row[0])
        return self._announced[moving]

    def _first(self, moving: Sequence[str], on: date) -> list[str]:
        """A slice from the nearest that has been made of deliveries that still count, else from rows and tiles."""
        made = self.slices.made()
        for here in sorted({night for night, _ in made}, key=lambda night: abs((night - on).days)):
            if not worth_carrying(self._feed, here, on):
                break
            other = self._known_by(checkpoint_day(here))
            basis = other.basis(self._feed)
            usable = (here, basis) in made and self._agree(other)
            if not usable or (found := self.slices.found({here: basis})) is None:
                continue
            held = [_within(found, shards) for shards in self._groups]
            if other.as_of != self._known.as_of:
                return self._carried(other, held, here, on)
            if here < on:
                return self._slice(moving, on, (here, held))
        return self._from_rows(on)

    def _known_by(self, day: date) -> FeedSnapshot:
        """What was known by the day of another checkpoint; of a later one what has been delivered since counts too."""
        if day <= self._night.as_of:
            return self._night.known(day)
        if day not in self._later:
            self._later[day] = feed_snapshot(self._night.lake, day)
        return self._later[day]

    def _agree(self, other: FeedSnapshot) -> bool:
        """Whether both snapshots count the same deliveries of the feed, up to the earlier of their dates."""
        day = min(other.as_of, self._known.as_of)
        return other.back_to(day).basis(self._feed) == self._known.back_to(day).basis(self._feed)

    def _carried(self, other: FeedSnapshot, held: Sequence[str], here: date, on: date) -> list[str]:
        """On from the slices of another checkpoint, or back; a month that has closed since gets its tile on the way."""
        self._tiles(tile_bases(self._known, self._feed, other.as_of))
        return [
            carried_slice_sql(
                self._feed,
                part,
                CheckpointState(*_both(then), other.as_of, here),
                CheckpointState(*_both(now), self._known.as_of, on),
            )
            for part, then, now in zip(held, self._parts(other), self._parts(self._known), strict=True)
        ]

    def _from_rows(self, on: date) -> list[str]:
        """From the tiles there are and the rows of the other months: making a tile costs what reading its rows does."""
        made = self._tile_slices.made()
        wanted = tile_bases(self._known, self._feed, _first_tile(self._feed, on))
        return self._from(on, {month: basis for month, basis in wanted.items() if (month, basis) in made})

    def _from_tiles(self, _: Sequence[str], on: date, __: Made | None) -> list[str]:
        return self._from(on, tile_bases(self._known, self._feed, _first_tile(self._feed, on)))

    def _from(self, on: date, tiled: Mapping[date, str]) -> list[str]:
        tiles, months = self._tiles(tiled), list(tiled)
        return [
            slice_sql(self._feed, *_both(rows), tiles and _within(tiles, shards), months, self._known.as_of, on)
            for shards, rows in zip(self._groups, self._parts(self._known), strict=True)
        ]

    def _tiles(self, wanted: Mapping[date, str]) -> str | None:
        made_by = partial(tile_sql, self._feed)
        return month_tiles(self._tile_slices, self._known, self._feed, wanted, made_by, self._groups)

    # Asked for only where something is made: most nights find what they stand on.
    @cached_property
    def _tile_slices(self) -> Slices:
        return Slices(self.slices.cache, tile_table(self._feed, tile_version(self._feed)))

    @cached_property
    def _groups(self) -> list[tuple[int, int]]:
        """Shards that are added up at once: of a feed with many rows fewer than a night has of customers."""
        settings, rows = self._night.lake.settings, _rows_in_windows(self._known, self._feed, self._known.as_of)
        at_once = shards_within(rows, _ROWS_A_GROUP, settings.shards, self._night.shards_at_once)
        return list(self._night.shard_groups(at_once))

    def _parts(self, known: FeedSnapshot) -> list[Relations]:
        return [known.arrivals(load_contract(self._feed), shards) for shards in self._groups]


def _both(rows: Relations) -> tuple[str, str]:
    return rows.facts, str(rows.late)


def _within(relation: str, shards: tuple[int, int]) -> str:
    return f"(SELECT * FROM {relation} WHERE shard BETWEEN {shards[0]} AND {shards[1]})"


def _first_tile(feed: str, night: date) -> date:
    return first_tile_month(window_starts(feed, night))


def _rows_in_windows(known: FeedSnapshot, feed: str, as_of: date) -> int:
    first = window_starts(feed, as_of)[-1]
    return sum(x.accepted_rows for x in known.deliveries[feed] if x.business_date > first)
