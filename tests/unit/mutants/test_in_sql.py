"""Which small errors are put into SQL inside a string literal."""

from __future__ import annotations

import pytest

from tests.mutants.in_sql import is_sql, sql_mutants
from tests.mutants.mutant import Source


def texts(literal: str) -> set[str]:
    source = Source("warehouse/example.py", literal.encode())
    return {mutant.applied(source.data).decode() for mutant in sql_mutants(source, 0, len(source.data), "")}


@pytest.mark.parametrize(
    ("literal", "mutated"),
    [
        ('f"WHERE a > {day}"', {'f"WHERE a >= {day}"', 'f"WHERE true "'}),
        ('"AND (b OR c) AND d"', {'" AND d"', '"AND (b OR c) "'}),
        ('"a BETWEEN b AND c"', set()),
        ('f"SELECT {a + 1 > 2}"', set()),
        ('"SELECT min(a), greatest(b)"', {'"SELECT max(a), greatest(b)"', '"SELECT min(a), least(b)"'}),
        ('"SELECT count(*) FILTER (WHERE a)"', {'"SELECT count(*)"', '"SELECT count(*) FILTER (WHERE true )"'}),
        ('"ORDER BY a DESC AND"', {'"ORDER BY a AND"'}),
        ('"SELECT DISTINCT a"', {'"SELECT a"'}),
        ("\"SELECT DATE '2026-03-31' - 7\"", {"\"SELECT DATE '2026-03-31' - 8\""}),
        ('"FROM t AT (VERSION => x)"', set()),
    ],
)
def test_each_part_of_a_query_has_its_errors(literal: str, mutated: set[str]) -> None:
    assert texts(literal) == mutated


def test_only_capital_keywords_make_a_text_sql() -> None:
    assert is_sql("'a WHERE b'")
    assert not is_sql("'where it stands, and what it says'")
