"""Which conventions a plan has, and on which day a due date falls by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from transforms.dates.business_days import parse_calendar
from transforms.loans.product_conventions import ProductConventions
from transforms.policy.conventions import Conventions
from warehouse.reference import load_document

_CALENDAR = load_document("calendars", "cn")
CALENDARS = {"cn": parse_calendar(_CALENDAR.body, source=_CALENDAR.path.name)}
FOLLOWING, PRECEDING = Conventions(due_date_roll="following"), Conventions(due_date_roll="preceding")
VERSIONS = {"car": ((date(2024, 1, 1), FOLLOWING), (date(2025, 1, 1), PRECEDING))}
#: A Saturday that is nobody's holiday, and the days beside it.
FRIDAY, SATURDAY, MONDAY = date(2025, 3, 14), date(2025, 3, 15), date(2025, 3, 17)
KNOWN = date(2025, 12, 31)


@pytest.mark.parametrize(
    ("product", "start", "expected"),
    [
        ("car", date(2025, 1, 1), PRECEDING),
        ("car", date(2024, 12, 31), FOLLOWING),
        ("car", date(2024, 1, 1), FOLLOWING),
        ("car", date(2023, 12, 31), FOLLOWING),
        ("card_general", date(2025, 1, 1), Conventions()),
    ],
)
def test_a_plan_keeps_the_conventions_of_its_start(product: str, start: date, expected: Conventions) -> None:
    assert ProductConventions(KNOWN, VERSIONS, CALENDARS).of(product, start) == expected


@pytest.mark.parametrize(
    ("conventions", "expected"),
    [
        (FOLLOWING, MONDAY),
        (PRECEDING, FRIDAY),
        (Conventions(due_date_roll="none"), SATURDAY),
        (replace(FOLLOWING, calendar="eu"), SATURDAY),
    ],
    ids=["following", "preceding", "none", "a calendar that is not known"],
)
def test_a_due_date_rolls_where_a_calendar_says_which_days_are_closed(conventions: Conventions, expected: date) -> None:
    known = ProductConventions(KNOWN, VERSIONS, CALENDARS)
    assert known.rolled([SATURDAY, MONDAY], conventions) == {SATURDAY: expected, MONDAY: MONDAY}
    assert ProductConventions(KNOWN, VERSIONS).rolled([SATURDAY], conventions) == {SATURDAY: SATURDAY}


def test_holidays_are_closed_once_their_notice_is_published() -> None:
    """1 October 2025, a Wednesday, and 28 September, a Sunday worked for it."""
    known = ProductConventions(KNOWN, {}, CALENDARS)
    closed, worked = known.closed_and_open(FOLLOWING)
    assert date(2025, 10, 1) in closed
    assert date(2025, 9, 28) in worked
    nothing: tuple[frozenset[date], frozenset[date]] = (frozenset(), frozenset())
    assert ProductConventions(None, {}, CALENDARS).closed_and_open(FOLLOWING) == nothing
    assert ProductConventions(KNOWN).closed_and_open(FOLLOWING) == nothing
    before = ProductConventions(date(2024, 1, 1), {}, CALENDARS).closed_and_open(FOLLOWING)
    assert date(2025, 10, 1) not in before[0]
