"""Due dates keep their anchor day; day counts follow their published tables."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.dates.calendar import (
    BIWEEKLY,
    MONTHLY,
    QUARTERLY,
    SEMIMONTHLY,
    Frequency,
    add_months,
    due_dates,
    months_back,
    roll_to_business_day,
    unrolled,
)
from transforms.dates.day_count import DayCount, parse_day_count, year_fraction


def test_anchor_day_survives_short_months() -> None:
    dues = due_dates(date(2024, 1, 31), 4, MONTHLY)
    assert dues == [date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 31)]


@given(st.dates(date(2000, 1, 1), date(2040, 12, 31)), st.integers(-120, 120))
def test_months_are_added_as_dateutil_adds_them(day: date, months: int) -> None:
    assert add_months(day, months) == day + relativedelta(months=months)


def test_months_are_counted_back_from_the_end() -> None:
    """28 February is a month before 31 March and before 28 March alike: the short month cut the day."""
    assert months_back(date(2025, 2, 28), date(2025, 3, 31)) == 1
    assert months_back(date(2025, 2, 28), date(2025, 3, 28)) == 1
    assert months_back(date(2025, 2, 28), date(2025, 3, 27)) == 0
    assert months_back(date(2024, 3, 31), date(2025, 3, 31)) == 12


def test_missing_day_may_roll_to_the_next_month() -> None:
    dues = due_dates(date(2025, 1, 31), 3, MONTHLY, month_end="first_of_next")
    assert dues == [date(2025, 3, 1), date(2025, 3, 31), date(2025, 5, 1)]


def test_first_due_date_is_the_anchor_where_it_is_given() -> None:
    dues = due_dates(date(2024, 1, 10), 2, QUARTERLY, first_due_on=date(2024, 3, 31))
    assert dues == [date(2024, 3, 31), date(2024, 6, 30)]


def test_semimonthly_alternates_two_days() -> None:
    dues = due_dates(date(1978, 2, 23), 4, SEMIMONTHLY, first_due_on=date(1978, 3, 1))
    assert dues == [date(1978, 3, 1), date(1978, 3, 16), date(1978, 4, 1), date(1978, 4, 16)]


def test_biweekly_counts_days() -> None:
    assert due_dates(date(2024, 1, 1), 2, BIWEEKLY) == [date(2024, 1, 15), date(2024, 1, 29)]


def test_rolled_date_does_not_move_the_next_one() -> None:
    holidays = frozenset({date(2024, 5, 1)})
    dues = due_dates(date(2024, 3, 1), 3, MONTHLY, roll="following", holidays=holidays)
    assert dues == [date(2024, 4, 1), date(2024, 5, 2), date(2024, 6, 3)]


def test_modified_following_stays_in_its_month() -> None:
    assert due_dates(date(2024, 7, 31), 1, MONTHLY, roll="modified_following") == [date(2024, 8, 30)]
    assert due_dates(date(2024, 2, 29), 2, MONTHLY, roll="preceding")[1] == date(2024, 4, 29)


@settings(max_examples=100, deadline=None)
@given(
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.integers(1, 31),
    st.sampled_from(["none", "following", "modified_following", "preceding"]),
)
def test_a_rolled_due_date_tells_the_day_it_was_rolled_from(month: date, day: int, roll: str) -> None:
    """Where two days roll to one, the due day of the month the date stands in is meant."""
    nominal = add_months(month, 0, anchor_day=day)
    due = roll_to_business_day(nominal, roll)  # type: ignore[arg-type]
    back = unrolled(due, day, roll=roll)  # type: ignore[arg-type]
    assert roll_to_business_day(back, roll) == due  # type: ignore[arg-type]
    assert back == nominal or abs((due - nominal).days) > 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 month", MONTHLY),
        ("15 days", Frequency("day", 15)),
        ("every 2 weeks", BIWEEKLY),
        ("quarterly", QUARTERLY),
        ("semi-monthly", SEMIMONTHLY),
        ("2 years", Frequency("month", 24)),
    ],
)
def test_frequency_is_read_from_words(text: str, expected: Frequency) -> None:
    assert Frequency.parse(text) == expected


@pytest.mark.parametrize("text", ["", "moon", "0 months", "1.5 months"])
def test_unknown_frequency_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="frequency"):
        Frequency.parse(text)


def test_months_count_back_too() -> None:
    assert add_months(date(2024, 3, 31), -1) == date(2024, 2, 29)


# http://www.deltaquants.com/day-count-conventions, as tested by Anexen/pyxirr
DELTAQUANTS = [
    ("2007-12-28", "2008-02-29", "Act/Act", Fraction(4, 365) + Fraction(59, 366)),
    ("2007-12-28", "2008-02-29", "NL/365", Fraction(62, 365)),
    ("2007-12-28", "2008-02-29", "30E/360 German", Fraction(62, 360)),
    ("2007-12-28", "2008-02-29", "30/360 US", Fraction(61, 360)),
    ("2007-10-31", "2008-11-30", "Act/360", Fraction(396, 360)),
    ("2007-10-31", "2008-11-30", "30E+/360", Fraction(390, 360)),
    ("2008-02-01", "2009-05-31", "30/360 ISDA", Fraction(480, 360)),
    ("2008-02-01", "2009-05-31", "30E/360", Fraction(479, 360)),
    ("2008-02-01", "2009-05-31", "30E+/360", Fraction(480, 360)),
    ("2008-02-01", "2009-05-31", "Act/Act ISDA", Fraction(335, 366) + Fraction(150, 365)),
    ("2008-02-01", "2009-05-31", "NL/365", Fraction(484, 365)),
]
# https://westclintech.com/SQL-Server-Financial-Functions/SQL-Server-DAYS360-function
DAYS360 = [
    ("2007-02-28", "2007-03-31", 30, 32),
    ("2007-02-14", "2007-02-28", 14, 14),
    ("2008-02-29", "2009-02-28", 360, 359),
    ("2007-02-28", "2007-03-05", 5, 7),
    ("2008-08-31", "2009-02-28", 178, 178),
    ("2007-01-15", "2007-01-31", 16, 15),
]


@pytest.mark.parametrize(("start", "end", "convention", "years"), DELTAQUANTS)
def test_year_fractions_agree_with_the_published_table(start: str, end: str, convention: str, years: Fraction) -> None:
    assert year_fraction(date.fromisoformat(start), date.fromisoformat(end), parse_day_count(convention)) == years


@pytest.mark.parametrize(("start", "end", "american", "european"), DAYS360)
def test_thirty_day_months_agree_with_the_published_table(start: str, end: str, american: int, european: int) -> None:
    days = (date.fromisoformat(start), date.fromisoformat(end))
    assert year_fraction(*days, DayCount.THIRTY_360) * 360 == american
    assert year_fraction(*days, DayCount.THIRTY_E_360) * 360 == european


def test_year_end_convention_cuts_at_31_december() -> None:
    """Apache Fineract: 19 days on 365 and 12 days on 366, where ISDA has 20 and 11."""
    days = (date(2023, 12, 12), date(2024, 1, 12))
    assert year_fraction(*days, DayCount.ACT_ACT_YEAR_END) == Fraction(19, 365) + Fraction(12, 366)
    assert year_fraction(*days, DayCount.ACT_ACT_ISDA) == Fraction(20, 365) + Fraction(11, 366)


def test_unknown_day_count_is_refused() -> None:
    with pytest.raises(ValueError, match="actual/360"):
        parse_day_count("lunar")
