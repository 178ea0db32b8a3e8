"""Scores of the challengers beside the champion's, for comparison; no decision reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.risk.scorecard import with_points

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transforms.risk.scorecard import Scorecard


def challenger_score(
    customer_profile: pl.DataFrame, risk_assessment: pl.DataFrame, challengers: Sequence[Scorecard], as_of: date
) -> pl.DataFrame:
    """`risk.challenger_score` one row per challenger and customer of the profile.

    The champion's figures are those of the night's assessment; both grades are the
    scores' own, before anything held or moved them.
    """
    champion = risk_assessment.select(
        "customer_token",
        champion_version="model_version",
        champion_score="score",
        champion_pd_12m="pd_12m",
        champion_grade="model_grade",
    )
    scored = [_scored(customer_profile, challenger) for challenger in challengers]
    if not scored:
        return customer_profile.select("customer_token", "shard").clear()
    return (
        pl.concat(scored)
        .join(champion, on="customer_token", how="left", maintain_order="left")
        .with_columns(as_of_date=pl.lit(as_of, pl.Date))
    )


def _scored(profile: pl.DataFrame, challenger: Scorecard) -> pl.DataFrame:
    scored = with_points(profile, challenger).select("customer_token", "shard", score=challenger.total())
    return scored.join(challenger.score_table(), on="score", how="left", maintain_order="left").with_columns(
        model_version=pl.lit(challenger.version)
    )
