"""Faults in known numbers: rows that break one rule each, copies, rows sent again, a delivery that is corrected.

Planted rows come on top of the true ones, so that what a clean night accepts is exactly what was simulated. Each kind
affects few rows, so that all of them together stay within the contract's tolerance even of a small delivery.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from warehouse.contract import load_contract

if TYPE_CHECKING:
    from datetime import date

    import numpy as np

    from warehouse.contract import Contract
    from warehouse.simulator.feeds import SimulatedFeed

#: Rows of a kind at most, and the part of a contract's tolerance that all kinds together may use up.
_MOST, _PART = 5, 0.7


@dataclass(frozen=True)
class BadRows:
    """Rows with values that break `rule`; `text_only` ones can be said in CSV alone."""

    kind: str
    rule: str
    values: dict[str, Any]
    text_only: bool = False


@dataclass(frozen=True)
class Planted:
    """What was planted in one delivery: `rule` is the reason expected in quarantine, None: accepted, but known."""

    kind: str
    feed: str
    business_date: date
    sequence: int
    count: int
    rule: str | None


@dataclass(frozen=True)
class Twice:
    """Rows of one key that come twice with another value in `column`, and the same `also` in both."""

    column: str
    also: dict[str, str] = field(default_factory=dict)


def unknown(column: str) -> BadRows:
    """A value that its enum does not list."""
    return BadRows("bad_enum", f"{column}_known", {column: "no_such_value"})


def negative(column: str) -> BadRows:
    """An amount below nil."""
    return BadRows("negative_amount", f"{column}_in_range", {column: -100})


def missing(column: str) -> BadRows:
    """No value where one is required."""
    return BadRows("missing_value", f"{column}_present", {column: None})


def no_date(column: str) -> BadRows:
    """A date that is none: only text can say it."""
    return BadRows("unparseable_date", "unreadable", {column: "2026-13-45"}, text_only=True)


def plant(
    frame: pl.DataFrame,
    simulated: SimulatedFeed[...],
    business_date: date,
    rng: np.random.Generator,
    *,
    previous: pl.DataFrame | None = None,
    days_since: int = 0,
) -> tuple[pl.DataFrame, list[Planted]]:
    """Add the feed's faults to a delivery's rows; gives the rows and what was planted.

    `previous` are rows of the delivery before it, `days_since` days earlier.
    """
    feed, twice, text = simulated.feed, simulated.twice, simulated.file_format != "parquet"
    contract = load_contract(feed)
    kinds = len(simulated.bad_rows) + (3 if twice else 0) + simulated.sent_again
    tolerated = int(frame.height * float(contract.properties["maxBadShare"]) * _PART)
    count = min(_MOST, tolerated // max(kinds, 1))
    if count == 0:
        return frame, []
    planted: list[Planted] = []
    added: list[pl.DataFrame] = []

    def add(rows: pl.DataFrame, kind: str, rule: str, broken: int) -> None:
        added.append(rows)
        planted.append(Planted(kind, feed, business_date, 1, broken, rule))

    for serial, bad in enumerate(simulated.bad_rows):
        if text or not bad.text_only:
            rows = _renamed(_sample(frame, rng, count), contract, f"BAD{business_date:%y%m%d}{serial}")
            add(_with_values(rows, bad), bad.kind, bad.rule, count)
    if twice is not None:
        add(_sample(frame, rng, count), "duplicate_row", "duplicate_row", count)
        first = _renamed(_sample(frame, rng, count), contract, f"TWO{business_date:%y%m%d}")
        second = first.with_columns((pl.col(twice.column) + 1).cast(first.schema[twice.column]))
        first, second = (f.with_columns(pl.lit(v).alias(c) for c, v in twice.also.items()) for f in (first, second))
        add(pl.concat([first, second]), "duplicate_key", "key_unique", 2 * count)
    window = int(contract.properties.get("duplicateWindowDays", 0))
    if simulated.sent_again and previous is not None and previous.height and days_since <= window:
        again = min(count, previous.height)
        add(_sample(previous, rng, again), "sent_again", "key_seen_before", again)
    if any(r.schema != frame.schema for r in added):
        frame = frame.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d"))
        added = [r.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d")) for r in added]
    return pl.concat([frame, *added]), planted


def corrected(frame: pl.DataFrame, column: str) -> tuple[pl.DataFrame, int]:
    """What was sent before a correction: the last rows are not there yet, the first have another value in `column`.

    Gives those rows and how many differ from the right ones.
    """
    few = max(min(_MOST, frame.height // 3), 1)
    wrong = frame.with_row_index("_row").with_columns(
        pl.when(pl.col("_row") < few).then(pl.col(column) + 1).otherwise(pl.col(column)).cast(frame.schema[column])
    )
    kept = max(frame.height - few, few)
    return wrong.drop("_row").head(kept), few + frame.height - kept


def _sample(frame: pl.DataFrame, rng: np.random.Generator, count: int) -> pl.DataFrame:
    return frame[sorted(rng.choice(frame.height, size=count, replace=False).tolist())]


def _renamed(rows: pl.DataFrame, contract: Contract, prefix: str) -> pl.DataFrame:
    """Copies under keys of their own, so that they break no other rule."""
    key = contract.key[0]
    return rows.with_columns(pl.Series(key, [f"{prefix}{i}" for i in range(rows.height)], dtype=rows.schema[key]))


def _with_values(rows: pl.DataFrame, bad: BadRows) -> pl.DataFrame:
    kept = {c: pl.String() if bad.text_only else rows.schema[c] for c in bad.values}
    return rows.with_columns(pl.lit(v, dtype=kept[c]).alias(c) for c, v in bad.values.items())
