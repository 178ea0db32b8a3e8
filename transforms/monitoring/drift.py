"""Whether the night's customers are still like those the model was frozen on: stability of score and variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.monitoring.score_bins import SCORE, cut_names, grade_cuts, score_bin, variable_bin, variable_bins
from transforms.risk.measures import PSI_FLOOR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transforms.monitoring.reference import Reference
    from transforms.policy.sections_monitoring import Monitoring
    from transforms.reading import PerRange
    from transforms.risk.scorecard import Scorecard


def bin_counts(
    customer_profile: pl.DataFrame, risk_assessment: pl.DataFrame, scorecard: Scorecard, score_cuts: Sequence[int]
) -> pl.DataFrame:
    """(subject, bin_no, customer_cnt) of some shards' customers: a partial that adds up over shards."""
    parts = [(SCORE, risk_assessment.select(bin_no=score_bin(score_cuts)))]
    places = customer_profile.select(variable_bin(v).alias(v.code) for v in scorecard.variables)
    parts += [(v.code, places.select(bin_no=v.code)) for v in scorecard.variables]
    return pl.concat(
        frame.group_by("bin_no")
        .agg(customer_cnt=pl.len().cast(pl.Int64))
        .select(pl.lit(subject).alias("subject"), "bin_no", "customer_cnt")
        for subject, frame in parts
    )


def score_cuts(scorecard: Scorecard, drift_reference: Reference | None) -> tuple[int, ...]:
    """The score's bins: the reference's, or the grades' where none has been frozen."""
    return grade_cuts(scorecard) if drift_reference is None else drift_reference.score_cuts


def drift_bin(
    bin_counts: PerRange, scorecard: Scorecard, drift_reference: Reference | None, as_of: date
) -> pl.DataFrame:
    """`monitoring.drift_bin`: a row per score bin and per bin of each variable, with none left out.

    `index_term` is (actual − expected) × ln(actual / expected) of the shares, a share below 0.0001 taken for that, so
    that an empty bin weighs and stays finite; the terms of a subject sum to its stability index. Empty without a
    frozen reference.
    """
    frames = [_named(SCORE, SCORE, cut_names(score_cuts(scorecard, drift_reference)), drift_reference)]
    frames += [_named(v.code, v.column, variable_bins(v), drift_reference) for v in scorecard.variables]
    counted = pl.concat(bin_counts).group_by("subject", "bin_no").agg(pl.col("customer_cnt").sum())
    rows = pl.concat(frames).join(counted, on=["subject", "bin_no"], how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("customer_cnt").fill_null(0)).with_columns(
        customer_share=_share("customer_cnt"), reference_share=_share("reference_cnt")
    )
    actual = pl.max_horizontal("customer_share", pl.lit(PSI_FLOOR))
    expected = pl.max_horizontal("reference_share", pl.lit(PSI_FLOOR))
    return rows.with_columns(
        as_of_date=pl.lit(as_of, pl.Date),
        model_version=pl.lit(scorecard.version),
        reference_on=pl.lit(None if drift_reference is None else drift_reference.frozen_on, pl.Date),
        index_term=pl.when(pl.col("reference_share").is_not_null() & pl.col("customer_share").is_not_null()).then(
            (actual - expected) * (actual.log() - expected.log())
        ),
    )


def _named(subject: str, variable: str, names: list[str], reference: Reference | None) -> pl.DataFrame:
    counts = [None] * len(names) if reference is None else list(reference.counts[subject])
    return pl.DataFrame(
        {
            "subject": subject,
            "bin_no": pl.Series(range(len(names)), dtype=pl.Int16),
            "bin": names,
            "variable": variable,
            "reference_cnt": pl.Series(counts, dtype=pl.Int64),
        }
    )


def _share(count: str) -> pl.Expr:
    whole = pl.col(count).sum().over("subject")
    return pl.when(whole > 0).then(pl.col(count) / whole)


def drift(drift_bin: pl.DataFrame, monitoring_policy: Monitoring) -> pl.DataFrame:
    """`monitoring.drift`: a row per subject (the score, each variable) with its stability index and the action due.

    `drift_bin` is the night's `monitoring.drift_bin`. Levels by the policy's thresholds, commonly 0.10 and 0.25:
    `stable`, `watch`, `act`; `no_reference` where none has been frozen.
    """
    index_bp = (pl.col("stability_index") * 10_000).round(6)
    level = (
        pl.when(index_bp.is_null())
        .then(pl.lit("no_reference"))
        .when(index_bp >= monitoring_policy.stability_act_bp)
        .then(pl.lit("act"))
        .when(index_bp >= monitoring_policy.stability_watch_bp)
        .then(pl.lit("watch"))
        .otherwise(pl.lit("stable"))
    )
    missing = pl.col("customer_cnt").filter((pl.col("bin_no") == 0) & (pl.col("subject") != SCORE)).sum()
    subject = ("as_of_date", "subject", "variable", "model_version", "reference_on")
    return (
        drift_bin.group_by(subject, maintain_order=True)
        .agg(
            customer_cnt=pl.col("customer_cnt").sum(),
            unknown_cnt=missing,
            bin_cnt=pl.len().cast(pl.Int16),
            known=pl.col("index_term").is_not_null().all(),
            index_sum=pl.col("index_term").sum(),
        )
        .with_columns(stability_index=pl.when("known").then("index_sum"))
        .drop("known", "index_sum")
        .with_columns(level=level)
    )
