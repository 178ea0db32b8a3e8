"""SQL of exact trailing windows: from all rows, or from month tiles and what they leave over.

A night must not read a year of events again. A closed month of arrivals becomes an immutable tile per customer and
event month; a night is the tiles of whole event months, the current month's arrivals as rows, and for each window
the rows of the one month it cuts through. All pieces are partial aggregates with a segment, so they are grouped once
and merged: whatever else holds partial aggregates of the same form (a checkpoint) is one more piece.

Segments: k counts in window k and every longer one; 10 + k in window k only.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import TYPE_CHECKING

from transforms.profile.features import EVENT_DATE, WINDOWS, features_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_ONLY = 10


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the month's last: 31 March less a month is 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def window_starts(as_of: date, windows: Sequence[int] = WINDOWS) -> list[date]:
    """For each window the day after which it begins."""
    return [add_months(as_of, -w) for w in windows]


def full_window_sql(source: str, rows: str, as_of: date) -> str:
    """Every window of a source's features from all of its `rows`: (customer_token, a column per feature and window)."""
    event = EVENT_DATE[source]
    piece = _rows_piece(
        source, rows, _segment(event, window_starts(as_of)), f"{event} > {_day(window_starts(as_of)[-1])}"
    )
    return _merged(source, [piece])


def tile_sql(source: str, facts: str, late: str, feed_month: date) -> str:
    """The tile of one month of arrivals: (customer_token, shard, event_month, a partial aggregate per feature)."""
    event = EVENT_DATE[source]
    last = add_months(feed_month, 1) - timedelta(days=1)
    arrived = f"feed_date BETWEEN {_day(feed_month)} AND {_day(last)}"
    aggregates = ", ".join(f'{f.aggregate()} AS "{f.name}"' for f in features_of(source))
    both = f"(SELECT * FROM {facts} WHERE {arrived} UNION ALL SELECT * FROM {late} WHERE {arrived})"
    return (
        f"SELECT customer_token, any_value(shard) AS shard, date_trunc('month', {event})::DATE AS event_month, "
        f"{aggregates} FROM {both} GROUP BY customer_token, event_month"
    )


def tiled_window_sql(source: str, facts: str, late: str, tiles: str, as_of: date) -> str:
    """Every window of a source's features from `tiles` of the months before that of `as_of`, and rows elsewhere.

    `tiles` gives (customer_token, event_month, partial aggregates) of all arrivals before the month of `as_of`;
    `facts` and `late` are what the night knows. Gives exactly what :func:`full_window_sql` gives.
    """
    event, starts = EVENT_DATE[source], window_starts(as_of)
    month = as_of.replace(day=1)
    both = f"(SELECT * FROM {facts} UNION ALL SELECT * FROM {late})"
    closed = f"feed_date < {_day(month)}"
    whole = [add_months(start.replace(day=1), 1) for start in starts]
    pieces = [
        # Arrivals of the current month, whatever they speak of; and earlier ones that speak of the current month.
        _rows_piece(
            source, both, _segment(event, starts), f"feed_date >= {_day(month)} AND {event} > {_day(starts[-1])}"
        ),
        _rows_piece(source, both, _segment(event, starts), f"{closed} AND {event} >= {_day(month)}"),
        _tiles_piece(source, tiles, whole, month),
    ]
    for number, start in enumerate(starts):
        end = whole[number] - timedelta(days=1)
        if start < end:
            cut = f"{closed} AND {event} > {_day(start)} AND {event} <= {_day(min(end, month - timedelta(days=1)))}"
            pieces.append(_rows_piece(source, both, str(_ONLY + number), cut))
    return _merged(source, pieces)


def _rows_piece(source: str, rows: str, segment: str, where: str) -> str:
    aggregates = ", ".join(f'{f.aggregate()} AS "{f.name}"' for f in features_of(source))
    return f"SELECT customer_token, {segment} AS segment, {aggregates} FROM {rows} WHERE {where} GROUP BY ALL"


def _tiles_piece(source: str, tiles: str, whole: list[date], month: date) -> str:
    """Tiles of event months that lie wholly inside a window; `whole` is each window's first such month."""
    merges = ", ".join(f'{f.merge()} AS "{f.name}"' for f in features_of(source))
    cases = " ".join(f"WHEN event_month >= {_day(first)} THEN {n}" for n, first in enumerate(whole))
    return (
        f"SELECT customer_token, CASE {cases} END AS segment, {merges} FROM {tiles} "
        f"WHERE event_month >= {_day(whole[-1])} AND event_month < {_day(month)} GROUP BY ALL"
    )


def _segment(event: str, starts: list[date]) -> str:
    cases = " ".join(f"WHEN {event} > {_day(start)} THEN {n}" for n, start in enumerate(starts))
    return f"CASE {cases} END"


def _merged(source: str, pieces: list[str]) -> str:
    columns = ", ".join(
        f'{f.merge(f"segment <= {n} OR segment = {_ONLY + n}")} AS "{f.column(w)}"'
        for f in features_of(source)
        for n, w in enumerate(WINDOWS)
        if w in f.windows
    )
    union = " UNION ALL ".join(pieces)
    return f"WITH pieces AS ({union}) SELECT customer_token, {columns} FROM pieces GROUP BY customer_token"


def _day(day: date) -> str:
    return f"DATE '{day}'"
