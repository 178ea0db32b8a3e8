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

from transforms.profile.features import EVENT_DATE, Feature, features_of
from transforms.profile.window_tiles import tiled_window_sql
from transforms.profile.windows import (
    SHARD,
    after,
    between,
    both,
    by_start,
    literal,
    merged,
    only,
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
    checkpoint. Gives exactly what `full_window_sql` gives.
    """
    if not checkpoint < as_of <= checkpoint + timedelta(days=NIGHTS):
        raise ValueError(f"the windows of {as_of} do not stand on the checkpoint of {checkpoint}")
    starts, cuts = window_starts(source, as_of), checkpoint_starts(source, checkpoint)
    rows, segment, arrived = both(facts, late), by_start(source, starts), f"feed_date <= {literal(checkpoint)}"
    # Arrivals since, whatever they speak of; and earlier ones that speak of a day since or of a tail. Those days are
    # listed one by one: the lake skips files by a list of values, not by a choice of ranges.
    tails = [(only(n), between(source, start, cut)) for n, (start, cut) in enumerate(zip(starts, cuts, strict=True))]
    around = f"CASE {' '.join(f'WHEN {holds} THEN {only_it}' for only_it, holds in tails)} ELSE {segment} END"
    days = ", ".join(literal(day) for day in _days([*zip(starts, cuts, strict=True), (checkpoint, as_of)]))
    pieces = [
        rows_piece(source, rows, segment, f"feed_date > {literal(checkpoint)} AND {after(source, starts[-1])}"),
        rows_piece(source, rows, around, f"{arrived} AND {EVENT_DATE[source]} IN ({days})"),
    ]
    columns = ", ".join(f'{_together(f, w)} AS "{f.column(w)}"' for f in features_of(source) for w in f.windows)
    return (
        f"WITH since AS ({merged(source, pieces)}) "
        f"SELECT coalesce(c.customer_token, s.customer_token) AS customer_token, {columns} "
        f"FROM {checkpoint_rows} AS c FULL JOIN since AS s ON s.customer_token = c.customer_token"
    )


def _days(spans: Sequence[tuple[date, date]]) -> list[date]:
    """Every day after the first and not after the second of a pair, in order."""
    return sorted({start + timedelta(days=n + 1) for start, end in spans for n in range((end - start).days)})


def checkpoint_version(source: str) -> str:
    """Eight digits that change when what a checkpoint of this source holds does."""
    return hashlib.sha256(checkpoint_sql(source, "facts", "late", "tiles", _EPOCH).encode()).hexdigest()[:8]


def _together(feature: Feature, window: int) -> str:
    """SQL of one window from the checkpoint's part and the rest, either of which may be missing."""
    held, since = (f'{side}."{feature.column(window)}"' for side in "cs")
    return {
        "sum": f"coalesce({held}, 0) + coalesce({since}, 0)",
        "count": f"coalesce({held}, 0) + coalesce({since}, 0)",
        "min": f"least({held}, {since})",
        "max": f"greatest({held}, {since})",
    }[feature.aggregation]
