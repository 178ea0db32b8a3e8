"""Months between two columns of dates."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.dates.calendar import add_months
from transforms.dates.months import calendar_months, full_months


def both(start: date, end: date) -> tuple[int, int]:
    days = pl.DataFrame({"start": [start], "end": [end]})
    names = pl.col("start"), pl.col("end")
    return days.select(over=full_months(*names), calendar=calendar_months(*names)).row(0)


@pytest.mark.parametrize(
    ("start", "end", "over", "calendar"),
    [
        (date(2026, 1, 15), date(2026, 3, 14), 1, 2),
        (date(2026, 1, 15), date(2026, 3, 15), 2, 2),
        (date(2025, 12, 31), date(2026, 1, 1), 0, 1),
        (date(2026, 1, 31), date(2026, 4, 30), 2, 3),
        (date(2026, 5, 1), date(2026, 3, 31), -2, -2),
        (date(2000, 2, 29), date(2026, 2, 28), 311, 312),
    ],
)
def test_a_month_is_over_once_its_day_is_reached(start: date, end: date, over: int, calendar: int) -> None:
    assert both(start, end) == (over, calendar)


dates = st.dates(date(2000, 1, 1), date(2040, 12, 28))


@given(dates, dates)
def test_full_months_are_those_after_which_the_day_is_not_passed(start: date, end: date) -> None:
    start = min(start, start.replace(day=28))  # a day that every month has
    over, _ = both(start, end)
    assert add_months(start, over) <= end < add_months(start, over + 1)
