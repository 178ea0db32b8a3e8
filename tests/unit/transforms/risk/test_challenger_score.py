"""A challenger's scores are published beside the champion's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from tests.unit.transforms.outputs import challenger_score
from transforms.risk.scorecard import parse_scorecard
from warehouse.reference import load_document


def test_the_challenger_scores_the_same_customers_and_the_champion_is_quoted() -> None:
    card = parse_scorecard(load_document("scorecards", "expert_v1").body, source="expert_v1")
    card = replace(card, version="other", variables=tuple(v for v in card.variables if v.column == "max_dpd_12m"))
    profile = pl.DataFrame({"customer_token": ["b", "a"], "shard": [0, 1], "max_dpd_12m": [0, 95]})
    assessment = pl.DataFrame(
        {
            "customer_token": ["a", "b"],
            "model_version": ["expert_v1"] * 2,
            "score": [500, 700],
            "pd_12m": [0.3, 0.01],
            "model_grade": ["F", "A"],
        }
    )
    rows = challenger_score(profile, assessment, [card], date(2026, 4, 1))
    points = [card.variables[0].points[0], card.variables[0].points[-1]]
    assert rows["score"].to_list() == [card.scale.base_points + p for p in points]
    assert rows["pd_12m"].to_list() == [card.scale.pd(s) for s in rows["score"]]
    assert rows["champion_score"].to_list() == [700, 500]
    assert rows["model_version"].unique().to_list() == ["other"]
