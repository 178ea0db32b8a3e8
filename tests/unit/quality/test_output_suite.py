"""The strict suite of an output: rules, grain, business date, and today against the last published night."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pytest

from quality.gx_session import GxSession
from quality.output_suite import OF_THE_NIGHT, ROW_CHANGE, validate_output
from tests.unit.quality.small_table import GOOD, Row, contract, fill, rule, tolerating

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quality.results import CheckResult

NIGHT = date(2026, 3, 2)
JOINED = rule(
    "everyone_known",
    "sql",
    None,
    violations_sql="SELECT count(*) FROM {object} AS o LEFT JOIN {risk.known} AS k USING (no) WHERE k.no IS NULL",
    share=0.0,
)
RULES = [*[r for r in tolerating(0.0) if r.code != "one_part"], JOINED]


@pytest.fixture(scope="module")
def gx() -> Iterator[GxSession]:
    with duckdb.connect() as con:
        con.execute("ATTACH ':memory:' AS staging; CREATE SCHEMA staging.night")
        con.execute("CREATE TABLE staging.night.known AS SELECT range::INTEGER AS no FROM range(100)")
        yield GxSession(con)


def judge(
    gx: GxSession,
    rows: list[Row],
    *,
    before: int | None = None,
    days: tuple[date, ...] = (NIGHT,),
    placed: bool = True,
    properties: dict[str, object] | None = None,
) -> dict[str, CheckResult]:
    declared = contract(RULES, role="output", name="risk.small", maxBadShare=0.0, **(properties or {}))
    con = gx._con
    fill(con, "small", rows)
    dates = ", ".join(f"(DATE '{d}')" for d in days)
    con.execute(
        f"CREATE OR REPLACE TABLE staging.night.small AS SELECT * FROM (VALUES {dates}) AS d(as_of_date), small"
    )
    relations = {"risk.known": "staging.night.known"} if placed else {}
    results = validate_output(con, gx, declared, ("staging.night", "small"), relations, NIGHT, before)
    described = {r.rule: r.description for r in results}
    assert all(described[rule.code] == rule.description for rule in declared.rules)
    assert {r.rule for r in results} == {*(r.code for r in declared.rules), OF_THE_NIGHT, ROW_CHANGE}
    return {r.rule: r for r in results}


def rows(n: int) -> list[Row]:
    return [("a", i, *GOOD[2:]) for i in range(n)]


def failed(results: dict[str, CheckResult]) -> set[str]:
    return {code for code, r in results.items() if not r.passed}


def test_a_clean_output_holds(gx: GxSession) -> None:
    assert failed(judge(gx, rows(20))) == set()


def test_one_bad_row_in_a_hundred_stops_an_output(gx: GxSession) -> None:
    found = judge(gx, [*rows(99), ("a", 99, 101, *GOOD[3:])])
    assert failed(found) == {"amount_in_range"}
    assert found["amount_in_range"].blocks


def test_a_row_without_its_other_table_is_found(gx: GxSession) -> None:
    assert failed(judge(gx, [*rows(3), ("a", 500, *GOOD[2:])])) == {"everyone_known"}
    assert failed(judge(gx, rows(3), placed=False)) == {"everyone_known"}


def test_the_grain_is_unique_over_the_whole_slice(gx: GxSession) -> None:
    found = judge(gx, [*rows(3), ("a", 1, 51, *GOOD[3:]), ("a", 1, 52, *GOOD[3:])])
    assert failed(found) == {"key_unique"}
    assert (found["key_unique"].bad_rows, found["key_unique"].blocks) == (2, True)
    assert (found["key_unique"].rows, found["key_unique"].max_bad_share) == (5, 0.0)


def test_every_row_is_of_the_night(gx: GxSession) -> None:
    found = judge(gx, rows(3), days=(NIGHT, date(2026, 3, 1)))
    assert failed(found) == {"of_the_night"}
    assert (found["of_the_night"].bad_rows, found["of_the_night"].max_bad_share) == (3, 0.0)


@pytest.mark.parametrize(
    ("n", "before", "properties", "held"),
    [
        (15, 10, {}, True),
        (16, 10, {}, False),
        (5, 10, {}, True),
        (4, 10, {}, False),
        (11, 10, {"maxRowChangeShare": 0.1}, True),
        (12, 10, {"maxRowChangeShare": 0.1}, False),
        (16, 0, {}, True),
        (16, None, {}, True),
    ],
)
def test_a_jump_in_rows_is_a_warning(
    gx: GxSession, n: int, before: int | None, properties: dict[str, object], held: bool
) -> None:
    result = judge(gx, rows(n), before=before, properties=properties)[ROW_CHANGE]
    assert result.passed is held
    assert not result.blocks
    assert result.bad_rows == (abs(n - before) if before else 0)
    assert result.max_bad_share == properties.get("maxRowChangeShare", 0.5), "half, where the contract says nothing"
    assert held or f"{n:,} rows, the last published night had {before:,}" in result.summary_line()


def test_an_empty_output_is_judged_too(gx: GxSession) -> None:
    assert failed(judge(gx, [], before=10)) == {ROW_CHANGE}


def test_all_verdicts_are_kept_for_the_page(gx: GxSession) -> None:
    found = judge(gx, rows(3))
    [validation] = gx.validations
    assert {r.rule for r in validation.results} == set(found)
