"""The annual cost of one payment by every regime, worked by hand: months, weeks, days, odd periods and moves."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.unit.transforms.loans.plans import plan
from transforms.dates.calendar import Frequency
from transforms.loans.plan import Fee, Plan, RepayMethod
from transforms.loans.schedule import build_schedule
from transforms.pricing.plan_cost import plan_cost, regime_costs

START = date(2026, 1, 15)
DAYS = "actual/365F"


def once(**options: Any) -> Plan:
    """10,000 lent and paid back with one payment."""
    return plan(start_on=START, installments=1, **options)


@pytest.mark.parametrize(
    ("options", "interest", "periods"),
    [
        ({}, 10_000, 12),
        ({"frequency": Frequency("month", 3)}, 30_000, 4),
        ({"frequency": Frequency("month", 6)}, 60_000, 2),
        ({"frequency": Frequency("week", 1), "interest_basis": DAYS}, 2_301, 52),
        ({"frequency": Frequency("week", 2), "interest_basis": DAYS}, 4_603, 26),
        ({"frequency": Frequency("day", 15), "interest_basis": DAYS}, 4_932, 365 / 15),
        ({"frequency": Frequency("day", 90), "interest_basis": DAYS}, 29_589, 365 / 90),
    ],
)
def test_a_payment_after_one_period_costs_its_interest_as_often_as_a_year_has_periods(
    options: dict[str, Any], interest: int, periods: float
) -> None:
    asked = once(**options)
    schedule = build_schedule(asked)
    assert schedule.interest_cents == interest
    each = interest / 1_000_000
    cost, costs = plan_cost(asked, schedule), regime_costs(asked, schedule)
    assert cost.period_irr == pytest.approx(each, abs=1e-12)
    assert cost.apr_simple == costs.apr_simple == pytest.approx(each * periods, abs=1e-10)
    assert cost.apr_irr == costs.apr_irr == pytest.approx((1 + each) ** periods - 1, abs=1e-10)
    assert costs.aprc_eu == pytest.approx(costs.apr_irr, abs=1e-10)


@pytest.mark.parametrize(
    ("due", "interest", "months"),
    [
        (date(2026, 1, 30), 5_000, 15 / 31),
        (date(2026, 2, 15), 10_000, 1),
        (date(2026, 3, 1), 15_000, 1 + 14 / 28),  # a month to 15 February, and 14 of the 28 days after it
    ],
)
def test_an_odd_first_period_counts_by_its_months_of_the_calendar(due: date, interest: int, months: float) -> None:
    asked = once(first_due_on=due)
    schedule = build_schedule(asked)
    assert schedule.interest_cents == interest
    monthly = (1 + interest / 1_000_000) ** (1 / months) - 1
    cost = plan_cost(asked, schedule)
    assert cost.apr_simple == pytest.approx(12 * monthly, abs=1e-10)
    assert cost.apr_irr == pytest.approx((1 + monthly) ** 12 - 1, abs=1e-10)


@pytest.mark.parametrize("options", [{"rate": "0"}, {"rate": "0", "method": RepayMethod.INTEREST_FREE}])
def test_a_plan_without_any_cost_costs_nothing(options: dict[str, Any]) -> None:
    asked = once(**options)
    cost, costs = plan_cost(asked, build_schedule(asked)), regime_costs(asked, build_schedule(asked))
    assert (cost.period_irr, cost.apr_simple, cost.apr_irr) == (0, 0, 0)
    assert (costs.apr_simple, costs.apr_irr, costs.apr_us, costs.aprc_eu) == (0, 0, 0, 0)


def test_a_fee_on_the_first_day_lowers_what_is_received() -> None:
    """9,950.00 received for 10,100.00: 150 in 9,950."""
    asked = once(fees=(Fee("service", "upfront", 5_000),))
    costs = regime_costs(asked, build_schedule(asked))
    each = 15_000 / 995_000
    assert costs.apr_us == pytest.approx(12 * each, abs=1e-10)
    assert costs.aprc_eu == pytest.approx((1 + each) ** 12 - 1, abs=1e-10)


@pytest.mark.parametrize(("cents", "day"), [(0, START), (100_000, date(2026, 4, 20)), (-100_000, date(2026, 4, 20))])
def test_with_moves_every_figure_is_computed_by_days(cents: int, day: date) -> None:
    asked = plan(start_on=START)
    costs = regime_costs(asked, build_schedule(asked), [(day, cents)])
    assert (costs.apr_us, costs.aprc_eu) == (costs.apr_simple, costs.apr_irr)
    assert costs.apr_irr == pytest.approx((1 + costs.apr_simple / 12) ** 12 - 1, abs=1e-10)
