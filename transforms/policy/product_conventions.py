"""The conventions a catalogue names: how contracts reckon interest and due dates."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args

from transforms.dates.calendar import MonthEnd, Roll
from transforms.dates.day_count import EQUAL_PERIODS, parse_day_count
from transforms.policy.conventions import FIRST_PERIODS, INTEREST_ROUNDED, Conventions
from transforms.policy.read import refuse_unknown
from transforms.policy.rules import PolicyError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping


#: Longest first period a product may allow, days.
_MOST_DAYS = 366
_CHOICES: dict[str, tuple[str, ...]] = {
    "first_period": FIRST_PERIODS,
    "interest_rounded": INTEREST_ROUNDED,
    "due_date_roll": get_args(Roll),
    "month_end": get_args(MonthEnd),
}


def read_conventions(raw: Mapping[str, Any], where: str) -> Conventions:
    """One named set, every field given; PolicyError names the field and what exists."""
    names = [f.name for f in fields(Conventions)]
    refuse_unknown(raw, names, where)
    if missing := [name for name in names if name not in raw]:
        raise PolicyError(f"{where} lacks {', '.join(missing)}")
    for name, known in _CHOICES.items():
        if raw[name] not in known:
            raise PolicyError(f"{where}: {name}: {raw[name]!r} is not known{nearest(str(raw[name]), known)}")
    days, basis, calendar = raw["first_due_days"], raw["interest_basis"], raw["calendar"]
    numbers = isinstance(days, list) and len(days) == 2 and all(type(day) is int for day in days)
    if not numbers or not 1 <= days[0] <= days[1] <= _MOST_DAYS:
        raise PolicyError(f"{where}: first_due_days = {days!r} is not [fewest, most] days, 1 to {_MOST_DAYS}")
    if not isinstance(calendar, str) or not calendar:
        raise PolicyError(f"{where}: calendar must be the name of a calendar, got {calendar!r}")
    try:
        counted = EQUAL_PERIODS if basis == EQUAL_PERIODS else parse_day_count(str(basis))
    except ValueError as error:
        raise PolicyError(f"{where}: interest_basis: {error}, {EQUAL_PERIODS}") from None
    return Conventions(**{**raw, "interest_basis": counted, "first_due_days": (days[0], days[1])})


def convention_row(conventions: Conventions) -> dict[str, Any]:
    """The conventions as columns of `reference.product`."""
    fewest, most = conventions.first_due_days
    basis = str(conventions.interest_basis)
    return {**vars(conventions), "interest_basis": basis, "first_due_min_days": fewest, "first_due_max_days": most}
