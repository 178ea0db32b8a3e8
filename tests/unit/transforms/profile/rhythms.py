"""Wages in the rhythms that employers pay in, over the holidays of 2025 and 2026: days and amounts by case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Pay = list[tuple[date, int]]

WAGE = 1_000_000
#: First and last day of the weeks in which nobody works.
HOLIDAYS = [
    (date(2025, 5, 1), date(2025, 5, 5)),
    (date(2025, 10, 1), date(2025, 10, 8)),
    (date(2026, 1, 1), date(2026, 1, 3)),
    (date(2026, 2, 15), date(2026, 2, 23)),
    (date(2026, 5, 1), date(2026, 5, 5)),
]
_LAST = date(2026, 8, 31)


def _closed(day: date) -> bool:
    return day.weekday() > 4 or any(first <= day <= last for first, last in HOLIDAYS)


def earlier(day: date) -> date:
    """The day, or the working day before it."""
    while _closed(day):
        day -= timedelta(days=1)
    return day


def later(day: date) -> date:
    """The day, or the working day after it."""
    while _closed(day):
        day += timedelta(days=1)
    return day


def monthly(day: int, moved: Callable[[date], date] = earlier, every: int = 1, cents: int = WAGE) -> Pay:
    """That day of each month, or its last, moved where nobody works; `every`: in months that it divides."""
    found = []
    for number in range(2025 * 12, 2026 * 12 + 8):
        year, month = divmod(number, 12)
        following = date(year + month // 11, (month + 1) % 12 + 1, 1)
        if (month + 1) % every == 0:
            last = (following - timedelta(days=1)).day
            found.append((moved(date(year, month + 1, min(day, last))), cents))
    return found


def weekly(weeks: int, cents: int, moved: Callable[[date], date] = lambda day: day) -> Pay:
    """A Friday every so many weeks."""
    count = (_LAST - date(2025, 1, 3)).days // (7 * weeks) + 1
    return [(moved(date(2025, 1, 3) + timedelta(days=7 * weeks * n)), cents) for n in range(count)]


def before_spring(pay: Pay) -> Pay:
    """February's wage on the last day before Spring Festival."""
    return [(date(2026, 2, 13) if (day.year, day.month) == (2026, 2) else day, cents) for day, cents in pay]


#: The first of the month, the working day before where nobody works: cases Q20 and I06.
FIRSTS = "2025-04-01 2025-04-30 2025-05-30 2025-07-01 2025-08-01 2025-09-01 2025-09-30 2025-10-31 2025-12-01 2025-12-31"
FIRSTS += " 2026-01-30 2026-02-27 2026-04-01 2026-04-30 2026-06-01 2026-07-01 2026-07-31"
Q20 = [(date.fromisoformat(day), WAGE) for day in FIRSTS.split()]
I05 = before_spring(monthly(31))

RHYTHMS: Mapping[str, Pay] = {
    **{f"{day}, earlier": monthly(day) for day in (1, 5, 10, 15, 20, 25, 28, 30, 31)},
    **{f"{day}, later": monthly(day, later) for day in (1, 5, 10, 20, 25, 28, 31)},
    "Q20": Q20,
    "I05": I05,
    "28, early in February": before_spring(monthly(28)),
    "25, early in February": before_spring(monthly(25)),
    "two parts": monthly(5, cents=600_000) + monthly(20, cents=400_000),
    "half-monthly": monthly(15, cents=500_000) + monthly(31, cents=500_000),
    "weekly": weekly(1, 230_000, earlier),
    "fortnightly": weekly(2, 461_538, earlier),
    "four-weekly": weekly(4, 923_077, earlier),
    "every second month": monthly(10, every=2, cents=2 * WAGE),
    "quarterly": monthly(31, every=3, cents=3 * WAGE),
    "thirteenth wage": [*monthly(10), (date(2026, 1, 20), WAGE)],
    "bonuses": [*monthly(10), (date(2025, 9, 25), 2 * WAGE), (date(2026, 1, 25), 3 * WAGE)],
    "allowance before": monthly(10) + monthly(3, later, cents=50_000),
    "an allowance once": [*monthly(10), (date(2026, 3, 2), 50_000)],
}


def lines(streams: Mapping[str, Iterable[tuple[date, int]]], payer: str = "EMP") -> pl.DataFrame:
    """The lines of customers by name, as income lines are; a name may have a payer after a slash."""
    rows = [
        (name.split("/")[0], name.partition("/")[2] or payer, "labelled", day, cents)
        for name, pay in streams.items()
        for day, cents in pay
    ]
    types = {"customer_token": pl.String, "payer": pl.String, "origin": pl.String, "posted_on": pl.Date}
    return pl.DataFrame(rows, schema={**types, "cents": pl.Int64}, orient="row")
