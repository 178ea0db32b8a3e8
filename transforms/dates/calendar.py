"""Due dates: the anchor day is kept (31 January, 29 February, 31 March), business days are an option.

A roll moves a single due date; the next one is again counted from the unrolled anchor.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection

Unit = Literal["day", "week", "semimonth", "month"]
MonthEnd = Literal["last_day", "first_of_next"]
Roll = Literal["none", "following", "modified_following", "preceding"]

_UNITS: dict[str, tuple[Unit, int]] = {
    "day": ("day", 1),
    "week": ("week", 1),
    "fortnight": ("week", 2),
    "month": ("month", 1),
    "quarter": ("month", 3),
    "year": ("month", 12),
}
_NAMED: dict[str, tuple[Unit, int]] = {
    "daily": ("day", 1),
    "weekly": ("week", 1),
    "biweekly": ("week", 2),
    "fortnightly": ("week", 2),
    "semimonthly": ("semimonth", 1),
    "half month": ("semimonth", 1),
    "monthly": ("month", 1),
    "bimonthly": ("month", 2),
    "quarterly": ("month", 3),
    "semiannual": ("month", 6),
    "semiannually": ("month", 6),
    "yearly": ("month", 12),
    "annually": ("month", 12),
}


@dataclass(frozen=True)
class Frequency:
    """A due date every `every` units; a semimonth is the anchor day and the day 15 days from it."""

    unit: Unit = "month"
    every: int = 1

    @classmethod
    def parse(cls, text: str) -> Frequency:
        """Read "1 month", "15 days", "2 weeks", "quarterly"; raises ValueError on anything else."""
        words = re.sub(r"[-\s]+", " ", text.strip().lower()).removeprefix("every ")
        if (named := _NAMED.get(words) or _NAMED.get(words.replace(" ", ""))) is not None:
            return cls(*named)
        found = re.fullmatch(r"(?:(\d+) )?([a-z]+?)s?", words)
        if found is None or found[2] not in _UNITS or (every := int(found[1] or 1)) < 1:
            raise ValueError(f"frequency {text!r} is not understood; write for example '1 month' or '15 days'")
        unit, times = _UNITS[found[2]]
        return cls(unit, times * every)

    @property
    def per_year(self) -> int | None:
        """Whole number of periods a year where there is one (12, 52, 26, 24, ...), otherwise None."""
        whole = {"month": 12, "week": 52, "semimonth": 24, "day": 365}[self.unit]
        return whole // self.every if whole % self.every == 0 else None


MONTHLY = Frequency("month", 1)
QUARTERLY = Frequency("month", 3)
WEEKLY = Frequency("week", 1)
BIWEEKLY = Frequency("week", 2)
SEMIMONTHLY = Frequency("semimonth", 1)


def add_months(start: date, months: int, *, anchor_day: int | None = None, month_end: MonthEnd = "last_day") -> date:
    """The anchor day (default: the day of `start`) `months` months on; negative months count back.

    Where the month has no such day: its last day, or with `first_of_next` the first day of the next month. Without
    an anchor it is dateutil's `relativedelta(months=…)`, in a quarter of its time.
    """
    day = anchor_day or start.day
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month0 + 1)[1]
    if day <= last:
        return date(year, month0 + 1, day)
    return date(year, month0 + 1, last) + timedelta(days=0 if month_end == "last_day" else 1)


def months_between(start: date, end: date, *, anchor_day: int | None = None) -> Fraction:
    """Months from a day to a later one: whole ones from the start, and the days left over as a share of their month.

    Source: Apache Fineract `ProgressiveEMICalculator.calculatePeriodRatio`. A start on the anchor day, also where a
    short month cut that, counts from it: from 28 February to 31 March is a month where plans fall due on the 31st.
    """
    day = anchor_day if anchor_day and add_months(start, 0, anchor_day=anchor_day) == start else start.day
    months = max(12 * (end.year - start.year) + end.month - start.month - 1, 0)
    while add_months(start, months + 1, anchor_day=day) <= end:
        months += 1
    reached, full = (add_months(start, m, anchor_day=day) for m in (months, months + 1))
    return months + Fraction((end - reached).days, (full - reached).days)


def months_back(start: date, end: date) -> int:
    """Whole months counted back from `end` that end on `start` or after it."""
    months = 0
    while add_months(end, -(months + 1)) >= start:
        months += 1
    return months


def due_day_of(started_on: date, first_due_on: date) -> int:
    """The day of the month a plan falls due, 31 for the last one: the first due date's, or what a short month cut.

    A first due date on the last day of its month falls due on the start's day where that is later (31 October, then 30
    November), otherwise on the last day, unless it is the start's day itself (28 January, 28 February).
    """
    day = first_due_on.day
    if add_months(first_due_on, 0, anchor_day=31) != first_due_on or started_on.day == day:
        return day
    return started_on.day if started_on.day > day else 31


def roll_to_business_day(
    day: date, roll: Roll, holidays: Collection[date] = (), workdays: Collection[date] = ()
) -> date:
    """Move a date off `holidays` and weekends that are no `workdays`; `modified_following` stays in its month."""
    if roll == "none":
        return day

    def closed(d: date) -> bool:
        return d in holidays or (d.weekday() >= 5 and d not in workdays)

    step = timedelta(days=-1 if roll == "preceding" else 1)
    moved = day
    while closed(moved):
        moved += step
    if roll == "modified_following" and moved.month != day.month:
        moved = day
        while closed(moved):
            moved -= timedelta(days=1)
    return moved


def unrolled(
    due_on: date,
    due_day: int,
    *,
    month_end: MonthEnd = "last_day",
    roll: Roll = "none",
    holidays: Collection[date] = (),
    workdays: Collection[date] = (),
) -> date:
    """The due date that a roll moved to `due_on`: the due day of its month or of one beside it, otherwise itself."""
    for months in (0, -1, 1):
        day = add_months(due_on, months, anchor_day=due_day, month_end=month_end)
        if roll_to_business_day(day, roll, holidays, workdays) == due_on:
            return day
    return due_on


def _semimonth(first: date, index: int, month_end: MonthEnd) -> date:
    low = first.day if first.day <= 15 else first.day - 15
    half = 0 if first.day <= 15 else 1
    months, second = divmod(index + half, 2)
    anchor = low + 15 if second else low
    return add_months(first.replace(day=1), months, anchor_day=anchor, month_end=month_end)


def due_dates(
    start_on: date,
    count: int,
    frequency: Frequency = MONTHLY,
    *,
    first_due_on: date | None = None,
    due_day: int | None = None,
    month_end: MonthEnd = "last_day",
    roll: Roll = "none",
    holidays: Collection[date] = (),
    workdays: Collection[date] = (),
) -> list[date]:
    """`count` due dates after `start_on`; with `first_due_on` its day is the anchor, otherwise the start's day.

    `due_day` is the anchor of monthly due dates instead (31: the last day); a `first_due_on` is used as given. Raises
    ValueError where the count is below 1 or the first due date is before the start.
    """
    if count < 1:
        raise ValueError(f"{count} installments asked for; at least 1 is needed")
    if first_due_on is not None and first_due_on < start_on:
        raise ValueError(f"first due date {first_due_on} is before the start {start_on}")
    anchor, offset = (start_on, 1) if first_due_on is None else (first_due_on, 0)
    steps = range(offset, offset + count)
    if frequency.unit == "month":
        days = [add_months(anchor, k * frequency.every, anchor_day=due_day, month_end=month_end) for k in steps]
        days[0] = first_due_on or days[0]
    elif frequency.unit == "semimonth":
        days = [_semimonth(anchor, k * frequency.every, month_end) for k in steps]
    else:
        length = frequency.every * (7 if frequency.unit == "week" else 1)
        days = [anchor + timedelta(days=k * length) for k in steps]
    return [roll_to_business_day(d, roll, holidays, workdays) for d in days]
