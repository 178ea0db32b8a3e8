"""Rounding of exact ratios to whole cents by the lender's rule; no float ever decides a cent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from fractions import Fraction

Rounding = Literal["half_up", "half_even", "up"]
ROUNDINGS: tuple[Rounding, ...] = ("half_up", "half_even", "up")


def round_ratio(numerator: int, denominator: int, mode: Rounding = "half_up", unit: int = 1) -> int:
    """`numerator / denominator` rounded to a multiple of `unit`.

    `half_up` rounds halves away from zero, `half_even` to the even multiple, `up` away from zero. Raises ValueError
    for an unknown mode, a unit below 1 or a denominator below 1.
    """
    if mode not in ROUNDINGS:
        raise ValueError(f"rounding {mode!r} is none of {', '.join(ROUNDINGS)}")
    if unit < 1 or denominator < 1:
        raise ValueError(f"rounding unit {unit} and denominator {denominator} must be at least 1")
    sign = -1 if numerator < 0 else 1
    whole, rest = divmod(abs(numerator), denominator * unit)
    if rest:
        twice = 2 * rest - denominator * unit
        if mode == "up" or twice > 0 or (twice == 0 and (mode == "half_up" or whole % 2 == 1)):
            whole += 1
    return sign * whole * unit


def round_cents(value: Fraction, mode: Rounding = "half_up", unit: int = 1) -> int:
    """An exact amount in cents rounded to a multiple of `unit` cents, see :func:`round_ratio`."""
    return round_ratio(value.numerator, value.denominator, mode, unit)
