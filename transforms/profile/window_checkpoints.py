"""Checkpoints: every eight days, per customer, what each of the next eight nights' windows have had by then.

The checkpoint of day c serves the nights d with c < d <= c + 8, and has a slice for each of them: for every window the
events up to c that lie after the window's start as of d. A night adds the rows since c to its own slice, at most eight
days of them, however long the history is.

From one night to the next a window lets go of the day (now and then none, or several) that its start moves over, so
the slices are made in a chain: from each to the next the rows of those days are taken off, or from each to the one
before put back. The chain begins at c itself, with what the checkpoint eight days earlier and the rows since come to,
where that one is at hand; else at the last night, from month tiles. Both give the same slices: sums of whole numbers.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import TYPE_CHECKING

from transforms.profile.features import COLUMNS_READ, EVENT_DATE, Feature, features_of, kept_features, windows_of
from transforms.profile.window_tiles import tiled_window_sql
from transforms.profile.windows import (
    SHARD,
    after,
    aggregates,
    between,
    both,
    by_start,
    features_in,
    literal,
    merged,
    rows_piece,
    window_starts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Nights that share a checkpoint.
NIGHTS = 8
_EPOCH = date(2020, 1, 1)


def checkpoint_day(as_of: date) -> date:
    """The day of the checkpoint that a night stands on: the last multiple of eight days before it."""
    return as_of - timedelta(days=((as_of - _EPOCH).days - 1) % NIGHTS + 1)


def checkpoint_days(first: date, last: date) -> list[date]:
    """The days of the checkpoints that the nights from `first` to `last` stand on."""
    day, days = checkpoint_day(first), []
    while day < last:
        days.append(day)
        day += timedelta(days=NIGHTS)
    return days


def checkpoint_nights(checkpoint: date) -> list[date]:
    """The nights that stand on the checkpoint of a day, in order."""
    return [checkpoint + timedelta(days=n + 1) for n in range(NIGHTS)]


def goes_back(source: str) -> bool:
    """Whether rows can be taken off a source's aggregates again: not off a minimum or a maximum."""
    return all(f.aggregation in ("count", "sum") for f in features_of(source))


def slice_sql(source: str, facts: str, late: str, tiles: str | None, checkpoint: date, night: date) -> str:
    """A night's slice of a checkpoint: (customer_token, shard, an aggregate per feature and window, rows held).

    `facts` and `late` are what had arrived by the checkpoint's day, with no event after it; `tiles` as in
    `tiled_window_sql`. A customer without a row in the longest window is not in it.
    """
    starts = window_starts(source, night)
    return tiled_window_sql(source, facts, late, tiles, checkpoint, starts=starts, kept=True)


def carried_on_sql(source: str, facts: str, late: str, previous: str, checkpoint: date) -> str:
    """The same for the night of the checkpoint's own day: what all slices of the checkpoint start from.

    `previous` is that night's slice of the checkpoint eight days earlier; `facts` and `late` as in :func:`slice_sql`.
    """
    standing = checkpoint - timedelta(days=NIGHTS)
    return _with_rows_since(source, facts, late, previous, checkpoint, standing, kept=True)


def leaving_sql(source: str, facts: str, late: str, checkpoint: date) -> str:
    """The rows that are in windows of the checkpoint's day and no longer in those of the last night it serves.

    `facts` and `late` as in :func:`slice_sql`. Read once, for all slices; with the columns that features read.
    """
    starts, ends = window_starts(source, checkpoint), window_starts(source, checkpoint_nights(checkpoint)[-1])
    # Listed one by one: the lake skips files by a list of values, not by a choice of ranges.
    days = sorted(
        {
            start + timedelta(days=n + 1)
            for start, end in zip(starts, ends, strict=True)
            for n in range((end - start).days)
        }
    )
    listed = ", ".join(literal(day) for day in days)
    return f"SELECT {_columns_read(source)} FROM {both(facts, late)} WHERE {EVENT_DATE[source]} IN ({listed})"


def moved_slice_sql(source: str, leaving: str, held: str, here: date, there: date) -> str:
    """A slice of the night `there` from `held`, that of the night `here`; `leaving` has the rows of that name.

    To a later night, rows are taken off: ValueError where the source has a minimum or maximum.
    """
    forth = there > here
    if forth and not goes_back(source):
        raise ValueError(f"{source} has a minimum or maximum: its slices can only be made from later to earlier nights")
    features = kept_features(source)
    spans = zip(windows_of(source), *(window_starts(source, night) for night in sorted((here, there))), strict=True)
    # Each window's rows by themselves: most windows have few features.
    tails = {
        window: f"SELECT customer_token, {SHARD}, {aggregates([f for f in features if window in f.windows])} "
        f"FROM {leaving} WHERE {between(source, start, end)} GROUP BY customer_token"
        for window, start, end in spans
        if start < end
    }
    columns = ", ".join(
        f'{_moved(f, w, forth=forth) if w in tails else _held(f, w)} AS "{f.column(w)}"'
        for f in features
        for w in f.windows
    )
    longest = windows_of(source)[-1]
    # Who is not held has rows in the longest window's tail, if anywhere.
    joined = " ".join(
        f"{'LEFT' if forth or window != longest else 'FULL'} JOIN tail_{window} USING (customer_token)"
        for window in sorted(tails, reverse=True)
    )
    shard = f"coalesce(held.shard, tail_{longest}.shard)" if longest in tails else "held.shard"
    parts = ", ".join(f"tail_{window} AS ({sql})" for window, sql in tails.items())
    moved = f"SELECT customer_token, {shard} AS shard, {columns} FROM {held} AS held {joined}"
    return f"{f'WITH {parts} ' if parts else ''}SELECT * FROM ({moved}) WHERE {_rows_held(source)} > 0"


