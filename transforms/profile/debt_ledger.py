"""Every real debt of a customer once, with what it takes each month (M40)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.booked import booked_installments
from transforms.profile.household import signed_spouses

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transforms.profile.parameters import ProfileParameters

_COLUMNS = (
    *("as_of_date", "customer_token", "debt_id", "shard", "debt_source", "is_own", "lender_code", "account_kind"),
    *("balance_cents", "credit_limit_cents", "monthly_service_cents", "service_basis", "dpd", "overdue_cents"),
    "reported_on",
)
_OPEN = ("open", "written_off")
_OWN_LOANS = ("installment_plan", "consumer_loan")


def debt_ledger(frames: Mapping[str, pl.DataFrame], as_of: date, parameters: ProfileParameters) -> pl.DataFrame:
    """`profile.debt_ledger`: every real debt once, with what it takes a month.

    Open bureau accounts by their last report, own running plans the bureau lacks, and, where the policy counts
    spouses, what the debts of a signed spouse take.

    An own plan is the same debt as an own bureau account of a loan kind that the same customer opened on the day the
    plan started; the bureau's row stands then, since other lenders see that one. Bureau rows need the credit_bureau
    consent. A revolving balance without a reported payment is served with an assumed share, rounded up.
    """
    plans = plan_position(frames, as_of, parameters.shortfall_tolerance_cents)
    permitted = frames["consent"].filter(pl.col("consent_credit_bureau")).select("customer_token")
    bureau = (
        frames["credit_latest"].join(permitted, on="customer_token", how="semi").filter(pl.col("status").is_in(_OPEN))
    )
    revolving = pl.col("account_kind") == "credit_card"
    assumed = (pl.col("balance_cents") * parameters.revolving_service_bp + 9_999) // 10_000
    reported = bureau.with_columns(
        debt_id=pl.col("credit_account_token"),
        debt_source=pl.lit("bureau"),
        monthly_service_cents=pl.coalesce(
            "monthly_payment_cents", pl.when(revolving).then(assumed).otherwise(pl.lit(0, pl.Int64))
        ),
        service_basis=pl.when(pl.col("monthly_payment_cents").is_not_null())
        .then(pl.lit("reported"))
        .when(revolving)
        .then(pl.lit("min_payment_share"))
        .otherwise(pl.lit("none")),
    )
    same_debt = bureau.filter(pl.col("is_own") & pl.col("account_kind").is_in(_OWN_LOANS)).select(
        "customer_token", started_on="opened_on"
    )
    own = (
        plans.filter(pl.col("status") == "running")
        .join(same_debt, on=["customer_token", "started_on"], how="anti")
        .with_columns(
            debt_id=pl.col("plan_id"),
            debt_source=pl.lit("own_plan"),
            is_own=pl.lit(value=True),
            lender_code=pl.lit(None, pl.String),
            account_kind=pl.lit("installment_plan"),
            balance_cents=pl.col("outstanding_cents"),
            credit_limit_cents=pl.col("principal_cents"),
            monthly_service_cents=pl.col("payment_cents"),
            service_basis=pl.lit("plan_installment"),
            overdue_cents=pl.col("arrears_cents"),
            reported_on=pl.lit(as_of, pl.Date),
        )
    )
    stamp = pl.lit(as_of, pl.Date).alias("as_of_date")
    parts = [reported, own, *([_spouses(frames, as_of)] if parameters.spouse_counts else [])]
    ledger = pl.concat([f.with_columns(stamp).select(_COLUMNS) for f in parts], how="vertical_relaxed")
    # Own plans carry no lender code: the lender is this one, as it is of the bureau's own accounts.
    lender = pl.when("is_own").then(pl.lit("")).when(pl.col("lender_code").is_null()).then("debt_id")
    return ledger.with_columns(
        lender_service_cents=pl.col("monthly_service_cents")
        .sum()
        .over("customer_token", lender.otherwise("lender_code"))
    )


def _spouses(frames: Mapping[str, pl.DataFrame], as_of: date) -> pl.DataFrame:
    """A signed spouse's debts as one entry: what they take a month is declared, their balances are not."""
    shards = frames["customer"].select("customer_token", "shard")
    spouses = signed_spouses(frames, as_of).drop("shard").join(shards, on="customer_token")
    return spouses.filter(pl.col("monthly_service_cents") > 0).with_columns(
        debt_id=pl.col("household_member_id"),
        debt_source=pl.lit("household"),
        is_own=pl.lit(value=False),
        lender_code=pl.lit(None, pl.String),
        account_kind=pl.lit("spouse_debts"),
        balance_cents=pl.lit(0, pl.Int64),
        credit_limit_cents=pl.lit(None, pl.Int64),
        service_basis=pl.lit("declared"),
        dpd=pl.lit(0, pl.Int32),
        overdue_cents=pl.lit(0, pl.Int64),
        reported_on=pl.col("changed_on"),
    )


def plan_position(frames: Mapping[str, pl.DataFrame], as_of: date, tolerance_cents: int = 0) -> pl.DataFrame:
    """Each own plan with what fell due, was paid, is in arrears and outstanding by the night, in cents.

    By the installments the plan was booked with, to the cent as `servicing.plan_progress` has them
    (:func:`transforms.loans.booked.booked_installments`): what was paid settles them in order, interest
    first, and counts as repaid principal once the installment is due. Days past due count from the first one short by
    more than `tolerance_cents`. `payment_cents` is the next installment, the regular one after the last. Only that
    table knows what was agreed since, and how money goes after 90 days of arrears.
    """
    rows = booked_installments(frames["plan"]).with_columns(
        _payment=pl.col("principal_cents") + pl.col("interest_cents") + pl.col("fee_cents"),
        _due=pl.col("due_on") <= as_of,
    )
    paid = rows.join(frames["plan_paid"], on="plan_id", how="left").with_columns(pl.col("paid_cents").fill_null(0))
    before = pl.col("_payment").cum_sum().over("plan_id", order_by="installment_no") - pl.col("_payment")
    covered = pl.min_horizontal((pl.col("paid_cents") - before).clip(lower_bound=0), "_payment")
    repaid = pl.min_horizontal(
        (covered - pl.col("interest_cents") - pl.col("fee_cents")).clip(lower_bound=0), "principal_cents"
    )
    short = (before + pl.col("_payment") - pl.col("paid_cents")) > tolerance_cents
    by_plan = (
        paid.with_columns(_repaid=repaid, _short=short)
        .group_by("plan_id")
        .agg(
            due_cents=pl.col("_payment").filter("_due").sum(),
            _repaid=pl.col("_repaid").filter("_due").sum(),
            _oldest=pl.col("due_on").filter(pl.col("_due") & pl.col("_short")).min(),
            payment_cents=pl.col("_payment")
            .filter(~pl.col("_due"))
            .sort_by(pl.col("due_on").filter(~pl.col("_due")))
            .first(),
        )
    )
    return (
        frames["plan"]
        .join(frames["plan_paid"], on="plan_id", how="left")
        .join(by_plan, on="plan_id", how="left")
        .with_columns(
            paid_cents=pl.col("paid_cents").fill_null(0),
            payment_cents=pl.coalesce("payment_cents", "installment_cents"),
            dpd=(pl.lit(as_of) - pl.col("_oldest")).dt.total_days().fill_null(0).cast(pl.Int32),
        )
        .with_columns(
            arrears_cents=(pl.col("due_cents") - pl.col("paid_cents")).clip(lower_bound=0),
            outstanding_cents=pl.col("principal_cents") - pl.col("_repaid"),
        )
        .drop("_repaid", "_oldest")
    )
