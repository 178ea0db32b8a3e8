"""Which conventions hold for a plan: those of its product when it began, and the closed days known on the night."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.dates.calendar import roll_to_business_day
from transforms.policy.conventions import Conventions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from transforms.dates.business_days import BusinessCalendar


@dataclass(frozen=True)
class ProductConventions:
    """Conventions by product and first day of validity, and the calendars they name.

    Due dates roll by the closed days whose notice was published by `known_on`; without a calendar of that name no due
    date rolls. A product that is not named has the conventions of :class:`Conventions`.
    """

    known_on: date | None = None
    versions: Mapping[str, tuple[tuple[date, Conventions], ...]] = field(default_factory=dict)
    calendars: Mapping[str, BusinessCalendar] = field(default_factory=dict)

    def of(self, product_code: str, started_on: date) -> Conventions:
        """The conventions of a plan: those of its start, the earliest ones for a plan that is older."""
        versions = self.versions.get(product_code, ())
        standing = [conventions for since, conventions in versions if since <= started_on]
        if standing:
            return standing[-1]
        return versions[0][1] if versions else Conventions()

    def closed_and_open(self, conventions: Conventions) -> tuple[frozenset[date], frozenset[date]]:
        """(closed days, weekend days worked) by which due dates roll."""
        calendar = self.calendars.get(conventions.calendar)
        if calendar is None or self.known_on is None:
            return frozenset(), frozenset()
        return calendar.closed_days(self.known_on), calendar.open_days(self.known_on)

    def rolled(self, days: Iterable[date], conventions: Conventions) -> dict[date, date]:
        """Each day with the business day it falls on by the conventions."""
        if conventions.due_date_roll == "none" or conventions.calendar not in self.calendars:
            return {day: day for day in days}
        closed, worked = self.closed_and_open(conventions)
        return {day: roll_to_business_day(day, conventions.due_date_roll, closed, worked) for day in days}
