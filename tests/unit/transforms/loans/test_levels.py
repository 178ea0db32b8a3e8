"""Level and stepped installments of many plans at once, and quotients by each rule of rounding, worked by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from transforms.loans.levels import balloon_cents, divide_rounded, scheduled_levels

if TYPE_CHECKING:
    from transforms.loans.rounding import Rounding


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("half_up", [0, 0, 1, 1, 1, 1, 2, 2]), ("half_even", [0, 0, 0, 1, 1, 1, 2, 2]), ("up", [0, 1, 1, 1, 1, 2, 2, 2])],
)
def test_quarters_are_rounded_by_the_lenders_rule(mode: Rounding, expected: list[int]) -> None:
    assert divide_rounded(np.arange(8), 4, mode).tolist() == expected


@pytest.mark.parametrize(("mode", "expected"), [("half_up", [1, 2, 3, 4]), ("half_even", [0, 2, 2, 4])])
def test_halves_go_up_or_to_the_even_cent(mode: Rounding, expected: list[int]) -> None:
    assert divide_rounded(np.array([1, 3, 5, 7]), 2, mode).tolist() == expected
    assert divide_rounded(np.array([1, 2, 4, 5]), 3, mode).tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize(("principal", "bp", "cents"), [(5, 3_000, 2), (4, 3_000, 1), (1_000_000, 3_000, 300_000)])
def test_a_balloon_is_a_share_rounded_half_up(principal: int, bp: int, cents: int) -> None:
    assert balloon_cents(np.array([principal]), np.array([bp])).tolist() == [cents]


def levels(
    principal: int, rate_ppm: int, term_m: int, final: int = 0, step_bp: int = 0, mode: Rounding = "half_up"
) -> list[int]:
    """The installments of one plan, a figure a year."""
    columns = (np.array([value]) for value in (principal, rate_ppm, term_m, final, step_bp))
    (row,) = scheduled_levels(*columns, mode).tolist()  # type: ignore[arg-type]
    return row  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((1_200_000, 120_000, 12), [106_619]),
        ((1_200_000, 120_000, 60), [26_693]),
        ((1_200_000, 0, 12), [100_000]),
        ((1_000_000, 0, 3), [333_333]),
        ((1_000_000, 120_000, 1), [1_010_000]),
        # Half of it is left to the end: 6,000.00 repaid in level parts, 60.00 a month on the other half.
        ((1_200_000, 120_000, 12, 600_000), [59_309]),
        ((1_200_000, 0, 12, 600_000), [50_000]),
        # Without interest a year of 100 and a year of 110 each month are 2,520 hundredths.
        ((252_000, 0, 24, 0, 1_000), [10_000, 11_000]),
        ((228_000, 0, 24, 0, -1_000), [10_000, 9_000]),
        ((331_000 * 12, 0, 36, 0, 1_000), [100_000, 110_000, 121_000]),
        ((252_000 + 12_100, 0, 25, 0, 1_000), [10_000, 11_000, 12_100]),
        ((120_000, 0, 12, 0, 1_000), [10_000]),
    ],
)
def test_installments_worked_by_hand(asked: tuple[int, ...], expected: list[int]) -> None:
    """A column a year where a plan steps, and a year begun is a year; otherwise one."""
    assert levels(*asked) == expected


@pytest.mark.parametrize(("mode", "expected"), [("half_up", [1, 2, 3]), ("half_even", [0, 2, 2]), ("up", [1, 2, 3])])
def test_an_installment_of_half_a_cent_more_is_decided_by_the_rule(mode: Rounding, expected: list[int]) -> None:
    assert [levels(principal, 0, 2, mode=mode)[0] for principal in (1, 3, 5)] == expected


@pytest.mark.parametrize(("mode", "expected"), [("half_up", 3), ("half_even", 3), ("up", 4)])
def test_an_installment_of_a_third_of_a_cent_more(mode: Rounding, expected: int) -> None:
    assert levels(10, 0, 3, mode=mode) == [expected]
    assert levels(9, 0, 3, mode=mode) == [3]


def test_stepped_installments_are_rounded_each_on_its_own() -> None:
    """Of 10.50, 11.55 and 12.705 in cents a month, half up."""
    assert levels(12 * 1_050 + 12 * 1_155, 0, 24, 0, 1_000) == [1_050, 1_155]
    assert levels(12 * 105 + 1_386 + 1_525, 0, 36, 0, 1_000)[0] == 105
