"""Checkpoints: every eight days, per customer, what has arrived by then of each of the next eight nights' windows.

The checkpoint of day c serves the nights d with c < d <= c + 8, and has a slice for each of them: what had arrived by
c of the events in that night's windows. A night adds what has arrived since, at most eight days of it, however long the
history is.

From one night to the next, rows of the day that its start passes leave a window (now and then of no day, or of
several), and rows announced for its last day enter it. So the slices are made in a chain, each from the one before by
the rows of those days; and the first of a checkpoint from the nearest slice of another one and what has arrived in
between. Where there is none at hand it is made from month tiles and rows. All give the same slices: sums of whole
numbers.

What has been added to a minimum or maximum cannot be taken off again, so a source that has one makes every slice from
tiles.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from transforms.sql import identifier, literal, literals
from transforms.windows.features import COLUMNS_READ, EVENT_DATE, Feature, features_of, kept_features, windows_of
from transforms.windows.tiles import tiled_window_sql
from transforms.windows.windows import (
    SHARD,
    after,
    aggregates,
    between,
    both,
    by_start,
    features_in,
    merged,
    rows_piece,
    window_starts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

#: Nights that share a checkpoint.
NIGHTS = 8
_EPOCH = date(2020, 1, 1)


def checkpoint_day(as_of: date) -> date:
    """The day of the checkpoint a night starts from: the last multiple of eight days before it."""
    return as_of - timedelta(days=((as_of - _EPOCH).days - 1) % NIGHTS + 1)


def checkpoint_days(first: date, last: date) -> list[date]:
    """The days of the checkpoints that the nights from `first` to `last` start from."""
    day, days = checkpoint_day(first), []
    while day < last:
        days.append(day)
        day += timedelta(days=NIGHTS)
    return days


def checkpoint_nights(checkpoint: date) -> list[date]:
    """The nights that start from the checkpoint of a day, in order."""
    return [checkpoint + timedelta(days=n + 1) for n in range(NIGHTS)]


def additive(source: str) -> bool:
    """Whether rows can be taken off a source's aggregates again: not off a minimum or a maximum."""
    return all(f.aggregation in ("count", "sum") for f in features_of(source))


def worth_carrying(source: str, here: date, there: date) -> bool:
    """Whether a slice of the night `there` costs less carried over from that of `here` than read from all rows.

    A night further is a day of arrivals to read, and one that leaves each of the windows.
    """
    days = abs((there - here).days) * (1 + len(windows_of(source)))
    return days < (there - window_starts(source, there)[-1]).days


def slice_sql(
    source: str, facts: str, late: str, tiles: str | None, tiled: Collection[date], checkpoint: date, night: date
) -> str:
    """A night's slice of a checkpoint: (customer_token, shard, an aggregate per feature and window, rows held).

    `facts` and `late` are what had arrived by the checkpoint's day, `tiles` and `tiled` as in `tiled_window_sql`. A
    customer without a row in the longest window is not in it.
    """
    return tiled_window_sql(source, facts, late, tiles, tiled, checkpoint, night, kept=True)


def moving_sql(source: str, facts: str, late: str, here: date, there: date) -> str:
    """The rows that leave a window, or come into it, from the night `here` to a later one.

    `facts` and `late` are what had arrived by the day of the checkpoint. With the columns that features read.
    """
    spans = [(here, there), *zip(window_starts(source, here), window_starts(source, there), strict=True)]
    # Listed one by one: the lake skips files by a list of values, not by a choice of ranges.
    days = {start + timedelta(days=n + 1) for start, end in spans for n in range((end - start).days)}
    listed = literals(sorted(days))
    return f"SELECT {_columns_read(source)} FROM {both(facts, late)} WHERE {EVENT_DATE[source]} IN ({listed})"


