"""The dates of a simulation: history, business dates, calendar months as numbers, days as days since 1970."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np
from dateutil.relativedelta import relativedelta

if TYPE_CHECKING:
    from warehouse.simulator.draws import Ints

Cadence = Literal["daily", "weekly", "monthly", "quarterly"]
_MONTHS = {"monthly": 1, "quarterly": 3}
EPOCH = date(1970, 1, 1)

#: Months before the history over which latent states and running plans are brought up.
RUN_UP = 18


def month_number(day: date) -> int:
    """Months since the year 0: 2026-03 is 2026 * 12 + 2."""
    return day.year * 12 + day.month - 1


def month_first(month: int) -> date:
    """The first day of a month by its number."""
    return date(month // 12, month % 12 + 1, 1)


def epoch_day(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def month_start(month: Ints | int) -> Ints:
    """Epoch day on which a month begins."""
    return np.asarray(month - 1970 * 12, dtype="int64").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def days_in_month(month: Ints | int) -> Ints:
    """Length of a month in days."""
    return np.asarray(month_start(np.asarray(month) + 1) - month_start(month))


def day_in_month(month: Ints | int, anchor: Ints) -> Ints:
    """Epoch day of the anchor day (1 to 31) in a month, or the month's last day."""
    return np.asarray(month_start(month) + np.minimum(anchor, days_in_month(month)) - 1)


def month_of(day: Ints) -> Ints:
    """Number of the month an epoch day lies in."""
    return np.asarray(day, dtype="int64").astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12


@dataclass(frozen=True)
class Timeline:
    """From the first day of history to the last business date."""

    start: date
    end: date
    history_months: int
    business_dates: tuple[date, ...]

    @property
    def first_day(self) -> int:
        """Epoch day history begins on."""
        return epoch_day(self.start - relativedelta(months=self.history_months)) + 1

    @property
    def last_day(self) -> int:
        """Epoch day of the last business date."""
        return epoch_day(self.end)

    @property
    def months(self) -> range:
        """Calendar months with events."""
        return range(int(month_of(np.asarray(self.first_day))), month_number(self.end) + 1)

    @property
    def latent_months(self) -> range:
        """The same with the run-up before them."""
        return range(self.months.start - RUN_UP, self.months.stop)

    def latent_index(self, month: Ints) -> Ints:
        """Position of months in `latent_months`, held within it."""
        return np.clip(month - self.latent_months.start, 0, len(self.latent_months) - 1)

    def delivery_of(self, arrival: Ints) -> Ints:
        """Index of the business date that carries what arrived on a day; beyond the last: `len(business_dates)`."""
        return np.searchsorted(np.asarray([epoch_day(d) for d in self.business_dates]), arrival, side="left")


def timeline(start: date, end: date, history_months: int, cadence: Cadence) -> Timeline:
    """The timeline of a simulation; ValueError where end is before start or history is shorter than a month.

    Deliveries come every day, every 7 days, every month or every three from `start`, and on `end` in any case.
    """
    if end < start:
        raise ValueError(f"the last business date {end} is before the first, {start}")
    if history_months < 1:
        raise ValueError(f"history_months is {history_months}; at least one month of history is needed")
    dates, step = [start], 1
    while dates[-1] < end:
        following = (
            start + relativedelta(months=step * _MONTHS[cadence])
            if cadence in _MONTHS
            else start + timedelta(days=step * (7 if cadence == "weekly" else 1))
        )
        dates.append(min(following, end))
        step += 1
    return Timeline(start, end, history_months, tuple(dates))
