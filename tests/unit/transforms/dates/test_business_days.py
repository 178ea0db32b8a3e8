"""Business days: a holiday is known from its notice on, weekends worked count, mistakes are named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from transforms.dates.business_days import parse_calendar
from transforms.dates.calendar import roll_to_business_day
from warehouse.reference import load_document

CHINA = parse_calendar(load_document("calendars", "cn").body, source="cn.toml")
AFTER_NOTICE = date(2025, 11, 4)


@pytest.mark.parametrize(
    ("due", "roll", "expected"),
    [
        (date(2026, 2, 15), "following", date(2026, 2, 24)),  # the Spring Festival ends on the 23rd
        (date(2026, 2, 15), "preceding", date(2026, 2, 14)),  # a Saturday worked instead
        (date(2026, 2, 28), "following", date(2026, 2, 28)),  # another one
        (date(2026, 10, 1), "modified_following", date(2026, 10, 8)),
        (date(2026, 5, 30), "modified_following", date(2026, 5, 29)),
    ],
)
def test_due_dates_move_off_the_holidays(due: date, roll: Any, expected: date) -> None:
    closed, worked = CHINA.closed_days(AFTER_NOTICE), CHINA.open_days(AFTER_NOTICE)
    assert roll_to_business_day(due, roll, closed, worked) == expected


def test_holiday_is_not_known_before_its_notice() -> None:
    """The night of 3 November 2025 sees weekends only in 2026; the night after sees the notice."""
    before = date(2025, 11, 3)
    assert date(2026, 2, 16) not in CHINA.closed_days(before)
    assert date(2026, 2, 16) in CHINA.closed_days(AFTER_NOTICE)
    assert roll_to_business_day(date(2026, 2, 16), "following", CHINA.closed_days(before)) == date(2026, 2, 16)


def test_calendar_of_weekends_has_no_holidays() -> None:
    weekends = parse_calendar(load_document("calendars", "weekends").body, source="weekends.toml")
    assert not weekends.closed_days(date.max)
    assert roll_to_business_day(date(2026, 10, 3), "following", weekends.closed_days(date.max)) == date(2026, 10, 5)


NOTICE = {"published_on": date(2025, 1, 1), "citation": "x", "closed": [], "open": []}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"calendar_id": ""}, "calendar_id"),
        ({"years": 3}, "years is not known"),
        ({"notice": [{"published_on": date(2025, 1, 1)}]}, "notice of 2025-01-01"),
        ({"notice": [{**NOTICE, "open": [date(2025, 1, 6)]}]}, "weekend"),
        ({"notice": [{**NOTICE, "closed": [[date(2025, 1, 6), date(2025, 1, 5)]]}]}, "first day, last day"),
    ],
)
def test_mistake_in_a_calendar_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_calendar({"calendar_id": "x", **change}, source="x.toml")
