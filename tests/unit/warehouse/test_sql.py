"""Names and values come back out of DuckDB as they went into the text, whatever characters they have."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.sql import identifier, identifiers, literal, literals

HOSTILE = ["it's", 'say "no"', "'; DROP TABLE t; --", '"; DROP TABLE t; --', "a\\'b", "{x}", "$1", "序号", "order", " "]


def value_of(sql: str) -> object:
    with duckdb.connect() as con:
        row = con.execute(f"SELECT {sql}").fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_itself(text: str) -> None:
    assert value_of(literal(text)) == text
    assert value_of(f"[{literals(HOSTILE)}]") == HOSTILE


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_any_text_is_itself(text: str) -> None:
    assert value_of(literal(text)) == text


@pytest.mark.parametrize("value", [date(2026, 2, 28), 0, -3, 2.5, True, False])
def test_a_day_and_a_number_are_themselves(value: date | float) -> None:
    found = value_of(literal(value))
    assert (found, type(found) is bool) == (value, isinstance(value, bool))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_itself(name: str) -> None:
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE {identifier(name)} ({identifier(name)} INTEGER, {identifier('other ' + name)} DATE)")
        described = con.execute(f"DESCRIBE {identifier(name)}").fetchall()
        assert [row[0] for row in described] == [name, f"other {name}"]
        con.execute(f"SELECT {identifiers([name, f'other {name}'])} FROM {identifier(name)}")
