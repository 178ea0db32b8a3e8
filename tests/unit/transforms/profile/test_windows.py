"""Windows from tiles are the windows from rows are the windows counted one by one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.profile.features import WINDOWS, features_of
from transforms.profile.windows import add_months, full_window_sql, tile_sql, tiled_window_sql, window_starts

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = "bank.bank_transaction"
_COLUMNS = (
    "customer_token VARCHAR, shard SMALLINT, posted_on DATE, feed_date DATE, direction VARCHAR, "
    "amount_cents BIGINT, line_type VARCHAR"
)
NIGHTS = [date(2026, 3, 31), date(2026, 3, 1), date(2024, 2, 29), date(2026, 5, 30), date(2026, 7, 15)]

Row = tuple[str, int, date, date, str, int, str]


def rows_around(night: date) -> st.SearchStrategy[list[Row]]:
    """Lines of two customers over 14 months, arriving up to 70 days late, some after the night."""
    return st.lists(
        st.builds(
            lambda who, ago, late, direction, cents, kind: (
                f"c{who}",
                who,
                night - timedelta(days=ago),
                night - timedelta(days=ago) + timedelta(days=late),
                direction,
                cents,
                kind,
            ),
            st.integers(0, 1),
            st.integers(-5, 430),
            st.one_of(st.just(0), st.integers(0, 70)),
            st.sampled_from(["credit", "debit"]),
            st.integers(0, 10_000),
            st.sampled_from(
                [
                    "salary",
                    "loan_in",
                    "saving",
                    "rent",
                    "gambling",
                    "cash_withdrawal",
                    "failed_debit_fee",
                    "other_debit",
                ]
            ),
        ),
        max_size=60,
    )


def warehouse(rows: list[Row], night: date) -> tuple[duckdb.DuckDBPyConnection, str, str]:
    """Facts and late store as landing splits them, and what the night knows of them."""
    con = duckdb.connect()
    for table, late in (("facts", False), ("late", True)):
        con.execute(f"CREATE TABLE {table} ({_COLUMNS})")
        kept = [r for r in rows if (r[2] < r[3].replace(day=1)) is late]
        if kept:
            con.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?)", kept)
    known = f"feed_date <= DATE '{night}' AND posted_on <= DATE '{night}'"
    return con, f"(SELECT * FROM facts WHERE {known})", f"(SELECT * FROM late WHERE {known})"


def tiles_of(con: duckdb.DuckDBPyConnection, rows: list[Row], night: date, facts: str, late: str) -> str:
    """Every closed month's tile, one after the other as nights would make them."""
    months = sorted({r[3].replace(day=1) for r in rows if r[3] < night.replace(day=1)})
    names = ", ".join(f'"{f.name}" BIGINT' for f in features_of(SOURCE))
    con.execute(f"CREATE TABLE tiles (customer_token VARCHAR, shard SMALLINT, event_month DATE, {names})")
    for month in months:
        con.execute(f"INSERT INTO tiles BY NAME {tile_sql(SOURCE, facts, late, month)}")
    return "tiles"


def fetched(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, dict[str, Any]]:
    """Per customer, the windows that are not all nil (a customer without any line in a year may be absent)."""
    cursor = con.execute(query)
    names = [d[0] for d in cursor.description or ()]
    found = {r[0]: dict(zip(names[1:], r[1:], strict=True)) for r in cursor.fetchall()}
    return {who: windows for who, windows in found.items() if any(windows.values())}


def spent(kinds: set[str]) -> Callable[[Row], bool]:
    return lambda r: r[4] == "debit" and r[6] in kinds


def received(kinds: set[str], *, but: bool = False) -> Callable[[Row], bool]:
    return lambda r: r[4] == "credit" and (r[6] in kinds) is not but


#: What each feature means, told apart from its SQL: which lines, summed or counted, windows.
MEANING: dict[str, tuple[Callable[[Row], bool], bool, tuple[int, ...]]] = {
    "bank_in_cents": (lambda r: r[4] == "credit", True, WINDOWS),
    "bank_out_cents": (lambda r: r[4] == "debit", True, WINDOWS),
    "bank_txn_cnt": (lambda _: True, False, WINDOWS),
    "salary_cents": (received({"salary", "pension"}), True, WINDOWS),
    "gambling_cents": (spent({"gambling"}), True, WINDOWS),
    "cash_cents": (spent({"cash_withdrawal"}), True, WINDOWS),
    "failed_debit_cnt": (lambda r: r[6] == "failed_debit_fee", False, WINDOWS),
    "spend_cents": (spent({"rent", "gambling", "cash_withdrawal", "other_debit"}), True, WINDOWS),
    "essential_cents": (spent({"rent"}), True, (3, 12)),
    "rent_cents": (spent({"rent"}), True, (3, 12)),
    "debt_paid_cents": (spent({"debt_service"}), True, (3, 12)),
    "loan_in_cents": (received({"loan_in"}), True, (3, 12)),
    "flow_in_cents": (received({"loan_in", "saving"}, but=True), True, (3, 12)),
    "flow_out_cents": (lambda r: r[4] == "debit" and r[6] != "saving", True, (3, 12)),
    **{
        f"{kind}_cents": (lambda _: False, True, (12,))
        for kind in ("utilities", "groceries", "medical", "insurance", "education", "travel", "shopping")
    },
}


def counted(rows: list[Row], night: date) -> dict[str, dict[str, int]]:
    """One by one, from the meaning of the features."""
    result: dict[str, dict[str, int]] = {}
    for who in {r[0] for r in rows}:
        windows = {}
        for name, (holds, summed, months) in MEANING.items():
            for window, start in zip(WINDOWS, window_starts(night), strict=True):
                inside = [r for r in rows if r[0] == who and start < r[2] <= night and r[3] <= night and holds(r)]
                if window in months:
                    windows[f"{name}_{window}m"] = sum(r[5] for r in inside) if summed else len(inside)
        if any(windows.values()):
            result[who] = windows
    return result


@pytest.mark.parametrize("night", NIGHTS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_tiles_and_tails_are_the_full_recompute_are_counting(night: date, data: st.DataObject) -> None:
    """M08, M18: windows are exact whatever way they are computed, late arrivals and month ends included."""
    rows = data.draw(rows_around(night))
    con, facts, late = warehouse(rows, night)
    full = fetched(con, full_window_sql(SOURCE, f"(SELECT * FROM {facts} UNION ALL SELECT * FROM {late})", night))
    tiles = tiles_of(con, rows, night, facts, late)
    assert fetched(con, tiled_window_sql(SOURCE, facts, late, tiles, night)) == full
    assert full == counted(rows, night)


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_what_arrives_or_happens_later_changes_nothing(data: st.DataObject) -> None:
    """Point in time: rows after the night, by event or by arrival, leave every window as it was."""
    night = date(2026, 3, 31)
    rows = [r for r in data.draw(rows_around(night)) if r[3] <= night]
    later = [r for r in data.draw(rows_around(night)) if r[3] > night or r[2] > night]

    def windows(given_rows: list[Row]) -> dict[str, dict[str, Any]]:
        con, facts, late = warehouse(given_rows, night)
        tiles = tiles_of(con, given_rows, night, facts, late)
        return fetched(con, tiled_window_sql(SOURCE, facts, late, tiles, night))

    assert windows(rows + later) == windows(rows)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2026, 1, 15), -12, date(2025, 1, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
    ],
)
def test_months_are_kept_to_the_last_day(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected
