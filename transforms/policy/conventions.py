"""Interest and due-date conventions of a product: set in the product catalogue, kept for the life of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator

from transforms.dates.calendar import MonthEnd, Roll
from transforms.dates.day_count import EQUAL_PERIODS, DayCount, parse_day_count
from transforms.policy.mistakes import PolicyError, Table, Text

#: How an odd first period is charged: by its actual days on a year of 360, or as a whole period whatever its length.
FirstPeriod = Literal["actual_days", "equal_periods"]
#: Whether interest of a period is rounded once, or each part of it between two movements for itself.
InterestRounded = Literal["period", "segment"]
#: What a part repaid early does to the rest: the installment stays and the plan ends sooner, or it falls.
PartPrepayment = Literal["shorter", "lower"]
FIRST_PERIODS: tuple[FirstPeriod, ...] = get_args(FirstPeriod)
INTEREST_ROUNDED: tuple[InterestRounded, ...] = get_args(InterestRounded)

#: Longest first period a product may allow, days.
_MOST_DAYS = 366


def _counted(basis: object) -> object:
    if basis == EQUAL_PERIODS or isinstance(basis, DayCount):
        return basis
    try:
        return parse_day_count(str(basis))
    except ValueError as error:
        raise PolicyError(f"{error}, {EQUAL_PERIODS}") from None


def _fewest_and_most(days: object) -> object:
    numbers = isinstance(days, list | tuple) and len(days) == 2 and all(type(day) is int for day in days)
    if not numbers or not 1 <= days[0] <= days[1] <= _MOST_DAYS:  # type: ignore[index]  # a list, or numbers is false
        raise PolicyError(f"{days!r} is not [fewest, most] days, 1 to {_MOST_DAYS}")
    return days


@dataclass(frozen=True)
class Conventions(Table):
    """Conventions of one kind of contract.

    `first_due_days`: fewest and most days from the drawdown to the first due date that the product allows; the cost cap
    is checked on the worst of them. `calendar` names the closed days by which due dates roll.
    """

    interest_basis: Annotated[DayCount | Literal["equal_periods"], BeforeValidator(_counted)] = EQUAL_PERIODS
    first_period: FirstPeriod = "actual_days"
    first_due_days: Annotated[tuple[int, int], BeforeValidator(_fewest_and_most)] = (15, 45)
    interest_rounded: InterestRounded = "period"
    due_date_roll: Roll = "none"
    month_end: MonthEnd = "last_day"
    calendar: Text = "cn"
