"""The scheduled installments of many monthly plans at once, exactly as one schedule rounds them.

An installment is estimated in floating point and decided exactly: wherever the estimate lies so near a rounding
boundary that its error could matter, the exact formula is evaluated in fractions.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from transforms.loans.annuity import closed_payment, weighted_payments
from transforms.loans.plan import MILLION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from transforms.loans.rounding import Rounding

YEAR_M = 12
"""Months after which a stepped installment changes."""
_DENOMINATOR = 12 * MILLION
_RELATIVE_ERROR = 1e-11
_ABSOLUTE_ERROR = 1e-7


def divide_rounded(numerator: NDArray[np.int64], denominator: int, mode: Rounding) -> NDArray[np.int64]:
    """Integer quotients of amounts that are not negative, rounded by the lender's rule."""
    whole, rest = np.divmod(numerator, denominator)
    if mode == "up":
        return whole + (rest > 0)
    twice = 2 * rest
    tie = (twice == denominator) & ((whole % 2 == 1) if mode == "half_even" else True)
    return np.asarray(whole + ((twice > denominator) | tie), dtype=np.int64)


def balloon_cents(principal: NDArray[np.int64], balloon_bp: NDArray[np.int64]) -> NDArray[np.int64]:
    """A share of the principal in cents, rounded half up."""
    return divide_rounded(principal * balloon_bp, 10_000, "half_up")


def scheduled_levels(
    principal: NDArray[np.int64],
    rate_ppm: NDArray[np.int64],
    term_m: NDArray[np.int64],
    final_cents: NDArray[np.int64],
    step_bp: NDArray[np.int64],
    mode: Rounding,
) -> NDArray[np.int64]:
    """A row a cell: its installment, a column a year where any of them steps, otherwise one column.

    `final_cents` is left to the last installment besides its own; `step_bp` is added to the installment each year
    (negative: taken off). Equal to :func:`transforms.loans.schedule.build_schedule` to the cent.
    """
    years = -(-int(term_m.max()) // YEAR_M) if step_bp.any() else 1
    level = _level(principal, rate_ppm, term_m, final_cents, step_bp)
    estimates = level[:, None] * np.power(1 + step_bp[:, None] / 10_000, np.arange(years)[None, :])
    rounded, doubtful = _rounded(estimates, mode)
    for at in np.flatnonzero(doubtful.any(axis=1)):
        cell = (int(principal[at]), int(rate_ppm[at]), int(term_m[at]), int(final_cents[at]), int(step_bp[at]))
        exact = _exact(*cell, mode)
        rounded[at, : len(exact)] = exact
    return rounded


def _level(
    principal: NDArray[np.int64],
    rate_ppm: NDArray[np.int64],
    term_m: NDArray[np.int64],
    final_cents: NDArray[np.int64],
    step_bp: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The first installment before rounding: present value over the value of the steps."""
    monthly = rate_ppm / _DENOMINATOR
    growth = np.log1p(monthly)

    def value_of(months: NDArray[np.int64]) -> NDArray[np.float64]:
        """Present value of one a month."""
        with np.errstate(divide="ignore", invalid="ignore"):
            value = -np.expm1(-months * growth) / monthly
        return np.where(rate_ppm == 0, months.astype(np.float64), value)

    if not step_bp.any():
        return (principal - final_cents * np.exp(-term_m * growth)) / value_of(term_m)
    steps, value = 1 + step_bp / 10_000, np.zeros(len(principal))
    for year in range(-(-int(term_m.max()) // YEAR_M)):
        months = np.clip(term_m - year * YEAR_M, 0, YEAR_M)
        value += steps**year * np.exp(-year * YEAR_M * growth) * value_of(months)
    return (principal - final_cents * np.exp(-term_m * growth)) / value


def _rounded(estimates: NDArray[np.float64], mode: Rounding) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Estimates rounded, and which of them lie too near a boundary to be trusted."""
    floor = np.floor(estimates)
    away = np.abs(estimates - floor - (0.5 if mode != "up" else 0.0))
    if mode == "up":
        away = np.minimum(away, 1 - away)
    doubtful = away <= np.abs(estimates) * _RELATIVE_ERROR + _ABSOLUTE_ERROR
    rounded = np.ceil(estimates) if mode == "up" else np.floor(estimates + 0.5)
    return rounded.astype(np.int64), doubtful


def _exact(principal: int, rate_ppm: int, term_m: int, final_cents: int, step_bp: int, mode: Rounding) -> list[int]:
    """The installment of each year in exact fractions."""
    factor = Fraction(rate_ppm, _DENOMINATOR)
    if not final_cents and not step_bp:
        return [closed_payment(principal, factor, term_m, mode)]
    step = 1 + Fraction(step_bp, 10_000)
    weights = [step ** (k // YEAR_M) for k in range(term_m)]
    payments = weighted_payments(principal, [factor] * term_m, weights, mode, final=final_cents)
    return payments[::YEAR_M] if step_bp else payments[:1]
