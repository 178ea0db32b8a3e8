"""Great Expectations' verdicts on a contract's rules, and what must never get into them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given, settings

from quality.gx_session import GxSession, UnjudgedRuleError, key_results
from quality.quarantine import QuarantineCounts, quarantine
from quality.results import within
from tests.unit.quality.small_table import (
    GOOD,
    ROWS,
    RULES,
    Row,
    broken_by,
    contract,
    fill,
    named,
    rule,
    tolerating,
)
from warehouse.contract import contract_names, load_contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quality.results import CheckResult
    from warehouse.contract import Contract

NIGHT = date(2026, 3, 2)
CANARY = "CANARY-13800138000"


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA stage")
        yield con


@pytest.fixture(scope="module")
def gx(con: duckdb.DuckDBPyConnection) -> GxSession:
    return GxSession(con)


def judge(
    con: duckdb.DuckDBPyConnection, gx: GxSession, rows: list[Row], declared: Contract
) -> tuple[dict[str, CheckResult], QuarantineCounts]:
    fill(con, "stage.small", rows)
    counts = quarantine(con, declared, "stage.small", "stage.kept_out")
    results = gx.validate(declared, ("memory.stage", "small"), counts, business_date=NIGHT)
    return {r.rule: r for r in results}, counts


def with_values(rows: list[Row], column: str | None) -> int:
    return len(rows) if column is None else sum(named(r)[column] is not None for r in rows)


@settings(max_examples=15)
@given(rows=ROWS)
def test_verdicts_of_every_kind_of_rule_are_those_of_brute_force(
    con: duckdb.DuckDBPyConnection, gx: GxSession, rows: list[Row]
) -> None:
    found, _ = judge(con, gx, rows, contract())
    expected = Counter(code for codes in broken_by(rows) for code in codes)
    expected["one_part"] = sum(
        any(p[1] == r[1] and None not in (p[0], r[0], p[1]) and p[0] != r[0] for p in rows) for r in rows
    )
    for declared in RULES:
        if declared.kind == "unique":
            assert declared.code not in found
            continue
        result = found[declared.code]
        looked_at = len(rows) if declared.kind == "not_null" else with_values(rows, declared.column)
        assert (result.bad_rows, result.rows) == (expected[declared.code], looked_at)
        assert result.passed is within(result.bad_rows, result.rows, 0.05)
        assert result.severity == declared.severity


def mixed(bad: int, rows: int) -> list[Row]:
    """`bad` of `rows` rows break every row rule; keys are given and unique where they are not what is broken."""
    worst = ("c", 101, 0.2, "c", "ABC", "zzzz", date(2026, 1, 2), date(2026, 1, 1))
    good = [("a", n, *GOOD[2:]) for n in range(rows - bad)]
    return good + [("b", -n, worst[1], worst[2], "c", "ABC", "zzzz", worst[6], worst[7]) for n in range(1, bad + 1)]


@pytest.mark.parametrize(("share", "rows", "most"), [(0.05, 100, 5), (0.07, 100, 7), (0.29, 100, 29), (0.003, 1000, 3)])
def test_as_many_as_allowed_are_tolerated_and_one_more_is_not(
    con: duckdb.DuckDBPyConnection, gx: GxSession, share: float, rows: int, most: int
) -> None:
    codes = ["kind_known", "amount_in_range", "share_in_range", "code_matches", "note_length", "ends_after_begin"]
    declared = contract(tolerating(share), maxBadShare=share)
    for bad, held in ((most, True), (most + 1, False)):
        found, counts = judge(con, gx, mixed(bad, rows), declared)
        assert {c: (found[c].bad_rows, found[c].passed) for c in codes} == dict.fromkeys(codes, (bad, held))
        total = {r.rule: r for r in key_results(declared, counts)}["bad_share"]
        assert (total.bad_rows, total.passed, total.blocks) == (bad, held, not held)


def test_uniqueness_comes_from_the_quarantine_pass() -> None:
    counts = QuarantineCounts(100, 6, {"duplicate_row": 5, "key_unique": 6})
    verdicts = {r.rule: r.passed for r in key_results(contract(), counts)}
    assert verdicts == {"duplicate_row": True, "key_unique": False, "bad_share": False}


def test_rows_sent_again_as_they_were_stop_nothing_and_those_with_other_content_do() -> None:
    declared = contract(duplicateWindowDays=7)
    again = {r.rule: r for r in key_results(declared, QuarantineCounts(100, 97, {"key_seen_before": 97}, 97))}
    assert {code: r.passed for code, r in again.items() if r.bad_rows} == {"key_seen_before": False}
    assert not any(r.blocks for r in again.values())
    assert (again["bad_share"].bad_rows, again["key_seen_before"].severity) == (0, "warning")
    few = {r.rule: r.passed for r in key_results(declared, QuarantineCounts(100, 5, {"key_seen_before": 5}, 5))}
    assert few["key_seen_before"], "within what the contract allows nothing is said"
    other = {r.rule: r for r in key_results(declared, QuarantineCounts(100, 90, {"key_reused": 6}, 84))}
    assert other["key_reused"].blocks
    assert (other["bad_share"].bad_rows, other["bad_share"].blocks) == (6, True)


def test_a_rule_that_joins_a_table_counts_over_both(con: duckdb.DuckDBPyConnection, gx: GxSession) -> None:
    joined = "SELECT count(*) FROM {object} o ANTI JOIN {risk.known} k USING (no) WHERE o.part <> ':b {1}'"
    declared = contract([rule("known_no", "sql", None, violations_sql=joined, share=0.0)], name="risk.small")
    fill(con, "stage.small", [("a", n, *GOOD[2:]) for n in range(10)])
    con.execute("CREATE OR REPLACE TABLE stage.known AS SELECT range::INTEGER AS no FROM range(3, 10)")
    placed = {"risk.known": "(SELECT * FROM memory.stage.known WHERE no > 3)"}
    [result] = gx.validate(declared, ("memory.stage", "small"), None, business_date=NIGHT, relations=placed)
    assert (result.bad_rows, result.rows, result.blocks) == (4, 10, True)


def test_a_rule_whose_other_table_is_missing_fails(con: duckdb.DuckDBPyConnection, gx: GxSession) -> None:
    joined = "SELECT count(*) FROM {object} JOIN {risk.nowhere} USING (no)"
    declared = contract([rule("known_no", "sql", None, violations_sql=joined)], name="risk.small")
    fill(con, "stage.small", [GOOD])
    [result] = gx.validate(declared, ("memory.stage", "small"), None, business_date=NIGHT)
    assert result.blocks
    assert "risk.nowhere is not there" in result.summary_line()


def test_a_rule_that_cannot_be_evaluated_stops_and_tells_no_value(
    con: duckdb.DuckDBPyConnection, gx: GxSession
) -> None:
    declared = contract([rule("number", "sql", None, violations_sql="SELECT sum(note::INTEGER) FROM {object}")])
    with pytest.raises(UnjudgedRuleError, match=r"bank\.small: number could not be judged") as error:
        judge(con, gx, [(*GOOD[:6], CANARY, *GOOD[7:])], declared)
    assert CANARY not in str(error.value)


def test_two_counts_of_one_rule_that_disagree_stop(con: duckdb.DuckDBPyConnection, gx: GxSession) -> None:
    wrong = rule("amount_in_range", "between", "amount", "amount < 60", arguments={"min_value": 0, "max_value": 100})
    with pytest.raises(UnjudgedRuleError, match="counts 0 rows, the quarantine pass 1"):
        judge(con, gx, [GOOD], contract([wrong]))


def test_no_value_of_a_row_is_in_what_great_expectations_gives(con: duckdb.DuckDBPyConnection, gx: GxSession) -> None:
    bad = (CANARY, 1, 101, 0.2, CANARY, CANARY, CANARY, date(2026, 1, 2), date(2026, 1, 1))
    judge(con, gx, [bad, (CANARY, 1, None, *bad[3:])], contract())
    [outcome] = [v.outcome for v in gx.validations if v.table == "bank.small"]
    assert CANARY not in json.dumps(outcome.to_json_dict())


def test_verdicts_of_others_are_remembered_once(con: duckdb.DuckDBPyConnection) -> None:
    session = GxSession(con)
    results = key_results(contract(), QuarantineCounts(10, 0, {}))
    session.record("bank.small", NIGHT, 1, results)
    session.record("bank.small", NIGHT, 1, results)
    [validation] = session.validations
    assert (validation.outcome, validation.results) == (None, results)


def test_great_expectations_leaves_the_nights_transaction_alone(con: duckdb.DuckDBPyConnection, gx: GxSession) -> None:
    fill(con, "stage.small", [GOOD])
    con.execute("BEGIN; CREATE TABLE stage.under_way AS SELECT 1")
    gx.validate(contract(), ("memory.stage", "small"), None, business_date=NIGHT)
    con.execute("ROLLBACK")
    assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'under_way'").fetchone() == (0,)


@pytest.mark.parametrize("name", [n for n in contract_names() if load_contract(n).role in ("feed", "output")])
def test_every_rule_of_every_contract_can_be_judged(con: duckdb.DuckDBPyConnection, gx: GxSession, name: str) -> None:
    relations = {n: _empty(con, load_contract(n)) for n in contract_names("output")}
    declared = load_contract(name)
    schema, table = _empty(con, declared).rsplit(".", 1)
    counts = quarantine(con, declared, f"{schema}.{table}", "stage.kept_out") if declared.role == "feed" else None
    results = gx.validate(declared, (schema, table), counts, business_date=NIGHT, relations=relations)
    assert {r.rule for r in results} == {r.code for r in declared.rules if r.kind != "unique"}
    # A table that must never be empty breaks its own rule here, and was judged as well.
    assert {r.rule for r in results if not r.passed} == NEVER_EMPTY.get(name, set())


NEVER_EMPTY = {"reference.market_overlay": {"night_is_reviewed"}, "reference.model": {"one_champion"}}


def _empty(con: duckdb.DuckDBPyConnection, declared: Contract) -> str:
    columns = [(c.name, c.type) for c in declared.delivered] if declared.role == "feed" else declared.lake_columns()
    relation = f"memory.stage.{declared.schema}__{declared.table}"
    declarations = ", ".join(f'"{name}" {type_}' for name, type_ in columns)
    con.execute(f"CREATE OR REPLACE TABLE {relation} ({declarations})")
    return relation
