"""Whether a customer's pay can be followed on bank lines, and what it usually is: for early help, relief and pauses.

Pay is followed where lines labelled as salary carried most of the income in the pay cycles before the last, whatever
the income is read from since. Where an employer's lines bear no such label they say nothing of a fall; nor does
irregular pay, which comes and goes. What counts is the customer's own pay cycle, never the calendar: a pay is missing
when it is overdue by the customer's own rhythm (:mod:`transforms.profile.salary_rhythm`).
"""

from __future__ import annotations

import polars as pl

#: Columns of the profile that are looked at.
SALARY_COLUMNS = ("income_cents", "income_source", "salary_now_cents", "salary_before_cents")
_SALARIED = ("payroll", "tax", "social_security")


def salary_now() -> pl.Expr:
    """Salary a month, in cents, of the pay cycle last due; none where none is seen."""
    return pl.col("salary_now_cents").fill_null(0).cast(pl.Int64)


def salary_before() -> pl.Expr:
    """Salary a month, in cents, as it usually was in the pay cycles before the last."""
    return pl.col("salary_before_cents").fill_null(0).cast(pl.Int64)


def salary_followed() -> pl.Expr:
    """Whether labelled salary was at least half of the income, or there was one where no income is known now."""
    most = (salary_before() * 2 >= pl.col("income_cents")).fill_null(value=True)
    regular = (pl.col("income_source") != "gig").fill_null(value=True)
    return regular & most & (salary_before() > 0)


def usual_salary() -> pl.Expr:
    """The lower of the income and the cycles before, so that a bonus then is no fall now.

    Once the pay has stopped and the income is read from something else: the cycles before.
    """
    salaried = pl.col("income_source").is_in(_SALARIED)
    return pl.when(salaried).then(pl.min_horizontal("income_cents", salary_before())).otherwise(salary_before())


def salary_fell(drop_bp: int) -> pl.Expr:
    """Whether the salary is lower than usual by more than `drop_bp`: less came, or it is overdue."""
    return salary_followed() & (salary_now() * 10_000 < usual_salary() * (10_000 - drop_bp))


def salary_back(share_bp: int) -> pl.Expr:
    """Whether the salary reaches `share_bp` of the income, now and before; NULL where none is known or seen."""
    usual = pl.max_horizontal("income_cents", "salary_before_cents")
    seen = usual.is_not_null() & pl.col("salary_now_cents").is_not_null()
    return pl.when(seen).then((salary_now() > 0) & (salary_now() * 10_000 >= usual * share_bp))
