"""Quotes: what happens on the way, who else pays, and every regime's annual cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

from tests.unit.transforms.loans.plans import plan, plans
from transforms.dates.calendar import Frequency
from transforms.loans.plan import Fee, Plan, RepayMethod
from transforms.pricing.annual_cost import aprc_years
from transforms.pricing.quote import Course, Quote, QuoteRequest, quote

START = date(2026, 1, 15)


def asked(course: Course | None = None, **options: Any) -> Quote:
    return quote(QuoteRequest(plan(start_on=START, **options), course=course or Course()))


def test_regular_monthly_plan_costs_the_same_in_every_regime() -> None:
    """Even months: Regulation Z is the monthly rate times 12, the European rate its compound, as China's figures."""
    costs = asked(fees=(Fee("service", "upfront", 5_000, collector="platform"),)).costs
    assert costs.apr_us == pytest.approx(costs.apr_simple, abs=1e-12)
    assert costs.aprc_eu == pytest.approx(costs.apr_irr, abs=1e-12)


def test_month_end_due_dates_are_equal_months_to_the_european_rate() -> None:
    """Annex I remark (c): 31 January to 28 February is a month, not 28 days."""
    costs = quote(QuoteRequest(plan(start_on=date(2026, 1, 31)))).costs
    assert costs.aprc_eu == pytest.approx(costs.apr_irr, abs=1e-12)


def test_odd_first_period_is_counted_by_each_regime_in_its_own_way() -> None:
    """Regulation Z: a month back from 4 March and 20/30 with simple interest; Europe: a twelfth and 20 days."""
    answer = asked(first_due_on=date(2026, 3, 4), interest_basis="equal_periods")
    flows = answer.schedule.cash_flows()
    monthly = answer.costs.apr_us / 12
    discounted = sum(-f / ((1 + monthly * 20 / 30) * (1 + monthly) ** (1 + k)) for k, f in enumerate(flows[1:]))
    assert discounted == pytest.approx(flows[0], abs=0.5)
    first = float(aprc_years(START, date(2026, 3, 4)))
    effective = sum(-f / (1 + answer.costs.aprc_eu) ** (first + k / 12) for k, f in enumerate(flows[1:]))
    assert effective == pytest.approx(flows[0], abs=0.5)


@settings(max_examples=40, deadline=None)
@given(plans())
def test_discounting_at_the_european_figure_returns_the_amount_within_half_a_cent(drawn: Plan) -> None:
    """Any method, frequency, day count and fees (issue 4): equal months or weeks from the first day."""
    answer = quote(QuoteRequest(drawn))
    if not answer.schedule.cost_cents:
        assert answer.costs.aprc_eu == 0
        return
    years = drawn.frequency.every * (1 / 12 if drawn.frequency.unit == "month" else 1 / 52)
    flows = answer.schedule.cash_flows()
    value = sum(-f / (1 + answer.costs.aprc_eu) ** (k * years) for k, f in enumerate(flows) if k)
    assert value == pytest.approx(flows[0], abs=0.5)


def test_settlement_shows_what_was_in_fact_used() -> None:
    """PBOC: cost is measured on the principal actually used; periodic fees not yet due are not charged."""
    on = date(2026, 4, 25)
    answer = asked(Course(settle_on=on), fees=(Fee("account", "periodic", 300, collector="platform"),))
    assert answer.settlement is not None
    assert answer.schedule.installments[-1].due_on == on
    assert answer.schedule.installments[-1].payment_cents == answer.settlement.total_cents
    assert answer.fees[0].times == 3
    assert answer.settlement.saved_interest_cents > 0
    assert answer.to_dict()["settlement"]["total_cents"] == answer.settlement.total_cents
    assert f"settled on {on}" in answer.to_text()


def test_course_is_run_in_the_order_of_its_days() -> None:
    changed = asked(
        Course(
            rates=((date(2026, 8, 1), Decimal("0.06")),),
            draws=((date(2026, 3, 1), 200_000),),
            repayments=((date(2026, 6, 1), 100_000),),
        )
    )
    schedule = changed.schedule
    assert schedule.amount_cents == 1_100_000
    assert schedule.principal_cents == 1_100_000
    assert len(schedule.installments) == 12
    assert 0.06 < changed.costs.apr_simple < 0.13
    sooner = asked(Course(repayments=((date(2026, 6, 1), 300_000),), keep_term=False))
    assert len(sooner.schedule.installments) < 12


