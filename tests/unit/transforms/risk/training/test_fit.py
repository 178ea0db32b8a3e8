"""The card's points, its file, and how it is judged."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.unit.transforms.risk.training.support import lender
from transforms.risk import measures
from transforms.risk.scorecard import parse_scorecard, points_column, with_points
from transforms.risk.training.columns import understand

pytest.importorskip("lightgbm", reason="the train extra is not installed (make train-extra)")
pytest.importorskip("sklearn", reason="the train extra is not installed (make train-extra)")

from transforms.risk.training.candidates import with_ratios
from transforms.risk.training.card_file import Surroundings, card_text
from transforms.risk.training.challenger import fit_challenger
from transforms.risk.training.evaluation import (
    CHALLENGER,
    POINTS,
    calibration,
    evaluate,
    folds_by_order,
    later_others,
    later_rows,
    measured_by,
    trends_of,
)
from transforms.risk.training.fit import PointScale, Recipe, fit_card

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
        drawn = np.array([40 / math.log(2) * v.weight * b.woe for b in v.binning.bins])
        assert np.abs(np.array(v.points) - drawn).max() < 15, "each bin stays near what its own evidence says"


def test_the_file_of_a_card_gives_the_same_scores_as_the_card() -> None:
    """What `fenqi train` writes is what a night would score with, codes, categories and missing values included."""
    card = fit_card(FRAME, COLUMNS, BAD)
    parsed = parse_scorecard(tomllib.loads(card_text(card, FRAME, "fitted", "a test")), source="scorecard.toml")
    points = with_points(FRAME, parsed).select(pl.sum_horizontal(points_column(v) for v in parsed.variables))
    assert (points.to_series().to_numpy() + parsed.scale.base_points).tolist() == card.score(FRAME).tolist()
    assert [parsed.grades[g] for g in "ABCDEF"] == sorted((parsed.grades[g] for g in "ABCDEF"), reverse=True)


def test_a_ratio_and_the_words_of_the_champion_reach_the_file() -> None:
    profile, ratios = with_ratios(
        pl.DataFrame(
            {"line_used_cents": FRAME["income"].fill_null(0).cast(pl.Int64), "line_cents": [9_973] * FRAME.height}
        )
    )
    profile = profile.with_columns(late=FRAME["late"])
    columns, _ = understand(profile, target="none")
    champion = {
        "scale": {"lowest": 300, "highest": 850},
        "loss": {"lgd": 0.4, "unused_line_share": 0.1, "table": [{"exposure": "plan", "lgd": 0.3}]},
        "variables": [{"column": "late", "axis": "willingness", "code": "PAST_DUE", "en": "Paid late", "zh": "逾期"}],
    }
    card = fit_card(profile, columns, BAD)
    text = card_text(card, profile, "fitted", "a test", Surroundings(ratios, {}, champion))
    parsed = parse_scorecard(tomllib.loads(text), source="scorecard.toml")
    points = with_points(profile, parsed).select(pl.sum_horizontal(points_column(v) for v in parsed.variables))
    assert (points.to_series().to_numpy() + parsed.scale.base_points).tolist() == card.score(profile).tolist()
    assert ("line_used_cents", "line_cents") in {(v.column, v.over) for v in parsed.variables}
    late = next(v for v in parsed.variables if v.column == "late")
    assert (late.code, late.en, late.zh, late.axis) == ("PAST_DUE", "Paid late", "逾期", "willingness")
    assert (parsed.loss.base, parsed.scale.lowest, parsed.scale.highest) == (0.4, 300, 850)


def test_of_two_variables_alike_the_one_that_tells_more_is_kept() -> None:
    frame = FRAME.select("income", "late").with_columns(double=pl.col("late") * 2, bureau=FRAME["bureau"])
    columns, _ = understand(frame, target="none")
    card = fit_card(frame, columns, BAD, Recipe(most_alike=0.9))
    assert "double" in {d.name for d in card.dropped}
    assert {v.binning.column for v in card.variables} >= {"late", "income"}
    assert len(fit_card(frame, columns, BAD, Recipe(most_variables=1)).variables) == 1


def test_later_rows_of_customers_not_learned_from() -> None:
    who = np.tile(np.arange(1_000), 4)
    moment = np.repeat([1.0, 2.0, 3.0, 4.0], 1_000)
    samples = later_others(moment, who)
    asked = np.sum([s.asked for s in samples], axis=0)
    assert np.array_equal(asked, (moment == 4.0).astype(int)), "each later row once"
    for s in samples:
        assert not set(who[s.learned]) & set(who[s.asked])
        assert moment[s.learned].max() < moment[s.asked].min()
    found = evaluate(FRAME, COLUMNS, BAD, samples, challenge=False, others={"constant": np.full(4_000, 0.3)})
    assert [(m.model, m.rows) for m in found.by_sample] == [(POINTS, 1_000), ("constant", 1_000)]
    assert found.mean("constant", "auc") == 0.5
    by = measured_by(found, np.where(who < 500, "a", "b"))
    assert [(m.model, m.sample, m.rows) for m in by][:2] == [(POINTS, "a", 500), (POINTS, "b", 500)]


def test_another_model_is_judged_where_folds_ask_every_row() -> None:
    """A single stored night: its customers are judged in folds, the champion beside the card."""
    folds = [replace(f, name="other customers") for f in folds_by_order(FRAME.height, 3)]
    found = evaluate(FRAME, COLUMNS, BAD, folds, challenge=False, others={"champion": np.full(FRAME.height, 0.3)})
    assert [(m.model, m.rows, m.psi == 0) for m in found.by_sample][1] == ("champion", FRAME.height, True)


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


def test_calibration_of_a_model_that_makes_no_error_stays_a_number() -> None:
    slope, intercept = calibration(np.array([0.01, 0.02, 0.98, 0.99] * 20), np.array([False, False, True, True] * 20))
    assert slope > 1
    assert np.isfinite([slope, intercept]).all()
