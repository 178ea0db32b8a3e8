"""Where every plan stood on any dates: days past due, bucket, what is open; for progress, vintages and roll rates.

Own days past due survive whatever was agreed since: what was in arrears when a change moved it keeps its days until
as much has been paid as was moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.allocation import replay
from transforms.loans.booked import INSTALLMENT, booked_installments
from transforms.loans.movements import net_movements
from transforms.loans.rules import bucket

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.eligibility.policy_sections import Servicing

#: A further version of a plan's schedule, in force from `effective_on`; version 1 is the one it was booked with.
#: `moved_cents` were in arrears and moved to later installments, `moved_dpd` days past due by then.
VERSION: Mapping[str, DataType | DataTypeClass] = {
    "plan_id": pl.String,
    "version_no": pl.Int32,
    "effective_on": pl.Date,
    "moved_cents": pl.Int64,
    "moved_dpd": pl.Int32,
}
VERSION_INSTALLMENT: Mapping[str, DataType | DataTypeClass] = {"version_no": pl.Int32, **INSTALLMENT}

#: What a position always has; amounts in cents.
_STATE = ("plan_id", "as_of_date")
_CLOSED = ("settled", "cancelled")
_OWED = ("arrears_cents", "arrears_interest_cents", "arrears_principal_cents", "outstanding_cents", "open_cents")


def latest_plans(plans: pl.DataFrame) -> pl.DataFrame:
    """Of rows of `credit.installment_plan`, the one of each plan that arrived last."""
    newest = [c for c in ("feed_date", "delivery_seq") if c in plans.columns]
    return plans.sort("plan_id", *newest).unique("plan_id", keep="last", maintain_order=True)


def plan_positions(
    plans: pl.DataFrame,
    repayments: pl.DataFrame,
    dates: Sequence[date],
    rules: Servicing,
    versions: pl.DataFrame | None = None,
    version_installments: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row per plan and date on or after its start.

    `plans` and `repayments` are rows of `credit.installment_plan` (all known changes, or the latest of each plan: then
    a plan counts as running before its last change) and `credit.repayment` as the night knows them; `versions` and
    `version_installments` (columns `VERSION`, `VERSION_INSTALLMENT`) what was agreed since. `dpd` and `dlq_bucket`
    are by the schedule in force on the date, `own_dpd`, `own_bucket`, `own_max_dpd` and `own_max_dpd_12m` by the
    lender's own count. Value dates rule, as tonight's knowledge has them. `status` is the books' on that date; a
    settled or cancelled plan owes nothing.
    """
    latest = latest_plans(plans)
    booked = booked_installments(latest)
    movements = net_movements(repayments)
    found = replay(booked, movements, dates, rules)
    positions, peaks = found.positions, found.peaks
    if versions is not None and version_installments is not None and not versions.is_empty():
        positions, peaks = _of_versions(found.positions, found.peaks, versions, version_installments, movements, rules)
    else:
        positions = positions.with_columns(
            version_no=pl.lit(1, pl.Int32), moved_cents=pl.lit(0, pl.Int64), moved_dpd=pl.lit(0, pl.Int32)
        )
    stood = _with_status(positions, plans, latest)
    stood = stood.filter(pl.col("as_of_date") >= pl.col("started_on"))
    closed = pl.col("status").is_in(_CLOSED)
    own = pl.col("dpd") + pl.when(pl.col("moved_cents") > 0).then("moved_dpd").otherwise(0)
    judged = stood.with_columns(
        *(pl.when(closed).then(0).otherwise(c).alias(c) for c in (*_OWED, "dpd", "unpaid_cnt", "next_open_cents")),
        *(pl.when(~closed).then(c).alias(c) for c in ("oldest_due_on", "next_due_on")),
    ).with_columns(own_dpd=pl.when(closed).then(0).otherwise(own).cast(pl.Int32))
    return _with_worst(judged, peaks).with_columns(
        dlq_bucket=bucket(pl.col("dpd")), own_bucket=bucket(pl.col("own_dpd"))
    )