def test_merchant_and_treasury_pay_besides_the_customer() -> None:
    """The customer's annual cost is nought with a merchant, and lower by what the treasury pays."""
    free = plan(start_on=START, rate="0", installments=3, method=RepayMethod.INTEREST_FREE)
    answer = quote(QuoteRequest(free, forgone_rate=Fraction(8, 100)))
    assert answer.costs.apr_irr == 0
    assert answer.merchant_subsidy_cents == 6_667 + 4_444 + 2_222
    low = quote(QuoteRequest(plan(start_on=START, rate="0.03"), treasury_rate=Fraction(1, 100)))
    assert low.treasury_subsidy_cents == pytest.approx(low.schedule.interest_cents / 3, abs=12)
    assert "treasury pays" in low.to_text()
    assert "merchant pays" in answer.to_text()


def test_rhythm_without_whole_periods_a_year_is_costed_by_its_days() -> None:
    answer = asked(frequency=Frequency("day", 15), interest_basis="actual/365F")
    assert answer.costs.apr_us == pytest.approx(0.12, abs=2e-4)
    assert answer.costs.aprc_eu > answer.costs.apr_us


def test_costs_are_shown_to_a_millionth() -> None:
    """9,950.00 received for 10,100.00 a month later: 1.507538 % a month."""
    shown = asked(installments=1, fees=(Fee("service", "upfront", 5_000),)).to_dict()
    assert (shown["apr_simple"], shown["apr_us"]) == (0.180905, 0.180905)
    assert (shown["apr_irr"], shown["aprc_eu"]) == (0.196684, 0.196684)


@pytest.mark.parametrize(
    ("frequency", "said", "due_day"),
    [
        (Frequency("month", 1), "1 month", 15),
        (Frequency("month", 3), "3 month", 15),
        (Frequency("week", 2), "2 week", None),
    ],
)
def test_a_quote_says_its_terms(frequency: Frequency, said: str, due_day: int | None) -> None:
    shown = asked(frequency=frequency, down_payment_cents=200_000).to_dict()
    assert (shown["every"], shown["due_day"], shown["installments"]) == (said, due_day, 12)
    assert (shown["amount_cents"], shown["down_payment_cents"], shown["financed_cents"]) == (
        1_000_000,
        200_000,
        800_000,
    )
    assert (shown["nominal_rate"], shown["start_on"], shown["settlement"]) == ("0.12", "2026-01-15", None)
    assert shown["schedule"][0]["due_on"] == "2026-01-15"


@pytest.mark.parametrize(("cents", "shown"), [(1_000_000, "10,000.00"), (1_000_005, "10,000.05"), (99, "0.99")])
def test_money_is_written_in_yuan_and_cents(cents: int, shown: str) -> None:
    assert quote(QuoteRequest(plan(cents, start_on=START))).to_text().startswith(f"{shown} CNY, ANNUITY, 12 inst")


def test_only_who_pays_besides_is_said_to_pay() -> None:
    """Nobody, a merchant of 133.33, the treasury of what 1 % on the balances is."""
    assert " pays " not in asked().to_text()
    free = plan(start_on=START, rate="0", installments=3, method=RepayMethod.INTEREST_FREE)
    assert (
        "the merchant pays 133.33 for the interest"
        in quote(QuoteRequest(free, forgone_rate=Fraction(8, 100))).to_text()
    )
    assert quote(QuoteRequest(free)).merchant_subsidy_cents == 0


def test_an_installment_paid_on_another_day_costs_by_that_day() -> None:
    """The first of twelve a week late with nothing charged for it: cheaper than in time."""
    due = date(2026, 2, 15)
    late = asked(Course(paid=((due, date(2026, 2, 22)),)))
    in_time = asked(Course(paid=((due, due),)))
    assert late.costs.apr_irr < in_time.costs.apr_irr


def test_fees_are_listed_with_how_often_they_are_charged() -> None:
    fees = (Fee("service", "upfront", 5_000), Fee("account", "periodic", 300, collector="platform"))
    answer = asked(fees=fees)
    assert [(fee.code, fee.each_cents, fee.times, fee.total_cents) for fee in answer.fees] == [
        ("service", 5_000, 1, 5_000),
        ("account", 300, 12, 3_600),
    ]
    assert "  fee account: 3.00 x 12 (periodic), collected by platform" in answer.to_text()
