"""Whether a spouse's budget counts: only where the policy says so, and never the income without the debts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import date


def signed_spouses(customer: pl.DataFrame, household: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The spouse's record of each married customer that is signed and holds on the night; one a customer, the newest.

    Marital status is read here and nowhere else.
    """
    holds = (pl.col("signed_on") <= as_of) & (pl.col("ended_on").is_null() | (pl.col("ended_on") > as_of))
    married = customer.filter(pl.col("marital_status") == "married")
    return (
        household.filter((pl.col("relation") == "spouse") & holds)
        .join(married, on="customer_token", how="semi")
        .sort("customer_token", "signed_on", "household_member_id", descending=[False, True, False])
        .unique("customer_token", keep="first", maintain_order=True)
    )


def household_columns(customer: pl.DataFrame, household: pl.DataFrame, as_of: date, *, counts: bool) -> pl.DataFrame:
    """`household_flag` and `household_income_cents` of every customer; `counts`: the policy counts spouses."""
    everyone = customer.select("customer_token")
    if not counts:
        return everyone.with_columns(household_flag=pl.lit("policy_off"), household_income_cents=pl.lit(0, pl.Int64))
    spouses = signed_spouses(customer, household, as_of).select("customer_token", "monthly_income_cents")
    joined = everyone.join(spouses, on="customer_token", how="left", maintain_order="left")
    income = pl.col("monthly_income_cents")
    return joined.select(
        "customer_token",
        household_flag=pl.when(income.is_not_null()).then(pl.lit("joint")).otherwise(pl.lit("none")),
        household_income_cents=income.fill_null(0),
    )
