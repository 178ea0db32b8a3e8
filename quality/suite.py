"""A contract's rules as a Great Expectations suite: one expectation per rule, its code in `meta`.

Uniqueness is not asked of Great Expectations: it is 85 % of the cost of a suite and the quarantine pass has counted
it already. A rule written as SQL becomes a query that gives one row with a count when more rows break it than are
tolerated, and none otherwise: Great Expectations shows rows it is given, and a row of a customer must not be shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from warehouse.contract import Contract, Rule

_NATIVE = {
    "not_null": ("ExpectColumnValuesToNotBeNull", ()),
    "in_set": ("ExpectColumnValuesToBeInSet", ("value_set",)),
    "between": ("ExpectColumnValuesToBeBetween", ("min_value", "max_value")),
    "regex": ("ExpectColumnValuesToMatchRegex", ("regex",)),
    "length": ("ExpectColumnValueLengthsToBeBetween", ("max_value",)),
}


def build_suite(contract: Contract, name: str, relations: Mapping[str, str] | None = None) -> Any:
    """Make the suite of a contract; `relations` says where other tables of the night are, for rules that join them.

    A rule that joins a table not in `relations` is left out: it cannot be judged yet.
    """
    import great_expectations as gx  # noqa: PLC0415 - seconds of CPU

    return gx.ExpectationSuite(name, expectations=list(_expectations(contract, relations or {})))


def judged_rules(contract: Contract, relations: Mapping[str, str] | None = None) -> list[Rule]:
    """The rules a suite judges, in its order."""
    return [
        r
        for r in contract.rules
        if r.kind in _NATIVE or r.bad_row_sql is not None or (r.violations_sql and _placed(r, relations or {}))
    ]


def _expectations(contract: Contract, relations: Mapping[str, str]) -> Iterator[Any]:
    import great_expectations.expectations as gxe  # noqa: PLC0415 - as above

    for rule in judged_rules(contract, relations):
        common = {"meta": {"rule": rule.code}, "description": rule.description, "severity": _SEVERITY[rule.severity]}
        if rule.kind in _NATIVE:
            expectation, names = _NATIVE[rule.kind]
            arguments = {n: rule.arguments[n] for n in names if rule.arguments.get(n) is not None}
            mostly = round(1 - rule.max_bad_share, 9)
            yield getattr(gxe, expectation)(column=rule.column, mostly=mostly, **arguments, **common)
        else:
            yield gxe.UnexpectedRowsExpectation(unexpected_rows_query=_counting_query(rule, relations), **common)


_SEVERITY = {"error": "critical", "warning": "warning"}


def _counting_query(rule: Rule, relations: Mapping[str, str]) -> str:
    if rule.bad_row_sql is not None:
        share = round(rule.max_bad_share * 1_000_000)
        return (
            f"SELECT bad_rows FROM (SELECT count(*) FILTER (WHERE {rule.bad_row_sql}) AS bad_rows, "
            f"count(*) AS all_rows FROM {{batch}}) WHERE bad_rows * 1000000 > all_rows * {share}"
        )
    return f"SELECT violations FROM ({_placed(rule, relations)}) AS counted(violations) WHERE violations > 0"


def violations_query(rule: Rule, relation: str, relations: Mapping[str, str]) -> str | None:
    """The query counting what breaks a whole-table rule, with every table in place; None where one is missing."""
    placed = _placed(rule, relations)
    return None if placed is None else placed.replace("{batch}", relation)


def _placed(rule: Rule, relations: Mapping[str, str]) -> str | None:
    query = (rule.violations_sql or "").replace("{object}", "{batch}")
    for name, relation in relations.items():
        query = query.replace(f"{{{name}}}", relation)
    leftover = query.replace("{batch}", "")
    return None if "{" in leftover and "." in leftover.split("{", 1)[1].split("}", 1)[0] else query
