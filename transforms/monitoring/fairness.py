"""Fairness of decisions: adverse impact by protected attribute, and same inputs, same terms."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from transforms.policy.sections import GRADES

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.policy import Policy
    from transforms.policy.sections_monitoring import Monitoring
    from transforms.reading import PerRange

#: What a customer can get: equal for equal inputs.
TERMS = ("decision", "price_grade", "limit_cents", "max_term_m", "min_rate", "max_rate")
#: What a decision may rest on besides the columns its rules name.
_INPUTS = ("score", "risk_grade", "behaviour_segment", "age_years", "income_cents", "debt_service_cents")
_LINES = ("line_cents", "line_used_cents", "liquid_buffer_m", "free_cash_flow_cents", "plan_outstanding_cents")
AGE_BANDS = (18, 25, 35, 45, 55, 65)
INPUTS, SAME_TERMS = "all deciding inputs", "same_terms"


def age_band() -> pl.Expr:
    """Completed years in bands of about ten, as text."""
    age = pl.col("age_years")
    band = pl.lit(f"{AGE_BANDS[-1]} and over")
    for low, high in reversed([(0, AGE_BANDS[0]), *pairwise(AGE_BANDS)]):
        band = pl.when(age < high).then(pl.lit(f"under {high}" if low == 0 else f"{low} to {high - 1}")).otherwise(band)
    return pl.when(age.is_null()).then(pl.lit("unknown")).otherwise(band)


def watched_attributes(customer_profile: pl.DataFrame, customer_latest: pl.DataFrame) -> pl.DataFrame:
    """The watched attributes of each customer of the profile, read beside the decisions and never by them."""
    known = customer_latest.select("customer_token", "sex", "marital_status", "education_level")
    return customer_profile.select("customer_token", age_band=age_band()).join(known, on="customer_token", how="left")


def group_outcomes(
    watched_attributes: pl.DataFrame,
    customer_eligibility: pl.DataFrame,
    installment_offer: pl.DataFrame,
    monitoring_policy: Monitoring,
) -> pl.DataFrame:
    """(attribute, stage, tier, group_value, group_cnt, passed_cnt) of some shards' customers: a partial that adds up.

    Stages: `not_declined` and `automatic` of all customers; `offered` and `priced` (price grade as good as `tier`, or
    better) of the eligible.
    """
    decided = customer_eligibility.select("customer_token", "decision", "price_grade").join(
        watched_attributes, on="customer_token", how="left", maintain_order="left"
    )
    offered = installment_offer.select("customer_token").unique().with_columns(has_offer=pl.lit(value=True))
    decided = decided.join(offered, on="customer_token", how="left").with_columns(
        pl.col("has_offer").fill_null(value=False)
    )
    eligible = pl.col("decision") == "eligible"
    tiers = [g for g in GRADES if g in monitoring_policy.price_tiers]
    stages = [
        ("not_declined", "all", pl.lit(value=True), pl.col("decision") != "declined"),
        ("automatic", "all", pl.lit(value=True), eligible),
        ("offered", "all", eligible, pl.col("has_offer")),
        *(("priced", tier, eligible, pl.col("price_grade") <= tier) for tier in tiers),
    ]
    parts = []
    for attribute in monitoring_policy.watched_attributes:
        group = pl.col(attribute).cast(pl.String).fill_null("unknown")
        for stage, tier, base, passed in stages:
            parts.append(
                decided.filter(base)
                .group_by(group_value=group)
                .agg(group_cnt=pl.len().cast(pl.Int64), passed_cnt=passed.sum().cast(pl.Int64))
                .select(
                    pl.lit(attribute).alias("attribute"),
                    pl.lit(stage).alias("stage"),
                    pl.lit(tier).alias("tier"),
                    "group_value",
                    "group_cnt",
                    "passed_cnt",
                )
            )
    return pl.concat(parts)


def inputs_and_terms(
    customer_profile: pl.DataFrame, risk_assessment: pl.DataFrame, customer_eligibility: pl.DataFrame, policy: Policy
) -> pl.DataFrame:
    """(inputs, terms, customer_cnt): hashes of what decided and of what was given, of some shards' customers."""
    own = [c for c in risk_assessment.columns if c not in customer_profile.columns]
    known = customer_profile.join(
        risk_assessment.select("customer_token", *own), on="customer_token", how="left", maintain_order="left"
    )
    named = {column for rule in policy.rules for column in rule.columns}
    inputs = sorted({*_INPUTS, *_LINES, *named} & set(known.columns))
    terms = customer_eligibility.select("customer_token", pl.struct(TERMS).hash(0).alias("terms"))
    return (
        known.select("customer_token", pl.struct(inputs).hash(0).alias("inputs"))
        .join(terms, on="customer_token", how="inner")
        .group_by("inputs", "terms")
        .agg(customer_cnt=pl.len().cast(pl.Int64))
    )


