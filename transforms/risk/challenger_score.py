"""What the challengers would have said, beside what the champion said; nothing reads it to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.risk.scorecard import with_points

if TYPE_CHECKING:
    from datetime import date

    from transforms.risk.scorecard import Scorecard


def challenger_score(
    profile: pl.DataFrame, assessment: pl.DataFrame, challenger: Scorecard, as_of: date
) -> pl.DataFrame:
    """`risk.challenger_score` of one challenger: one row per customer of `profile` (`profile.customer_profile`).

    The champion's figures are those of `assessment` (`risk.risk_assessment`) of the same customers; both grades are the
    scores' own, before anything held or moved them.
    """
    scored = with_points(profile, challenger).select("customer_token", "shard", score=challenger.total())
    champion = assessment.select(
        "customer_token",
        champion_version="model_version",
        champion_score="score",
        champion_pd_12m="pd_12m",
        champion_grade="model_grade",
    )
    return (
        scored.join(challenger.score_table(), on="score", how="left", maintain_order="left")
        .join(champion, on="customer_token", how="left", maintain_order="left")
        .with_columns(as_of_date=pl.lit(as_of, pl.Date), model_version=pl.lit(challenger.version))
    )
