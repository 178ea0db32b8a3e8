"""Performance of customers after a sample date: bad, good, indeterminate, or excluded from training.

A sample is a customer as known on a stored night. What follows is read from later reports, and only that: the sample's
features never see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from transforms.dates.calendar import add_months
from transforms.sql import literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

BAD, GOOD, BETWEEN = "bad", "good", "indeterminate"
UNDER_AGE, NO_CONSENT, IN_DEFAULT = "under age", "no consent to bureau data", "in default on the sample date"
UNSEEN = "not observed long enough"
#: What a sample may be that is not learned from.
EXCLUDED = (BETWEEN, UNSEEN, IN_DEFAULT, NO_CONSENT, UNDER_AGE)
#: Days back in which a report says how an account stood on the sample date.
_STANDS = "INTERVAL 62 DAY"


@dataclass(frozen=True)
class Definition:
    """What bad is.

    Bad: `bad_dpd` days past due or more in any report of the `window_m` months after the sample date, or a credit or
    plan written off in them. In between: `between_dpd` days or more. `own_only`: only the lender's own accounts count;
    otherwise all accounts the bureau reports, which also covers those the lender declined.
    """

    window_m: int = 12
    bad_dpd: int = 90
    between_dpd: int = 30
    own_only: bool = False

    def until(self, sample: date) -> date:
        """Last day of the performance window."""
        return add_months(sample, self.window_m)

    def words(self) -> str:
        """The definition as a sentence."""
        where = "the lender's own accounts" if self.own_only else "any account"
        return (
            f"bad: {self.bad_dpd} or more days past due on {where}, or a write-off, within {self.window_m} months "
            f"after the sample date; in between: {self.between_dpd} days or more"
        )

    def of_the_declined(self) -> str:
        """What is seen of customers the lender declined."""
        if self.own_only:
            return "what became of customers without an own account is not seen"
        return "what became of declined customers is read from their accounts elsewhere"


def performance_sql(accounts: str, plans: str, samples: Sequence[date], definition: Definition) -> str:
    """SQL of one row per sample date and customer with any report: what was seen before and after.

    `accounts` and `plans` say where `credit.credit_account` and `credit.installment_plan` are.
    """
    dates = ", ".join(f"({literal(day)}, {literal(definition.until(day))})" for day in samples)
    own = "AND a.is_own" if definition.own_only else ""
    after, before = "a.reported_on > n.sample_date", "a.reported_on <= n.sample_date"
    return (
        f"WITH night(sample_date, until_date) AS (VALUES {dates}), "
        "account AS (SELECT n.sample_date, a.customer_token, "
        f"max(a.dpd) FILTER ({after})::INTEGER AS worst_dpd, "
        f"coalesce(bool_or(a.status = 'written_off') FILTER ({after}), false) AS lost, "
        f"count(DISTINCT date_trunc('month', a.reported_on)) FILTER ({after})::INTEGER AS months_seen, "
        f"max(a.dpd) FILTER ({before} AND a.reported_on > n.sample_date - {_STANDS})::INTEGER AS dpd_before, "
        f"coalesce(bool_or(a.status = 'written_off') FILTER ({before}), false) AS lost_before "
        f"FROM night n JOIN {accounts} a ON a.reported_on <= n.until_date {own} GROUP BY ALL), "
        "plan AS (SELECT n.sample_date, p.customer_token, "
        "coalesce(bool_or(p.changed_on > n.sample_date), false) AS plan_lost, "
        "coalesce(bool_or(p.changed_on <= n.sample_date), false) AS plan_lost_before "
        f"FROM night n JOIN {plans} p ON p.changed_on <= n.until_date WHERE p.status = 'written_off' GROUP BY ALL) "
        "SELECT * FROM account FULL JOIN plan USING (sample_date, customer_token)"
    )


def judged(samples: pl.DataFrame, performance: pl.DataFrame, definition: Definition) -> pl.DataFrame:
    """`samples` (`as_of_date`, `customer_token`, `age_years`, `consent_credit_bureau`, …) with the performance of each.

    `outcome` is BAD, GOOD, BETWEEN or the reason why the sample is left out. A customer seen in fewer than half of the
    window's months is only known to be bad, never to be good.
    """
    joined = samples.join(
        performance.rename({"sample_date": "as_of_date"}),
        on=["as_of_date", "customer_token"],
        how="left",
        maintain_order="left",
    )
    flag = {
        name: pl.col(name).fill_null(value=False) for name in ("lost", "plan_lost", "lost_before", "plan_lost_before")
    }
    worst = pl.col("worst_dpd").fill_null(0)
    outcome = (
        pl.when(pl.col("age_years").fill_null(18) < 18)
        .then(pl.lit(UNDER_AGE))
        .when(~pl.col("consent_credit_bureau").fill_null(value=False))
        .then(pl.lit(NO_CONSENT))
        .when(
            (pl.col("dpd_before").fill_null(0) >= definition.bad_dpd) | flag["lost_before"] | flag["plan_lost_before"]
        )
        .then(pl.lit(IN_DEFAULT))
        .when((worst >= definition.bad_dpd) | flag["lost"] | flag["plan_lost"])
        .then(pl.lit(BAD))
        .when(pl.col("months_seen").fill_null(0) * 2 < definition.window_m)
        .then(pl.lit(UNSEEN))
        .when(worst >= definition.between_dpd)
        .then(pl.lit(BETWEEN))
        .otherwise(pl.lit(GOOD))
    )
    return joined.with_columns(outcome=outcome).drop(
        "worst_dpd", "lost", "months_seen", "dpd_before", "lost_before", "plan_lost", "plan_lost_before"
    )


def sample_dates(nights: Sequence[date], known: date, definition: Definition, every_m: int) -> list[date]:
    """Of the stored nights those to sample: the window has passed by `known`, and `every_m` months or more apart."""
    chosen: list[date] = []
    for night in sorted(nights):
        if definition.until(night) <= known and (not chosen or add_months(chosen[-1], every_m) <= night):
            chosen.append(night)
    return chosen
