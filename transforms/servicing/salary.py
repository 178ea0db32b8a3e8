"""Whether a customer's pay can be followed on bank lines, and what it usually is: for early help, relief and pauses.

Pay is followed where lines labelled as salary carried most of the income in the five months before the last, whatever
the income is read from since. Where an employer's lines bear no such label the last month's salary says nothing, and no
fall is read from it; nor from irregular pay, which comes and goes.
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
    """Whether labelled salary was at least half of the income, or there was one where no income is known now."""
    most = (salary_before() * 2 >= pl.col("income_cents")).fill_null(value=True)
    regular = (pl.col("income_source") != "gig").fill_null(value=True)
    return regular & most & (salary_before() > 0)


def usual_salary() -> pl.Expr:
    """The lower of the income and the months before, so that a bonus then is no fall now.

    Once the pay has stopped and the income is read from something else: the months before.
    """
    salaried = pl.col("income_source").is_in(_SALARIED)
    return pl.when(salaried).then(pl.min_horizontal("income_cents", salary_before())).otherwise(salary_before())


def salary_fell(drop_bp: int) -> pl.Expr:
    """Whether last month's salary is lower than usual by more than `drop_bp`, and not only paid a day earlier.

    A wage paid before a weekend leaves one month without it and puts a third one into the two months before.
    """
    usual, salary = usual_salary(), pl.col("salary_cents_1m").fill_null(0).cast(pl.Int64)
    before = (pl.col("salary_cents_3m").fill_null(0).cast(pl.Int64) - salary) * 10_000
    earlier = before.is_between(usual * (30_000 - drop_bp), usual * (30_000 + drop_bp))
    return salary_followed() & (salary * 10_000 < usual * (10_000 - drop_bp)) & ~earlier


def salary_back(share_bp: int) -> pl.Expr:
    """Whether last month's salary reaches `share_bp` of the income, now and before; NULL where no pay is seen."""
    usual = pl.max_horizontal("income_cents", salary_before())
    salary = pl.col("salary_cents_1m").fill_null(0).cast(pl.Int64)
    seen = pl.col("income_cents").is_not_null() & (pl.col("salary_cents_6m") > 0)
    return pl.when(seen).then((salary > 0) & (salary * 10_000 >= usual * share_bp))
