"""What a table's rows say of the rules of its contract: one statement that counts the rows which break each.

The predicates of rules that follow from a column's declaration are written here a second time, from their arguments:
what the quarantine pass finds by the contract's own predicates is compared with these counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from warehouse.contract import PLACEHOLDER
from warehouse.sql import identifier, literal, literals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from warehouse.contract import Rule


class RuleCount(NamedTuple):
    """Rows of the table, those without a value to judge, and those that break the rule."""

    rows: int
    missing: int
    bad: int


def _between(column: str, bounds: Mapping[str, Any]) -> str:
    low, high = bounds.get("min_value"), bounds.get("max_value")
    beyond = [f"{column} < {literal(low)}"] if low is not None else []
    return " OR ".join([*beyond, *([f"{column} > {literal(high)}"] if high is not None else [])])


#: What breaks a rule of each kind, of a column in quotes and the rule's arguments.
_BROKEN: dict[str, Callable[[str, Mapping[str, Any]], str]] = {
    "not_null": lambda column, _: f"{column} IS NULL",
    "in_set": lambda column, arguments: f"NOT ({column} IN ({literals(arguments['value_set'])}))",
    "between": _between,
    "regex": lambda column, arguments: f"NOT regexp_matches({column}, {literal(arguments['regex'])})",
    "length": lambda column, arguments: f"length({column}) > {literal(arguments['max_value'])}",
}


def counts_query(rules: Sequence[Rule], relation: str, relations: Mapping[str, str]) -> str:
    """Give the query of one row: the rows of `relation`, then missing and bad ones of each rule in order.

    `relations` says where other tables of the night are, for rules that join them. A rule that counts over the whole
    table may give several counts: their sum counts.
    """
    counted = ["count(*)"]
    for rule in rules:
        if rule.kind in _BROKEN:
            column = identifier(rule.column or "")
            missing = "0" if rule.kind == "not_null" else f"count(*) FILTER ({column} IS NULL)"
            counted += [missing, f"count(*) FILTER ({_BROKEN[rule.kind](column, rule.arguments)})"]
        elif rule.bad_row_sql is not None:
            counted += ["0", f"count(*) FILTER ({rule.bad_row_sql})"]
        else:
            places = {**relations, "object": relation}
            over_all = PLACEHOLDER.sub(lambda m: places[m[1]], rule.violations_sql or "")  # noqa: B023 - used at once
            counted += ["0", f"(SELECT coalesce(sum(violations), 0)::BIGINT FROM ({over_all}) AS counted(violations))"]
    return f"SELECT {', '.join(counted)} FROM {relation}"


def rule_counts(rules: Sequence[Rule], row: Sequence[int]) -> dict[str, RuleCount]:
    """Rule code → its counts, of the row that the query gives."""
    rows, *pairs = (int(n) for n in row)
    counts = zip(pairs[::2], pairs[1::2], strict=True)
    return {rule.code: RuleCount(rows, missing, bad) for rule, (missing, bad) in zip(rules, counts, strict=True)}
