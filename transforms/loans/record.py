"""The record of payment: every installment that fell due under the schedule then in force, and when it was settled.

One record for on-time counts, the payments kept in a row, observation and broken agreements.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.positions import closed_plans, of_all_versions
from transforms.loans.prepayments import PREPAID

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.loans.positions import Played

#: `settled_on`: the day it was settled but for the tolerance, NULL where it has not been; `judged`: its grace is over
#: or it is settled; `on_time`: settled within its grace.
RECORD: Mapping[str, DataType | DataTypeClass] = {
    "plan_id": pl.String,
    "version_no": pl.Int32,
    "due_on": pl.Date,
    "amount_cents": pl.Int64,
    "settled_on": pl.Date,
    "judged": pl.Boolean,
    "on_time": pl.Boolean,
}


def payment_record(played: Played, as_of: date, grace_days: int) -> pl.DataFrame:
    """One row per plan and installment due by the night under the version then in force; columns of `RECORD`.

    An installment whose grace was not over when a change moved it or the books closed the plan is none, nor is one
    whose period began after all had been paid; what a version says was settled before it, or repaid ahead, is no
    installment.
    """
    day = pl.lit(as_of, pl.Date)
    settled = of_all_versions(played, "settled").filter(pl.col("settled_on") <= as_of)
    rows = _in_force(played).join(settled.drop("due_on"), on=["plan_id", "version_no", "installment_no"], how="left")
    grace = pl.col("due_on") + timedelta(days=grace_days)
    rows = rows.join(closed_plans(played.plans, as_of), on="plan_id", how="left")
    until = pl.min_horizontal("_until", "closed_on")
    moved = until.is_not_null() & (until <= grace) & (pl.col("settled_on").is_null() | (pl.col("settled_on") > until))
    kept = rows.filter(
        (pl.col("due_on") <= as_of)
        & (pl.col("amount_cents") > 0)
        & ~moved
        & ((pl.col("due_on") < until).fill_null(value=True) | (pl.col("settled_on") <= until).fill_null(value=False))
    )
    done = paid_off(played, as_of).rename({"paid_off_on": "_paid_off_on"})
    ended = pl.min_horizontal("_paid_off_on", "closed_on")
    # Interest may run from before a rolled due date; a period begins with that date.
    begins = pl.max_horizontal("starts_on", pl.col("due_on").shift(1).over("plan_id", order_by="due_on"))
    return (
        kept.join(done, on="plan_id", how="left")
        .filter(ended.is_null() | (pl.col("due_on") <= ended) | (begins < ended))
        .with_columns(
            judged=pl.col("settled_on").is_not_null() | (grace <= day),
            on_time=(pl.col("settled_on") <= grace).fill_null(value=False),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in RECORD.items())
        .sort("plan_id", "due_on", "version_no")
    )


def _in_force(played: Played) -> pl.DataFrame:
    """Installments with the span of their version: those due before it began are left out."""
    booked = played.latest.select(
        "plan_id",
        pl.lit(1, pl.Int32).alias("version_no"),
        pl.lit(None, pl.Date).alias("_from"),
        pl.lit("booked").alias("route"),
    )
    later = played.versions.select("plan_id", "version_no", pl.col("effective_on").alias("_from"), "route")
    spans = pl.concat([booked, later]).with_columns(
        _until=pl.col("_from").shift(-1).over("plan_id", order_by="version_no")
    )
    before = pl.when(pl.col("route") == PREPAID).then(1).otherwise(0)
    return (
        played.installments.join(spans, on=["plan_id", "version_no"])
        .filter(
            ((pl.col("version_no") == 1) | (pl.col("installment_no") > before))
            & (pl.col("_from").is_null() | (pl.col("due_on") >= pl.col("_from")))
            & (pl.col("_until").is_null() | (pl.col("due_on") <= pl.col("_until")))
        )
        .with_columns(amount_cents=pl.sum_horizontal("principal_cents", "interest_cents", "fee_cents"))
    )


def paid_off(played: Played, as_of: date) -> pl.DataFrame:
    """(plan_id, paid_off_on) of plans on which nothing is open by the night: the day the last of it was settled."""
    newest = pl.col("version_no").filter(pl.col("effective_on") <= as_of).max().alias("_newest")
    in_force = (
        played.latest.select("plan_id")
        .join(played.versions.group_by("plan_id").agg(newest), on="plan_id", how="left")
        .select("plan_id", version_no=pl.col("_newest").fill_null(1).cast(pl.Int32))
    )
    states = of_all_versions(played, "positions").filter((pl.col("as_of_date") == as_of) & (pl.col("open_cents") == 0))
    days = (
        of_all_versions(played, "settled")
        .filter(pl.col("settled_on") <= as_of)
        .group_by("plan_id", "version_no")
        .agg(pl.col("settled_on").max())
    )
    return (
        states.join(in_force, on=["plan_id", "version_no"], how="semi")
        .join(days, on=["plan_id", "version_no"], how="left")
        .select("plan_id", paid_off_on="settled_on")
    )
