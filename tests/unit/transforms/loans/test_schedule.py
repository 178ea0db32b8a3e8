"""Schedules: every kind sums to the cent (M24; issue of exact integers and one implementation)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings

from tests.unit.transforms.loans.plans import plan, plans
from transforms.loans.calendar import Frequency
from transforms.loans.day_count import DayCount
from transforms.loans.plan import Fee, Plan, RepayMethod
from transforms.loans.schedule import SCHEDULE_SCHEMA, build_schedule, merchant_subsidy_cents
from transforms.pricing.quote import plan_cost


@settings(max_examples=150, deadline=None)
@given(plans())
def test_principal_sums_to_the_amount_and_nothing_is_lost(asked: Plan) -> None:
    schedule = build_schedule(asked)
    assert schedule.principal_cents == asked.amount_cents + asked.fee_cents("financed")
    assert schedule.rows[-1].balance_cents == 0
    assert schedule.total_cents == asked.amount_cents + schedule.interest_cents + schedule.fee_cents
    balance = asked.principal_cents
    for row in schedule.installments:
        assert row.payment_cents == row.principal_cents + row.interest_cents + row.fee_cents
        assert min(row.principal_cents, row.interest_cents, row.fee_cents) >= 0
        balance -= row.principal_cents
        assert row.balance_cents == balance >= 0


@settings(max_examples=80, deadline=None)
@given(plans())
def test_discounting_at_the_stated_cost_returns_the_amount_within_half_a_cent(asked: Plan) -> None:
    schedule = build_schedule(asked)
    cost = plan_cost(asked, schedule)
    flows = schedule.cash_flows()
    present = -sum(flow / (1 + cost.period_irr) ** k for k, flow in enumerate(flows) if k)
    assert abs(present - flows[0]) < 0.5


@settings(max_examples=80, deadline=None)
@given(plans())
def test_equal_installments_are_equal_except_the_last(asked: Plan) -> None:
    if asked.method in {RepayMethod.ANNUITY, RepayMethod.INTEREST_FREE, RepayMethod.BALLOON}:
        rows = build_schedule(asked).installments[:-1]
        assert len({row.payment_cents for row in rows if row.balance_cents}) <= 1


@settings(max_examples=60, deadline=None)
@given(plans())
def test_schedule_is_the_same_when_built_again(asked: Plan) -> None:
    assert build_schedule(asked) == build_schedule(asked)


def test_annuity_of_ten_thousand_yuan_at_twelve_percent() -> None:
    """The textbook annuity: 888.49 a month, residual on the last."""
    schedule = build_schedule(plan())
    assert schedule.payment_cents == 88_849
    assert schedule.last_payment_cents == 88_847
    assert schedule.interest_cents == 66_186


def test_equal_principal_falls_by_the_interest_on_each_part() -> None:
    schedule = build_schedule(plan(1_200_000, method=RepayMethod.EQ_PRIN))
    assert [row.payment_cents for row in schedule.rows[:3]] == [112_000, 111_000, 110_000]
    assert {row.principal_cents for row in schedule.rows} == {100_000}


def test_interest_first_repays_the_principal_at_the_end() -> None:
    schedule = build_schedule(plan(installments=6, method=RepayMethod.INT_FIRST))
    assert [row.payment_cents for row in schedule.rows] == [10_000] * 5 + [1_010_000]


def test_interest_only_months_are_followed_by_equal_installments() -> None:
    schedule = build_schedule(plan(installments=6, method=RepayMethod.INT_FIRST, interest_only=2))
    assert [row.principal_cents for row in schedule.rows[:2]] == [0, 0]
    assert len({row.payment_cents for row in schedule.rows[2:5]}) == 1


def test_balloon_is_due_with_the_last_installment() -> None:
    schedule = build_schedule(plan(method=RepayMethod.BALLOON, balloon_cents=400_000))
    assert abs(schedule.last_payment_cents - schedule.payment_cents - 400_000) <= 12


@pytest.mark.parametrize(("method", "change"), [(RepayMethod.STEP_UP, 1.1), (RepayMethod.STEP_DOWN, 0.9)])
def test_steps_go_up_or_down_each_year(method: RepayMethod, change: float) -> None:
    schedule = build_schedule(plan(installments=36, method=method, step_share=Decimal("0.10")))
    first, second, third = (schedule.rows[k].payment_cents for k in (0, 12, 24))
    assert second == pytest.approx(first * change, abs=1)
    assert third == pytest.approx(first * change**2, abs=1)


def test_interest_free_plan_costs_the_customer_nothing_and_the_merchant_the_interest() -> None:
    free = plan(rate="0", installments=3, method=RepayMethod.INTEREST_FREE)
    schedule = build_schedule(free)
    assert [row.payment_cents for row in schedule.rows] == [333_333, 333_333, 333_334]
    assert schedule.cost_cents == 0
    assert merchant_subsidy_cents(free, Fraction(12, 100)) == 10_000 + 6_667 + 3_333


def test_down_payment_and_upfront_fee_are_paid_on_the_first_day() -> None:
    fee = Fee("service", "upfront", rate_ppm=10_000)
    schedule = build_schedule(plan(down_payment_cents=200_000, fees=(fee,)))
    first = schedule.rows[0]
    assert (first.installment_no, first.due_on) == (0, date(2026, 1, 31))
    assert (first.principal_cents, first.fee_cents, first.balance_cents) == (200_000, 8_000, 800_000)
    assert schedule.cash_flows()[0] == 1_000_000 - 208_000


def test_financed_fee_is_repaid_with_interest_and_counts_as_cost() -> None:
    schedule = build_schedule(plan(fees=(Fee("insurance", "financed", amount_cents=20_000),)))
    assert schedule.principal_cents == 1_020_000
    assert schedule.cost_cents == schedule.interest_cents + 20_000


def test_payment_is_rounded_to_the_lenders_unit() -> None:
    schedule = build_schedule(plan(payment_unit_cents=100, payment_rounding="up"))
    assert schedule.payment_cents == 88_900
    assert schedule.last_payment_cents < 88_900


def test_minimum_payment_ends_when_the_balance_is_repaid() -> None:
    """European Commission's example 14: 233 payments, 5,000 at first."""
    asked = plan(
        20_000_000,
        "0.06",
        600,
        method=RepayMethod.MIN_PAYMENT,
        min_share=Decimal("0.02"),
        min_principal_cents=10_000,
    )
    schedule = build_schedule(asked)
    assert len(schedule.installments) == 233
    assert schedule.payment_cents == 500_000


