"""Booked schedules of many plans equal the exact schedule of each (M57, M71)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from tests.unit.transforms.loans.books import plans
from transforms.loans.booked import booked_installments
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.schedule import build_schedule


@pytest.mark.parametrize("method", ["ANNUITY", "EQ_PRIN", "INT_FIRST", "INTEREST_FREE"])
@pytest.mark.parametrize(
    ("cents", "rate", "term"), [(1_234_567, "0.1234", 7), (600_000, "0.0725", 24), (50_000, "0.2", 1)]
)
def test_installments_are_the_exact_schedule(method: str, cents: int, rate: str, term: int) -> None:
    annual = Decimal(0) if method == "INTEREST_FREE" else Decimal(rate)
    plan = Plan(cents, annual, term, date(2025, 1, 10), RepayMethod(method))
    exact = build_schedule(plan)
    booked = booked_installments(
        plans(
            {
                "principal_cents": cents,
                "annual_rate": annual,
                "term_m": term,
                "repay_method": method,
                "installment_cents": exact.payment_cents,
            }
        )
    )
    wanted = [(r.due_on, r.principal_cents, r.interest_cents) for r in exact.installments]
    assert booked.select("due_on", "principal_cents", "interest_cents").rows() == wanted


def test_the_anchor_day_is_kept_through_short_months() -> None:
    # 31 January, 28 February, 31 March: the day of the start is the anchor where the first due date was cut.
    cut = plans({"started_on": date(2025, 1, 31), "first_due_on": date(2025, 2, 28), "term_m": 3})
    assert booked_installments(cut)["due_on"].to_list() == [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]
    # A first due date at the end of a month after a start that is not: the last day of each month.
    moved = plans({"started_on": date(2025, 1, 5), "first_due_on": date(2025, 2, 28), "term_m": 2})
    assert booked_installments(moved)["due_on"].to_list() == [date(2025, 2, 28), date(2025, 3, 31)]
    # Unless the books say which day it is.
    said = moved.with_columns(due_day=pl.lit(28, pl.Int32))
    assert booked_installments(said)["due_on"].to_list() == [date(2025, 2, 28), date(2025, 3, 28)]


def test_plans_of_other_terms_do_not_disturb_each_other() -> None:
    both = booked_installments(plans({"plan_id": "A", "term_m": 3}, {"plan_id": "B", "term_m": 12}))
    assert both.group_by("plan_id").len().sort("plan_id").rows() == [("A", 3), ("B", 12)]
    assert both.filter(plan_id="B").drop("plan_id").equals(booked_installments(plans({})).drop("plan_id"))
