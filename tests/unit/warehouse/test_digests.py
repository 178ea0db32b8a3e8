"""A digest changes with any value and any row, and with nothing else."""

from __future__ import annotations

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from warehouse.digests import rows_digest

ROWS = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(-5, 5)), st.one_of(st.none(), st.text("ab", max_size=2))), max_size=6
)


def digest(rows: list[tuple[int | None, str | None]]) -> tuple[int, str]:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t (a INTEGER, b VARCHAR)")
        if rows:
            con.executemany("INSERT INTO t VALUES (?, ?)", rows)
        return rows_digest(con, "t", ["a", "b"])


@given(ROWS, ROWS)
def test_two_tables_have_one_digest_exactly_when_they_hold_the_same_rows(
    left: list[tuple[int | None, str | None]], right: list[tuple[int | None, str | None]]
) -> None:
    def ordered(rows: list[tuple[int | None, str | None]]) -> list[str]:
        return sorted(map(repr, rows))

    assert (digest(left) == digest(right)) == (ordered(left) == ordered(right))


def test_a_value_does_not_pass_from_one_column_to_the_next() -> None:
    assert digest([(1, "23")]) != digest([(12, "3")])
    assert digest([(None, "")]) != digest([(None, None)])
