"""The annual cost of one plan as every regime counts it, from its schedule and its dates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from transforms.pricing.annual_cost import (
    AnnualCost,
    UnitFlow,
    actuarial_apr,
    annual_cost,
    aprc,
    aprc_years,
    single_payment_apr,
    unit_periods,
)
from transforms.pricing.roots import balancing_rate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transforms.loans.plan import Plan
    from transforms.loans.schedule import Schedule

_DAYS = {"day": 1, "week": 7, "semimonth": 15, "month": 30}


@dataclass(frozen=True)
class RegimeCosts:
    """Decimal fractions a year: China's two figures, the United States' actuarial rate, the European effective rate."""

    apr_simple: float
    apr_irr: float
    apr_us: float
    aprc_eu: float


def plan_cost(plan: Plan, schedule: Schedule) -> AnnualCost:
    """China's figures of a plan's schedule; an odd first period counts by its own length.

    Periods without a whole number a year count 365 days over their own; a plan without any cost costs zero.
    """
    flows = schedule.cash_flows()
    if schedule.cost_cents == 0:
        return AnnualCost(0.0, 0.0, 0.0)
    per_year = plan.frequency.per_year
    if per_year is not None and plan.has_regular_dates:
        return annual_cost(flows, per_year)
    periods = _periods_a_year(plan)
    first = float(plan.calendar_years(plan.start_on, plan.dues(1, rolled=False)[0])) * periods
    times = [0.0, *(first + k for k in range(len(flows) - 1))]
    rate = balancing_rate(flows, times)
    return AnnualCost(rate, rate * periods, math.expm1(periods * math.log1p(rate)))


def regime_costs(plan: Plan, schedule: Schedule, moves: Sequence[tuple[date, int]] = ()) -> RegimeCosts:
    """All four figures. `moves`: principal drawn (positive) or repaid (negative) besides the installments, by day.

    The American rate counts unit-periods from due dates before any roll to a business day (12 CFR 1026.17(c)(3)); the
    European one equal months or weeks, and the days themselves where due dates roll. With moves, which fall on any day,
    all four are computed by days. Raises NoRateError where no rate balances the flows.
    """
    if schedule.cost_cents == 0:
        return RegimeCosts(0.0, 0.0, 0.0, 0.0)
    effective = _effective(schedule, moves, None if moves or plan.roll != "none" else _even_years(plan, schedule))
    if moves:
        periods = _periods_a_year(plan)
        simple = periods * math.expm1(math.log1p(effective) / periods)
        return RegimeCosts(simple, effective, simple, effective)
    cost = plan_cost(plan, schedule)
    return RegimeCosts(cost.apr_simple, cost.apr_irr, _actuarial(plan, schedule), effective)


def _periods_a_year(plan: Plan) -> float:
    return float(plan.frequency.per_year or 365 / (_DAYS[plan.frequency.unit] * plan.frequency.every))


def _even_years(plan: Plan, schedule: Schedule) -> list[float]:
    """Years to each installment in equal months or weeks (Annex I remark (c)); an odd first period by its days."""
    years = {"month": Fraction(1, 12), "semimonth": Fraction(1, 24), "week": Fraction(1, 52), "day": Fraction(1, 365)}
    period = plan.frequency.every * years[plan.frequency.unit]
    first = period if plan.has_regular_dates else aprc_years(plan.start_on, schedule.installments[0].due_on)
    return [float(first + k * period) for k in range(len(schedule.installments))]


def _effective(schedule: Schedule, moves: Sequence[tuple[date, int]], years: Sequence[float] | None) -> float:
    start = schedule.start_on
    first_advance = schedule.amount_cents - sum(cents for _, cents in moves)
    drawn = [(0.0, float(first_advance))]
    drawn += [(float(aprc_years(start, day)), float(cents)) for day, cents in moves if cents > 0]
    at = years or [float(aprc_years(start, row.due_on)) for row in schedule.installments]
    paid = [(0.0, float(row.payment_cents)) for row in schedule.rows if row.installment_no == 0]
    paid += [(when, float(row.payment_cents)) for when, row in zip(at, schedule.installments, strict=True)]
    paid += [(float(aprc_years(start, day)), float(-cents)) for day, cents in moves if cents < 0]
    return aprc(drawn, paid)


def _actuarial(plan: Plan, schedule: Schedule) -> float:
    flows = schedule.cash_flows()
    dues = plan.dues(len(schedule.installments), rolled=False)
    if len(schedule.installments) == 1:
        return single_payment_apr(flows[0], plan.start_on, -flows[1], dues[0])
    whole, odd = (1, Fraction(0)) if plan.has_regular_dates else unit_periods(plan.start_on, dues[0], plan.frequency)
    per_year = plan.frequency.per_year or Fraction(365, _DAYS[plan.frequency.unit] * plan.frequency.every)
    payments = [UnitFlow(-flow, whole + k, odd) for k, flow in enumerate(flows[1:])]
    return actuarial_apr([UnitFlow(flows[0], 0)], payments, per_year)
