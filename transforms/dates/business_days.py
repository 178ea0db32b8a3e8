"""Closed and open days of a calendar, as known on a day: read from a mapping (a TOML file), effective-dated.

A holiday is known from the day its notice was published; a due date worked out before that may not use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEYS = {"published_on", "citation", "closed", "open"}


@dataclass(frozen=True)
class Notice:
    """One notice: when it became known, where it says so, days closed, and weekend days open."""

    published_on: date
    citation: str
    closed: frozenset[date]
    open: frozenset[date]


@dataclass(frozen=True)
class BusinessCalendar:
    """All notices of one calendar; Saturdays and Sundays are closed unless a notice opens them."""

    calendar_id: str
    notices: tuple[Notice, ...]

    def closed_days(self, known_on: date) -> frozenset[date]:
        """Holidays known on a day."""
        return frozenset().union(*(n.closed for n in self.notices if n.published_on <= known_on))

    def open_days(self, known_on: date) -> frozenset[date]:
        """Weekend days worked, known on a day."""
        return frozenset().union(*(n.open for n in self.notices if n.published_on <= known_on))


def parse_calendar(document: Mapping[str, Any], *, source: str) -> BusinessCalendar:
    """The calendar of a file; ValueError names the file, the notice and what is wrong with it."""
    if stray := set(document) - {"calendar_id", "notice"}:
        raise ValueError(
            f"{source}: {', '.join(sorted(stray))} is not known; a calendar has calendar_id and [[notice]]"
        )
    name = document.get("calendar_id")
    if not isinstance(name, str) or not name:
        raise ValueError(f"{source}: calendar_id must be given as text")
    return BusinessCalendar(name, tuple(_notice(raw, source) for raw in document.get("notice", ())))


def _notice(raw: Mapping[str, Any], source: str) -> Notice:
    published, citation = raw.get("published_on"), raw.get("citation")
    where = f"{source}: notice of {published}"
    if set(raw) != _KEYS or not _is_day(published) or not isinstance(citation, str) or not citation:
        raise ValueError(f"{where}: a notice has published_on (a date), citation (text), closed and open")
    closed: set[date] = set()
    for span in raw["closed"]:
        if len(span) != 2 or not all(map(_is_day, span)) or span[1] < span[0]:
            raise ValueError(f"{where}: closed {span} is not [first day, last day]")
        closed |= {span[0] + timedelta(days=k) for k in range((span[1] - span[0]).days + 1)}
    for day in raw["open"]:
        if not _is_day(day) or day.weekday() < 5 or day in closed:
            raise ValueError(f"{where}: open {day} is not a weekend day outside the holidays")
    return Notice(raw["published_on"], citation, frozenset(closed), frozenset(raw["open"]))


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)
