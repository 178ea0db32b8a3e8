"""Halves follow the lender's rule, to a cent or to a coarser unit."""

from __future__ import annotations

import pytest

from transforms.loans.rounding import round_ratio


@pytest.mark.parametrize(
    ("mode", "expected"), [("half_up", [1, 2, 3, -3]), ("half_even", [0, 2, 2, -2]), ("up", [1, 2, 3, -3])]
)
def test_halves_follow_the_lenders_rule(mode: str, expected: list[int]) -> None:
    assert [round_ratio(n, 2, mode) for n in (1, 3, 5, -5)] == expected


def test_rounding_to_a_unit() -> None:
    assert round_ratio(12_349, 1, "half_up", 100) == 12_300
    assert round_ratio(12_301, 1, "up", 100) == 12_400
    with pytest.raises(ValueError, match="rounding"):
        round_ratio(1, 2, "down")
    with pytest.raises(ValueError, match="at least 1"):
        round_ratio(1, 0)
