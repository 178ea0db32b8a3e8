"""How every own plan stands: allocated, aged, classed; what was agreed since, and what the bureau is told (M57)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.interest import (
    VERSION_CAPITALISED,
    VERSION_FROM,
    interest_from,
    late_interest,
    unearned_cents,
)
from transforms.loans.movements import net_movements
from transforms.loans.observation import observation
from transforms.loans.positions import latest_plans, plan_positions
from transforms.loans.rules import class_name, class_place
from transforms.loans.versions import RELIEF, Agreements

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.eligibility.policy import Policy

#: Columns of `servicing.plan_progress`, in the contract's order.
COLUMNS: Mapping[str, DataType | DataTypeClass] = {
    "as_of_date": pl.Date,
    "plan_id": pl.String,
    "customer_token": pl.String,
    "shard": pl.Int16,
    "product_code": pl.String,
    "plan_seq": pl.Int32,
    "status": pl.String,
    "version_no": pl.Int32,
    "started_on": pl.Date,
    "principal_cents": pl.Int64,
    "annual_rate": pl.Decimal(9, 6),
    "total_cents": pl.Int64,
    "due_cents": pl.Int64,
    "paid_cents": pl.Int64,
    "waived_cents": pl.Int64,
    "open_cents": pl.Int64,
    "outstanding_cents": pl.Int64,
    "arrears_cents": pl.Int64,
    "arrears_interest_cents": pl.Int64,
    "arrears_principal_cents": pl.Int64,
    "late_interest_cents": pl.Int64,
    "carried_cents": pl.Int64,
    "overpaid_cents": pl.Int64,
    "paid_share_bp": pl.Int32,
    "oldest_due_on": pl.Date,
    "dpd": pl.Int32,
    "dlq_bucket": pl.Int32,
    "own_dpd": pl.Int32,
    "own_bucket": pl.Int32,
    "own_max_dpd": pl.Int32,
    "own_max_dpd_12m": pl.Int32,
    "due_cnt": pl.Int32,
    "on_time_cnt": pl.Int32,
    "unpaid_cnt": pl.Int32,
    "coming_cnt": pl.Int32,
    "previous_due_on": pl.Date,
    "interest_from": pl.Date,
    "unearned_cents": pl.Int64,
    "next_due_on": pl.Date,
    "next_due_cents": pl.Int64,
    "next_open_cents": pl.Int64,
    "last_due_on": pl.Date,
    "last_paid_on": pl.Date,
    "five_class": pl.String,
    "restruct_flag": pl.Boolean,
    "restruct_cnt": pl.Int32,
    "obs_from_date": pl.Date,
    "obs_end_date": pl.Date,
    "collection_stopped": pl.Boolean,
    "plan_break_date": pl.Date,
    "spec_tran_types": pl.List(pl.Int32),
}
#: Codes of the bureau's special transactions (特殊交易类型).
_EXTENSION, _SETTLED_EARLY, _WAIVER, _PERSONALISED, _DEFERRAL = 1, 5, 11, 14, 16


def plan_progress(
    plans: pl.DataFrame,
    repayments: pl.DataFrame,
    agreed: Agreements,
    hardship: pl.DataFrame,
    as_of: date,
    policy: Policy,
) -> pl.DataFrame:
    """`servicing.plan_progress`: one row per plan started by the night.

    `plans` (all changes) and `repayments` are rows of the credit feeds as the night knows them, `agreed` what
    :func:`transforms.loans.versions.agreements` makes of them, `hardship` the latest rows of
    `credit.hardship_case`. A plan under observation is at least 关注, one restructured again within it at least 次级;
    days past due by the lender's own count can only make it worse.

    Late interest is what the contract lets the lender ask for by the night, at the policy's rate on overdue principal.
    It stands beside the debt and is in no other amount: it is owed once the lender's books charge it, no repayment is
    allocated to it, and a new schedule does not take it over. Interest on unpaid interest is none of it.
    """
    positions = plan_positions(plans, repayments, [as_of], policy.servicing, agreed.versions, agreed.installments)
    booked = latest_plans(plans).select(
        *("plan_id", "customer_token", "shard", "product_code", "plan_seq", "principal_cents"),
        pl.col("annual_rate").alias("_rate"),
    )
    movements = net_movements(repayments)
    bent = restructuring_versions(agreed.versions, booked, hardship)
    observed = observation(agreed, movements, bent, as_of, policy)
    current = agreed.versions.select(
        *("plan_id", "version_no", pl.col("annual_rate").alias("_agreed_rate")),
        pl.col("interest_from").alias(VERSION_FROM),
        pl.col("pause_interest_cents").alias(VERSION_CAPITALISED),
        pl.col("waived_cents").cum_sum().over("plan_id", order_by="version_no").alias("_agreed_waiver"),
    )
    broken = plans.filter(status="broken").group_by("plan_id").agg(pl.col("changed_on").min().alias("_broken_on"))
    joined = (
        positions.join(booked, on="plan_id")
        .join(current, on=["plan_id", "version_no"], how="left")
        .join(observed, on="plan_id", how="left")
        .join(broken.filter(pl.col("_broken_on") <= as_of), on="plan_id", how="left")
        .join(_special_transactions(agreed.versions, movements, as_of), on="plan_id", how="left")
    )
    waiver = pl.col("_agreed_waiver").fill_null(0)
    floor = (
        pl.when(pl.col("again_in_observation")).then(2).when(pl.col("restruct_flag")).then(1).otherwise(0).fill_null(0)
    )
    place = pl.max_horizontal(class_place(pl.col("own_dpd"), policy.classification).cast(pl.Int32), floor)
    open_plan = ~pl.col("status").is_in(["settled", "cancelled"])
    under_observation = pl.col("restruct_flag").fill_null(value=False) & open_plan
    settled_early = pl.when((pl.col("status") == "settled") & pl.col("_early")).then([_SETTLED_EARLY]).otherwise([])
    return (
        joined.with_columns(
            annual_rate=pl.coalesce("_agreed_rate", pl.col("_rate").cast(pl.Float64)),
            waived_cents=pl.col("waived_cents") + waiver,
            total_cents=pl.col("total_cents") + waiver,
            due_cents=pl.col("due_cents") + waiver,
            interest_from=interest_from(),
            unearned_cents=unearned_cents(),
            late_interest_cents=pl.when(open_plan).then(late_interest(policy.default_costs)).otherwise(0),
            paid_share_bp=_share(pl.col("principal_cents") - pl.col("outstanding_cents"), pl.col("principal_cents")),
            five_class=class_name(pl.when(open_plan).then(place).otherwise(0)),
            restruct_flag=under_observation,
            restruct_cnt=pl.col("restruct_cnt").fill_null(0),
            collection_stopped=(
                pl.col("agreement_on").is_not_null() & pl.col("agreement_broken_on").is_null() & open_plan
            ).fill_null(value=False),
            plan_break_date=pl.coalesce("agreement_broken_on", "_broken_on"),
            spec_tran_types=pl.concat_list(pl.col("_codes").fill_null([]), settled_early),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())
        .sort("customer_token", "plan_id")
    )


def restructuring_versions(versions: pl.DataFrame, plans: pl.DataFrame, hardship: pl.DataFrame) -> pl.DataFrame:
    """Versions (plan_id, version_no) agreed because the customer was in difficulty.

    Relief always is; another change is where arrears were moved by it, one of the term also where a case of hardship
    was open. Settling everything at once changes no terms.
    """
    cases = hardship.select("customer_token", "opened_on", pl.col("plan_id").alias("_of_plan"))
    of_case = (
        versions.filter(pl.col("route") == "term_change")
        .join(plans.select("plan_id", "customer_token"), on="plan_id")
        .join(cases, on="customer_token")
        .filter(
            (pl.col("opened_on") <= pl.col("agreed_on"))
            & (pl.col("_of_plan").fill_null(pl.col("plan_id")) == pl.col("plan_id"))
        )
    )
    bent = versions.filter(
        pl.col("route").is_in(RELIEF) | ((pl.col("route") != "early_settlement") & (pl.col("moved_cents") > 0))
    )
    key = ["plan_id", "version_no"]
    return pl.concat([bent.select(key), of_case.select(key)]).unique()


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return (pl.max_horizontal(part, pl.lit(0, pl.Int64)) * 10_000 // whole).clip(0, 10_000)


def _special_transactions(versions: pl.DataFrame, movements: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Per plan the codes of what happened to it, and whether it was settled early."""
    longer = (pl.col("route") == "term_change") & (pl.col("total_cost_diff_cents") > 0)
    of_versions = versions.select(
        "plan_id",
        pl.when(pl.col("route") == "art70_restructure")
        .then(_PERSONALISED)
        .when(pl.col("route") == "payment_holiday")
        .then(_DEFERRAL)
        .when(longer)
        .then(_EXTENSION)
        .alias("code"),
    )
    agreed_waivers = versions.filter(pl.col("waived_cents") > 0).select("plan_id", pl.lit(_WAIVER).alias("code"))
    known = movements.filter(pl.col("value_on") <= as_of)
    booked_waivers = known.filter(kind="waiver").select("plan_id", pl.lit(_WAIVER).alias("code"))
    early = known.filter(kind="early_settlement").select("plan_id").unique().with_columns(_early=pl.lit(value=True))
    codes = (
        pl.concat([of_versions, agreed_waivers, booked_waivers], how="vertical_relaxed")
        .drop_nulls("code")
        .group_by("plan_id")
        .agg(pl.col("code").unique().sort().alias("_codes"))
    )
    return codes.join(early, on="plan_id", how="full", coalesce=True)
