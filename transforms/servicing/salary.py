"""Whether a customer's pay can be followed on bank lines, and what it usually is: for early help, relief and pauses.

Pay is followed where lines labelled as salary carried most of the income in the five months before the last. Where an
employer's lines bear no such label the last month's salary says nothing, and no fall is read from it.
"""

from __future__ import annotations

import polars as pl

#: Columns of the profile that are looked at.
SALARY_COLUMNS = ("income_cents", "income_source", "salary_cents_1m", "salary_cents_3m", "salary_cents_6m")
_SALARIED = ("payroll", "tax", "social_security")
_MONTHS_BEFORE = 5


def salary_before() -> pl.Expr:
    """Salary a month, in cents, over the five months before the last."""
    before = pl.col("salary_cents_6m").fill_null(0) - pl.col("salary_cents_1m").fill_null(0)
    return before.cast(pl.Int64) // _MONTHS_BEFORE


def salary_followed() -> pl.Expr:
    """Whether labelled salary was at least half of the income; false where income is unknown."""
    salaried = pl.col("income_source").is_in(_SALARIED)
    return (salaried & (salary_before() * 2 >= pl.col("income_cents")) & (salary_before() > 0)).fill_null(value=False)


def salary_fell(drop_bp: int) -> pl.Expr:
    """Whether last month's salary is lower than usual by more than `drop_bp`, and not only paid a day earlier.

    Usual is the lower of the income and the months before, so that a bonus then is no fall now. A wage paid before a
    weekend leaves one month without it and the month before with two: the last three months together show it whole.
    """
    usual = pl.min_horizontal("income_cents", salary_before())
    month = pl.col("salary_cents_1m").fill_null(0).cast(pl.Int64) * 10_000 < usual * (10_000 - drop_bp)
    quarter = pl.col("salary_cents_3m").fill_null(0).cast(pl.Int64) * 10_000 < usual * (30_000 - drop_bp)
    return (salary_followed() & month & quarter).fill_null(value=False)


def salary_back(share_bp: int) -> pl.Expr:
    """Whether last month's salary reaches `share_bp` of the income, now and before; NULL where no pay is seen."""
    usual = pl.max_horizontal("income_cents", salary_before())
    salary = pl.col("salary_cents_1m").fill_null(0).cast(pl.Int64)
    seen = pl.col("income_cents").is_not_null() & (pl.col("salary_cents_6m") > 0)
    return pl.when(seen).then((salary > 0) & (salary * 10_000 >= usual * share_bp))