def test_frame_has_a_typed_row_a_payment() -> None:
    frame = build_schedule(plan()).to_frame()
    assert frame.schema == pl.Schema(SCHEDULE_SCHEMA)
    assert frame.height == 12


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"amount_cents": 0}, "amount_cents"),
        ({"rate": "-0.01"}, "annual_rate"),
        ({"installments": 0}, "installments"),
        ({"down_payment_cents": 1_000_000}, "down_payment"),
        ({"balloon_cents": 2_000_000}, "balloon"),
        ({"method": RepayMethod.STEP_UP}, "step_share"),
        ({"method": RepayMethod.MIN_PAYMENT}, "min_share"),
        ({"method": RepayMethod.INTEREST_FREE}, "INTEREST_FREE"),
        ({"frequency": Frequency("day", 15)}, "equal_periods"),
        ({"payment_rounding": "down"}, "rounding"),
    ],
)
def test_impossible_plan_is_refused_naming_the_figure(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan(**options)


def test_period_of_fifteen_days_takes_a_day_count() -> None:
    asked = plan(frequency=Frequency("day", 15), interest_basis=DayCount.ACT_365F, installments=2)
    rows = build_schedule(asked).rows
    assert [row.due_on for row in rows] == [date(2026, 2, 15), date(2026, 3, 2)]
    assert rows[0].interest_cents == 4_932
