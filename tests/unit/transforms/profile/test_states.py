"""The state that stands is the same whether changes came day by day or all in one delivery."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from transforms.profile.states import latest_sql, newest_sql

FIRST = date(2026, 3, 1)
COLUMNS = "part VARCHAR, no INTEGER, value INTEGER, changed_on DATE, feed_date DATE, delivery_seq INTEGER"
#: Of two keys, what each day changed: at most one change a day and key.
CHANGES = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.integers(1, 2), st.integers(0, 20)), st.integers(0, 3), max_size=25
)
Row = tuple[Any, ...]


def standing(rows: list[Row], query: str) -> list[Row]:
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE change ({COLUMNS})")
        if rows:
            con.executemany("INSERT INTO change VALUES (?, ?, ?, ?, ?, ?)", rows)
        return con.execute(f"SELECT part, no, value, changed_on FROM ({query}) ORDER BY ALL").fetchall()


@given(CHANGES, st.permutations(range(25)), st.integers(1, 9))
def test_a_history_in_one_delivery_leaves_what_the_same_changes_leave_night_by_night(
    changes: dict[tuple[str, int, int], int], order: list[int], packed: int
) -> None:
    """In one delivery, day by day, and some days together; the order of the rows says nothing."""
    told = [(part, no, value, FIRST + timedelta(days=day)) for (part, no, day), value in changes.items()]
    told = [told[n] for n in order if n < len(told)]
    end = FIRST + timedelta(days=30)
    expected = sorted({row[:2]: row for row in sorted(told, key=lambda row: row[3])}.values())
    query = latest_sql("change", ["part", "no"], "changed_on")
    for arrives in (
        lambda _: end,
        lambda day: day,
        lambda day: FIRST + timedelta(days=((day - FIRST).days // packed + 1) * packed),
    ):
        assert standing([(*row, arrives(row[3]), 1) for row in told], query) == expected


def test_what_arrived_later_stands_whatever_day_it_speaks_of() -> None:
    early, late = date(2026, 2, 1), date(2026, 2, 9)
    query = latest_sql("change", ["part", "no"], "changed_on")
    assert standing([("a", 1, 1, late, FIRST, 1), ("a", 1, 2, early, late, 1)], query) == [("a", 1, 1, late)]
    corrected = [("a", 1, 1, late, FIRST, 1), ("a", 1, 2, early, FIRST, 2)]
    assert standing(corrected, query) == [("a", 1, 2, early)]


def test_the_newest_is_by_the_columns_named_the_first_first() -> None:
    rows = [("a", 1, 1, FIRST, date(2026, 3, 9), 1), ("a", 1, 2, date(2026, 3, 2), FIRST, 1)]
    assert standing(rows, newest_sql("change", ["part"], ["changed_on", "feed_date"])) == [("a", 1, 2, rows[1][3])]
