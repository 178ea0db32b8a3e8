"""Monthly income by the best source there is, with how sure it is (M38)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from transforms.profile.parameters import ProfileParameters
from transforms.profile.reductions import INCOME_MONTHS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

#: Sources from best to worst, with the confidence of a regular six months (bank lines) or of the proof itself.
CONFIDENCE = {
    "tax": 0.95,
    "social_security": 0.9,
    "payroll": 0.9,
    "recurring": 0.6,
    "employer_proof": 0.65,
    "stated": 0.2,
    "none": 0.0,
}


def income_estimate(
    frames: Mapping[str, pl.DataFrame], as_of: date, parameters: ProfileParameters | None = None
) -> pl.DataFrame:
    """`profile.income_estimate`: one row per customer of `frames["customer"]`.

    Tax or social security before bank lines labelled salary or pension, before unlabelled regular credits, before an
    employer's proof, before what is stated. Bank lines give the lower of the medians of the last 6 and the last 3
    trailing months (a month without income counts as nil once income has begun), and need the bank_statement
    consent. Their confidence falls with months missing and with irregularity.
    """
    given = parameters or ProfileParameters()
    consents = frames["consent"].select("customer_token", "consent_bank_statement")
    fresh = pl.col("verified_income_on") >= as_of - timedelta(days=given.verified_income_days)
    base = (
        frames["customer"]
        .select(
            "customer_token",
            "shard",
            stated_cents=pl.col("stated_income_cents"),
            verified_cents=pl.when(fresh).then("verified_income_cents"),
            verified_source=pl.when(fresh).then("verified_income_source"),
        )
        .join(consents, on="customer_token", how="left")
        .join(_monthly(frames["income_months"], "payroll"), on="customer_token", how="left")
        .join(_monthly(frames["recurring_months"], "recurring"), on="customer_token", how="left")
    )
    allowed = pl.col("consent_bank_statement").fill_null(value=False)
    bank = [f"{kind}_{part}" for kind in ("payroll", "recurring") for part in ("cents", "months", "cv")]
    base = base.with_columns(pl.when(allowed).then(pl.col(c)).alias(c) for c in bank)
    return _published(base.with_columns(income_source=_source()), as_of)


def _monthly(months: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Per customer: income a month, months seen and variation, from (customer_token, month_no, cents)."""
    wide = months.group_by("customer_token").agg(
        *(pl.col("cents").filter(pl.col("month_no") == k).sum().alias(f"m{k}") for k in range(1, INCOME_MONTHS + 1)),
        pl.col("month_no").max().alias("first"),
        pl.len().alias("seen"),
    )
    # Months before income began say nothing of it; later ones without any count as nil.
    series = [pl.when(pl.col("first") >= k).then(pl.col(f"m{k}")) for k in range(1, INCOME_MONTHS + 1)]
    wide = wide.with_columns(
        all=pl.concat_list(series).list.drop_nulls(), last=pl.concat_list(series[:3]).list.drop_nulls()
    )
    lower = pl.min_horizontal(pl.col("all").list.median(), pl.col("last").list.median())
    mean = pl.col("all").list.mean()
    return wide.select(
        "customer_token",
        lower.floor().cast(pl.Int64).alias(f"{kind}_cents"),
        pl.col("seen").cast(pl.Int32).alias(f"{kind}_months"),
        pl.when((mean > 0) & (pl.col("all").list.len() > 1))
        .then(pl.col("all").list.std(ddof=0) / mean)
        .when(mean > 0)
        .then(0.0)
        .alias(f"{kind}_cv"),
    )


def _source() -> pl.Expr:
    official = pl.col("verified_source").is_in(["tax", "social_security"]) & (pl.col("verified_cents") > 0)
    return (
        pl.when(official)
        .then(pl.col("verified_source"))
        .when(pl.col("payroll_cents") > 0)
        .then(pl.lit("payroll"))
        .when(pl.col("recurring_cents") > 0)
        .then(pl.lit("recurring"))
        .when((pl.col("verified_source") == "employer_proof") & (pl.col("verified_cents") > 0))
        .then(pl.lit("employer_proof"))
        .when(pl.col("stated_cents") > 0)
        .then(pl.lit("stated"))
        .otherwise(pl.lit("none"))
    )


def _published(frame: pl.DataFrame, as_of: date) -> pl.DataFrame:
    source = pl.col("income_source")
    labelled = source == "payroll"
    months = (
        pl.when(labelled | pl.col("payroll_months").is_not_null()).then("payroll_months").otherwise("recurring_months")
    )
    cv = pl.when(labelled | pl.col("payroll_cv").is_not_null()).then("payroll_cv").otherwise("recurring_cv")
    amount = (
        pl.when(source.is_in(["tax", "social_security", "employer_proof"]))
        .then("verified_cents")
        .when(labelled)
        .then("payroll_cents")
        .when(source == "recurring")
        .then("recurring_cents")
        .when(source == "stated")
        .then("stated_cents")
    )
    seen = months.fill_null(0).cast(pl.Int32)
    regularity = 1 - cv.fill_null(0.0).clip(upper_bound=1.0) / 2
    sure = source.replace_strict(CONFIDENCE, return_dtype=pl.Float64)
    from_bank = source.is_in(["payroll", "recurring"])
    return frame.select(
        as_of_date=pl.lit(as_of, pl.Date),
        customer_token="customer_token",
        shard="shard",
        income_cents=amount,
        income_source="income_source",
        income_confidence=pl.when(from_bank).then(sure * seen / INCOME_MONTHS * regularity).otherwise(sure),
        months_seen=seen,
        income_cv=cv,
        payroll_cents="payroll_cents",
        recurring_cents="recurring_cents",
        verified_cents="verified_cents",
        stated_cents="stated_cents",
    )