def fairness(
    group_outcomes: PerRange, inputs_and_terms: PerRange, monitoring_policy: Monitoring, as_of: date
) -> pl.DataFrame:
    """`monitoring.fairness`: a row per attribute, stage, price tier and group, and one for same inputs, same terms.

    The adverse impact ratio is a group's pass rate over that of the group with the highest (29 CFR 1607.4 D: below
    four fifths is evidence of adverse impact). Groups smaller than the policy's minimum cell have no ratio and are no
    reference. `status`: `reference`, `holds`, `below_threshold`, `small_cell`; `differs` where customers with the
    same inputs got different terms.
    """
    counted = (
        pl.concat(group_outcomes)
        .group_by("attribute", "stage", "tier", "group_value")
        .agg(pl.col("group_cnt").sum(), pl.col("passed_cnt").sum())
        .with_columns(pass_rate=pl.col("passed_cnt") / pl.col("group_cnt"))
        .with_columns(
            large=(pl.col("group_cnt") >= monitoring_policy.minimum_cell) & (pl.col("group_value") != "unknown")
        )
    )
    best = (
        counted.filter("large")
        .sort("pass_rate", "group_cnt", "group_value", descending=[True, True, False])
        .unique(["attribute", "stage", "tier"], keep="first", maintain_order=True)
        .select("attribute", "stage", "tier", reference_group="group_value", reference_rate="pass_rate")
    )
    ratio = pl.col("pass_rate") / pl.col("reference_rate")
    rows = counted.join(best, on=["attribute", "stage", "tier"], how="left").with_columns(
        impact_ratio=pl.when(pl.col("large") & (pl.col("reference_rate") > 0)).then(ratio)
    )
    threshold_bp = (pl.col("impact_ratio") * 10_000).round(6)
    status = (
        pl.when(~pl.col("large"))
        .then(pl.lit("small_cell"))
        .when(pl.col("group_value") == pl.col("reference_group"))
        .then(pl.lit("reference"))
        .when(threshold_bp < monitoring_policy.impact_ratio_bp)
        .then(pl.lit("below_threshold"))
        .otherwise(pl.lit("holds"))
    )
    stamped = rows.with_columns(as_of_date=pl.lit(as_of, pl.Date), status=status)
    rows = pl.concat([stamped, _same_terms(inputs_and_terms, as_of)], how="diagonal_relaxed")
    return rows.sort("attribute", "stage", "tier", "group_value")


def _same_terms(hashed: PerRange, as_of: date) -> pl.DataFrame:
    """One row: of the customers who share all their inputs with another, how many got what most of those got."""
    pairs = pl.concat(hashed).group_by("inputs", "terms").agg(pl.col("customer_cnt").sum())
    alike = (
        pairs.group_by("inputs")
        .agg(people=pl.col("customer_cnt").sum(), most=pl.col("customer_cnt").max())
        .filter(pl.col("people") > 1)
    )
    people, same = int(alike["people"].sum() or 0), int(alike["most"].sum() or 0)
    return pl.DataFrame(
        {
            "as_of_date": [as_of],
            "attribute": INPUTS,
            "stage": SAME_TERMS,
            "tier": "all",
            "group_value": "all",
            "group_cnt": people,
            "passed_cnt": same,
            "pass_rate": [same / people if people else None],
            "reference_group": [None],
            "reference_rate": [None],
            "impact_ratio": [None],
            "status": "holds" if same == people else "differs",
        },
        schema_overrides={
            "as_of_date": pl.Date,
            "group_cnt": pl.Int64,
            "passed_cnt": pl.Int64,
            "pass_rate": pl.Float64,
            "reference_group": pl.String,
            "reference_rate": pl.Float64,
            "impact_ratio": pl.Float64,
        },
    )
