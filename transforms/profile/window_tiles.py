"""Month tiles: a closed month of arrivals added up per customer and event month, so that its rows are read once.

A tile is a function of the month's deliveries alone. It holds events of any date, also those after the night that
happened to make it: which of its event months count is decided where it is read.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import TYPE_CHECKING

from transforms.profile.features import EVENT_DATE, kept_features
from transforms.profile.windows import (
    SHARD,
    add_months,
    after,
    aggregates,
    between,
    both,
    by_start,
    features_in,
    literal,
    merged,
    only,
    rows_piece,
    window_starts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def tile_sql(source: str, facts: str, late: str, feed_month: date) -> str:
    """The tile of one month of arrivals: (customer_token, shard, event_month, a partial aggregate per feature).

    `facts` and `late` are the arrivals that count, whatever the date of their event.
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
    as_of: date,
    *,
    starts: Sequence[date] | None = None,
    kept: bool = False,
) -> str:
    """Every window of a source's features from month tiles, and from rows where a month is not whole.

    `tiles` gives (customer_token, event_month, partial aggregates) of the arrivals from :func:`first_tile_month` to
    the month before that of `as_of`, None where nothing arrived then; `facts` and `late` are what is known, with no
    event after `as_of`. With `starts`, one per window, the windows begin after those days instead. `kept`: with the
    shard and all that checkpoints hold.
    """
    starts = window_starts(source, as_of) if starts is None else starts
    rows, segment, event = both(facts, late), by_start(source, starts), EVENT_DATE[source]
    month, whole = as_of.replace(day=1), [_whole_month(start) for start in starts]
    closed, first = f"feed_date < {literal(month)}", literal(whole[-1])
    pieces = [
        # Arrivals of the current month, whatever they speak of; and earlier ones that speak of the current month.
        rows_piece(source, rows, segment, f"NOT {closed} AND {after(source, starts[-1])}", kept=kept),
        rows_piece(source, rows, segment, f"{closed} AND {event} >= {literal(month)}", kept=kept),
        # Arrivals before the first tile that speak of a month it covers: events announced ahead.
        rows_piece(
            source,
            rows,
            segment,
            f"feed_date < {first} AND {event} >= {first} AND {event} < {literal(month)}",
            kept=kept,
        ),
        *([_tiles_piece(source, tiles, whole, month, kept=kept)] if tiles else []),
    ]
    for number, start in enumerate(starts):
        end = min(whole[number], month) - timedelta(days=1)
        if start < end:
            cut = f"{closed} AND {between(source, start, end)}"
            pieces.append(rows_piece(source, rows, only(number), cut, kept=kept))
    return merged(source, pieces, kept=kept)


def tile_version(source: str) -> str:
    """Eight digits that change when what a tile of this source holds does."""
    return hashlib.sha256(tile_sql(source, "facts", "late", date(2020, 1, 1)).encode()).hexdigest()[:8]


def _tiles_piece(source: str, tiles: str, whole: Sequence[date], month: date, *, kept: bool) -> str:
    """Tiles of event months that lie wholly inside a window; `whole` is each window's first such month."""
    columns = ", ".join(f'{f.merge()} AS "{f.name}"' for f in features_in(source, kept=kept))
    cases = " ".join(f"WHEN event_month >= {literal(first)} THEN {n}" for n, first in enumerate(whole))
    return (
        f"SELECT customer_token, CASE {cases} END AS segment, {f'{SHARD}, ' if kept else ''}{columns} FROM {tiles} "
        f"WHERE event_month >= {literal(whole[-1])} AND event_month < {literal(month)} GROUP BY ALL"
    )


def _whole_month(start: date) -> date:
    """The first month that lies wholly after a day."""
    return add_months(start.replace(day=1), 1)
