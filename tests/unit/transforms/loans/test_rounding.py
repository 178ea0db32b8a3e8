"""Halves follow the lender's rule, to a cent or to a coarser unit."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from transforms.loans.rounding import round_cents, round_ratio

if TYPE_CHECKING:
    from transforms.loans.rounding import Rounding


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("half_up", [1, 2, 3, 4, 5, -3]),
        ("half_even", [0, 2, 2, 4, 4, -2]),
        ("up", [1, 2, 3, 4, 5, -3]),
    ],
)
def test_halves_follow_the_lenders_rule(mode: Rounding, expected: list[int]) -> None:
    assert [round_ratio(n, 2, mode) for n in (1, 3, 5, 7, 9, -5)] == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("half_up", [0, 0, 1, 1, 1, 2, 0, -1]),
        ("half_even", [0, 0, 1, 1, 1, 2, 0, -1]),
        ("up", [0, 1, 1, 1, 2, 2, -1, -1]),
    ],
)
def test_thirds_go_to_the_nearer_cent_or_away_from_nothing(mode: Rounding, expected: list[int]) -> None:
    assert [round_ratio(n, 3, mode) for n in (0, 1, 2, 3, 4, 5, -1, -2)] == expected


@pytest.mark.parametrize(("denominator", "unit"), [(0, 1), (-1, 1), (1, 0), (1, -1)])
def test_a_denominator_or_unit_below_one_is_refused(denominator: int, unit: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        round_ratio(1, denominator, unit=unit)
    assert round_ratio(7, 1, unit=1) == 7


@pytest.mark.parametrize(("mode", "expected"), [("half_up", 13), ("half_even", 12), ("up", 13)])
def test_an_exact_amount_of_cents_is_rounded_by_the_same_rule(mode: Rounding, expected: int) -> None:
    assert round_cents(Fraction(25, 2), mode) == expected
    assert round_cents(Fraction(25, 2), mode, 10) == (20 if mode == "up" else 10)


def test_rounding_to_a_unit() -> None:
    assert round_ratio(12_349, 1, "half_up", 100) == 12_300
    assert round_ratio(12_301, 1, "up", 100) == 12_400
    with pytest.raises(ValueError, match="rounding"):
        round_ratio(1, 2, "down")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 1"):
        round_ratio(1, 0)
