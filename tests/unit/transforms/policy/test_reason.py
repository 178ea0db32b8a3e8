"""`reference.reason`: every code in force once, in both languages, with what stands behind it."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl
import pytest

from tests.unit.transforms.outputs import reason
from tests.unit.transforms.support import NIGHT, policy, reasons
from transforms.policy.policy import OWN_FIGURE
from warehouse.contract import load_contract
from warehouse.frames import register

ROWS = reason(reasons(), policy(), NIGHT)


def row_of(kind: str, code: str, rows: pl.DataFrame = ROWS) -> dict[str, object]:
    return rows.filter(kind=kind, code=code).row(0, named=True)


def test_every_code_in_force_is_one_row_of_the_contract_s_columns() -> None:
    contract = load_contract("reference.reason")
    assert ROWS.columns == [name for name, _ in contract.lake_columns()]
    assert ROWS.select(contract.lake_key).is_unique().all()
    assert ROWS.select("kind", "code").rows() == [(k, c) for k, codes in reasons().by_kind.items() for c in codes]
    assert not ROWS["reason_en"].is_null().any()
    assert not ROWS["reason_zh"].is_null().any()


def test_a_code_is_cited_by_what_it_rests_on() -> None:
    figures = policy().figures
    assert row_of("decision", "student")["citation"] == "银保监办发〔2021〕28号"
    assert row_of("compliance", "annual_cost_within_cap")["citation"] == figures["cap.rate_bp"].citation
    barred = row_of("refusal", "reinstallment_barred")
    assert barred["citation"] == figures["plans.reinstallment_allowed"].citation != OWN_FIGURE
    assert row_of("risk_point", "debt_service_high")["citation"] == "lender's own rule"
    assert row_of("refusal", "plan_closed")["citation"] is None


def test_figures_of_each_kind_of_product_are_cited_once() -> None:
    cited = str(row_of("refusal", "term_too_long")["citation"]).split("; ")
    kinds = policy().kinds
    assert sorted(cited) == sorted({policy().figures[f"kinds.{kind}.max_term_m"].citation for kind in kinds})


def test_since_when_is_the_day_of_the_words_in_force() -> None:
    assert row_of("decision", "student")["effective_from"] == date(2021, 3, 17)
    earlier = date(2021, 2, 1)
    rows = reason(reasons(earlier), policy(earlier), earlier)
    assert rows.filter(kind="decision", code="student").is_empty()


@pytest.mark.parametrize(
    ("table", "rule", "column", "known", "listed"),
    [
        ("eligibility.second_installment", "reasons_known", "reasons", "plan_closed", True),
        ("eligibility.second_installment", "reasons_known", "reasons", "high_debt", True),
        ("eligibility.payment_holiday", "reasons_known", "reasons", "holiday_taken", True),
        ("servicing.change_request", "reasons_known", "reasons", "no_such_request", True),
        ("risk.intervention", "causes_known", "causes", "payment_late", True),
        ("risk.over_indebtedness", "factors_known", "over_factors", "dsr", True),
        ("profile.risk_point", "codes_known", "risk_code", "gambling", False),
    ],
)
def test_a_published_code_that_the_catalogue_does_not_have_is_found(
    table: str, rule: str, column: str, known: str, listed: bool
) -> None:
    (query,) = (r.violations_sql for r in load_contract(table).rules if r.code == rule)
    with duckdb.connect() as con:
        register(con, "catalogue", ROWS)
        for codes, found in (([known], 0), ([known, "amount_outlier", "unheard_of"], 2)):
            rows = pl.DataFrame({column: [codes] if listed else codes})
            register(con, "told", rows)
            sql = str(query).replace("{object}", "told").replace("{reference.reason}", "catalogue")
            assert con.execute(sql).fetchone() == (found,)
