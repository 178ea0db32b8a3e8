"""How someone pays cards decides the segment; a potential needs evidence, and students have none."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from transforms.profile.card_behaviour import behaviour_segment, pay_behaviour
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
    frame = pl.DataFrame([PLAIN | known], schema_overrides={"industry_wage_growth_bp": pl.Int32})
    assert frame.select(behaviour_segment(ProfileParameters())).item() == segment


@pytest.mark.parametrize(
    ("counts", "behaviour"),
    [
        ({"owed": 12, "paid_in_full": 11}, "transactor"),
        ({"owed": 12, "paid_in_full": 10}, "revolver"),
        ({"owed": 12, "paid_minimum": 6}, "minimum_payer"),
        ({"owed": 0}, "inactive"),
        ({"owed": 12, "paid_in_full": 12, "late_cycles": 1}, "occasionally_late"),
        ({"owed": 12, "late_cycles": 3}, "late"),
        ({"owed": 12, "late_cycles": 2, "worst_months": 2}, "late"),
    ],
)
def test_statements_tell_how_someone_pays(counts: dict[str, int], behaviour: str) -> None:
    nothing = {"owed": 0, "paid_in_full": 0, "paid_minimum": 0, "late_cycles": 0, "worst_months": 0}
    assert pl.DataFrame([nothing | counts]).select(pay_behaviour()).item() == behaviour
