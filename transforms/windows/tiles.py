"""Month tiles: a closed month of arrivals added up per customer and event month, so that its rows are read once.

A tile is a function of the month's deliveries alone. It holds events of any date, also those after the night that
happened to make it: which of its event months count is decided where it is read.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import TYPE_CHECKING

from transforms.dates.calendar import add_months
from transforms.sql import identifier, literal
from transforms.windows.features import EVENT_DATE, kept_features
from transforms.windows.windows import (
    SHARD,
    aggregates,
    between,
    both,
    by_start,
    features_in,
    merged,
    only,
    rows_piece,
    window_starts,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def tile_sql(source: str, facts: str, late: str, feed_month: date) -> str:
    """The tile of one month of arrivals: (customer_token, shard, event_month, a partial aggregate per feature).

    `facts` and `late` are the arrivals that count, of any event date.
    """
    last = add_months(feed_month, 1) - timedelta(days=1)
    arrived = f"feed_date BETWEEN {literal(feed_month)} AND {literal(last)}"
    return (
        f"SELECT customer_token, {SHARD}, date_trunc('month', {EVENT_DATE[source]})::DATE AS event_month, "
        f"{aggregates(kept_features(source))} FROM {both(facts, late)} WHERE {arrived} "
        "GROUP BY customer_token, event_month"
    )


def first_tile_month(starts: Sequence[date]) -> date:
    """The first month whose tile windows can use: the first one wholly inside the longest, the last one."""
    return _whole_month(starts[-1])


def tiled_window_sql(
    source: str,
    facts: str,
    late: str,
    tiles: str | None,
    tiled: Collection[date],
    arrived: date,
    night: date,
    *,
    kept: bool = False,
) -> str:
    """Every window of a night, of what had arrived by a day: from month tiles, and from rows where there is no tile.

    `tiles` gives (customer_token, event_month, partial aggregates) of the arrivals of the months `tiled` (their first
    days, none before :func:`first_tile_month` nor that of `arrived`), None where there are none; `facts` and `late` are
    what had arrived. Without tiles it is the recompute from rows. `kept`: with the shard and all that checkpoints hold.
    """
    starts, rows = window_starts(source, night), both(facts, late)
    segment, month = by_start(source, starts), arrived.replace(day=1)
    in_windows = between(source, starts[-1], night)
    pieces = [rows_piece(source, rows, segment, f"{gap} AND {in_windows}", kept=kept) for gap in _untiled(tiled)]
    if tiles:
        whole = [_whole_month(start) for start in starts]
        closed = " OR ".join(f"feed_date BETWEEN {literal(a)} AND {literal(b)}" for a, b in _runs(tiled))
        # Event months that are not whole: the current one, of which something may have been announced,
        ahead = f"({closed}) AND {between(source, month - timedelta(days=1), night)}"
        pieces += [
            _tiles_piece(source, tiles, whole, month, kept=kept),
            rows_piece(source, rows, segment, ahead, kept=kept),
        ]
        # and, per window, the one in which it begins.
        for number, start in enumerate(starts):
            end = min(whole[number], month) - timedelta(days=1)
            if start < end:
                pieces.append(
                    rows_piece(source, rows, only(number), f"({closed}) AND {between(source, start, end)}", kept=kept)
                )
    return merged(source, pieces, kept=kept)


def tile_version(source: str) -> str:
    """Eight digits that change when what a tile of this source holds does."""
    return hashlib.sha256(tile_sql(source, "facts", "late", date(2020, 1, 1)).encode()).hexdigest()[:8]


def _tiles_piece(source: str, tiles: str, whole: Sequence[date], month: date, *, kept: bool) -> str:
    """Tiles of event months that lie wholly inside a window; `whole` is each window's first such month."""
    columns = ", ".join(f"{f.merge()} AS {identifier(f.name)}" for f in features_in(source, kept=kept))
    cases = " ".join(f"WHEN event_month >= {literal(first)} THEN {n}" for n, first in enumerate(whole))
    return (
        f"SELECT customer_token, CASE {cases} END AS segment, {f'{SHARD}, ' if kept else ''}{columns} FROM {tiles} "
        f"WHERE event_month >= {literal(whole[-1])} AND event_month < {literal(month)} GROUP BY ALL"
    )


def _runs(tiled: Collection[date]) -> list[tuple[date, date]]:
    """First and last day of each run of months that follow one another."""
    runs: list[tuple[date, date]] = []
    for month in sorted(tiled):
        last = add_months(month, 1) - timedelta(days=1)
        if runs and runs[-1][1] + timedelta(days=1) == month:
            runs[-1] = runs[-1][0], last
        else:
            runs.append((month, last))
    return runs


def _untiled(tiled: Collection[date]) -> list[str]:
    """Conditions on the day of arrival that are, together, every month without a tile."""
    gaps, since = [], ""
    for first, last in _runs(tiled):
        gaps.append(f"{since}feed_date < {literal(first)}")
        since = f"feed_date > {literal(last)} AND "
    return [*gaps, f"{since}true"]


def _whole_month(start: date) -> date:
    """The first month that lies wholly after a day."""
    return add_months(start.replace(day=1), 1)
