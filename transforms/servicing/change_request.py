"""Every change a customer has asked for in a year, its state, and a preview of those still open."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from transforms.dates.calendar import add_months
from transforms.servicing.cases import open_requests

if TYPE_CHECKING:
    from datetime import date

    from transforms.loans.version_tables import Versions
    from transforms.policy.policy import Policy
    from transforms.servicing.previews import Previews


def change_request(
    service_case_latest: pl.DataFrame,
    plan_versions: Versions,
    second_installment: pl.DataFrame,
    previews: Previews,
    as_of: date,
    policy: Policy,
) -> pl.DataFrame:
    """`servicing.change_request`: one row per wish of the last 12 months about a known plan.

    `service_case_latest` are the latest rows of `credit.service_case`, `second_installment` the night's
    `eligibility.second_installment`, `previews` the figures of the open wishes. States: `previews` waits for the
    customer's acceptance, `refused` says why, `accepted` is booked as a version, `not_booked` was accepted and could
    not be, `undone`, `expired`, `withdrawn`.
    """
    open_ones = open_requests(service_case_latest, as_of, policy)["case_id"].to_list()
    wishes = service_case_latest.filter(
        (pl.col("kind") == "change_request") & (pl.col("opened_on") > add_months(as_of, -12))
    ).select(
        pl.col("case_id").alias("request_id"),
        "plan_id",
        "route",
        pl.col("opened_on").alias("requested_on"),
        (pl.col("status") == "closed").alias("_closed"),
    )
    taken = service_case_latest.filter(kind="acceptance").select(
        pl.col("refers_to").alias("request_id"),
        pl.col("case_id").alias("acceptance_id"),
        pl.col("opened_on").alias("accepted_on"),
    )
    booked = plan_versions.agreed.select(
        "acceptance_id",
        "version_no",
        pl.col("total_cost_diff_cents").alias("_booked_diff"),
        pl.lit(value=True).alias("_booked"),
    )
    versions = previews.figures.select("request_id", pl.col("version_no").alias("_draft_no"), *_PREVIEWED)
    known = second_installment.select(
        *("plan_id", "route", "customer_token", "shard", "reasons", "payment_before_cents", "payment_after_cents"),
        pl.col("total_cost_diff_cents").alias("_diff"),
    )
    is_open = pl.col("request_id").is_in(open_ones)
    refused = is_open & (pl.col("reasons").list.len() > 0)
    state = (
        pl.when(pl.col("_booked"))
        .then(pl.lit("accepted"))
        .when(pl.col("_undone"))
        .then(pl.lit("undone"))
        .when(pl.col("acceptance_id").is_not_null())
        .then(pl.lit("not_booked"))
        .when(refused)
        .then(pl.lit("refused"))
        .when(is_open)
        .then(pl.lit("previewed"))
        .when(pl.col("_closed"))
        .then(pl.lit("withdrawn"))
        .otherwise(pl.lit("expired"))
    )
    why = pl.when(refused).then("reasons").when(pl.col("reason").is_not_null()).then(pl.concat_list("reason"))
    offered = pl.col("request_state") == "previewed"
    undo_days, preview_days = (timedelta(days=d) for d in (policy.changes.undo_days, policy.changes.preview_days))
    return (
        wishes.join(taken.unique("request_id", keep="last", maintain_order=True), on="request_id", how="left")
        .join(booked, on="acceptance_id", how="left")
        .join(plan_versions.undone.with_columns(_undone=pl.lit(value=True)), on="acceptance_id", how="left")
        .join(plan_versions.refused.unique("acceptance_id"), on="acceptance_id", how="left")
        .join(versions, on="request_id", how="left")
        .join(known, on=["plan_id", "route"])
        .with_columns(request_state=state, reasons=why.otherwise(pl.lit([], dtype=pl.List(pl.String))))
        .with_columns(
            as_of_date=pl.lit(as_of),
            valid_until=pl.when(offered).then(pl.col("requested_on") + preview_days),
            undo_until=pl.when(pl.col("request_state") == "accepted").then(pl.col("accepted_on") + undo_days),
            version_no=pl.coalesce("version_no", "_draft_no"),
            payment_before_cents=pl.when(offered).then("payment_before_cents"),
            payment_after_cents=pl.when(offered).then("payment_after_cents"),
            total_cost_diff_cents=pl.when(offered).then("_diff").otherwise("_booked_diff"),
        )
        .sort("customer_token", "request_id")
    )


_PREVIEWED = ("last_due_on", "apr_simple", "apr_irr", "disclosure")
