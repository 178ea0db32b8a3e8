"""Every real debt of a customer once, with what it takes each month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.profile.household import signed_spouses

if TYPE_CHECKING:
    from datetime import date

    from transforms.profile.parameters import ProfileParameters

_OPEN = ("open", "written_off")
_OWN_LOANS = ("installment_plan", "consumer_loan")


def debt_ledger(
    customer: pl.DataFrame,
    consent: pl.DataFrame,
    household: pl.DataFrame,
    credit_latest: pl.DataFrame,
    plan_progress: pl.DataFrame,
    as_of: date,
    profile_parameters: ProfileParameters,
) -> pl.DataFrame:
    """`profile.debt_ledger`: every real debt once, with what it takes a month.

    Own plans on which something is owed, as `plan_progress` has them; open bureau
    accounts by their last report; and, where the policy counts spouses, what the debts of a signed spouse take.

    An own bureau account of a loan kind that the same customer opened on the day an own plan started is that plan: the
    lender's own books know it better and earlier, so the bureau's row is left out. Bureau rows need the credit_bureau
    consent. A revolving balance without a reported payment is served with an assumed share, rounded up.
    """
    permitted = consent.filter(pl.col("consent_credit_bureau")).select("customer_token")
    bureau = credit_latest.join(permitted, on="customer_token", how="semi").filter(pl.col("status").is_in(_OPEN))
    revolving = pl.col("account_kind") == "credit_card"
    assumed = (pl.col("balance_cents") * profile_parameters.revolving_service_bp + 9_999) // 10_000
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
    own_loan = pl.col("is_own") & pl.col("account_kind").is_in(_OWN_LOANS)
    booked = (
        plan_progress.select("customer_token", opened_on="started_on").unique().with_columns(_booked=pl.lit(value=True))
    )
    reported = reported.join(booked, on=["customer_token", "opened_on"], how="left").filter(
        ~(own_loan & pl.col("_booked").fill_null(value=False))
    )
    own = plan_progress.filter(pl.col("open_cents") > 0).with_columns(
        debt_id=pl.col("plan_id"),
        debt_source=pl.lit("own_plan"),
        is_own=pl.lit(value=True),
        lender_code=pl.lit(None, pl.String),
        account_kind=pl.lit("installment_plan"),
        balance_cents=pl.col("outstanding_cents"),
        credit_limit_cents=pl.col("principal_cents"),
        monthly_service_cents=pl.col("monthly_payment_cents"),
        service_basis=pl.lit("plan_installment"),
        overdue_cents=pl.col("arrears_cents"),
        reported_on=pl.lit(as_of, pl.Date),
    )
    stamp = pl.lit(as_of, pl.Date).alias("as_of_date")
    parts = [reported, own, *([_spouses(customer, household, as_of)] if profile_parameters.spouse_counts else [])]
    ledger = pl.concat([f.with_columns(stamp) for f in parts], how="diagonal_relaxed")
    # Own plans carry no lender code: the lender is this one, as it is of the bureau's own accounts.
    lender = pl.when("is_own").then(pl.lit("")).when(pl.col("lender_code").is_null()).then("debt_id")
    return ledger.with_columns(
        lender_service_cents=pl.col("monthly_service_cents")
        .sum()
        .over("customer_token", lender.otherwise("lender_code"))
    )


def _spouses(customer: pl.DataFrame, household: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """A signed spouse's debts as one entry: what they take a month is declared, their balances are not."""
    shards = customer.select("customer_token", "shard")
    spouses = signed_spouses(customer, household, as_of).drop("shard").join(shards, on="customer_token")
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
