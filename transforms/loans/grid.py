"""Exact monthly plans for many cells at once: integers in, integers out, equal to the schedule to the cent.

Conventions: interest by the month (rate / 12), rounding to the cent, residual on the last installment. Installments
come from :mod:`transforms.loans.levels`, interest is integer arithmetic throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transforms.loans.levels import YEAR_M, balloon_cents, divide_rounded, scheduled_levels
from transforms.loans.plan import MILLION, STEPS, RepayMethod

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from transforms.loans.rounding import Rounding

__all__ = ["GRID_METHODS", "GridPrices", "divide_rounded", "price_many"]
_DENOMINATOR = 12 * MILLION
_LARGEST = 2**62 // (2 * MILLION)
GRID_METHODS = tuple(method for method in RepayMethod if method != RepayMethod.MIN_PAYMENT)


@dataclass(frozen=True)
class GridPrices:
    """A value a cell, cents: first, last and highest installment, all interest.

    `payments` (cells x longest term) if kept.
    """

    payment_cents: NDArray[np.int64]
    last_payment_cents: NDArray[np.int64]
    highest_payment_cents: NDArray[np.int64]
    interest_cents: NDArray[np.int64]
    payments: NDArray[np.int64] | None


def price_many(
    principal_cents: ArrayLike,
    rate_ppm: ArrayLike,
    term_m: ArrayLike,
    method: RepayMethod,
    *,
    balloon_bp: ArrayLike = 0,
    step_bp: ArrayLike = 0,
    payment_rounding: Rounding = "half_up",
    interest_rounding: Rounding = "half_up",
    keep_payments: bool = False,
) -> GridPrices:
    """Schedules of many monthly plans of one method; the arrays broadcast to one length.

    `rate_ppm` is the nominal rate a year in whole millionths. BALLOON leaves `balloon_bp` of the principal, rounded
    half up, to the last installment; a step changes the installment by `step_bp` a year. Raises ValueError for
    MIN_PAYMENT, an amount or term below 1, a rate above 1, or an amount above 23 billion yuan.
    """
    if method not in GRID_METHODS:
        raise ValueError(f"method {method} is priced one plan at a time, see build_schedule")
    given = (principal_cents, rate_ppm, term_m, balloon_bp, step_bp)
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(a)) for a in given))
    if columns[0].size == 0:
        none = np.zeros(0, dtype=np.int64)
        return GridPrices(none, none, none, none, np.zeros((0, 0), dtype=np.int64) if keep_payments else None)
    if not all(np.issubdtype(column.dtype, np.integer) for column in columns):
        raise ValueError("amounts in cents, rates in millionths, terms and shares must be integers")
    principal, rate, term, balloon, step = (column.astype(np.int64) for column in columns)
    if principal.min() < 1 or term.min() < 1 or rate.min() < 0 or rate.max() > MILLION or principal.max() > _LARGEST:
        raise ValueError(f"amounts must lie in 1 to {_LARGEST} cents, terms from 1 month, rates in 0 to 1")
    if balloon.min() < 0 or balloon.max() > 10_000 or step.min() < 0 or step.max() >= 10_000:
        raise ValueError("balloon_bp lies between 0 and 10000, step_bp between 0 and 9999")
    if method == RepayMethod.INTEREST_FREE and rate.any():
        raise ValueError("INTEREST_FREE needs a rate of 0")
    if method in {RepayMethod.EQ_PRIN, RepayMethod.INT_FIRST, RepayMethod.FLAT}:
        interest_first, flat = method == RepayMethod.INT_FIRST, method == RepayMethod.FLAT
        parts = np.zeros_like(principal) if interest_first else _level_principal(principal, term, payment_rounding)
        return _roll_principal(principal, rate, term, parts, interest_rounding, flat=flat, keep=keep_payments)
    final = balloon_cents(principal, balloon) if method == RepayMethod.BALLOON else np.zeros_like(principal)
    stepped = step if method == RepayMethod.STEP_UP else -step if method in STEPS else np.zeros_like(step)
    levels = scheduled_levels(principal, rate, term, final, stepped, payment_rounding)
    return _roll(principal, rate, term, levels, interest_rounding, keep=keep_payments)


def _level_principal(principal: NDArray[np.int64], term: NDArray[np.int64], mode: Rounding) -> NDArray[np.int64]:
    """Equal principal of each cell; never so much that the last installment would have none left."""
    whole, rest = np.divmod(principal, term)
    twice = 2 * rest
    up = rest > 0 if mode == "up" else (twice > term) | (twice == term) & ((whole % 2 == 1) | (mode == "half_up"))
    return np.asarray(np.minimum(whole + up, principal // np.maximum(term - 1, 1)), dtype=np.int64)


class _Tally:
    """First, last and highest installment and all interest, gathered month by month."""

    def __init__(self, cells: int, longest: int, *, keep: bool) -> None:
        """Nothing paid yet."""
        self.first, self.last, self.highest, self.interest = (np.zeros(cells, dtype=np.int64) for _ in range(4))
        self.kept = np.zeros((cells, longest), dtype=np.int64) if keep else None

    def month(
        self, number: int, repaid: NDArray[np.int64], interest: NDArray[np.int64], term: NDArray[np.int64]
    ) -> None:
        """One month's installment of the cells that still run."""
        due = np.where(term >= number, repaid + interest, 0)
        self.interest += np.where(term >= number, interest, 0)
        self.first = due if number == 1 else self.first
        self.last = np.where(term == number, due, self.last)
        self.highest = np.maximum(self.highest, due)
        if self.kept is not None:
            self.kept[:, number - 1] = due

    def prices(self) -> GridPrices:
        """What was gathered."""
        return GridPrices(self.first, self.last, self.highest, self.interest, self.kept)


def _roll_principal(
    principal: NDArray[np.int64],
    rate: NDArray[np.int64],
    term: NDArray[np.int64],
    parts: NDArray[np.int64],
    interest_rounding: Rounding,
    *,
    flat: bool,
    keep: bool,
) -> GridPrices:
    """Equal principal (or none) with interest on top, on the balance or flat; the last repays what is left."""
    longest, balance = int(term.max()), principal.copy()
    tally = _Tally(len(principal), longest, keep=keep)
    for number in range(1, longest + 1):
        interest = divide_rounded((principal if flat else balance) * rate, _DENOMINATOR, interest_rounding)
        repaid = np.where(term == number, balance, parts)
        tally.month(number, repaid, interest, term)
        balance = np.where(term >= number, balance - repaid, 0)
    return tally.prices()


def _roll(
    principal: NDArray[np.int64],
    rate: NDArray[np.int64],
    term: NDArray[np.int64],
    levels: NDArray[np.int64],
    interest_rounding: Rounding,
    *,
    keep: bool,
) -> GridPrices:
    """Installments of `levels` (a column a year), interest out of them first, the rest repays."""
    longest, balance = int(term.max()), principal.copy()
    tally = _Tally(len(principal), longest, keep=keep)
    waiting = np.zeros_like(principal)
    for number in range(1, longest + 1):
        ends, level = term == number, levels[:, (number - 1) // YEAR_M if levels.shape[1] > 1 else 0]
        earned = divide_rounded(balance * rate, _DENOMINATOR, interest_rounding) + waiting
        interest = np.where(ends, earned, np.minimum(earned, level))
        waiting = earned - interest
        repaid = np.where(ends, balance, np.minimum(level - interest, balance))
        tally.month(number, repaid, interest, term)
        balance = np.where(term >= number, balance - repaid, 0)
    return tally.prices()
