"""Every kind of schedule sums to the cent, and discounting it at its stated annual cost returns the amount."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.plans import plan, plans
from transforms.dates.calendar import Frequency
from transforms.dates.day_count import DayCount
from transforms.loans.plan import STEPS, Fee, Plan, RepayMethod
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


@pytest.mark.parametrize(
    ("start", "first_payment", "interest"),
    [("2025-11-20", 115_019, 20_400), ("2025-12-31", 98_619, 4_000), ("2025-10-02", 134_619, 40_000)],
)
def test_odd_first_period_is_borne_by_the_first_installment(start: str, first_payment: int, interest: int) -> None:
    """12,000 at 12 %: 51, 10 and 100 days to 10 January are 204.00, 40.00 and 400.00; the others stay 1,066.19."""
    days = {"start_on": date.fromisoformat(start), "first_due_on": date(2026, 1, 10)}
    rows = build_schedule(plan(1_200_000, **days)).rows
    usual = build_schedule(plan(1_200_000, start_on=date(2025, 12, 10))).rows
    assert (rows[0].payment_cents, rows[0].interest_cents) == (first_payment, interest)
    assert [row.principal_cents for row in rows] == [row.principal_cents for row in usual]
    assert [row.payment_cents for row in rows[1:]] == [row.payment_cents for row in usual[1:]]
    whole = build_schedule(plan(1_200_000, first_period="equal_periods", **days)).rows
    assert [row.payment_cents for row in whole] == [row.payment_cents for row in usual]


def test_a_short_first_period_never_makes_a_negative_installment() -> None:
    """A balloon of the whole principal leaves 100.00 of interest a month: none of it after no day."""
    asked = plan(method=RepayMethod.BALLOON, balloon_cents=1_000_000, first_due_on=date(2026, 1, 31))
    assert build_schedule(asked).rows[0].payment_cents == 0
    steep = plan(rate="0.60", installments=60, method=RepayMethod.STEP_UP, step_share=Decimal("0.5"))
    usual = build_schedule(steep).rows
    assert usual[0].interest_cents == usual[0].payment_cents < 50_000
    short = build_schedule(replace(steep, first_due_on=date(2026, 2, 10))).rows
    assert short[0].payment_cents == max(usual[0].payment_cents + 16_667 - 50_000, 0)
    assert sum(row.interest_cents for row in usual) > sum(row.interest_cents for row in short)


def test_flat_interest_is_on_the_original_principal_and_costs_nearly_twice() -> None:
    """0.6 % a period, as card installments are quoted: 12 x 1,072 on 12,000; its honest cost is 13.03 %, not 7.2 %."""
    asked = plan(1_200_000, "0.072", method=RepayMethod.FLAT)
    schedule = build_schedule(asked)
    assert {(r.principal_cents, r.interest_cents) for r in schedule.rows} == {(100_000, 7_200)}
    assert plan_cost(asked, schedule).apr_simple == pytest.approx(0.1303, abs=5e-5)


stated_plans = st.builds(
    lambda asked, payment: replace(asked, regular_payment_cents=payment),
    plans().filter(lambda p: p.payment_basis == "formula" and p.payment_unit_cents == 1),
    st.integers(0, 5_000_000),
)


@settings(max_examples=150, deadline=None)
@given(stated_plans)
def test_whatever_the_books_state_there_are_rows_that_repay_the_principal(asked: Plan) -> None:
    schedule = build_schedule(asked)
    assert schedule.principal_cents == asked.amount_cents + asked.fee_cents("financed")
    assert schedule.rows[-1].balance_cents == 0
    assert all(min(r.principal_cents, r.interest_cents) >= 0 for r in schedule.rows)


@settings(max_examples=150, deadline=None)
@given(plans().filter(lambda p: p.payment_basis == "formula"))
def test_the_installment_computed_here_may_as_well_be_stated(asked: Plan) -> None:
    """What our own schedule charges first, stated by the books, gives the same schedule again."""
    usual = build_schedule(asked).installments
    stated = usual[0].principal_cents + usual[0].interest_cents
    got = build_schedule(replace(asked, regular_payment_cents=stated)).installments
    assert len(got) == len(usual)
    if asked.installments > 1 and asked.method not in STEPS:
        assert [(r.principal_cents, r.interest_cents) for r in got] == [
            (r.principal_cents, r.interest_cents) for r in usual
        ]


def test_payment_below_the_interest_adds_nothing_to_the_balance() -> None:
    """12,000 at 60 % with 500 a month: 600 of interest, of which 100 waits each month and is due with the last."""
    schedule = build_schedule(plan(1_200_000, "0.60", regular_payment_cents=50_000))
    assert [(r.principal_cents, r.interest_cents) for r in schedule.rows[:-1]] == [(0, 50_000)] * 11
    last = schedule.rows[-1]
    assert (last.principal_cents, last.interest_cents) == (1_200_000, 60_000 + 11 * 10_000)


@pytest.mark.parametrize(
    ("method", "stated", "part"),
    [
        (RepayMethod.EQ_PRIN, 343_333, 333_333),
        (RepayMethod.EQ_PRIN, 343_300, 333_300),
        (RepayMethod.EQ_PRIN, 400_000, 333_333),
        (RepayMethod.FLAT, 343_333, 333_333),
        (RepayMethod.FLAT, 333_333, 333_333),
    ],
)
def test_stated_installment_less_its_interest_is_the_part_where_that_can_be(
    method: RepayMethod, stated: int, part: int
) -> None:
    rows = build_schedule(plan(installments=3, method=method, regular_payment_cents=stated)).rows
    assert [row.principal_cents for row in rows] == [part, part, 1_000_000 - 2 * part]


def test_stated_first_installment_of_an_odd_period_is_understood_either_way() -> None:
    """The books may state the regular installment of equal principal or the first one with its odd days."""
    days = {"start_on": date(2025, 11, 20), "first_due_on": date(2026, 1, 10), "installments": 10}
    for stated in (100_000 + 10_000, 100_000 + 17_000):
        rows = build_schedule(plan(method=RepayMethod.EQ_PRIN, regular_payment_cents=stated, **days)).rows
        assert {row.principal_cents for row in rows} == {100_000}
        assert rows[0].interest_cents == 17_000


@pytest.mark.parametrize("method", list(RepayMethod))
def test_a_cent_and_nothing_until_the_end_have_rows(method: RepayMethod) -> None:
    figures = {"step_share": Decimal("0.1"), "min_share": Decimal("0.1"), "regular_payment_cents": 0}
    for amount, rate in ((1, "0.04"), (1_000_000, "0")):
        asked = plan(amount, "0" if method == RepayMethod.INTEREST_FREE else rate, 3, method=method, **figures)
        schedule = build_schedule(asked)
        assert schedule.principal_cents == amount
        assert len(schedule.rows) == 3


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


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (None, [333, 333, 334]),
        (334, [334, 334, 332]),  # more than a third in each but the last
        (333, [333, 333, 334]),
        (332, [332, 332, 336]),
        (300, [300, 300, 400]),
        (433, [433, 433, 134]),  # a yuan more than a third
        (434, [333, 333, 334]),  # no possible equal part
        (234, [234, 234, 532]),
        (233, [333, 333, 334]),
    ],
)
def test_equal_parts_are_those_the_books_state_where_they_are_possible(stated: int | None, expected: list[int]) -> None:
    """10.00 without interest over three months."""
    asked = plan(1_000, "0", 3, method=RepayMethod.EQ_PRIN, regular_payment_cents=stated)
    assert [row.principal_cents for row in build_schedule(asked).installments] == expected


@pytest.mark.parametrize(("stated", "expected"), [(51, [51, 50]), (101, [101, 0]), (102, [51, 50])])
def test_an_equal_part_never_repays_more_than_was_lent(stated: int, expected: list[int]) -> None:
    asked = plan(101, "0", 2, method=RepayMethod.EQ_PRIN, regular_payment_cents=stated)
    assert [row.principal_cents for row in build_schedule(asked).installments] == expected
