"""First periods that cost most: what the first due date may be, and how a period is charged and measured.

An odd first period is charged by its actual days on 360, or as a whole one, by the product's convention; its annual
cost is measured by the calendar (:func:`transforms.pricing.plan_cost.plan_cost`). A cap has to hold on every first due
date that the product allows, whatever day the money is drawn.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from transforms.dates.calendar import add_months, due_day_of, months_between

if TYPE_CHECKING:
    from transforms.policy.conventions import FirstPeriod

#: Two years hold every day a month may start and end on: a year of 365 days and one of 366.
_FIRST_START, _STARTS = date(2023, 1, 1), 731
_MONTH = Fraction(1, 12)


class FirstDue(NamedTuple):
    """A first period: months by the calendar, and the years that it is charged for."""

    months: Fraction
    charged_years: Fraction


REGULAR = FirstDue(Fraction(1), _MONTH)


@cache
def dearest_first_periods(first_period: FirstPeriod, shortest: int, longest: int) -> tuple[FirstDue, ...]:
    """The first periods of `shortest` to `longest` days that no other one costs more than, for any amount.

    One that is not longer by the calendar and charged for no less costs no less. The regular month is among them
    unless another is worse.
    """
    found = {REGULAR}
    for number in range(_STARTS):
        start = _FIRST_START + timedelta(days=number)
        for days in range(shortest, longest + 1):
            due = start + timedelta(days=days)
            day = due_day_of(start, due)
            here, there = (add_months(start, months, anchor_day=day) for months in (0, 1))
            if (here, there) != (start, due):
                charged = Fraction(days, 360) if first_period == "actual_days" else _MONTH
                found.add(FirstDue(months_between(start, due, anchor_day=day), charged))
    kept = list[FirstDue]()
    for one in sorted(found, key=lambda due: (due.months, -due.charged_years)):
        if not kept or one.charged_years > kept[-1].charged_years:
            kept.append(one)
    return tuple(kept)
