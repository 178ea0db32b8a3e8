"""Repeated rows: a staged delivery compared with the rows that earlier deliveries have landed.

An event's key identifies one event for good. Within the window of the contract (`duplicateWindowDays`) a key is looked
for on any event date; over all history it is looked for on the event dates of the delivery, for a row sent again has
the same event date. So only deliveries that hold those dates are read, and a night that sends nothing again reads
little more than the window.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from warehouse.lake import lake_tables
from warehouse.sql import identifier, identifiers, literal, literals
from warehouse.tokens import domain_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    import duckdb

    from warehouse.contract import Column, Contract
    from warehouse.deliveries import Delivery
    from warehouse.lake import Lake
    from warehouse.reading import Reading
    from warehouse.registry import DeliveryRecord

#: The rules that a row delivered before breaks: with the content it had, or with another.
SEEN_BEFORE, KEY_REUSED = "key_seen_before", "key_reused"

_FOUND, _SEEN = "seen_candidates", "seen_rows"


def event_dates(con: duckdb.DuckDBPyConnection, contract: Contract, reading: Reading) -> tuple[date, ...]:
    """The event dates of a staged delivery, in order."""
    rows = con.execute(
        f"SELECT DISTINCT {identifier(str(contract.event_date))} FROM {reading.relation} ORDER BY 1"
    ).fetchall()
    return tuple(day for (day,) in rows if day is not None)


def window_days(contract: Contract) -> int:
    """For how many days a key is looked for on any event date; 0 where keys are not compared at all."""
    return int(contract.properties.get("duplicateWindowDays", 0))


def compared(
    contract: Contract, delivery: Delivery, earlier: Iterable[DeliveryRecord], dates: Collection[date]
) -> list[DeliveryRecord]:
    """Of the `earlier` deliveries those a delivery with these event dates is compared with."""
    days, held = window_days(contract), frozenset(dates)
    if not days:
        return []
    first, oldest = delivery.business_date - timedelta(days=days), min(held, default=delivery.business_date)

    def may_hold(dates: tuple[date, ...] | None) -> bool:
        # A delivery registered before its event dates were may hold any.
        return dates is None or bool(dates and dates[-1] >= oldest and not held.isdisjoint(dates))

    return [
        x
        for x in earlier
        if x.business_date < delivery.business_date and (x.business_date >= first or may_hold(x.event_dates))
    ]


def token_table(column: str) -> str:
    """Name of the temporary table that maps one kind of identifier to its tokens."""
    return f"tokens_{domain_of(column)}"


def rows_seen_before(
    lake: Lake,
    contract: Contract,
    delivery: Delivery,
    reading: Reading,
    earlier: Sequence[DeliveryRecord],
    dates: Collection[date],
) -> str | None:
    """Make the temporary table (row_id, same) of the staged rows whose key has landed; None where there is none.

    `same` where one of the landed rows has the content of the staged one, as far as the lake keeps it: a value that
    only one of the two gives is not compared. `earlier` in order of dates; the tables of tokens are there by then.
    """
    used = compared(contract, delivery, earlier, dates)
    slices = {(x.business_date, x.sequence) for x in used}
    first = delivery.business_date - timedelta(days=window_days(contract))
    window = [x.business_date for x in used if x.business_date >= first]
    before = [x for x in used if x.business_date < first]
    held = {day for x in before for day in (x.event_dates or dates)}.intersection(dates)
    parts = []
    if window:
        parts.append(_matched(contract, reading, window, None))
    if held:
        parts.append(_matched(contract, reading, [x.business_date for x in before], sorted(held)))
    if not parts:
        return None
    lake.con.execute(f"CREATE OR REPLACE TEMP TABLE {_FOUND} AS {' UNION ALL '.join(parts)}")
    found = lake.con.execute(f"SELECT DISTINCT feed_date, delivery_seq FROM {_FOUND}").fetchall()
    # What a correction has replaced lies in the lake and no longer counts.
    counting = sorted(slices.intersection(found))
    if not counting:
        return None
    lake.con.execute(f"CREATE OR REPLACE TEMP TABLE {_SEEN} AS {_judged(contract, reading, counting)}")
    return _SEEN


def _matched(contract: Contract, reading: Reading, feed_dates: list[date], dates: list[date] | None) -> str:
    """SQL of the staged rows whose key is in deliveries of these dates; with `dates`, on those event dates only."""
    joined = dict.fromkeys([*contract.key, *([str(contract.event_date)] if dates else [])])
    columns = [contract.column(name) for name in joined]
    on_dates = _within(f"s.{identifier(str(contract.event_date))}", dates) if dates else None
    staged = _staged(reading, columns, on_dates)
    where = [
        _within("feed_date", feed_dates),
        *([_within(identifier(str(contract.event_date)), dates)] if dates else []),
    ]
    landed = _landed(contract, [str(c.lake_name) for c in columns], where)
    same = " AND ".join(f"f.{identifier(str(c.lake_name))} = s.{identifier(c.name)}" for c in columns)
    return f"SELECT s.row_id, f.feed_date, f.delivery_seq FROM {landed} AS f JOIN {staged} AS s ON {same}"


def _judged(contract: Contract, reading: Reading, slices: list[tuple[date, int]]) -> str:
    columns = [c for c in contract.delivered if c.lake_name is not None]
    staged = _staged(reading, columns, f"s.rowid IN (SELECT row_id FROM {_FOUND})")
    listed = ", ".join(f"({literal(day)}, {sequence})" for day, sequence in slices)
    where = [_within("feed_date", sorted({day for day, _ in slices})), f"(feed_date, delivery_seq) IN ({listed})"]
    landed = _landed(contract, [str(c.lake_name) for c in columns], where)
    keys = " AND ".join(
        ["f.feed_date = c.feed_date", "f.delivery_seq = c.delivery_seq", "s.row_id = c.row_id"]
        + [f"f.{identifier(str(contract.column(k).lake_name))} = s.{identifier(k)}" for k in contract.key]
    )
    same = " AND ".join(_equal(c) for c in columns if c.name not in contract.key) or "true"
    return (
        f"SELECT row_id, bool_or({same}) AS same FROM {_FOUND} AS c JOIN {staged} AS s USING (row_id) "
        f"JOIN {landed} AS f ON {keys} GROUP BY row_id"
    )


def _equal(column: Column) -> str:
    mine, theirs = f"s.{identifier(column.name)}", f"f.{identifier(str(column.lake_name))}"
    if column.required:
        return f"{mine} IS NOT DISTINCT FROM {theirs}"
    return f"coalesce({mine} = {theirs}, true)"


def _staged(reading: Reading, columns: Sequence[Column], where: str | None) -> str:
    """The staged rows with their number, identifiers as tokens."""
    joins, picked = [], []
    for column in columns:
        if column.classification == "pseudonym":
            alias = f"m_{column.name}"
            joins.append(
                f"LEFT JOIN {token_table(column.name)} AS {alias} ON {alias}.identifier = s.{identifier(column.name)}"
            )
            picked.append(f"{alias}.token AS {identifier(column.name)}")
        else:
            picked.append(f"s.{identifier(column.name)}")
    filtered = f" WHERE {where}" if where else ""
    return f"(SELECT s.rowid AS row_id, {', '.join(picked)} FROM {reading.relation} AS s {' '.join(joins)}{filtered})"


def _landed(contract: Contract, columns: Sequence[str], where: Iterable[str]) -> str:
    picked = identifiers(columns)
    tests = " AND ".join(where)
    parts = (
        f"SELECT {picked}, feed_date, delivery_seq FROM lake.{table} WHERE {tests}" for table in lake_tables(contract)
    )
    return f"({' UNION ALL '.join(parts)})"


def _within(column: str, days: Sequence[date]) -> str:
    """Whether a date is one of these: its bounds too, by which files are left unread."""
    listed = literals(days)
    return f"{column} BETWEEN {literal(days[0])} AND {literal(days[-1])} AND {column} IN ({listed})"
