"""How someone pays cards decides the segment; a potential needs evidence, and students have none."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from transforms.profile.card_behaviour import behaviour_segment, card_columns, pay_behaviour
from transforms.profile.parameters import ProfileParameters

PLAIN: dict[str, Any] = {
    "debt_service_cents": 100_000,
    "income_cents": 1_000_000,
    "revolving_balance_cents": 0,
    "revolving_limit_cents": 5_000_000,
    "lender_cnt": 1,
    "max_dpd_12m": 0,
    "pay_behaviour": "inactive",
    "open_account_cnt": 1,
    "job_tenure_m": 60,
    "age_years": 40,
    "employment_type": "employee",
    "income_source": "payroll",
    "is_student": False,
    "industry_wage_growth_bp": 280,
}
PARAMETERS = ProfileParameters()
YOUNG = {"age_years": 25, "job_tenure_m": 8}


@pytest.mark.parametrize(
    ("known", "segment"),
    [
        ({}, "standard"),
        ({"pay_behaviour": "transactor"}, "transactor"),
        ({"pay_behaviour": "revolver"}, "revolver"),
        ({"pay_behaviour": "minimum_payer"}, "minimum_payer"),
        ({"pay_behaviour": "occasionally_late"}, "occasionally_late"),
        ({"pay_behaviour": "transactor", "max_dpd_12m": 3}, "occasionally_late"),
        ({"pay_behaviour": "transactor", "debt_service_cents": 560_000}, "high_debt"),
        ({"revolving_balance_cents": 4_600_000}, "high_debt"),
        ({"lender_cnt": 7}, "high_debt"),
        ({"lender_cnt": PARAMETERS.high_debt_lenders}, "high_debt"),
        ({"lender_cnt": PARAMETERS.high_debt_lenders - 1}, "standard"),
        ({"debt_service_cents": 100 * PARAMETERS.high_debt_dsr_bp}, "standard"),
        ({"debt_service_cents": 100 * PARAMETERS.high_debt_dsr_bp + 1}, "high_debt"),
        ({"revolving_balance_cents": 500 * PARAMETERS.high_debt_use_bp}, "standard"),
        ({"revolving_balance_cents": 500 * PARAMETERS.high_debt_use_bp + 1}, "high_debt"),
        ({"max_dpd_12m": 1}, "occasionally_late"),
        ({"open_account_cnt": None}, "thin_file"),
        ({"open_account_cnt": 0, "pay_behaviour": "transactor"}, "transactor"),
        ({**YOUNG, "industry_wage_growth_bp": PARAMETERS.high_potential_min_growth_bp}, "high_potential"),
        ({"open_account_cnt": 0}, "thin_file"),
        (YOUNG, "high_potential"),
        ({**YOUNG, "age_years": 17}, "standard"),
        ({**YOUNG, "age_years": 31}, "standard"),
        ({**YOUNG, "job_tenure_m": 2}, "standard"),
        ({**YOUNG, "is_student": True}, "standard"),
        ({**YOUNG, "income_source": "stated"}, "standard"),
        ({**YOUNG, "employment_type": "gig"}, "standard"),
        ({**YOUNG, "industry_wage_growth_bp": 150}, "standard"),
        ({**YOUNG, "industry_wage_growth_bp": None}, "standard"),
        ({**YOUNG, "debt_service_cents": 600_000}, "high_debt"),
        ({"income_cents": None, "lender_cnt": None, "max_dpd_12m": None}, "standard"),
    ],
)
def test_the_first_segment_that_fits_is_taken(known: dict[str, Any], segment: str) -> None:
    frame = pl.DataFrame(
        [PLAIN | known], schema_overrides=dict.fromkeys(("industry_wage_growth_bp", "open_account_cnt"), pl.Int32)
    )
    assert frame.select(behaviour_segment(PARAMETERS)).item() == segment


@pytest.mark.parametrize(
    ("counts", "behaviour"),
    [
        ({"owed": 12, "paid_in_full": 11}, "transactor"),
        ({"owed": 10, "paid_in_full": 9}, "transactor"),
        ({"owed": 11, "paid_in_full": 9}, "revolver"),
        ({"owed": 12, "paid_in_full": 10}, "revolver"),
        ({"owed": 12, "paid_minimum": 6}, "minimum_payer"),
        ({"owed": 12, "paid_minimum": 5}, "revolver"),
        ({"owed": 1}, "revolver"),
        ({"owed": 0}, "inactive"),
        ({"owed": 12, "paid_in_full": 12, "late_cycles": 1}, "occasionally_late"),
        ({"owed": 12, "late_cycles": 3}, "late"),
        ({"owed": 12, "late_cycles": 2, "worst_months": 1}, "occasionally_late"),
        ({"owed": 12, "late_cycles": 2, "worst_months": 2}, "late"),
    ],
)
def test_statements_tell_how_someone_pays(counts: dict[str, int], behaviour: str) -> None:
    nothing = {"owed": 0, "paid_in_full": 0, "paid_minimum": 0, "late_cycles": 0, "worst_months": 0}
    assert pl.DataFrame([nothing | counts]).select(pay_behaviour()).item() == behaviour


COUNTS = {
    "customer_token": "a",
    "cycles": 12,
    "active_cycles": 7,
    "owed": 8,
    "paid_in_full": 4,
    "paid_minimum": 2,
    "late_cycles": 1,
    "worst_months": 2,
    "limited": 10,
    "use_bp": 45_000,
    "cash_cents": 2_000,
    "purchase_cents": 6_000,
}


def test_card_figures_by_hand() -> None:
    """4 of 8 balances paid in full, 2 at the minimum; 45,000 bp over 10 limits is 45 %; 2,000 of 8,000 is cash."""
    assert card_columns(pl.DataFrame([COUNTS])).row(0, named=True) == {
        "customer_token": "a",
        "cycle_cnt_12m": 12,
        "active_cycle_cnt_12m": 7,
        "full_pay_ratio_12m": 0.5,
        "min_pay_ratio_12m": 0.25,
        "late_cycle_cnt_12m": 1,
        "card_use_avg_12m": 0.45,
        "cash_advance_share_12m": 0.25,
        "card_worst_dpd": 60,
        "pay_behaviour": "late",
    }


def test_without_balance_limit_or_use_there_is_no_ratio() -> None:
    nothing = COUNTS | {"owed": 0, "limited": 0, "use_bp": None, "cash_cents": None, "purchase_cents": None}
    nothing |= {"late_cycles": 0, "worst_months": 0}
    found = card_columns(pl.DataFrame([nothing])).row(0, named=True)
    ratios = ("full_pay_ratio_12m", "min_pay_ratio_12m", "card_use_avg_12m", "cash_advance_share_12m")
    assert [found[name] for name in ratios] == [None] * 4
    bought = pl.DataFrame([nothing | {"purchase_cents": 1, "limited": 1, "use_bp": 0, "owed": 1}])
    assert card_columns(bought).select(ratios).row(0) == (4.0, 2.0, 0.0, 0.0)
