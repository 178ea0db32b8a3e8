"""Year fractions between dates as exact fractions, by the published day count conventions.

Sources: 2006 ISDA Definitions section 4.16 (30/360, 30E/360, 30E/360 ISDA, actual/365 fixed, actual/360, actual/actual
ISDA); SIA for the American 30/360; Apache Fineract's progressive loans for `ACT_ACT_YEAR_END`, which cuts a period at
31 December where ISDA cuts it at 1 January, and for `ACT_ACT_FEB_29`, where only the period that holds 29 February
counts on 366 (its `FEB_29_PERIOD_ONLY`).
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Literal

#: Not by days: the rate over the periods a year.
EQUAL_PERIODS: Literal["equal_periods"] = "equal_periods"


class DayCount(StrEnum):
    """A day count convention; :func:`parse_day_count` reads the usual other spellings."""

    THIRTY_360 = "30/360"
    THIRTY_360_ISDA = "30/360 ISDA"
    THIRTY_E_360 = "30E/360"
    THIRTY_E_PLUS_360 = "30E+/360"
    THIRTY_E_360_ISDA = "30E/360 ISDA"
    ACT_365F = "actual/365F"
    ACT_365_25 = "actual/365.25"
    ACT_364 = "actual/364"
    ACT_360 = "actual/360"
    ACT_ACT_ISDA = "actual/actual ISDA"
    ACT_ACT_YEAR_END = "actual/actual year end"
    ACT_ACT_FEB_29 = "actual/actual 29 February"
    NL_365 = "NL/365"
    NL_360 = "NL/360"


_OTHER_SPELLINGS = {
    "actual/actual": DayCount.ACT_ACT_ISDA,
    "actual/365": DayCount.ACT_365F,
    "actual/365 fixed": DayCount.ACT_365F,
    "360/30": DayCount.THIRTY_360,
    "30/360 sia": DayCount.THIRTY_360,
    "30/360 us": DayCount.THIRTY_360,
    "30u/360": DayCount.THIRTY_360,
    "30us/360": DayCount.THIRTY_360,
    "bond basis": DayCount.THIRTY_360_ISDA,
    "30/360 bond basis": DayCount.THIRTY_360_ISDA,
    "30/360 isma": DayCount.THIRTY_E_360,
    "eurobond basis": DayCount.THIRTY_E_360,
    "30e/360 german": DayCount.THIRTY_E_360_ISDA,
    "30/360 german": DayCount.THIRTY_E_360_ISDA,
}
#: Words with which sources say that only the period with 29 February counts on 366.
_FEB_29_WORDS = re.compile(
    r"actual/actual|feb(?:ruary)?|29|periods?|only|leap|day|year|366|days|for|in|of|on|the|a|that|which|with|holds|holding"
    r"|contains|containing"
)
_FIXED_YEAR = {
    DayCount.ACT_365F: Fraction(365),
    DayCount.ACT_365_25: Fraction(1461, 4),
    DayCount.ACT_364: Fraction(364),
    DayCount.ACT_360: Fraction(360),
    DayCount.NL_365: Fraction(365),
    DayCount.NL_360: Fraction(360),
}


def parse_day_count(text: str) -> DayCount:
    """Read a convention, "act" and "a" meaning "actual"; raises ValueError with the known ones."""
    words = " ".join(text.lower().replace("_", " ").split())
    words = re.sub(r"\b(?:act|a)(?=/)|(?<=/)act\b", "actual", words)
    for known in DayCount:
        if known.value.lower() == words:
            return known
    if words in _OTHER_SPELLINGS:
        return _OTHER_SPELLINGS[words]
    said = re.sub(r"[(),;:]", " ", words.replace("feb29", "feb 29").replace("29feb", "29 feb")).split()
    if {"29", "feb"} <= {word[:3] for word in said} and all(map(_FEB_29_WORDS.fullmatch, said)):
        return DayCount.ACT_ACT_FEB_29
    raise ValueError(f"day count {text!r} is none of: {', '.join(DayCount)}")


def days_in_year(year: int) -> int:
    """365 or 366."""
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


def _is_february_end(day: date) -> bool:
    return day.month == 2 and (day + timedelta(days=1)).month == 3


def _thirty_360_days(start: date, end: date, convention: DayCount) -> int:
    first, last = min(start.day, 30), end.day
    months = 12 * (end.year - start.year) + end.month - start.month
    if convention == DayCount.THIRTY_360:
        if _is_february_end(start):
            first, last = 30, 30 if _is_february_end(end) else last
        last = min(last, 30) if first == 30 else last
    elif convention == DayCount.THIRTY_360_ISDA:
        last = min(last, 30) if first == 30 else last
    elif convention == DayCount.THIRTY_E_360:
        last = min(last, 30)
    elif convention == DayCount.THIRTY_E_PLUS_360:
        months, last = (months + 1, 1) if last == 31 else (months, last)
    else:
        first = 30 if _is_february_end(start) else first
        last = 30 if _is_february_end(end) else min(last, 30)
    return 30 * months + last - first


def _by_year(start: date, end: date, *, cut_on_first_day: bool) -> Fraction:
    total, at = Fraction(0), start
    for year in range(start.year, end.year + 1):
        boundary = date(year + 1, 1, 1) if cut_on_first_day else date(year, 12, 31)
        until = end if year == end.year else boundary
        total += Fraction((until - at).days, days_in_year(year))
        at = until
    return total


def _leap_days(start: date, end: date) -> int:
    leap_years = (y for y in range(start.year, end.year + 1) if days_in_year(y) == 366)
    return sum(start < date(y, 2, 29) <= end for y in leap_years)


def year_fraction(start: date, end: date, convention: DayCount, *, within: tuple[date, date] | None = None) -> Fraction:
    """Years from `start` to `end`, exactly; negative where `end` is earlier.

    `within` is the whole period (first day exclusive) of which this is a piece, where the convention looks at it.
    """
    if end < start:
        return -year_fraction(end, start, convention, within=within)
    if convention == DayCount.ACT_ACT_FEB_29:
        leap = _leap_days(*(within or (start, end)))
        convention = DayCount.ACT_ACT_YEAR_END if leap else DayCount.ACT_365F
    if convention == DayCount.ACT_ACT_ISDA:
        return _by_year(start, end, cut_on_first_day=True)
    if convention == DayCount.ACT_ACT_YEAR_END:
        return _by_year(start, end, cut_on_first_day=False)
    if convention in _FIXED_YEAR:
        days = (end - start).days
        if convention in {DayCount.NL_365, DayCount.NL_360}:
            days -= _leap_days(start, end)
        return days / _FIXED_YEAR[convention]
    return Fraction(_thirty_360_days(start, end, convention), 360)
