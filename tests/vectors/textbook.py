"""Spreadsheet functions from the product's own annuity, rows and balancing rate, signs as in spreadsheets.

What is received is positive, what is paid negative; amounts come at the end of a period unless `begin`. Only where the
product has nothing to say (a future value, a discounted sum, a number of periods that is no whole one) stands the
textbook's formula. Source of the conventions: numpy-financial and Excel.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from transforms.dates.day_count import DayCount, year_fraction
from transforms.loans.annuity import amortise, weighted_payments
from transforms.pricing.roots import NoRateError, balancing_rate, solve_bracketed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_FINE = 10**20
"""Parts of a currency unit the product's whole cents are replaced with: these functions are not rounded."""
_LONGEST = 2000


def _whole(periods: float) -> int | None:
    """Periods as a number of installments, where they are one."""
    return int(periods) if periods == int(periods) and 1 <= periods <= _LONGEST else None


def _grown(rate: float, periods: float) -> float:
    return (1 + rate) ** periods


def _annuity(rate: float, nper: float, *, begin: bool) -> float:
    return nper if rate == 0 else (1 + rate * begin) * math.expm1(nper * math.log1p(rate)) / rate


def fv(rate: float, nper: float, pmt: float, pv: float, *, begin: bool = False) -> float:
    """Future value, the textbook's."""
    return -(pv * _grown(rate, nper) + pmt * _annuity(rate, nper, begin=begin))


def pv(rate: float, nper: float, pmt: float, fv: float = 0.0, *, begin: bool = False) -> float:
    """Present value, the textbook's."""
    return -(fv + pmt * _annuity(rate, nper, begin=begin)) / _grown(rate, nper)


@cache
def _payment(rate: float, count: int, pv: float, fv: float) -> Fraction:
    """The product's level payment on a balance of which minus `fv` is left."""
    factors, weights = [Fraction(rate)] * count, [Fraction(1)] * count
    left = round(-Fraction(fv) * _FINE)
    return Fraction(weighted_payments(Fraction(pv) * _FINE, factors, weights, "half_even", final=left)[0], _FINE)


def pmt(rate: float, nper: float, pv: float, fv: float = 0.0, *, begin: bool = False) -> float:
    """Level payment a period."""
    count = _whole(nper)
    if count is None or rate <= -1:
        return -(fv + pv * _grown(rate, nper)) / _annuity(rate, nper, begin=begin)
    return float(-_payment(rate, count, pv, fv) / (1 + Fraction(rate) * begin))


@cache
def _interest(rate: float, count: int, pv: float, fv: float) -> tuple[float, ...] | None:
    """Interest of every row of the product's; None where a balance grows or turns, which it has no rows for."""
    sign = 1 if pv >= 0 else -1
    balance, payment = round(sign * Fraction(pv) * _FINE), round(sign * _payment(rate, count, pv, fv) * _FINE)
    if rate < 0 or sign * fv > 0 or payment < balance * Fraction(rate):
        return None
    rows = amortise(balance, [Fraction(rate)] * count, [payment] * count, "half_even")
    return tuple(sign * row.interest / _FINE for row in rows)


def ipmt(rate: float, per: float, nper: float, pv: float, fv_: float = 0.0, *, begin: bool = False) -> float:
    """Interest in payment number `per`; NaN outside 1 to `nper`."""
    if per < 1 or per > nper:
        return math.nan
    at, count = _whole(per), _whole(nper)
    if not begin and at is not None and count is not None and (rows := _interest(rate, count, pv, fv_)) is not None:
        return -rows[at - 1]
    if begin and per == 1:
        return 0.0
    interest = rate * fv(rate, per - 1, pmt(rate, nper, pv, fv_, begin=begin), pv, begin=begin)
    return interest / (1 + rate) if begin else interest


def ppmt(rate: float, per: float, nper: float, pv: float, fv_: float = 0.0, *, begin: bool = False) -> float:
    """Principal in payment number `per`; NaN outside 1 to `nper`."""
    return pmt(rate, nper, pv, fv_, begin=begin) - ipmt(rate, per, nper, pv, fv_, begin=begin)


def nper(rate: float, pmt: float, pv: float, fv: float = 0.0, *, begin: bool = False) -> float:
    """Number of periods, the textbook's; infinite where nothing is ever repaid, NoRateError where no number fits."""
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
    """Rate a period. Raises NoRateError where there is none."""
    if (count := _whole(nper)) is not None:
        paid_at = range(count) if begin else range(1, count + 1)
        return balancing_rate([pv, *[pmt] * count, fv], [0, *paid_at, count])
    return _rate_of_parts(nper, pmt, pv, fv, begin=begin)


def _rate_of_parts(nper: float, pmt: float, pv: float, fv: float, *, begin: bool) -> float:
    """The textbook's rate of a number of periods that is no whole one: the zero nearest to none."""

    def value_and_slope(x: float) -> tuple[float, float]:
        step = 1e-7 * (1 + abs(x))
        at, up, down = (
            fv + pv * _grown(y, nper) + pmt * _annuity(y, nper, begin=begin) for y in (x, x + step, x - step)
        )
        return at, (up - down) / (2 * step)

    grid = [math.expm1(u / 200) for u in range(-1400, 1401)]
    values = [value_and_slope(x)[0] for x in grid]
    roots = [
        solve_bracketed(value_and_slope, grid[k], grid[k + 1])
        for k in range(len(grid) - 1)
        if values[k] * values[k + 1] <= 0 and values[k] != values[k + 1]
    ]
    if not roots:
        raise NoRateError("no rate repays this: payments and amounts need different signs")
    return min(roots, key=abs)


def irr(cash_flows: Sequence[float]) -> float:
    """Internal rate of return a period of evenly spaced amounts."""
    return balancing_rate(cash_flows, range(len(cash_flows)))


def npv(rate: float, cash_flows: Sequence[float]) -> float:
    """Net present value, the textbook's, the first amount undiscounted."""
    return math.fsum(amount / _grown(rate, k) for k, amount in enumerate(cash_flows))


def mirr(cash_flows: Sequence[float], finance_rate: float, reinvest_rate: float) -> float:
    """Modified internal rate of return, the textbook's: outflows financed at one rate, inflows reinvested at another.

    Raises NoRateError where all amounts have one sign.
    """
    received = [max(amount, 0.0) for amount in cash_flows]
    paid = [min(amount, 0.0) for amount in cash_flows]
    if not any(received) or not any(paid):
        raise NoRateError("a modified rate needs both inflows and outflows")
    ratio = npv(reinvest_rate, received) / -npv(finance_rate, paid)
    return math.pow(ratio, 1 / (len(cash_flows) - 1)) * (1 + reinvest_rate) - 1


def _years(dates: Sequence[date], day_count: DayCount) -> list[float]:
    first = min(dates)
    return [float(year_fraction(first, day, day_count)) for day in dates]


def xirr(dates: Sequence[date], amounts: Sequence[float], day_count: DayCount) -> float:
    """Effective annual rate of dated amounts in any order, years counted from the earliest date."""
    return balancing_rate(amounts, _years(dates, day_count))


def xnpv(rate: float, dates: Sequence[date], amounts: Sequence[float], day_count: DayCount) -> float:
    """Net present value on the earliest date at an effective annual rate, the product's year fractions."""
    return math.fsum(a / _grown(rate, t) for a, t in zip(amounts, _years(dates, day_count), strict=True))
