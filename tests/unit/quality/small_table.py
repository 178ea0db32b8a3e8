"""A small made-up contract with a rule of every kind, its rows, and the same rules said once more in plain Python."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from warehouse.contract import Column, Contract, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import duckdb

COLUMNS = {
    "part": "VARCHAR",
    "no": "INTEGER",
    "amount": "INTEGER",
    "share": "DOUBLE",
    "kind": "VARCHAR",
    "code": "VARCHAR",
    "note": "VARCHAR",
    "begun_on": "DATE",
    "ended_on": "DATE",
}
Row = tuple[Any, ...]


def column(name: str, type_: str, key_position: int | None = None) -> Column:
    required = key_position is not None
    return Column(name, type_, required, key_position, "internal", name, name, None, control_sum=False, derivation=None)


def rule(code: str, kind: str, column: str | None, bad_row_sql: str | None = None, **more: Any) -> Rule:
    words = more.pop("description", f"words for {code}")
    return Rule(code, kind, column, words, more.pop("severity", "error"), more.pop("share", 0.05), bad_row_sql, **more)


RULES = (
    rule("part_present", "not_null", "part", '"part" IS NULL'),
    rule("no_present", "not_null", "no", '"no" IS NULL'),
    rule("kind_known", "in_set", "kind", "\"kind\" NOT IN ('a', 'it''s')", arguments={"value_set": ["a", "it's"]}),
    rule(
        "amount_in_range",
        "between",
        "amount",
        '"amount" < 0 OR "amount" > 100',
        arguments={"min_value": 0, "max_value": 100},
    ),
    rule("share_in_range", "between", "share", '"share" > 0.1', arguments={"min_value": None, "max_value": 0.1}),
    rule(
        "code_matches",
        "regex",
        "code",
        "NOT regexp_matches(\"code\", '^[a-z]{2}$')",
        arguments={"regex": "^[a-z]{2}$"},
    ),
    rule("note_length", "length", "note", 'length("note") > 3', arguments={"max_value": 3}),
    rule("key_unique", "unique", None, arguments={"columns": ["part", "no"]}),
    rule("ends_after_begin", "sql", None, "ended_on < begun_on"),
    rule("no_marks", "sql", None, "note = ':x' OR note::VARCHAR = '%d' OR regexp_matches(note, '^z{2,3}$')"),
    rule("not_thirteen", "sql", None, "amount = 13", severity="warning"),
    rule(
        "one_part",
        "sql",
        None,
        violations_sql="SELECT count(*) FROM {object} AS o WHERE EXISTS "
        "(FROM {object} AS p WHERE p.no = o.no AND p.part <> o.part)",
    ),
)

#: What breaks a row rule, in Python; None breaks nothing but the rules that ask for a value.
BROKEN: dict[str, Callable[[dict[str, Any]], bool]] = {
    "part_present": lambda r: r["part"] is None,
    "no_present": lambda r: r["no"] is None,
    "kind_known": lambda r: r["kind"] is not None and r["kind"] not in ("a", "it's"),
    "amount_in_range": lambda r: r["amount"] is not None and not 0 <= r["amount"] <= 100,
    "share_in_range": lambda r: r["share"] is not None and r["share"] > 0.1,
    "code_matches": lambda r: r["code"] is not None and not re.fullmatch("[a-z]{2}", r["code"]),
    "note_length": lambda r: r["note"] is not None and len(r["note"]) > 3,
    "ends_after_begin": lambda r: None not in (r["begun_on"], r["ended_on"]) and r["ended_on"] < r["begun_on"],
    "no_marks": lambda r: r["note"] in (":x", "%d", "zz", "zzz"),
    "not_thirteen": lambda r: r["amount"] == 13,
}
WARNINGS = {"not_thirteen"}


def contract(
    rules: Sequence[Rule] = RULES, role: str = "feed", name: str = "bank.small", **properties: object
) -> Contract:
    keys = {"part": 1, "no": 2}
    columns = tuple(column(n, t, keys.get(n)) for n, t in COLUMNS.items())
    if role == "output":
        columns = (column("as_of_date", "DATE", 0), *columns)
    return Contract(
        name=name,
        role=role,  # type: ignore[arg-type]
        version="1.0.0",
        description="",
        description_zh="",
        grain="",
        columns=columns,
        rules=tuple(rules),
        properties={"maxBadShare": 0.05, **properties},
        path=Path("small.yaml"),
    )


def tolerating(share: float, rules: Iterable[Rule] = RULES) -> list[Rule]:
    return [replace(r, max_bad_share=share) for r in rules]


def fill(con: duckdb.DuckDBPyConnection, relation: str, rows: Sequence[Row]) -> None:
    con.execute(f"CREATE OR REPLACE TABLE {relation} ({', '.join(f'{n} {t}' for n, t in COLUMNS.items())})")
    if rows:
        marks = ", ".join(["(" + ", ".join("?" * len(COLUMNS)) + ")"] * len(rows))
        con.execute(f"INSERT INTO {relation} VALUES {marks}", [value for row in rows for value in row])


def named(row: Row) -> dict[str, Any]:
    return dict(zip(COLUMNS, row, strict=True))


def broken_by(rows: Sequence[Row], seen: Mapping[int, bool] | None = None) -> list[set[str]]:
    """Which rules each row breaks, by brute force; warnings included. `seen`: rows landed before, whether the same."""
    keys = [row[:2] if None not in row[:2] else None for row in rows]
    contents = Counter(row[:2] for row in set(rows))
    result = []
    for position, (row, key) in enumerate(zip(rows, keys, strict=True)):
        codes = {code for code, test in BROKEN.items() if test(named(row))}
        if key is not None:
            codes |= {"duplicate_row"} if row in rows[:position] else set()
            codes |= {"key_unique"} if contents[key] > 1 else set()
        if seen and position in seen:
            codes.add("key_seen_before" if seen[position] else "key_reused")
        result.append(codes)
    return result


def _maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


_DAYS = [date(2026, 1, 1), date(2026, 1, 2)]
ROWS: st.SearchStrategy[list[Row]] = st.lists(
    st.tuples(
        _maybe("a", "b"),
        _maybe(1, 2, 3),
        _maybe(0, 13, 100, 101, -1),
        _maybe(0.1, 0.10000001),
        _maybe("a", "it's", "c"),
        _maybe("ab", "abc", "AB"),
        _maybe("", "abc", "abcd", ":x", "%d", "zz"),
        _maybe(*_DAYS),
        _maybe(*_DAYS),
    ),
    max_size=14,
).flatmap(lambda rows: st.permutations(rows + rows[: len(rows) // 3]))
GOOD: Row = ("a", 1, 50, 0.05, "a", "ab", "abc", _DAYS[0], _DAYS[1])
