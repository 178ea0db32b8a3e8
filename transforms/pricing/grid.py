"""Exact monthly plans for many cells at once: integers in, integers out, equal to the schedule to the cent.

The payment is estimated in floating point and decided exactly: wherever the estimate lies so near a rounding boundary
that its error could matter, the closed formula is evaluated in integers. Interest is integer arithmetic throughout.
Conventions: interest by the month (rate / 12), rounding to the cent, residual on the last installment.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from transforms.pricing.annuity import closed_payment
from transforms.pricing.plan import MILLION, RepayMethod

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from transforms.pricing.rounding import Rounding

_DENOMINATOR = 12 * MILLION
_LARGEST = 2**62 // (2 * MILLION)
_RELATIVE_ERROR = 1e-11
_ABSOLUTE_ERROR = 1e-7
GRID_METHODS = (RepayMethod.ANNUITY, RepayMethod.EQ_PRIN, RepayMethod.INT_FIRST, RepayMethod.INTEREST_FREE)


@dataclass(frozen=True)
class GridPrices:
    """A value a cell, cents: first and last installment, all interest; `payments` (cells x longest term) if kept."""

    payment_cents: NDArray[np.int64]
    last_payment_cents: NDArray[np.int64]
    interest_cents: NDArray[np.int64]
    payments: NDArray[np.int64] | None


def divide_rounded(numerator: NDArray[np.int64], denominator: int, mode: Rounding) -> NDArray[np.int64]:
    """Integer quotients of amounts that are not negative, rounded by the lender's rule."""
    whole, rest = np.divmod(numerator, denominator)
    if mode == "up":
        return whole + (rest > 0)
    twice = 2 * rest
    tie = (twice == denominator) & ((whole % 2 == 1) if mode == "half_even" else True)
    return np.asarray(whole + ((twice > denominator) | tie), dtype=np.int64)


def annuity_payments(
    principal_cents: NDArray[np.int64], rate_ppm: NDArray[np.int64], term_m: NDArray[np.int64], mode: Rounding
) -> NDArray[np.int64]:
    """The equal installment of each cell, exactly as :func:`transforms.pricing.annuity.closed_payment` rounds it."""
    monthly = rate_ppm / _DENOMINATOR
    with np.errstate(divide="ignore", invalid="ignore"):
        share = -np.expm1(-term_m * np.log1p(monthly)) / monthly
    estimate = principal_cents / np.where(rate_ppm == 0, term_m.astype(np.float64), share)
    floor = np.floor(estimate)
    boundary = 0.5 if mode != "up" else 0.0
    away = np.abs(estimate - floor - boundary)
    if mode == "up":
        away = np.minimum(away, 1 - away)
    doubtful = away <= np.abs(estimate) * _RELATIVE_ERROR + _ABSOLUTE_ERROR
    rounded = np.ceil(estimate) if mode == "up" else np.floor(estimate + 0.5)
    payments = rounded.astype(np.int64)
    for at in np.flatnonzero(doubtful):
        factor = Fraction(int(rate_ppm[at]), _DENOMINATOR)
        payments[at] = closed_payment(int(principal_cents[at]), factor, int(term_m[at]), mode)
    return payments


def price_many(
    principal_cents: ArrayLike,
    rate_ppm: ArrayLike,
    term_m: ArrayLike,
    method: RepayMethod,
    *,
    payment_rounding: Rounding = "half_up",
    interest_rounding: Rounding = "half_up",
    keep_payments: bool = False,
) -> GridPrices:
    """Schedules of many monthly plans of one method; the three arrays broadcast to one length.

    `rate_ppm` is the nominal rate a year in whole millionths. Raises ValueError for a method other than ANNUITY,
    EQ_PRIN, INT_FIRST or INTEREST_FREE, an amount or term below 1, or an amount above 23 billion yuan.
    """
    if method not in GRID_METHODS:
        raise ValueError(f"method {method} is priced one plan at a time, see build_schedule")
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(a)) for a in (principal_cents, rate_ppm, term_m)))
    if columns[0].size == 0:
        none = np.zeros(0, dtype=np.int64)
        return GridPrices(none, none, none, np.zeros((0, 0), dtype=np.int64) if keep_payments else None)
    if not all(np.issubdtype(column.dtype, np.integer) for column in columns):
        raise ValueError("amounts in cents, rates in millionths and terms must be integers")
    principal, rate, term = (column.astype(np.int64) for column in columns)
    if principal.min() < 1 or term.min() < 1 or rate.min() < 0 or rate.max() > MILLION or principal.max() > _LARGEST:
        raise ValueError(f"amounts must lie in 1 to {_LARGEST} cents, terms from 1 month, rates in 0 to 1")
    if method == RepayMethod.INTEREST_FREE and rate.any():
        raise ValueError("INTEREST_FREE needs a rate of 0")
    return _roll(principal, rate, term, method, payment_rounding, interest_rounding, keep=keep_payments)


def _level_principal(principal: NDArray[np.int64], term: NDArray[np.int64], mode: Rounding) -> NDArray[np.int64]:
    """Equal principal of each cell; never so much that the last installment would have none left."""
    whole, rest = np.divmod(principal, term)
    twice = 2 * rest
    up = rest > 0 if mode == "up" else (twice > term) | (twice == term) & ((whole % 2 == 1) | (mode == "half_up"))
    return np.asarray(np.minimum(whole + up, principal // np.maximum(term - 1, 1)), dtype=np.int64)


def _roll(
    principal: NDArray[np.int64],
    rate: NDArray[np.int64],
    term: NDArray[np.int64],
    method: RepayMethod,
    payment_rounding: Rounding,
    interest_rounding: Rounding,
    *,
    keep: bool,
) -> GridPrices:
    longest = int(term.max())
    balance = principal.copy()
    zero = np.zeros_like(principal)
    interest_sum, first, last, waiting = zero.copy(), zero.copy(), zero.copy(), zero.copy()
    kept = np.zeros((len(principal), longest), dtype=np.int64) if keep else None
    if method == RepayMethod.EQ_PRIN:
        level = _level_principal(principal, term, payment_rounding)
    elif method == RepayMethod.INT_FIRST:
        level = zero
    else:
        level = annuity_payments(principal, rate, term, payment_rounding)
    for number in range(1, longest + 1):
        ends, runs = term == number, term >= number
        earned = divide_rounded(balance * rate, _DENOMINATOR, interest_rounding) + waiting
        if method in {RepayMethod.EQ_PRIN, RepayMethod.INT_FIRST}:
            interest, repaid = earned, level
        else:
            interest = np.where(ends, earned, np.minimum(earned, level))
            waiting = earned - interest
            repaid = np.minimum(level - interest, balance)
        repaid = np.where(ends, balance, repaid)
        due = np.where(runs, repaid + interest, 0)
        interest_sum += np.where(runs, interest, 0)
        balance = np.where(runs, balance - repaid, 0)
        first = due if number == 1 else first
        last = np.where(ends, due, last)
        if kept is not None:
            kept[:, number - 1] = due
    return GridPrices(first, last, interest_sum, kept)
