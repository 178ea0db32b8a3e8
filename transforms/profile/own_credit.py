"""A customer's figures from bureau reports, the debt ledger and the lender's own plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.dates.months import full_months
from transforms.loans.rules import FIVE_CLASSES

if TYPE_CHECKING:
    from datetime import date


def bureau_columns(
    credit_latest: pl.DataFrame, credit_year: pl.DataFrame, new_lenders: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """Figures of the latest bureau reports; a customer with consent and no report has no row and counts as 0."""
    is_open = pl.col("status") == "open"
    card = is_open & (pl.col("account_kind") == "credit_card")
    has_credit = is_open & ((pl.col("balance_cents") > 0) | (pl.col("credit_limit_cents") > 0))
    oldest = pl.col("opened_on").min()
    latest = credit_latest.group_by("customer_token").agg(
        lender_cnt=pl.col("lender_code").filter(has_credit).n_unique().cast(pl.Int32),
        open_account_cnt=is_open.sum().cast(pl.Int32),
        credit_age_m=full_months(oldest, pl.lit(as_of)).clip(lower_bound=0),
        revolving_limit_cents=pl.col("credit_limit_cents").filter(card).sum(),
        revolving_balance_cents=pl.col("balance_cents").filter(card).sum(),
        current_dpd=pl.col("dpd").filter(pl.col("status").is_in(["open", "written_off"])).max().fill_null(0),
        overdue_cents=pl.col("overdue_cents").sum(),
        bureau_reported_on=pl.col("reported_on").max(),
    )
    return (
        latest.join(credit_year, on="customer_token", how="left")
        .join(new_lenders, on="customer_token", how="left")
        .with_columns(
            new_lender_cnt_3m=pl.col("new_lenders").fill_null(0),
            bureau_age_days=(pl.lit(as_of) - pl.col("bureau_reported_on")).dt.total_days().cast(pl.Int32),
        )
        .drop("new_lenders")
    )


def debt_columns(ledger: pl.DataFrame) -> pl.DataFrame:
    """Debt service and balance of the ledger, and how much of the service the greatest lender takes."""
    return ledger.group_by("customer_token").agg(
        debt_service_cents=pl.col("monthly_service_cents").sum(),
        debt_balance_cents=pl.col("balance_cents").sum(),
        top_lender_share=pl.when(pl.col("monthly_service_cents").sum() > 0).then(
            pl.col("lender_service_cents").max() / pl.col("monthly_service_cents").sum()
        ),
    )


def plan_columns(progress: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Own plans as the night's `servicing.plan_progress` has them, cancelled ones apart; a row a customer."""
    owes = pl.col("open_cents") > 0
    due, settled = pl.col("due_cents").sum(), (pl.col("due_cents") - pl.col("arrears_cents")).sum()
    total, paid = pl.col("total_cents").sum(), (pl.col("total_cents") - pl.col("open_cents")).sum()
    place = pl.col("five_class").replace_strict({c: n for n, c in enumerate(FIVE_CLASSES)}, return_dtype=pl.Int64)
    started = pl.col("started_on").min()
    months = full_months(started, pl.lit(as_of))
    worst = pl.col("_place").fill_null(0).replace_strict(dict(enumerate(FIVE_CLASSES)), return_dtype=pl.String)
    return (
        progress.filter(pl.col("status") != "cancelled")
        .group_by("customer_token")
        .agg(
            plan_cnt=pl.len().cast(pl.Int32),
            running_plan_cnt=((pl.col("status") == "running") & owes).sum().cast(pl.Int32),
            broken_plan_cnt=pl.col("status").is_in(["broken", "written_off"]).sum().cast(pl.Int32),
            plan_outstanding_cents=pl.col("outstanding_cents").sum(),
            plan_installment_cents=pl.col("monthly_payment_cents").filter(pl.col("status") == "running").sum(),
            plan_arrears_cents=pl.col("arrears_cents").sum(),
            plan_on_time_share=pl.when(due > 0).then(settled / due),
            plan_paid_bp=pl.when(total > 0).then(paid * 10_000 // total).cast(pl.Int32),
            plan_on_book_m=months,
            on_time_payment_cnt=pl.col("on_time_streak_cnt").sum().cast(pl.Int32),
            own_dpd=pl.col("own_dpd").max(),
            own_max_dpd_12m=pl.col("own_max_dpd_12m").max(),
            _place=place.filter(owes).max(),
            restruct_flag=pl.col("restruct_flag").any(),
        )
        .with_columns(five_class=worst)
        .drop("_place")
    )
