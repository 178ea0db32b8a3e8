"""The strict suite of an output: every rule of its contract holds on every row, and the grain is unique."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.quarantine import KEY_UNIQUE, QuarantineCounts
from quality.results import CheckResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import duckdb

    from quality.gx_session import GxSession
    from warehouse.contract import Contract

OF_THE_NIGHT = "of_the_night"
ROW_CHANGE = "row_change"
_MAX_ROW_CHANGE = 0.5


def output_rules(contract: Contract) -> list[tuple[str, str, bool]]:
    """(code, words, whether it stops the night) of every check on an output."""
    rules = [(r.code, r.description, r.severity == "error") for r in contract.rules]
    return [
        *rules,
        (OF_THE_NIGHT, "every row is of the night's business date", True),
        (ROW_CHANGE, "the number of rows is near that of the last published night", False),
    ]


def validate_output(
    con: duckdb.DuckDBPyConnection,
    gx: GxSession,
    contract: Contract,
    table: tuple[str, str],
    relations: Mapping[str, str],
    business_date: date,
    rows_before: int | None,
) -> list[CheckResult]:
    """Judge a staged output; `relations` says where this night's tables are, `rows_before` what was published last."""
    relation = ".".join(table)
    counts = count_violations(con, contract, relation)
    results = gx.validate(contract, table, counts, business_date=business_date, relations=relations)
    key = ", ".join(f'"{c}"' for c in contract.lake_key)
    doubled = _number(con, f"SELECT count(*) - count(DISTINCT ({key})) FROM {relation}")
    strays = _number(con, f"SELECT count(*) FROM {relation} WHERE as_of_date IS DISTINCT FROM DATE '{business_date}'")
    change = 0 if not rows_before else abs(counts.rows - rows_before)
    words = {code: text for code, text, _ in output_rules(contract)}

    def extra(code: str, bad: int, *, passed: bool, detail: str = "") -> CheckResult:
        return CheckResult(
            table=contract.name,
            rule=code,
            passed=passed,
            severity="warning" if code == ROW_CHANGE else "error",
            rows=counts.rows,
            bad_rows=bad,
            max_bad_share=0.0,
            description=words[code],
            detail="" if passed else detail,
        )

    return [
        *results,
        extra(KEY_UNIQUE, doubled, passed=doubled == 0),
        extra(OF_THE_NIGHT, strays, passed=strays == 0),
        extra(
            ROW_CHANGE,
            change,
            passed=not rows_before or change <= _MAX_ROW_CHANGE * rows_before,
            detail=f"{counts.rows:,} rows, the last published night had {rows_before or 0:,}",
        ),
    ]


def count_violations(con: duckdb.DuckDBPyConnection, contract: Contract, relation: str) -> QuarantineCounts:
    """Count the rows and, per row rule, those that break it; one pass."""
    rules = [r for r in contract.rules if r.bad_row_sql is not None]
    counted = ", ".join(["count(*)", *(f"count(*) FILTER (WHERE {r.bad_row_sql})" for r in rules)])
    row = con.execute(f"SELECT {counted} FROM {relation}").fetchone() or (0,) * (len(rules) + 1)
    by_rule = {rule.code: int(n) for rule, n in zip(rules, row[1:], strict=True)}
    return QuarantineCounts(int(row[0]), 0, by_rule)


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0
