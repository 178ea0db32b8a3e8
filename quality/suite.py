"""A contract's rules as a Great Expectations suite: one expectation per rule, its code in `meta`.

Uniqueness is not asked of Great Expectations: it is 85 % of the cost of a suite and the quarantine pass has counted
it already. A rule written as SQL is counted and nothing more: Great Expectations shows the rows it is given, and a
row of a customer must not be shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from warehouse.contract import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from warehouse.contract import Contract, Rule

_NATIVE = {
    "not_null": ("ExpectColumnValuesToNotBeNull", ()),
    "in_set": ("ExpectColumnValuesToBeInSet", ("value_set",)),
    "between": ("ExpectColumnValuesToBeBetween", ("min_value", "max_value")),
    "regex": ("ExpectColumnValuesToMatchRegex", ("regex",)),
    "length": ("ExpectColumnValueLengthsToBeBetween", ("max_value",)),
}
_SEVERITY = {"error": "critical", "warning": "warning"}


def build_suite(name: str, rules: Iterable[Rule]) -> Any:
    """Make the suite of the rules it judges."""
    from quality.gx_duckdb import gx  # noqa: PLC0415 - seconds of CPU

    return gx.ExpectationSuite(name, expectations=list(_expectations(rules)))


def judged_rules(contract: Contract, relations: Mapping[str, str]) -> list[Rule]:
    """The rules a suite judges, in its order: all but uniqueness and those that need a table not in `relations`."""
    return [r for r in contract.rules if r.kind != "unique" and not missing_tables(r, relations)]


def needed_tables(rule: Rule) -> set[str]:
    """The other tables of the night that a rule joins."""
    return set(PLACEHOLDER.findall(rule.violations_sql or "")) - {"object"}


def missing_tables(rule: Rule, relations: Mapping[str, str]) -> list[str]:
    """The tables a rule needs that are not in `relations`."""
    return sorted(needed_tables(rule) - set(relations))


def _expectations(rules: Iterable[Rule]) -> Iterator[Any]:
    from quality.gx_duckdb import EXPECTATIONS  # noqa: PLC0415 - as above

    for rule in rules:
        common = {"meta": {"rule": rule.code}, "description": rule.description, "severity": _SEVERITY[rule.severity]}
        if rule.kind in _NATIVE:
            expectation, names = _NATIVE[rule.kind]
            arguments = {n: rule.arguments[n] for n in names if rule.arguments.get(n) is not None}
            mostly = round(1 - rule.max_bad_share, 9)
            yield EXPECTATIONS[expectation](column=rule.column, mostly=mostly, **arguments, **common)
        else:
            counted = rule.violations_sql or f"SELECT count(*) FROM {{object}} WHERE {rule.bad_row_sql}"
            query = counted.replace("{object}", "{batch}")
            yield EXPECTATIONS["ExpectBadRowsWithin"](
                unexpected_rows_query=query, max_bad_share=rule.max_bad_share, **common
            )
