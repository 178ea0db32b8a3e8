"""Each declared feature means what its name says, told apart from its SQL."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.windows.features import WINDOWS
from transforms.windows.windows import full_window_sql, window_starts

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = "bank.bank_transaction"
NIGHT = date(2026, 3, 31)

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
            for window, start in zip(WINDOWS, window_starts(SOURCE, night), strict=True):
                inside = [r for r in rows if r[0] == who and start < r[2] <= night and r[3] <= night and holds(r)]
                if window in months:
                    windows[f"{name}_{window}m"] = sum(r[5] for r in inside) if summed else len(inside)
        if any(windows.values()):
            result[who] = windows
    return result


@settings(max_examples=40)
@given(rows=rows_around(NIGHT))
def test_a_feature_is_what_its_meaning_counts(rows: list[Row]) -> None:
    """Line by line from the meaning; a customer without a line in a year may be absent."""
    con = duckdb.connect(config={"threads": "1"})
    con.execute(
        "CREATE TABLE lines (customer_token VARCHAR, shard SMALLINT, posted_on DATE, feed_date DATE, "
        "direction VARCHAR, amount_cents BIGINT, line_type VARCHAR)"
    )
    if rows:
        con.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    known = f"(SELECT * FROM lines WHERE feed_date <= DATE '{NIGHT}' AND posted_on <= DATE '{NIGHT}')"
    cursor = con.execute(full_window_sql(SOURCE, known, NIGHT))
    names = [d[0] for d in cursor.description or ()]
    found = {r[0]: dict(zip(names[1:], r[1:], strict=True)) for r in cursor.fetchall()}
    assert {who: windows for who, windows in found.items() if any(windows.values())} == counted(rows, NIGHT)
