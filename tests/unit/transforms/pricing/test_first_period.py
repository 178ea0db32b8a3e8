"""The first periods that cost most, worked by hand: how long they are by the calendar and what they are charged for."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from transforms.pricing.first_period import REGULAR, FirstDue, dearest_first_periods

_MONTH = Fraction(1, 12)


def test_a_regular_first_period_is_a_month_and_charged_as_one() -> None:
    assert FirstDue(Fraction(1), Fraction(1, 12)) == REGULAR


@pytest.mark.parametrize(
    ("first_period", "days", "expected"),
    [
        # Half of a 31-day month charged as 15 days: nothing says whether that costs more than a regular month.
        ("actual_days", (15, 15), [(Fraction(15, 31), Fraction(15, 360)), (Fraction(1), _MONTH)]),
        ("actual_days", (29, 29), [(Fraction(29, 31), Fraction(29, 360)), (Fraction(1), _MONTH)]),
        # 30 days of a month of 31 are shorter than a month and charged as one: dearer than the regular one.
        ("actual_days", (30, 30), [(Fraction(30, 31), _MONTH)]),
        # 31 days from the middle of a month to the day after, a month of 31 days before it.
        ("actual_days", (31, 31), [(Fraction(1), _MONTH), (Fraction(32, 31), Fraction(31, 360))]),
        (
            "actual_days",
            (29, 31),
            [(Fraction(29, 31), Fraction(29, 360)), (Fraction(30, 31), _MONTH), (Fraction(32, 31), Fraction(31, 360))],
        ),
        ("actual_days", (45, 45), [(Fraction(1), _MONTH), (Fraction(45, 31), Fraction(45, 360))]),
        # Charged as a whole month whatever its days, the shortest costs most, and a longer one than a month nothing.
        ("equal_periods", (15, 15), [(Fraction(15, 31), _MONTH)]),
        ("equal_periods", (29, 31), [(Fraction(29, 31), _MONTH)]),
        ("equal_periods", (31, 31), [(Fraction(1), _MONTH)]),
        ("equal_periods", (45, 45), [(Fraction(1), _MONTH)]),
    ],
)
def test_the_dearest_first_periods_of_so_many_days(
    first_period: Any, days: tuple[int, int], expected: list[tuple[Fraction, Fraction]]
) -> None:
    assert dearest_first_periods(first_period, *days) == tuple(FirstDue(*period) for period in expected)
