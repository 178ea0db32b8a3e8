"""How risky a promise from each customer is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.risk.scorecard import Scorecard, Stress, Variable, points_column, with_points

if TYPE_CHECKING:
    from datetime import date

COLUMNS = (
    *("as_of_date", "customer_token", "shard", "model_version", "score", "pd_12m", "risk_grade", "lgd"),
    *("ead_cents", "el_cents", "ability", "willingness", "capacity_band", "stressed_dsr", "bureau_status"),
    "human_review",
)


def risk_assessment(profile: pl.DataFrame, scorecard: Scorecard, as_of: date) -> pl.DataFrame:
    """`risk.risk_assessment`: one row per customer of `profile` (`profile.customer_profile`), in its order.

    The score is the base points plus the points of each variable, kept within the scale; probability and grade are
    looked up by score. Ability and willingness are the points of their variables within the possible range, so a
    poor payer with a high income and a willing one with none look different (M09). Expected loss is
    pd × lgd × exposure, rounded up.
    """
    scale = scorecard.scale
    total = pl.sum_horizontal([pl.col(points_column(v)) for v in scorecard.variables]) + scale.base_points
    scored = with_points(profile, scorecard).with_columns(
        score=total.clip(scale.lowest, scale.highest).cast(pl.Int32),
        ability=_axis(scorecard, "ability"),
        willingness=_axis(scorecard, "willingness"),
    )
    unused = (pl.col("line_cents").fill_null(0) - pl.col("line_used_cents").fill_null(0)).clip(lower_bound=0)
    share_bp = round(scorecard.unused_line_share * 10_000)
    joined = scored.join(scorecard.score_table(), on="score", how="left", maintain_order="left").with_columns(
        ead_cents=pl.col("plan_outstanding_cents").fill_null(0) + unused * share_bp // 10_000,
        stressed_dsr=_stressed_dsr(scorecard.stress),
    )
    return joined.select(
        as_of_date=pl.lit(as_of, pl.Date),
        customer_token="customer_token",
        shard="shard",
        model_version=pl.lit(scorecard.version),
        score="score",
        pd_12m="pd_12m",
        risk_grade="risk_grade",
        lgd=pl.lit(scorecard.lgd),
        ead_cents="ead_cents",
        el_cents=(pl.col("pd_12m") * scorecard.lgd * pl.col("ead_cents")).ceil().cast(pl.Int64),
        ability="ability",
        willingness="willingness",
        capacity_band=_capacity_band(scorecard.stress),
        stressed_dsr="stressed_dsr",
        bureau_status="bureau_status",
        human_review=(pl.col("bureau_status") != "fresh") | pl.col("automated_decision_opt_out"),
    ).select(COLUMNS)


def _axis(scorecard: Scorecard, axis: str) -> pl.Expr:
    """Points of an axis' variables as 0..100 of their possible range, rounded down; 50 when it has none."""
    variables: list[Variable] = [v for v in scorecard.variables if v.axis == axis]
    least, most = sum(v.range[0] for v in variables), sum(v.range[1] for v in variables)
    if most == least:
        return pl.lit(50, pl.Int32)
    points = pl.sum_horizontal([pl.col(points_column(v)) for v in variables])
    return ((points - least) * 100 // (most - least)).cast(pl.Int32)


def _stressed_dsr(stress: Stress) -> pl.Expr:
    """Debt service raised over income lowered, from cents; null when income is unknown or nil."""
    service = pl.col("debt_service_cents") * (10_000 + stress.service_rise_bp)
    income = pl.col("income_cents") * (10_000 - stress.income_drop_bp)
    return pl.when(income > 0).then(service / income).otherwise(None)


def _capacity_band(stress: Stress) -> pl.Expr:
    """Bands of the stressed ratio, compared in whole cents; strong needs a buffer too (M04)."""
    service = pl.col("debt_service_cents") * (10_000 + stress.service_rise_bp)
    income = pl.col("income_cents") * (10_000 - stress.income_drop_bp)

    def within(limit_bp: int) -> pl.Expr:
        return service * 10_000 <= income * limit_bp

    buffered = pl.col("liquid_buffer_m").fill_null(0) >= stress.strong_buffer_months
    return (
        pl.when(pl.col("income_cents").is_null() | (pl.col("income_cents") <= 0))
        .then(pl.lit("none"))
        .when(within(stress.strong_dsr_bp) & buffered)
        .then(pl.lit("strong"))
        .when(within(stress.adequate_dsr_bp))
        .then(pl.lit("adequate"))
        .when(within(stress.tight_dsr_bp))
        .then(pl.lit("tight"))
        .otherwise(pl.lit("none"))
    )