def _of_versions(
    first: pl.DataFrame,
    first_peaks: pl.DataFrame,
    versions: pl.DataFrame,
    installments: pl.DataFrame,
    movements: pl.DataFrame,
    rules: Servicing,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Positions and peaks by the version in force on their day; further versions are replayed like plans."""
    name = pl.col("plan_id") + "#" + pl.col("version_no").cast(pl.String)
    keyed = versions.with_columns(_key=name)
    money = movements.join(keyed.select("plan_id", "_key"), on="plan_id").drop("plan_id").rename({"_key": "plan_id"})
    dates = first["as_of_date"].unique().to_list()
    rows = installments.with_columns(_key=name).drop("plan_id", "version_no").rename({"_key": "plan_id"})
    found = replay(rows, money, dates, rules)
    identity = keyed.select(pl.col("_key").alias("plan_id"), pl.col("plan_id").alias("_plan"), "version_no")
    base = pl.lit(1, pl.Int32).alias("version_no")

    def all_versions(one: pl.DataFrame, more: pl.DataFrame, day: str) -> pl.DataFrame:
        back = more.join(identity, on="plan_id").drop("plan_id").rename({"_plan": "plan_id"})
        both = pl.concat([one.with_columns(base), back.select(*one.columns, "version_no")])
        changed = versions.select("plan_id", "effective_on", pl.col("version_no").alias("_in_force"))
        ruled = both.sort(day).join_asof(
            changed.sort("effective_on"), left_on=day, right_on="effective_on", by="plan_id", check_sortedness=False
        )
        return ruled.filter(pl.col("version_no") == pl.col("_in_force").fill_null(1)).drop("_in_force", "effective_on")

    positions = all_versions(first, found.positions, "as_of_date")
    peaks = all_versions(first_peaks, found.peaks, "on").drop("version_no")
    moved = versions.select("plan_id", "version_no", "effective_on", "moved_cents", "moved_dpd")
    standing = positions.join(moved, on=["plan_id", "version_no"], how="left")
    since = (
        standing.join(movements.select("plan_id", "value_on", "amount_cents"), on="plan_id")
        .filter(pl.col("value_on").is_between(pl.col("effective_on"), pl.col("as_of_date")))
        .group_by(_STATE)
        .agg(pl.col("amount_cents").sum().alias("_since"))
    )
    left = pl.col("moved_cents").fill_null(0) - pl.col("_since").fill_null(0)
    standing = standing.join(since, on=_STATE, how="left").with_columns(
        moved_cents=pl.max_horizontal(left, pl.lit(0, pl.Int64)), moved_dpd=pl.col("moved_dpd").fill_null(0)
    )
    return standing.drop("_since", "effective_on"), peaks


def _with_status(positions: pl.DataFrame, plans: pl.DataFrame, latest: pl.DataFrame) -> pl.DataFrame:
    """Adds the books' status on the date and the plan's start."""
    changes = plans.select("plan_id", "changed_on", "status").sort("changed_on", maintain_order=True)
    return (
        positions.sort("as_of_date")
        .join_asof(changes, left_on="as_of_date", right_on="changed_on", by="plan_id", check_sortedness=False)
        .with_columns(status=pl.col("status").fill_null("running"))
        .join(latest.select("plan_id", "started_on"), on="plan_id")
        .drop("changed_on")
    )


def _with_worst(positions: pl.DataFrame, peaks: pl.DataFrame) -> pl.DataFrame:
    """Adds the most days past due up to the date, ever and in the 12 months before it."""
    seen = pl.concat(
        [
            peaks.select("plan_id", "on", "dpd"),
            positions.select("plan_id", pl.col("as_of_date").alias("on"), pl.col("own_dpd").alias("dpd")),
        ]
    ).filter(pl.col("dpd") > 0)
    year = pl.col("as_of_date").dt.offset_by("-12mo")
    worst = (
        positions.select(_STATE)
        .join(seen, on="plan_id")
        .filter(pl.col("on") <= pl.col("as_of_date"))
        .group_by(_STATE)
        .agg(
            pl.col("dpd").max().alias("own_max_dpd"),
            pl.col("dpd").filter(pl.col("on") > year).max().alias("own_max_dpd_12m"),
        )
    )
    return positions.join(worst, on=_STATE, how="left").with_columns(
        pl.col("own_max_dpd", "own_max_dpd_12m").fill_null(0)
    )
