"""Bins' points are fitted jointly, stay near their weight of evidence, and never run against their bad rates."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from transforms.risk.training.columns import understand

pytest.importorskip("sklearn", reason="the train extra is not installed (make train-extra)")

from transforms.risk import measures
from transforms.risk.training.fit import PointsCard, fit_card


def shop(rows: int = 3_000) -> tuple[pl.DataFrame, np.ndarray]:
    """`level` drives the outcome. Where it is high the shop is mostly "dear", which tells nothing more; "odd" does.

    Both kinds of shop have more bads than the rest, and by their weights of evidence they are much alike.
    """
    rng = np.random.default_rng(5)
    level = rng.normal(size=rows)
    kind = np.where(level > 0.5, "dear", "plain")
    kind = np.where(rng.random(rows) < 0.2, "odd", kind)
    bad = rng.random(rows) < 1 / (1 + np.exp(2 - 1.2 * level - 1.5 * (kind == "odd")))
    return pl.DataFrame({"level": level.round(3), "shop": kind}), bad


def fitted(frame: pl.DataFrame, bad: np.ndarray) -> PointsCard:
    return fit_card(frame, understand(frame, target="none")[0], bad)


def test_points_of_numbers_run_with_their_bad_rates() -> None:
    card = fitted(*shop())
    for v in card.variables:
        if v.binning.kind == "category":
            continue
        regular = np.array(v.points[: len(v.binning.cuts) + 1]) * -v.binning.trend
        assert np.all(np.diff(regular) >= 0), v.binning.column


def test_bins_fitted_together_say_more_than_one_weight_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, bad = shop(6_000)
    learned, held, known, asked = frame.head(3_000), frame.tail(3_000), bad[:3_000], bad[3_000:]
    together = fitted(learned, known)
    monkeypatch.setattr("transforms.risk.training.joint_fit.DRAWN", 1e7)
    apart = fitted(learned, known)
    for v in apart.variables:
        drawn = [round(apart.scale.factor * v.weight * b.woe) for b in v.binning.bins]
        assert np.abs(np.array(v.points) - drawn).max() <= 1, "a prior as sure as that leaves nothing to the data"
    of_shop = next(v for v in together.variables if v.binning.column == "shop")
    points = dict(zip([b.label for b in of_shop.binning.bins], of_shop.points, strict=True))
    assert points["dear"] - points["odd"] > 20, "what the level says already is not held against the dear shops"
    assert measures.auc(together.pd(held), asked) > measures.auc(apart.pd(held), asked) + 0.003


def test_a_bin_without_rows_gives_nothing() -> None:
    frame, bad = shop()
    card = fitted(frame, bad)
    assert {v.points[-1] for v in card.variables} == {0}, "no value is missing in the sample"


def test_as_many_are_expected_to_be_bad_as_are() -> None:
    """The intercept is drawn to nothing, so the fit meets the share of bads whatever the bins hold."""
    frame, bad = shop()
    card = fitted(frame, bad)
    assert card.pd(frame).mean() == pytest.approx(bad.mean(), abs=0.002)
