"""Cases as far as a decision may use them: open wishes, and hardship without what the customer keeps private."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.policy import Policy


def open_requests(service_case_latest: pl.DataFrame, as_of: date, policy: Policy) -> pl.DataFrame:
    """Changes asked for and neither closed, accepted nor older than a preview is valid; the latest rows of the feed."""
    answered = service_case_latest.filter(kind="acceptance").select(pl.col("refers_to").alias("case_id"))
    since = as_of - timedelta(days=policy.changes.preview_days)
    return (
        service_case_latest.filter(
            (pl.col("kind") == "change_request") & (pl.col("status") == "open") & (pl.col("opened_on") >= since)
        )
        .join(answered, on="case_id", how="anti")
        .sort("opened_on", "case_id")
    )


def permitted_cases(hardship_case_latest: pl.DataFrame, consent_latest: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Cases of hardship; without a medical consent that holds, a medical cause is only "other".

    Withheld consent closes no route (PIPL arts 16, 28-29): evidence and willingness count all the same.
    """
    day = pl.lit(as_of)
    holds = (
        (pl.col("consent_scope") == "medical")
        & (pl.col("granted_on") <= day)
        & (pl.col("expires_on").is_null() | (pl.col("expires_on") >= day))
        & (pl.col("withdrawn_on").is_null() | (pl.col("withdrawn_on") > day))
    )
    allowed = consent_latest.filter(holds).select("customer_token").unique().with_columns(_may=pl.lit(value=True))
    hidden = (pl.col("cause") == "medical") & pl.col("_may").is_null()
    return (
        hardship_case_latest.join(allowed, on="customer_token", how="left")
        .with_columns(cause=pl.when(hidden).then(pl.lit("other")).otherwise("cause"))
        .drop("_may")
    )
