"""The one statement that counts for every rule of a table."""

from __future__ import annotations

import duckdb
import pytest

from quality.rule_counts import RuleCount, counts_query, rule_counts
from warehouse.contract import Rule


def rule(code: str, kind: str, column: str | None = "v", **more: object) -> Rule:
    return Rule(code, kind, column, code, "error", 0.0, **more)  # type: ignore[arg-type]


PRESENT = rule("present", "not_null")
KNOWN = rule("known", "in_set", "t", arguments={"value_set": ["a", "b's"]})
WITHIN = rule("within", "between", arguments={"min_value": 1, "max_value": 3})
AT_LEAST = rule("at_least", "between", arguments={"min_value": 2, "max_value": None})
FORM = rule("form", "regex", "t", arguments={"regex": "^[a-c]$"})
LENGTH = rule("length", "length", "t", arguments={"max_value": 2})
ROW_RULE = rule("row_rule", "sql", None, bad_row_sql="v > 2 AND t = 'a'")
OVER_ALL = rule("over_all", "sql", None, violations_sql="SELECT count(*) FROM {object} o WHERE o.v = 1")
TWICE = rule("twice", "sql", None, violations_sql="SELECT n FROM (VALUES (2), (3), (NULL)) AS x(n)")
JOINED = rule("joined", "sql", None, violations_sql="SELECT count(*) FROM {object} ANTI JOIN {risk.known} USING (v)")
ALL = [PRESENT, KNOWN, WITHIN, AT_LEAST, FORM, LENGTH, ROW_RULE, OVER_ALL, TWICE, JOINED]
ROWS = "(VALUES (0, 'a'), (1, 'b''s'), (3, 'a'), (4, 'c'), (NULL, 'zzz'), (2, NULL)) AS r(v, t)"


def counted(rules: list[Rule], rows: str = ROWS) -> dict[str, RuleCount]:
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE judged AS SELECT * FROM {rows}")
        con.execute("CREATE TABLE known AS SELECT 1 AS v")
        return rule_counts(rules, con.execute(counts_query(rules, "judged", {"risk.known": "known"})).fetchone() or ())


@pytest.mark.parametrize(
    ("one", "missing", "bad"),
    [
        (PRESENT, 0, 1),
        (KNOWN, 1, 2),
        (WITHIN, 1, 2),
        (AT_LEAST, 1, 2),
        (FORM, 1, 2),
        (LENGTH, 1, 2),
        (ROW_RULE, 0, 1),
        (OVER_ALL, 0, 1),
        (TWICE, 0, 5),
        (JOINED, 0, 5),
    ],
    ids=lambda x: x.code if isinstance(x, Rule) else "",
)
def test_a_rule_is_counted_alone_as_among_others(one: Rule, missing: int, bad: int) -> None:
    assert counted([one]) == {one.code: RuleCount(6, missing, bad)}
    assert counted(ALL)[one.code] == RuleCount(6, missing, bad)


def test_an_empty_table_breaks_no_rule_of_its_rows() -> None:
    empty = counted([r for r in ALL if r is not TWICE], f"{ROWS} WHERE false")
    assert set(empty.values()) == {RuleCount(0, 0, 0)}
