"""Payment holidays: offered, refused, under way, ended; each night whether the income has recovered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.dates.calendar import add_months
from transforms.dates.months import full_months
from transforms.loans.movements import net_movements
from transforms.profile.salary import salary_back

if TYPE_CHECKING:
    from datetime import date

    from transforms.loans.version_tables import Versions
    from transforms.policy.policy import Policy


def payment_holiday(
    plan_progress: pl.DataFrame,
    second_installment: pl.DataFrame,
    customer_profile: pl.DataFrame,
    permitted_cases: pl.DataFrame,
    plan_versions: Versions,
    repayment_known: pl.DataFrame,
    as_of: date,
    policy: Policy,
) -> pl.DataFrame:
    """`eligibility.payment_holiday`: one row per plan with a case of hardship open or a holiday in the last 12 months.

    `permitted_cases` are the latest cases as far as they may be known. The income is back where the salary of the pay
    cycle last due reaches the policy's share of the usual one, now and before; partial payments during the pause are
    counted.
    """
    since = add_months(as_of, -12)
    taken = _taken(plan_versions, repayment_known).filter(pl.col("resume_on") > since)
    cases = permitted_cases.filter(status="open").sort("opened_on", "case_id")
    causes = cases.unique("customer_token", keep="last").select("customer_token", "cause", "evid_status")
    offered = second_installment.filter(route="payment_holiday").select(
        *("plan_id", "reasons", "pause_months", "interest_mode", "resume_on", "payment_before_cents"),
        pl.col("highest_payment_cents").alias("payment_after_cents"),
        "total_cost_diff_cents",
    )
    base = plan_progress.select(
        "plan_id", "customer_token", "shard", "status", pl.col("last_due_on").alias("last_due_before")
    ).join(causes, on="customer_token", how="left")
    running = base.filter(pl.col("status") == "running").join(taken.select("plan_id"), on="plan_id", how="anti")
    fresh = (
        running.filter(pl.col("cause").is_not_null())
        .join(offered, on="plan_id")
        .with_columns(
            holiday_state=pl.when(pl.col("reasons").list.len() == 0)
            .then(pl.lit("offered"))
            .otherwise(pl.lit("refused")),
            holiday_from=pl.when(pl.col("reasons").list.len() == 0).then(pl.lit(as_of)),
            last_due_after=pl.when(pl.col("pause_months").is_not_null()).then(
                pl.col("last_due_before").dt.offset_by(pl.col("pause_months").fill_null(0).cast(pl.String) + "mo")
            ),
            paid_in_pause_cents=pl.lit(0, pl.Int64),
        )
    )
    had = base.join(taken, on="plan_id").with_columns(
        holiday_state=pl.when(pl.col("resume_on") > as_of).then(pl.lit("under_way")).otherwise(pl.lit("ended")),
        reasons=pl.lit([], dtype=pl.List(pl.String)),
        last_due_after=pl.col("last_due_before"),
        last_due_before=pl.col("last_due_before").dt.offset_by("-" + pl.col("pause_months").cast(pl.String) + "mo"),
    )
    back = customer_profile.select(
        "customer_token", salary_back(policy.holiday.recovered_income_bp).alias("income_back")
    )
    both = pl.concat([fresh, had], how="diagonal_relaxed").join(back, on="customer_token", how="left")
    resume = (pl.col("holiday_state") == "under_way") & pl.col("income_back")
    return both.with_columns(as_of_date=pl.lit(as_of), early_resume=resume.fill_null(value=False)).sort(
        "customer_token", "plan_id"
    )


def _taken(agreed: Versions, repayments: pl.DataFrame) -> pl.DataFrame:
    """The last holiday of each plan that had one, with what was paid while it ran."""
    holidays = agreed.versions.filter(route="payment_holiday").sort("version_no").unique("plan_id", keep="last")
    key = ["plan_id", "version_no"]
    rows = agreed.installments.filter(pl.col("installment_no") > 0).join(holidays.select(key), on=key)
    after = rows.group_by("plan_id").agg(
        pl.col("due_on").min().alias("resume_on"),
        pl.sum_horizontal("principal_cents", "interest_cents", "fee_cents").max().alias("payment_after_cents"),
    )
    joined = holidays.join(after, on="plan_id").with_columns(
        pause_months=_months(pl.col("effective_on"), pl.col("resume_on")),
        holiday_from=pl.col("effective_on"),
    )
    within = (
        net_movements(repayments)
        .join(joined.select("plan_id", "holiday_from", "resume_on"), on="plan_id")
        .filter(pl.col("value_on").is_between("holiday_from", "resume_on", closed="left"))
        .group_by("plan_id")
        .agg(pl.col("amount_cents").sum().alias("paid_in_pause_cents"))
    )
    return joined.join(within, on="plan_id", how="left").select(
        *("plan_id", "pause_months", "interest_mode", "holiday_from", "resume_on", "payment_after_cents"),
        "total_cost_diff_cents",
        pl.col("paid_in_pause_cents").fill_null(0),
    )


def _months(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Whole months of a pause: from the installment it begins before to the one it ends with."""
    return full_months(start, end).clip(1, 12)
