"""M75: the card's points, its file, and how it is judged."""

from __future__ import annotations

import math
import tomllib

import numpy as np
import polars as pl
import pytest

from tests.unit.transforms.risk.training.support import lender
from transforms.risk import measures
from transforms.risk.scorecard import parse_scorecard, points_column, with_points
from transforms.risk.training.columns import understand

pytest.importorskip("lightgbm", reason="the train extra is not installed (make train-extra)")
pytest.importorskip("sklearn", reason="the train extra is not installed (make train-extra)")

from transforms.risk.training.card_file import card_text
from transforms.risk.training.challenger import fit_challenger
from transforms.risk.training.evaluation import (
    CHALLENGER,
    POINTS,
    calibration,
    evaluate,
    folds_by_order,
    later_rows,
    trends_of,
)
from transforms.risk.training.fit import PointScale, fit_card

FRAME, BAD = lender()
COLUMNS, _ = understand(FRAME, target="bad")


def test_the_scale_doubles_the_odds() -> None:
    scale = PointScale(odds_score=600, odds=15, points_to_double=40)
    assert scale.pd(np.array([600.0, 640.0, 560.0])) == pytest.approx([1 / 16, 1 / 31, 1 / 8.5])


def test_a_card_uses_what_tells_and_says_why_it_left_the_rest() -> None:
    card = fit_card(FRAME, COLUMNS, BAD)
    assert {v.binning.column for v in card.variables} >= {"income", "late"}
    assert "noise" in {d.name for d in card.dropped}
    assert all(v.weight > 0 for v in card.variables)
    for v in card.variables:
        assert list(v.points) == [round(40 / math.log(2) * v.weight * b.woe) for b in v.binning.bins]


def test_the_file_of_a_card_gives_the_same_scores_as_the_card() -> None:
    """What `fenqi train` writes is what a night would score with, codes, categories and missing values included."""
    card = fit_card(FRAME, COLUMNS, BAD)
    parsed = parse_scorecard(tomllib.loads(card_text(card, FRAME, "fitted", "a test")), source="scorecard.toml")
    points = with_points(FRAME, parsed).select(pl.sum_horizontal(points_column(v) for v in parsed.variables))
    assert (points.to_series().to_numpy() + parsed.scale.base_points).tolist() == card.score(FRAME).tolist()
    assert [parsed.grades[g] for g in "ABCDEF"] == sorted((parsed.grades[g] for g in "ABCDEF"), reverse=True)


def test_out_of_sample_the_card_ranks_and_its_probabilities_mean_what_they_say() -> None:
    found = evaluate(FRAME, COLUMNS, BAD, folds_by_order(FRAME.height, 3), challenge=False)
    assert [m.sample for m in found.by_sample] == ["fold 0", "fold 1", "fold 2"]
    assert found.mean(POINTS, "auc") > 0.65
    assert 0.8 < found.mean(POINTS, "slope") < 1.25
    assert not np.isnan(found.pd[POINTS]).any()


def test_the_challenger_follows_the_direction_of_the_bins_and_repeats_itself() -> None:
    trends = trends_of(FRAME, COLUMNS, BAD)
    assert (trends["income"], trends["late"]) == (-1, 1)
    assert "noise" not in trends
    some, bad = FRAME.head(1_500), BAD[:1_500]
    first, second = (fit_challenger(some, COLUMNS, bad, trends) for _ in range(2))
    assert first.text() == second.text()
    poor = FRAME.head(1).with_columns(income=pl.lit(1000.0))
    ladder = pl.concat([poor.with_columns(income=pl.lit(float(i))) for i in range(1_000, 20_000, 500)])
    assert np.all(np.diff(first.pd(ladder)) <= 1e-12)
    assert measures.auc(first.pd(FRAME), BAD) > 0.7


def test_a_challenger_is_judged_on_the_same_rows_as_the_card() -> None:
    found = evaluate(FRAME, COLUMNS, BAD, later_rows(np.arange(FRAME.height, dtype=float)), challenge=True)
    assert {(m.model, m.rows) for m in found.by_sample} == {(POINTS, 1_000), (CHALLENGER, 1_000)}
    assert np.isnan(found.pd[POINTS]).sum() == 3_000


def test_calibration_of_probabilities_made_to_be_half_as_sharp() -> None:
    rng = np.random.default_rng(1)
    odds = rng.normal(-1, 1, 60_000)
    bad = rng.random(60_000) < 1 / (1 + np.exp(-odds))
    slope, intercept = calibration(1 / (1 + np.exp(-odds / 2)), bad)
    assert slope == pytest.approx(2.0, abs=0.05)
    assert intercept == pytest.approx(0.0, abs=0.05)
