"""Customers and the shipped scorecard that the risk tests share; every figure a test leans on is said there."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from tests.unit.transforms.outputs import risk_assessment
from tests.unit.transforms.support import policy as shipped_policy
from transforms.risk.scorecard import Scorecard, parse_scorecard

if TYPE_CHECKING:
    from transforms.risk.risk_assessment import GradeInputs

__all__ = ["KNOWN", "NIGHT", "assess", "card", "document", "profile", "shipped_policy", "token"]

NIGHT = date(2026, 3, 10)
FILE = Path(__file__).parents[4] / "warehouse" / "reference" / "scorecards" / "expert_v1.toml"
_FRACTIONS = {"full_pay_ratio_12m", "revol_util", "dsr", "liquid_buffer_m", "income_confidence", "plan_on_time_share"}
_FRACTIONS |= {"cash_advance_share_12m", "installment_share_12m"}


def document() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def card() -> Scorecard:
    return parse_scorecard(document(), source="expert_v1.toml")


#: A customer of whom everything is known; 10,000 yuan of income, 2,000 of debt service.
KNOWN: dict[str, Any] = {
    "max_dpd_12m": 0,
    "late_cycle_cnt_12m": 0,
    "full_pay_ratio_12m": 1.0,
    "revol_util": 0.1,
    "inquiry_cnt_3m": 0,
    "lender_cnt": 1,
    "new_lender_cnt_3m": 0,
    "dsr": 0.2,
    "liquid_buffer_m": 3.5,
    "income_confidence": 0.9,
    "job_tenure_m": 72,
    "gambling_cents_6m": 0,
    "bank_out_cents_6m": 1_000_000,
    "failed_debit_cnt_6m": 0,
    "plan_on_time_share": 1.0,
    "cash_advance_share_12m": 0.0,
    "onboarded_m": 60,
    "income_cents": 1_000_000,
    "debt_service_cents": 200_000,
    "plan_outstanding_cents": 300_000,
    "line_cents": 1_000_000,
    "line_used_cents": 300_000,
    "debt_balance_cents": 0,
    "revolving_balance_cents": 0,
    "revolving_limit_cents": 0,
    "installment_share_12m": 0.0,
    "plan_arrears_cents": 0,
    "broken_plan_cnt": 0,
    "current_dpd": 0,
    "own_dpd": 0,
    "running_plan_cnt": 0,
    "order_cnt_3m": 0,
    "free_cash_flow_cents": 500_000,
    "consent_credit_bureau": True,
    "pay_behaviour": "transactor",
    "behaviour_segment": "standard",
    "bureau_status": "fresh",
    "automated_decision_opt_out": False,
}


def token(number: int) -> str:
    return f"{number:08d}-0000-8000-8000-000000000000"


def profile(*changes: dict[str, Any]) -> pl.DataFrame:
    types = {c: pl.Float64 if c in _FRACTIONS else pl.Int64 for c in KNOWN}
    types |= dict.fromkeys(("bureau_status", "pay_behaviour", "behaviour_segment"), pl.String)
    types |= dict.fromkeys(("automated_decision_opt_out", "consent_credit_bureau"), pl.Boolean)
    rows = [{"customer_token": token(n), "shard": n % 2, **KNOWN, **change} for n, change in enumerate(changes)]
    return pl.DataFrame(rows, schema={"customer_token": pl.String, "shard": pl.Int16, **types}, orient="row")


def assess(*changes: dict[str, Any], inputs: GradeInputs | None = None) -> list[dict[str, Any]]:
    return risk_assessment(profile(*changes), card(), NIGHT, inputs).to_dicts()
