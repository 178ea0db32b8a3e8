"""Textbook time value of money, signs as in spreadsheets: what is received is positive, what is paid negative.

The amount at the end of a period is meant unless `begin=True`. Source of the conventions: numpy-financial and Excel.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from transforms.loans.day_count import DayCount, year_fraction
from transforms.pricing.roots import NoRateError, balancing_rate, solve_bracketed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


def growth(rate: float, periods: float) -> float:
    """(1 + rate) ** periods - 1 without loss of digits for small rates."""
    return math.expm1(periods * math.log1p(rate))


def _annuity_factor(rate: float, nper: float, *, begin: bool) -> float:
    return nper if rate == 0 else (1 + rate * begin) * growth(rate, nper) / rate


def fv(rate: float, nper: float, pmt: float, pv: float, *, begin: bool = False) -> float:
    """Future value."""
    return -(pv * (1 + growth(rate, nper)) + pmt * _annuity_factor(rate, nper, begin=begin))


def pv(rate: float, nper: float, pmt: float, fv: float = 0.0, *, begin: bool = False) -> float:
    """Present value."""
    return -(fv + pmt * _annuity_factor(rate, nper, begin=begin)) / (1 + growth(rate, nper))


def pmt(rate: float, nper: float, pv: float, fv: float = 0.0, *, begin: bool = False) -> float:
    """Level payment a period."""
    return -(fv + pv * (1 + growth(rate, nper))) / _annuity_factor(rate, nper, begin=begin)


def ipmt(rate: float, per: float, nper: float, pv: float, fv_: float = 0.0, *, begin: bool = False) -> float:
    """Interest in payment number `per`; NaN outside 1 to `nper`."""
    if per < 1 or per > nper:
        return math.nan
    if begin and per == 1:
        return 0.0
    interest = rate * fv(rate, per - 1, pmt(rate, nper, pv, fv_, begin=begin), pv, begin=begin)
    return interest / (1 + rate) if begin else interest


def ppmt(rate: float, per: float, nper: float, pv: float, fv_: float = 0.0, *, begin: bool = False) -> float:
    """Principal in payment number `per`; NaN outside 1 to `nper`."""
    return pmt(rate, nper, pv, fv_, begin=begin) - ipmt(rate, per, nper, pv, fv_, begin=begin)


def nper(rate: float, pmt: float, pv: float, fv: float = 0.0, *, begin: bool = False) -> float:
    """Number of periods; infinite where nothing is ever repaid. Raises NoRateError where no number fits."""
    if rate == 0:
        return -(fv + pv) / pmt if pmt else math.inf
    level = pmt * (1 + rate * begin) / rate
    if pv + level == 0:
        return math.inf
    ratio = (level - fv) / (level + pv)
    if ratio <= 0:
        raise NoRateError("no number of periods repays this")
    return math.log(ratio) / math.log1p(rate)


def rate(nper: float, pmt: float, pv: float, fv: float = 0.0, *, begin: bool = False) -> float:
    """Rate a period: the root nearest to zero. Raises NoRateError where there is none."""

    def value(x: float) -> float:
        return fv + pv * (1 + growth(x, nper)) + pmt * _annuity_factor(x, nper, begin=begin)

    def value_and_slope(x: float) -> tuple[float, float]:
        step = 1e-7 * (1 + abs(x))
        return value(x), (value(x + step) - value(x - step)) / (2 * step)

    grid = [math.expm1(u / 200) for u in range(-1400, 1401)]
    values = [value(x) for x in grid]
    roots = [
        solve_bracketed(value_and_slope, low, high)
        for low, high, a, b in zip(grid, grid[1:], values, values[1:], strict=False)
        if (a <= 0 <= b or b <= 0 <= a) and a != b
    ]
    if not roots:
        raise NoRateError("no rate repays this: payments and amounts need different signs")
    return min(roots, key=abs)


def irr(cash_flows: Sequence[float]) -> float:
    """Internal rate of return a period of evenly spaced amounts; see :func:`roots.balancing_rate` for several roots."""
    return balancing_rate(cash_flows, range(len(cash_flows)))


def npv(rate: float, cash_flows: Sequence[float]) -> float:
    """Net present value, the first amount undiscounted."""
    return math.fsum(amount / (1 + rate) ** k for k, amount in enumerate(cash_flows))


def mirr(cash_flows: Sequence[float], finance_rate: float, reinvest_rate: float) -> float:
    """Modified internal rate of return: outflows financed at one rate, inflows reinvested at another.

    Raises NoRateError where all amounts have one sign.
    """
    received = [max(amount, 0.0) for amount in cash_flows]
    paid = [min(amount, 0.0) for amount in cash_flows]
    if not any(received) or not any(paid):
        raise NoRateError("a modified rate needs both inflows and outflows")
    periods = len(cash_flows) - 1
    ratio = npv(reinvest_rate, received) / -npv(finance_rate, paid)
    return math.pow(ratio, 1 / periods) * (1 + reinvest_rate) - 1


def _years(dates: Sequence[date], day_count: DayCount) -> list[float]:
    first = min(dates)
    return [float(year_fraction(first, d, day_count)) for d in dates]


def xirr(dates: Sequence[date], amounts: Sequence[float], day_count: DayCount) -> float:
    """Effective annual rate of dated amounts in any order, years counted from the earliest date."""
    return balancing_rate(amounts, _years(dates, day_count))


def xnpv(rate: float, dates: Sequence[date], amounts: Sequence[float], day_count: DayCount) -> float:
    """Net present value on the earliest date at an effective annual rate."""
    return math.fsum(a / (1 + rate) ** t for a, t in zip(amounts, _years(dates, day_count), strict=True))
