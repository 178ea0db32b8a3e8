"""Checkpoints: every eight days, per customer, what the windows of the next eight nights have in common.

The windows of a night d and those of the seven nights around it differ by a few days at each end. The checkpoint of
day c, with c < d <= c + 8, holds for each window the events up to c that every one of those nights still counts:
those after the window's start as of c + 8. A night adds the rows since c (the head) and, for each window, the rows
between its own start and that of c + 8 (the tail): at most eight days each, however long the history is.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import TYPE_CHECKING

from transforms.profile.features import EVENT_DATE, Feature, features_of, windows_of
from transforms.profile.window_tiles import tiled_window_sql
from transforms.profile.windows import (
    SHARD,
    after,
    between,
    both,
    by_start,
    literal,
    merged,
    rows_piece,
    window_starts,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def checkpoint_starts(source: str, checkpoint: date) -> list[date]:
    """For each window of a source the day after which events count in all eight nights."""
    return window_starts(source, checkpoint + timedelta(days=NIGHTS))


def checkpoint_sql(source: str, facts: str, late: str, tiles: str | None, checkpoint: date) -> str:
    """The checkpoint of a day: (customer_token, shard, a partial aggregate per feature and window).

    `facts` and `late` are what had arrived by that day, with no event after it; `tiles` as in `tiled_window_sql`.
    """
    starts = checkpoint_starts(source, checkpoint)
    return tiled_window_sql(source, facts, late, tiles, checkpoint, starts=starts, carry=SHARD)


def checkpointed_window_sql(
    source: str, facts: str, late: str, checkpoint_rows: str, as_of: date, checkpoint: date
) -> str:
    """Every window of a source's features from the checkpoint of a day, the rows since, and each window's tail.

    `facts` and `late` are what is known, with no event after `as_of`. ValueError unless the night stands on that
    checkpoint. Gives exactly what `full_window_sql` gives: a group by per piece, joined on the customer.
    """
    if not checkpoint < as_of <= checkpoint + timedelta(days=NIGHTS):
        raise ValueError(f"the windows of {as_of} do not stand on the checkpoint of {checkpoint}")
    starts, cuts = window_starts(source, as_of), checkpoint_starts(source, checkpoint)
    tails = [(n, start, cut) for n, (start, cut) in enumerate(zip(starts, cuts, strict=True)) if start < cut]
    # Days are listed one by one: the lake skips files by a list of values, not by a choice of ranges.
    days = ", ".join(literal(day) for day in _days([*((s, c) for _, s, c in tails), (checkpoint, as_of)]))
    since, rows, number = after(source, checkpoint), both(facts, late), dict(enumerate(windows_of(source)))
    features = features_of(source)
    parts = {
        # Events in every window: arrivals since, and earlier ones that were announced ahead.
        "recent": _grouped(f"arrived WHERE {after(source, starts[0])}", f"standing WHERE {since}", features),
        # Late arrivals since, of events in the longer windows only.
        "old": merged(
            source, [rows_piece(source, "arrived", by_start(source, starts), f"NOT {after(source, starts[0])}")]
        ),
        **{
            f"tail_{number[n]}": _grouped(
                f"standing WHERE {between(source, start, cut)}", None, [f for f in features if number[n] in f.windows]
            )
            for n, start, cut in tails
        },
    }
    columns = ", ".join(f'{_together(f, _sides(f, w, parts))} AS "{f.column(w)}"' for f in features for w in f.windows)
    joined = " ".join(f"FULL JOIN {name} USING (customer_token)" for name in parts)
    arrived = f"feed_date > {literal(checkpoint)} AND {after(source, starts[-1])}"
    standing = f"feed_date <= {literal(checkpoint)} AND {EVENT_DATE[source]} IN ({days})"
    return (
        f"WITH arrived AS (SELECT * FROM {rows} WHERE {arrived}), standing AS (SELECT * FROM {rows} WHERE {standing}), "
        f"{', '.join(f'{name} AS ({sql})' for name, sql in parts.items())} "
        f"SELECT customer_token, {columns} FROM {checkpoint_rows} AS held {joined}"
    )


def _grouped(rows: str, more: str | None, features: Sequence[Feature]) -> str:
    """Per customer, the aggregates of these features over rows that are all in the same windows."""
    both_of_them = f"(SELECT * FROM {rows} UNION ALL SELECT * FROM {more})" if more else f"(SELECT * FROM {rows})"
    columns = ", ".join(f'{f.aggregate()} AS "{f.name}"' for f in features)
    return f"SELECT customer_token, {columns} FROM {both_of_them} GROUP BY customer_token"


def _sides(feature: Feature, window: int, parts: Mapping[str, str]) -> list[str]:
    """Where the parts of one window are: the checkpoint, what is recent, what is old, the window's own tail."""
    sides = [f'held."{feature.column(window)}"', f'recent."{feature.name}"', f'old."{feature.column(window)}"']
    return [*sides, f'tail_{window}."{feature.name}"'] if f"tail_{window}" in parts else sides


def _days(spans: Sequence[tuple[date, date]]) -> list[date]:
    """Every day after the first and not after the second of a pair, in order."""
    return sorted({start + timedelta(days=n + 1) for start, end in spans for n in range((end - start).days)})


def checkpoint_version(source: str) -> str:
    """Eight digits that change when what a checkpoint of this source holds does."""
    return hashlib.sha256(checkpoint_sql(source, "facts", "late", "tiles", _EPOCH).encode()).hexdigest()[:8]


def _together(feature: Feature, sides: Sequence[str]) -> str:
    """SQL of one window from its parts, any of which may be missing."""
    added = " + ".join(f"coalesce({side}, 0)" for side in sides)
    listed = ", ".join(sides)
    by_kind = {"sum": added, "count": added, "min": f"least({listed})", "max": f"greatest({listed})"}
    return by_kind[feature.aggregation]
