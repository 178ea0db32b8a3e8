"""The strict suite of an output: every rule of its contract holds on every row, and the grain is unique."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.quarantine import KEY_UNIQUE
from quality.results import CheckResult, within
from warehouse.sql import identifiers, literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import duckdb

    from quality.gx_session import GxSession
    from warehouse.contract import Contract

OF_THE_NIGHT = "of_the_night"
ROW_CHANGE = "row_change"
MAX_ROW_CHANGE_SHARE = 0.5


#: What is checked of every output beside the rules of its contract.
_WORDS = {
    OF_THE_NIGHT: "every row is of the night's business date",
    ROW_CHANGE: "the number of rows is near that of the last published night",
}


def validate_output(
    con: duckdb.DuckDBPyConnection,
    gx: GxSession,
    contract: Contract,
    table: tuple[str, str],
    relations: Mapping[str, str],
    business_date: date,
    rows_before: int | None,
) -> list[CheckResult]:
    """Judge a staged output; `relations` says where this night's tables are, `rows_before` what was published last.

    The number of rows may differ from the last published night's by the contract's `maxRowChangeShare` (half by
    default): beyond it is a warning, for a change can be right.
    """
    relation = ".".join(table)
    words = _WORDS | {rule.code: rule.description for rule in contract.rules if rule.kind == "unique"}
    results = gx.validate(contract, table, None, business_date=business_date, relations=relations)
    rows = _number(con, f"SELECT count(*) FROM {relation}")
    key = identifiers(contract.lake_key)
    doubled = _number(con, f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {relation} GROUP BY {key})")
    strays = _number(con, f"SELECT count(*) FROM {relation} WHERE as_of_date IS DISTINCT FROM {literal(business_date)}")
    change = 0 if not rows_before else abs(rows - rows_before)
    allowed_change = float(contract.properties.get("maxRowChangeShare", MAX_ROW_CHANGE_SHARE))

    def extra(code: str, bad: int, *, passed: bool, detail: str = "") -> CheckResult:
        return CheckResult(
            table=contract.name,
            rule=code,
            passed=passed,
            severity="warning" if code == ROW_CHANGE else "error",
            rows=rows,
            bad_rows=bad,
            max_bad_share=allowed_change if code == ROW_CHANGE else 0.0,
            description=words[code],
            detail="" if passed else detail,
        )

    extras = [
        extra(KEY_UNIQUE, doubled, passed=doubled == 0),
        extra(OF_THE_NIGHT, strays, passed=strays == 0),
        extra(
            ROW_CHANGE,
            change,
            passed=not rows_before or within(change, rows_before, allowed_change),
            detail=f"{rows:,} rows, the last published night had {rows_before or 0:,}; a change of "
            f"{allowed_change:.0%} is usual",
        ),
    ]
    gx.record(contract.name, business_date, 0, extras)
    return [*results, *extras]


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    [(number,)] = con.execute(query).fetchall()
    return int(number)