def moved_slice_sql(source: str, moving: str, held: str, here: date, there: date, *, announced: bool = True) -> str:
    """The slice of the night `there` from `held`, that of the night `here` of the same checkpoint.

    `moving` has the rows of :func:`moving_sql`, and may have others; without `announced` none of them is of an event
    after the checkpoint's day. ValueError where the night is not a later one, or the source has a minimum or maximum.
    """
    _check(source, here, there)
    moved = _changed(source, held, _tails(source, moving, here, there), added=False)
    if not announced:
        return moved
    coming = _arrivals(source, "coming", there)
    rows = {"coming": f"SELECT * FROM {moving} WHERE {between(source, here, there)}"}
    return _changed(source, f"({moved})", coming, added=True, before=rows)


@dataclass(frozen=True)
class CheckpointState:
    """Input of a slice: the facts and late rows that had arrived by a checkpoint's day, and its night."""

    facts: str
    late: str
    day: date
    night: date


def carried_slice_sql(source: str, held: str, here: CheckpointState, there: CheckpointState) -> str:
    """The slice `there` from `held`, the slice `here` of another checkpoint, an earlier or a later one.

    On to a later one: less what leaves the windows, and what has arrived since. Back to an earlier one: less what has
    arrived since, and what had not left the windows yet. ValueError as in :func:`moved_slice_sql`.
    """
    forth = here.day < there.day
    early, late = (here, there) if forth else (there, here)
    _check(source, early.night, late.night)
    since = _since_sql(source, late.facts, late.late, early.day, late.night)
    announced = (
        f"SELECT {_columns_read(source)} FROM {both(early.facts, early.late)} "
        f"WHERE {between(source, early.night, late.night)}"
    )
    arrivals, rows = _arrivals(source, "since", late.night), {"since": f"{since} UNION ALL {announced}"}
    if (late.night - early.night).days > 2 * NIGHTS:
        # So many that each window rather reads its own than that they are kept.
        moving = both(early.facts, early.late)
    else:
        moving = "moving"
        rows[moving] = moving_sql(source, early.facts, early.late, early.night, late.night)
    tails = _tails(source, moving, early.night, late.night)
    first, second = (tails, arrivals) if forth else (arrivals, tails)
    return _changed(source, f"({_changed(source, held, first, added=False)})", second, added=True, before=rows)


def checkpointed_window_sql(source: str, facts: str, late: str, held: str, as_of: date, checkpoint: date) -> str:
    """Every window of a source's features from the night's slice of a checkpoint and what has arrived since.

    `facts` and `late` are what is known. ValueError unless the night starts from that checkpoint. Gives exactly what
    `full_window_sql` gives: a group by per piece, joined on the customer.
    """
    if not checkpoint < as_of <= checkpoint + timedelta(days=NIGHTS):
        raise ValueError(f"the windows of {as_of} do not stand on the checkpoint of {checkpoint}")
    arrived = _since_sql(source, facts, late, checkpoint, as_of)
    # Read once: of a small feed the scans cost more than what is done with the rows.
    parts = _arrivals(source, "since", as_of, kept=False)
    return _changed(source, held, parts, added=True, kept=False, before={"since": arrived})


