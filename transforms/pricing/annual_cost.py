"""Annual cost of credit by each regime's method; every fee in the flows counts, whoever collects it.

* China: `apr_simple` is the internal rate of return a month times 12, `apr_irr` compounds it to a year (PBOC
  announcement 2021 No. 3).
* United States: the actuarial rate of Regulation Z, 12 CFR 1026 Appendix J, with odd first periods.
* European Union: the effective rate of Directives 2008/48/EC, 2014/17/EU and (EU) 2023/2225, Annex I.

Tolerance: a rate is found to about 1e-14 of one plus the rate, which discounts a plan of ten million back to within
far less than a cent. :mod:`transforms.pricing.annual_cost_many` solves a matrix of plans at once to the same tolerance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from transforms.dates.calendar import Frequency, add_months, months_back
from transforms.pricing.roots import balancing_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date


@dataclass(frozen=True)
class AnnualCost:
    """Both Chinese figures of one plan, decimal fractions a year, and the rate a period they come from."""

    period_irr: float
    apr_simple: float
    apr_irr: float


def apr_simple(period_irr: float, periods_per_year: int = 12) -> float:
    """Period rate times the periods a year."""
    return period_irr * periods_per_year


def apr_compound(period_irr: float, periods_per_year: int = 12) -> float:
    """Period rate compounded over a year."""
    return math.expm1(periods_per_year * math.log1p(period_irr))


def annual_cost(cash_flows: Sequence[int], periods_per_year: int = 12) -> AnnualCost:
    """Figures of evenly spaced flows, the customer's side (received positive), an entry a period from the first day.

    Raises NoRateError where no rate balances them.
    """
    rate = balancing_rate(cash_flows, range(len(cash_flows)))
    return AnnualCost(rate, apr_simple(rate, periods_per_year), apr_compound(rate, periods_per_year))


@dataclass(frozen=True)
class UnitFlow:
    """An amount at `t` whole unit-periods and a fraction `f` of one after the start (Appendix J notation)."""

    amount: float
    t: int
    f: Fraction = Fraction(0)


def actuarial_apr(
    advances: Sequence[UnitFlow], payments: Sequence[UnitFlow], unit_periods_per_year: Fraction | int
) -> float:
    """Nominal annual rate of Regulation Z: the unit-period rate i of the general equation times the periods a year.

    Source: 12 CFR 1026 Appendix J (b)(8): Σ A / ((1+f·i)(1+i)^t) = Σ P / ((1+f·i)(1+i)^t). Raises NoRateError where
    none fits.
    """
    flows = [(flow.amount, flow.t, float(flow.f)) for flow in advances]
    flows += [(-flow.amount, flow.t, float(flow.f)) for flow in payments]
    amounts, whole, odd = zip(*flows, strict=True)
    return balancing_rate(amounts, whole, odd) * float(unit_periods_per_year)


def unit_periods(start: date, end: date, unit: Frequency) -> tuple[int, Fraction]:
    """Whole unit-periods and the fraction of one from `start` to `end`, whole ones counted back from `end`.

    Source: Appendix J (b)(5): days count a 30th of a month, a 15th of a half-month, a 7th of a week; a unit-period of
    several months counts its whole months too; a year counts exact months in twelfths, otherwise days over 365.
    """
    if unit.unit in {"day", "week"}:
        length = unit.every * (7 if unit.unit == "week" else 1)
        whole, days = divmod((end - start).days, length)
        return whole, Fraction(days, length)
    months = months_back(start, end)
    days = (add_months(end, -months) - start).days
    if unit.unit == "semimonth":
        halves, rest = divmod(2 * months * 15 + days, 15) if days < 15 else (2 * months + 1, days - 15)
        whole, left = divmod(halves, unit.every)
        return whole, (left + Fraction(rest, 15)) / unit.every
    whole, left = divmod(months, unit.every)
    if unit.every == 12 and days:
        return whole, Fraction((add_months(end, -12 * whole) - start).days, 365)
    return whole, Fraction(30 * left + days, 30 * unit.every)


def single_payment_apr(amount: float, advanced_on: date, payment: float, paid_on: date) -> float:
    """Regulation Z rate of one advance and one payment; the unit-period is the term, at most a year.

    Source: Appendix J (b)(4)(ii), (b)(5)(vi), (c)(5): a term of whole calendar months counts months, otherwise days
    over 365; a longer term counts whole years and such a fraction.
    """
    months = months_back(advanced_on, paid_on)
    exact = add_months(paid_on, -months) == advanced_on
    term = Fraction(months, 12) if exact else Fraction((paid_on - advanced_on).days, 365)
    if term <= 0:
        raise ValueError(f"payment on {paid_on} is not after the advance on {advanced_on}")
    if term <= 1:
        return (payment / amount - 1) / float(term)
    t, f = unit_periods(advanced_on, paid_on, Frequency("month", 12))
    return actuarial_apr([UnitFlow(amount, 0)], [UnitFlow(payment, t, f)], 1)


def aprc(drawdowns: Iterable[tuple[float, float]], payments: Iterable[tuple[float, float]]) -> float:
    """Effective annual rate of the European Union from (years from the first drawdown, amount) on both sides.

    Source: Annex I of the directives; costs are payments on the day they fall due. Raises NoRateError where none fits.
    """
    flows = [(years, amount) for years, amount in drawdowns] + [(years, -amount) for years, amount in payments]
    return balancing_rate([amount for _, amount in flows], [years for years, _ in flows])


def aprc_years(first_drawdown: date, day: date) -> Fraction:
    """Interval in years by Annex I remark (c): whole years, months or weeks, otherwise those and a number of days.

    Months are twelfths regardless of their length; days are counted back from the later date and divided by the days of
    the year that ends on the first of them.
    """
    months = months_back(first_drawdown, day)
    reached = add_months(day, -months)
    days = (reached - first_drawdown).days
    if days and (day - first_drawdown).days % 7 == 0:
        return Fraction((day - first_drawdown).days, 7 * 52)
    year = (reached - add_months(reached, -12)).days
    return Fraction(months, 12) + Fraction(days, year)
