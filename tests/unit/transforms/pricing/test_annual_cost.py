"""Annual figures: the PBOC example, both regimes abroad, and the vectorised solver."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.plans import plan
from transforms.dates.calendar import Frequency
from transforms.loans.plan import Fee, Plan
from transforms.loans.schedule import build_schedule
from transforms.pricing.annual_cost import (
    AnnualCost,
    UnitFlow,
    actuarial_apr,
    annual_cost,
    aprc,
    aprc_years,
    unit_periods,
)
from transforms.pricing.plan_cost import plan_cost


def _cost(terms: Plan) -> AnnualCost:
    return plan_cost(terms, build_schedule(terms))


def test_pboc_worked_example() -> None:
    """rules.md, PBOC announcement 2021 No. 3: 1.06698 % a month, 12.80 % simple, 13.58 % compound."""
    cost = annual_cost([10_000_000 - 100_000] + [-883_330] * 12)
    assert round(cost.period_irr * 100, 5) == 1.06698
    assert round(cost.apr_simple * 100, 2) == 12.80
    assert round(cost.apr_irr * 100, 2) == 13.58


@pytest.mark.parametrize("collector", ["lender", "platform", "guarantor"])
def test_every_fee_counts_whoever_collects_it(collector: str) -> None:
    dear = plan(fees=(Fee("enhancement", "periodic", 500, collector=collector),))
    assert _cost(dear).apr_irr > _cost(plan()).apr_irr + 0.01


def test_plan_without_fees_costs_its_nominal_rate() -> None:
    assert _cost(plan(100_000_000)).apr_simple == pytest.approx(0.12, abs=1e-6)


def test_regulation_z_takes_several_advances() -> None:
    """Appendix J (b)(8): an advance in two halves a period apart is the same as two loans."""
    advances = [UnitFlow(500, 0), UnitFlow(500, 1)]
    payments = [UnitFlow(100, t) for t in range(2, 13)]
    rate = actuarial_apr(advances, payments, 12) / 12
    value = 500 + 500 / (1 + rate) - sum(100 / (1 + rate) ** t for t in range(2, 13))
    assert abs(value) < 1e-9


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 900), st.integers(1, 360_000), st.integers(100, 10**9))
def test_regulation_z_of_even_months_is_the_monthly_rate_however_long_the_term(n: int, ppm: int, cents: int) -> None:
    """300,000 over 324 months once divided by zero: the lowest rate tried discounted to nothing."""
    monthly = ppm / 12_000_000
    payment = cents * monthly / -math.expm1(-n * math.log1p(monthly))
    payments = [UnitFlow(payment, 1 + k) for k in range(n)]
    assert actuarial_apr([UnitFlow(cents, 0)], payments, 12) == pytest.approx(12 * monthly, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("start", "end", "unit", "expected"),
    [
        (date(1978, 2, 10), date(1978, 4, 1), Frequency("month", 1), (1, Fraction(19, 30))),
        (date(1978, 5, 23), date(1978, 10, 1), Frequency("month", 3), (1, Fraction(39, 90))),
        (date(1978, 2, 23), date(1978, 3, 1), Frequency("semimonth", 1), (0, Fraction(6, 15))),
        (date(1978, 3, 20), date(1978, 4, 21), Frequency("week", 1), (4, Fraction(4, 7))),
        (date(1978, 3, 18), date(1978, 4, 20), Frequency("week", 4), (1, Fraction(5, 28))),
        (date(1978, 4, 3), date(1978, 4, 11), Frequency("week", 2), (0, Fraction(8, 14))),
        (date(1978, 1, 10), date(1978, 3, 1), Frequency("month", 2), (0, Fraction(52, 60))),
    ],
)
def test_unit_periods_are_counted_as_in_appendix_j(
    start: date, end: date, unit: Frequency, expected: tuple[int, Fraction]
) -> None:
    assert unit_periods(start, end, unit) == expected


def test_european_intervals_count_equal_months_and_days_of_the_year_before() -> None:
    """Commission's example 2c2: a contract of 12 January 2013, first paid on 15 February: 1/12 + 3/366."""
    assert aprc_years(date(2013, 1, 12), date(2013, 2, 15)) == Fraction(1, 12) + Fraction(3, 366)
    assert aprc_years(date(2024, 1, 1), date(2024, 1, 15)) == Fraction(2, 52)


def test_european_rate_discounts_the_payments_to_the_drawdown() -> None:
    paid = [(0.0, 4000.0)] + [(k / 12, 1432.86) for k in range(1, 241)]
    rate = aprc([(0.0, 200_000.0)], paid)
    assert math.fsum(amount / (1 + rate) ** years for years, amount in paid) == pytest.approx(200_000, abs=1e-6)
