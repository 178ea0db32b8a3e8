"""How a product reckons interest and due dates: the product catalogue says it, plans keep it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from transforms.dates.day_count import EQUAL_PERIODS

if TYPE_CHECKING:
    from transforms.dates.calendar import MonthEnd, Roll
    from transforms.dates.day_count import DayCount

#: How an odd first period is charged: by its actual days on a year of 360, or as a whole period whatever its length.
FirstPeriod = Literal["actual_days", "equal_periods"]
#: Whether interest of a period is rounded once, or each part of it between two movements for itself.
InterestRounded = Literal["period", "segment"]
#: What a part repaid early does to the rest: the installment stays and the plan ends sooner, or it falls.
PartPrepayment = Literal["shorter", "lower"]
FIRST_PERIODS: tuple[FirstPeriod, ...] = get_args(FirstPeriod)
INTEREST_ROUNDED: tuple[InterestRounded, ...] = get_args(InterestRounded)
PART_PREPAYMENTS: tuple[PartPrepayment, ...] = get_args(PartPrepayment)


@dataclass(frozen=True)
class Conventions:
    """Conventions of one kind of contract.

    `first_due_days`: fewest and most days from the drawdown to the first due date that the product allows; the cost cap
    is held on the worst of them. `calendar` names the closed days by which due dates roll.
    """

    interest_basis: DayCount | Literal["equal_periods"] = EQUAL_PERIODS
    first_period: FirstPeriod = "actual_days"
    first_due_days: tuple[int, int] = (15, 45)
    interest_rounded: InterestRounded = "period"
    due_date_roll: Roll = "none"
    month_end: MonthEnd = "last_day"
    calendar: str = "cn"
