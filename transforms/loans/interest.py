"""From which day a plan's interest has not been charged yet, and what was capitalised for days still to come.

Interest runs from the last due date, except where the version in force says another day: the end of a pause whose
interest was waived or capitalised, or the day on which what was left over after the last installment was spread anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.calendar import add_months

if TYPE_CHECKING:
    from datetime import date

    from transforms.eligibility.policy_sections import DefaultCosts

#: Columns of the version in force that are looked at, empty for the schedule a plan was booked with.
VERSION_FROM, VERSION_CAPITALISED = "version_interest_from", "version_capitalised_cents"


def interest_from() -> pl.Expr:
    """The day, from `previous_due_on`, `started_on` and the version in force."""
    return pl.max_horizontal(pl.coalesce("previous_due_on", "started_on"), VERSION_FROM)


def unearned_cents() -> pl.Expr:
    """Of the interest a pause capitalised, what is for days after `as_of_date`; nil once the pause is over."""
    begun = pl.coalesce("previous_due_on", "started_on")
    left = (pl.col(VERSION_FROM) - pl.max_horizontal("as_of_date", begun)).dt.total_days()
    whole = (pl.col(VERSION_FROM) - begun).dt.total_days()
    paused = pl.col(VERSION_FROM) > pl.col("as_of_date")
    return pl.when(paused & (whole > 0)).then(pl.col(VERSION_CAPITALISED) * left // whole).otherwise(0).fill_null(0)


def late_interest(costs: DefaultCosts) -> pl.Expr:
    """Late interest by the policy's rate on the overdue principal, a year of 360 days, in whole cents.

    From `late_cent_days` and the contract's rate, that of the version in force (`_agreed_rate`) or as booked (`_rate`).
    """
    nominal = (pl.coalesce("_agreed_rate", pl.col("_rate").cast(pl.Float64)) * 1_000_000).round().cast(pl.Int64)
    raised = (nominal * (10_000 + costs.penalty_addon_share_bp) // 10_000).clip(upper_bound=costs.penalty_max_bp * 100)
    return pl.col("late_cent_days") * pl.max_horizontal(nominal, raised) // 360_000_000


def anchor_day(following: date | None, last: date) -> int:
    """Day of the month a plan falls due: that of the next installment, or of the last where a short month cut it."""
    if following is None:
        return last.day
    cut = add_months(following, 0, anchor_day=31) == following
    return max(following.day, last.day) if cut else following.day
