"""Day counts that look at the whole period, and how public sources spell them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from transforms.dates.day_count import DayCount, parse_day_count, year_fraction

FEB_29 = DayCount.ACT_ACT_FEB_29


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2024-02-01", "2024-03-01", Fraction(29, 366)),
        ("2024-02-28", "2024-02-29", Fraction(1, 366)),
        ("2024-02-29", "2024-03-29", Fraction(29, 365)),
        ("2024-01-01", "2024-02-01", Fraction(31, 365)),
        ("2023-12-01", "2024-01-01", Fraction(31, 365)),
        ("2023-12-15", "2024-03-15", Fraction(16, 365) + Fraction(75, 366)),
    ],
)
def test_only_the_period_that_holds_29_february_counts_on_366(start: str, end: str, years: Fraction) -> None:
    """Fineract: the day is tested after the start up to the due date; such a period is cut at 31 December."""
    assert year_fraction(date.fromisoformat(start), date.fromisoformat(end), FEB_29) == years


def test_a_piece_counts_as_its_period_does() -> None:
    period = (date(2024, 2, 1), date(2024, 3, 1))
    assert year_fraction(date(2024, 2, 1), date(2024, 2, 11), FEB_29, within=period) == Fraction(10, 366)
    assert year_fraction(date(2024, 2, 11), date(2024, 2, 1), FEB_29, within=period) == Fraction(-10, 366)


@pytest.mark.parametrize(
    "text",
    [
        "FEB_29_PERIOD_ONLY",
        "Actual/Actual FEB_29_PERIOD_ONLY",
        "act/act (366 only for the period that holds 29 February)",
        "Act/Act, Feb 29 period only",
        "actual/actual feb29",
        "actual/actual 29 February",
    ],
)
def test_its_spellings_are_read_alike(text: str) -> None:
    assert parse_day_count(text) == FEB_29


@pytest.mark.parametrize("text", ["actual/365 29 february", "29 march", "actual/actual except 29 February"])
def test_what_only_looks_like_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="day count"):
        parse_day_count(text)