def checkpoint_version(source: str) -> str:
    """Eight digits that change when what a checkpoint of this source holds does."""
    sql = slice_sql(source, "facts", "late", "tiles", [_EPOCH], _EPOCH, _EPOCH)
    return hashlib.sha256(sql.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class _Part:
    """Rows added up per customer, joined to what is held: which column of it counts in a window of a feature."""

    name: str
    sql: str
    column: Callable[[Feature, int], str | None]


def _tails(source: str, moving: str, here: date, there: date) -> list[_Part]:
    """What the windows of the night `here` have and those of `there` no longer, of what had happened by `here`.

    A part per window: most windows have few features.
    """
    spans = zip(windows_of(source), window_starts(source, here), window_starts(source, there), strict=True)
    return [
        _Part(
            f"tail_{window}",
            f"SELECT customer_token, {SHARD}, "
            f"{aggregates([f for f in kept_features(source) if window in f.windows])} FROM {moving} "
            f"WHERE {between(source, start, min(end, here))} GROUP BY customer_token",
            partial(_of_one_window, window),
        )
        for window, start, end in spans
        if start < end
    ]


def _arrivals(source: str, rows: str, night: date, *, kept: bool = True) -> list[_Part]:
    """What `rows` add to the windows of a night: most are in every window, some in the longer ones only."""
    starts, shard = window_starts(source, night), f"{SHARD}, " if kept else ""
    recent = (
        f"SELECT customer_token, {shard}{aggregates(features_in(source, kept=kept))} FROM {rows} "
        f"WHERE {after(source, starts[0])} GROUP BY customer_token"
    )
    older = rows_piece(source, rows, by_start(source, starts), between(source, starts[-1], starts[0]), kept=kept)
    return [
        _Part("recent", recent, lambda feature, _: feature.name),
        _Part("old", merged(source, [older], kept=kept), lambda feature, window: feature.column(window)),
    ]


def _since_sql(source: str, facts: str, late: str, day: date, night: date) -> str:
    """The rows that arrived after a day, of events in the windows of a night."""
    return (
        f"SELECT {_columns_read(source)} FROM {both(facts, late)} WHERE feed_date > {literal(day)} "
        f"AND {between(source, window_starts(source, night)[-1], night)}"
    )


def _of_one_window(only: int, feature: Feature, window: int) -> str | None:
    return feature.name if window == only else None


def _changed(
    source: str,
    held: str,
    parts: Sequence[_Part],
    *,
    added: bool,
    kept: bool = True,
    before: Mapping[str, str] | None = None,
) -> str:
    """What is held with parts added, or taken off; `kept`: with all a slice holds.

    `before` names queries that `held` and the parts refer to. Who has no row left is left out.
    """
    columns = ", ".join(
        f"{_together(f, w, parts, added=added)} AS {identifier(f.column(w))}"
        for f in features_in(source, kept=kept)
        for w in f.windows
    )
    shards = ", ".join(f"{name}.shard" for name in ("held", *(p.name for p in parts if added)))
    shard = f"coalesce({shards}) AS shard, " if kept else ""
    # Nobody can lose what they do not hold.
    joined = " ".join(f"{'FULL' if added else 'LEFT'} JOIN {p.name} USING (customer_token)" for p in parts)
    queries = {**(before or {}), **{p.name: p.sql for p in parts}}
    result = f"SELECT customer_token, {shard}{columns} FROM {held} AS held {joined}"
    if not added:
        result = f"SELECT * FROM ({result}) WHERE {identifier(kept_features(source)[-1].columns()[0])} > 0"
    if not queries:
        return result
    return f"WITH {', '.join(f'{name} AS ({sql})' for name, sql in queries.items())} {result}"


def _together(feature: Feature, window: int, parts: Sequence[_Part], *, added: bool) -> str:
    """SQL of one window from what is held and the parts, any of which may be missing."""
    held = f"held.{identifier(feature.column(window))}"
    sides = [f"{p.name}.{identifier(column)}" for p in parts if (column := p.column(feature, window))]
    if not added:
        return " - ".join([held, *(f"coalesce({side}, 0)" for side in sides)])
    if feature.aggregation in ("sum", "count"):
        return " + ".join(f"coalesce({side}, 0)" for side in (held, *sides))
    function = {"min": "least", "max": "greatest"}[feature.aggregation]
    return f"{function}({', '.join((held, *sides))})"


def _check(source: str, here: date, there: date) -> None:
    if not additive(source):
        raise ValueError(f"{source} has a minimum or maximum: rows cannot be taken off its slices")
    if there <= here:
        raise ValueError(f"a slice of {here} cannot be moved to {there}: only to a later night")


def _columns_read(source: str) -> str:
    return ", ".join(("customer_token", "shard", EVENT_DATE[source], *COLUMNS_READ[source]))
