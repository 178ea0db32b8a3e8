"""Months between two columns of dates, as Polars expressions; :mod:`transforms.dates.calendar` has them for dates."""

from __future__ import annotations

import polars as pl


def calendar_months(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Months from the calendar month of `start` to that of `end`, whatever the days."""
    years = end.dt.year() - start.dt.year()
    return years * 12 + end.dt.month().cast(pl.Int32) - start.dt.month().cast(pl.Int32)


def full_months(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Months from `start` to `end` that are over: the last counts once its day of the month is reached.

    A start on the 31st is therefore no month old on the 30th of a shorter month.
    """
    return calendar_months(start, end) - (end.dt.day() < start.dt.day()).cast(pl.Int32)