def checkpointed_window_sql(source: str, facts: str, late: str, held: str, as_of: date, checkpoint: date) -> str:
    """Every window of a source's features from the night's slice of a checkpoint and the rows since.

    `facts` and `late` are what is known, with no event after `as_of`. ValueError unless the night stands on that
    checkpoint. Gives exactly what `full_window_sql` gives: a group by per piece, joined on the customer.
    """
    if not checkpoint < as_of <= checkpoint + timedelta(days=NIGHTS):
        raise ValueError(f"the windows of {as_of} do not stand on the checkpoint of {checkpoint}")
    return _with_rows_since(source, facts, late, held, as_of, checkpoint, kept=False)


def checkpoint_version(source: str) -> str:
    """Eight digits that change when what a checkpoint of this source holds does."""
    return hashlib.sha256(slice_sql(source, "facts", "late", "tiles", _EPOCH, _EPOCH).encode()).hexdigest()[:8]


def _with_rows_since(
    source: str, facts: str, late: str, held: str, as_of: date, checkpoint: date, *, kept: bool
) -> str:
    """The windows of `as_of` from its slice of a checkpoint and the rows since; `kept`: with all a slice holds."""
    starts, rows, features = window_starts(source, as_of), both(facts, late), features_in(source, kept=kept)
    shard, read = f"{SHARD}, " if kept else "", _columns_read(source)
    arrived = f"feed_date > {literal(checkpoint)} AND {after(source, starts[-1])}"
    ahead = f"feed_date <= {literal(checkpoint)} AND {after(source, checkpoint)}"
    parts = {
        # Read once: of a small feed the scans cost more than what is done with the rows.
        "arrived": f"SELECT {read} FROM {rows} WHERE {arrived}",
        # Events in every window: arrivals since, and earlier ones that were announced ahead.
        "recent": f"SELECT customer_token, {shard}{aggregates(features)} FROM (SELECT * FROM arrived "
        f"WHERE {after(source, starts[0])} UNION ALL SELECT {read} FROM {rows} WHERE {ahead}) GROUP BY customer_token",
        # Late arrivals since, of events in the longer windows only.
        "old": merged(
            source,
            [rows_piece(source, "arrived", by_start(source, starts), f"NOT {after(source, starts[0])}", kept=kept)],
            kept=kept,
        ),
    }
    columns = ", ".join(f'{_together(f, w)} AS "{f.column(w)}"' for f in features for w in f.windows)
    return (
        f"WITH {', '.join(f'{name} AS ({sql})' for name, sql in parts.items())} SELECT customer_token, "
        f"{'coalesce(held.shard, recent.shard, old.shard) AS shard, ' if kept else ''}{columns} FROM {held} AS held "
        "FULL JOIN recent USING (customer_token) FULL JOIN old USING (customer_token)"
    )


def _columns_read(source: str) -> str:
    return ", ".join(("customer_token", "shard", EVENT_DATE[source], *COLUMNS_READ[source]))


def _together(feature: Feature, window: int) -> str:
    """SQL of one window from its parts, any of which may be missing."""
    return _put_together(
        feature, [_held(feature, window), f'recent."{feature.name}"', f'old."{feature.column(window)}"']
    )


def _moved(feature: Feature, window: int, *, forth: bool) -> str:
    """SQL of one window with its tail put back, or taken off."""
    tail = f'tail_{window}."{feature.name}"'
    if forth:
        return f"{_held(feature, window)} - coalesce({tail}, 0)"
    return _put_together(feature, [_held(feature, window), tail])


def _put_together(feature: Feature, sides: Sequence[str]) -> str:
    added, listed = " + ".join(f"coalesce({side}, 0)" for side in sides), ", ".join(sides)
    by_kind = {"sum": added, "count": added, "min": f"least({listed})", "max": f"greatest({listed})"}
    return by_kind[feature.aggregation]


def _held(feature: Feature, window: int) -> str:
    return f'held."{feature.column(window)}"'


def _rows_held(source: str) -> str:
    """The column that counts a customer's rows in the longest window."""
    return f'"{kept_features(source)[-1].columns()[0]}"'
