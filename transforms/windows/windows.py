"""SQL of exact trailing windows from event rows, and the pieces that every faster way is put together from.

Every piece is a partial aggregate per customer and segment, so pieces are grouped once each and merged. Segments: k
counts in window k and every longer one; 10 + k in window k only. Month tiles are in `tiles`, checkpoints in
`checkpoints`; both give exactly what :func:`full_window_sql` gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.dates.calendar import add_months
from transforms.sql import identifier, literal
from transforms.windows.features import EVENT_DATE, Feature, features_of, kept_features, windows_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_ONLY = 10

#: What tiles and checkpoints carry beside the aggregates, so that they can be stored and read shard by shard.
SHARD = "any_value(shard) AS shard"


def window_starts(source: str, as_of: date) -> list[date]:
    """For each window of a source the day after which it begins."""
    return [add_months(as_of, -w) for w in windows_of(source)]


def full_window_sql(source: str, rows: str, as_of: date) -> str:
    """Every window of a source's features from all of its `rows`: (customer_token, a column per feature and window).

    `rows` holds no event after `as_of`. A group by customer and segment, then one by customer.
    """
    starts = window_starts(source, as_of)
    return merged(source, [rows_piece(source, rows, by_start(source, starts), after(source, starts[-1]))])


def rows_piece(source: str, rows: str, segment: str, where: str, *, kept: bool = False) -> str:
    """Partial aggregates of event rows per customer and `segment`; `kept`: all that tiles and checkpoints hold."""
    return (
        f"SELECT customer_token, {segment} AS segment, {_shard(kept)}{aggregates(features_in(source, kept=kept))} "
        f"FROM {rows} WHERE {where} GROUP BY ALL"
    )


def merged(source: str, pieces: Sequence[str], *, kept: bool = False) -> str:
    """The windows that `pieces` add up to: a column per feature and window; `kept` as in :func:`rows_piece`."""
    number = {w: n for n, w in enumerate(windows_of(source))}
    columns = ", ".join(
        f"{f.merge(f'segment <= {number[w]} OR segment = {_ONLY + number[w]}')} AS {identifier(f.column(w))}"
        for f in features_in(source, kept=kept)
        for w in f.windows
    )
    union = " UNION ALL ".join(pieces)
    return (
        f"WITH pieces AS ({union}) SELECT customer_token, {_shard(kept)}{columns} FROM pieces GROUP BY customer_token"
    )


def features_in(source: str, *, kept: bool) -> tuple[Feature, ...]:
    """The features of a table's columns; `kept`: those of tiles and checkpoints."""
    return kept_features(source) if kept else features_of(source)


def aggregates(features: Sequence[Feature]) -> str:
    """The select list of features' aggregates over event rows."""
    return ", ".join(f"{f.aggregate()} AS {identifier(f.name)}" for f in features)


def by_start(source: str, starts: Sequence[date]) -> str:
    """Segment of a row that is in every window begun before its event."""
    cases = " ".join(f"WHEN {after(source, start)} THEN {n}" for n, start in enumerate(starts))
    return f"CASE {cases} END"


def only(window: int) -> str:
    """Segment of rows that count in the window of that number and in no other."""
    return str(_ONLY + window)


def after(source: str, day: date) -> str:
    """Whether an event lies after a day."""
    return f"{EVENT_DATE[source]} > {literal(day)}"


def between(source: str, day: date, end: date) -> str:
    """Whether an event lies after `day` and not after `end`."""
    return f"{after(source, day)} AND {EVENT_DATE[source]} <= {literal(end)}"


def both(facts: str, late: str) -> str:
    """All rows of a source: the fact and its late store."""
    return f"(SELECT * FROM {facts} UNION ALL SELECT * FROM {late})"


def _shard(kept: bool) -> str:
    return f"{SHARD}, " if kept else ""
