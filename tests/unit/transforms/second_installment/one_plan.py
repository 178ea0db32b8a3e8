"""One plan whose routes are judged: 12,000 yuan over 12 months at 12 %, half of it repaid, said in few words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from tests.unit.transforms.loans.books import no_versions, paid, plans
from tests.unit.transforms.loans.cases import hardship
from tests.unit.transforms.outputs import plan_progress
from tests.unit.transforms.support import book, token
from transforms.loans.agreed_change import CHANGES
from transforms.loans.product_conventions import ProductConventions
from transforms.loans.states import LoanStates

if TYPE_CHECKING:
    from transforms.policy.policy import Policy

NIGHT = date(2025, 8, 1)
#: Principal left after six of twelve installments of 1,066.19.
LEFT = 617_902
POLICY: Policy = book().in_force(NIGHT)

_TEXT = ("plan_id", "customer_token", "kind", "product_code", "basis", "repay_method", "decision", "price_grade")
_AMOUNTS = (
    *("payment_before_cents", "regular_cents", "own_payments_cents", "capacity_cents", "room_cents", "owed_cents"),
    *("outstanding_cents", "open_cents", "carried_cents", "arrears_cents", "arrears_principal_cents"),
    *("arrears_interest_cents", "earned_cents", "unearned_cents", "income_cents", "stressed_income_cents"),
    "balance_avg_cents_3m",
)
TYPES: dict[str, Any] = {
    **dict.fromkeys((*_TEXT, "hardship_case_id", "cause", "wished_interest_mode"), pl.String),
    **dict.fromkeys(_AMOUNTS, pl.Int64),
    **dict.fromkeys(("months_on_book", "own_dpd", "coming_cnt", "behaviour_score", "due_day", "evidence"), pl.Int32),
    **dict.fromkeys(("wished_term_m", "wished_due_day", "wished_pause_m"), pl.Int32),
    **dict.fromkeys(("alive", "restruct_flag", "next_is_regular", "willing_to_pay", "beyond_ability"), pl.Boolean),
    **dict.fromkeys((f"count_{route}" for route in CHANGES), pl.String),
    "reasons": pl.List(pl.String),
    "annual_rate": pl.Decimal(9, 6),
    "expected_resume_on": pl.Date,
}
USUAL: dict[str, Any] = {
    "plan_id": "P1",
    "customer_token": token(0),
    "kind": "consumption_loan",
    "product_code": "car",
    "basis": "running",
    "alive": True,
    "repay_method": "ANNUITY",
    "decision": "eligible",
    "price_grade": "B",
    "reasons": [],
    "payment_before_cents": 106_619,
    "regular_cents": 106_619,
    "own_payments_cents": 106_619,
    "capacity_cents": 306_619,
    "room_cents": 306_619,
    "owed_cents": LEFT,
    "outstanding_cents": LEFT,
    "open_cents": 639_709,
    **dict.fromkeys(("carried_cents", "arrears_cents", "arrears_principal_cents", "arrears_interest_cents"), 0),
    **dict.fromkeys(("earned_cents", "unearned_cents", "balance_avg_cents_3m"), 0),
    "income_cents": 1_000_000,
    "stressed_income_cents": 800_000,
    "months_on_book": 6,
    "own_dpd": 0,
    "coming_cnt": 6,
    "behaviour_score": 80,
    "due_day": 10,
    "restruct_flag": False,
    "next_is_regular": True,
    "beyond_ability": False,
    "annual_rate": Decimal("0.12"),
}


def facts(*changes: dict[str, Any]) -> pl.DataFrame:
    """What decides the routes of one plan per argument, with that argument's columns changed."""
    rows = [{**dict.fromkeys(TYPES), **USUAL, **change} for change in changes or ({},)]
    unknown = {column for row in rows for column in row} - set(TYPES)
    assert not unknown, f"no such column: {unknown}"
    return pl.DataFrame(rows, schema=TYPES, orient="row")


def states(*money: tuple[Any, ...], on: date = NIGHT, **plan: Any) -> LoanStates:
    """The plan `P1` of the books, ready to be changed on a night."""
    of = plans(plan)
    agreed, policy = no_versions(), book().in_force(on)
    progress = plan_progress(of, paid(*money), agreed, hardship(), on, policy)
    return LoanStates(of, progress, agreed, ProductConventions(), on)


def six_paid(**plan: Any) -> LoanStates:
    """The plan after six installments paid on their days."""
    return states(*((date(2025, month, 10), 106_619) for month in range(2, 8)), **plan)
