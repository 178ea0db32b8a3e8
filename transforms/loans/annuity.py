"""Payments and rows from a balance and the exact rate factor of each period; shared by every kind of schedule.

A factor is the interest a period earns on one unit of balance. All amounts are integer cents.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from transforms.loans.rounding import round_cents, round_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transforms.loans.rounding import Rounding

_MAX_ADJUSTMENTS = 3


class Part(NamedTuple):
    """Principal and interest due in one period and the balance after it, cents."""

    principal: int
    interest: int
    balance: int


def closed_payment(balance: int, factor: Fraction, count: int, rounding: Rounding, unit: int = 1) -> int:
    """The annuity over `count` equal periods, B·f·(1+f)^n / ((1+f)^n - 1), rounded once from the exact ratio."""
    if factor == 0:
        return round_ratio(balance, count, rounding, unit)
    up, down = factor.numerator, factor.denominator
    grown, base = (up + down) ** count, down**count
    return round_ratio(balance * up * grown, down * (grown - base), rounding, unit)


def weighted_payments(
    balance: Fraction | int,
    factors: Sequence[Fraction],
    weights: Sequence[Fraction],
    rounding: Rounding,
    unit: int = 1,
    *,
    final: int = 0,
) -> list[int]:
    """Payments proportional to `weights` whose value at the periods' factors is `balance` less a `final` amount.

    Equal weights give the annuity over unequal periods: B·Π(1+f) / Σ Π of the later (1+f).
    """
    grown, value = Fraction(1), Fraction(0)
    for factor, weight in zip(reversed(factors), reversed(weights), strict=True):
        value += weight * grown
        grown *= 1 + factor
    level = (balance * grown - final) / value
    return [round_cents(level * weight, rounding, unit) for weight in weights]


def amortise(
    balance: int, factors: Sequence[Fraction], payments: Sequence[int], rounding: Rounding, *, waiting: int = 0
) -> list[Part]:
    """Rows of `payments` on `balance`; the last one repays what is left, whatever its payment says.

    Interest above a payment is not capitalised: it waits, free of interest, for the next payment that can bear it.
    `waiting` is such interest from before.
    """
    parts: list[Part] = []
    for number, (factor, payment) in enumerate(zip(factors, payments, strict=True), start=1):
        earned = round_cents(balance * factor, rounding) + waiting
        if number == len(factors):
            parts.append(Part(balance, earned, 0))
            break
        interest = min(earned, payment)
        waiting = earned - interest
        principal = min(payment - interest, balance)
        balance -= principal
        parts.append(Part(principal, interest, balance))
    return parts


def least_residual_payment(
    payment: int, count: int, difference: Callable[[int], int], rounding: Rounding, unit: int = 1
) -> int:
    """The level payment of `count` moved until the last installment differs little from it.

    `difference` says by how much it does at a payment. Source: Apache Fineract
    `ProgressiveEMICalculator.checkAndAdjustEmiIfNeededOnRelatedRepaymentPeriods`: while the last installment is off
    by more than half the number of periods in cents, spread the difference over the periods, at most three times, and
    keep a change only where it lessens the difference.
    """
    off = difference(payment)
    for _ in range(_MAX_ADJUSTMENTS):
        if count // 2 == 0 or abs(off) <= count // 2:
            break
        moved = round_ratio(payment + round_ratio(off, count, rounding), 1, rounding, unit)
        if moved == payment or abs(moved_off := difference(moved)) >= abs(off):
            break
        payment, off = moved, moved_off
    return payment


def equal_parts(amount: int, count: int, rounding: Rounding, unit: int = 1) -> list[int]:
    """`amount` in `count` equal parts, the residual on the last."""
    part = min(round_ratio(amount, count, rounding, unit), amount // max(count - 1, 1))
    return [part] * (count - 1) + [amount - part * (count - 1)]
