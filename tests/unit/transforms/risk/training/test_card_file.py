"""What a card's file says beside its points: the range of its scores, and the applicants its reasons are against."""

from __future__ import annotations

import tomllib
from typing import Any

import polars as pl
import pytest

pytest.importorskip("sklearn", reason="the train extra is not installed (make train-extra)")

from transforms.risk.training.binning import Bin, Binning
from transforms.risk.training.card_file import Surroundings, card_text
from transforms.risk.training.fit import PointScale, PointsCard, Scored

#: A hundred applicants with 0 to 99 months of account, each month worth three points on top of 404.
FRAME = pl.DataFrame({"months": range(100)})
BINS = (*(Bin(f"{n}", 1, 0, 0.0) for n in range(100)), Bin("missing", 0, 0, 0.0))
MONTHS = Binning("months", "number", tuple(float(n) for n in range(1, 100)), (), {}, BINS, -1, 1.0)
CARD = PointsCard(404, (Scored(MONTHS, 1.0, (*range(0, 300, 3), 0)),), PointScale(600, 15, 40), ())


def written(card: PointsCard = CARD, **champion: Any) -> dict[str, Any]:
    return tomllib.loads(card_text(card, FRAME, "1", "a test", Surroundings(champion=champion)))


def test_the_range_is_the_whole_fifties_around_the_scores_or_the_champions() -> None:
    """From 404 to 701 points; what reads the score knows the range of the card in force."""
    scale = written()["scale"]
    assert (scale["lowest"], scale["highest"]) == (400, 750)
    scale = written(scale={"lowest": 300, "highest": 850})["scale"]
    assert (scale["lowest"], scale["highest"]) == (300, 850)


def test_reasons_are_measured_against_applicants_from_the_thirtieth_to_the_fiftieth_percentile() -> None:
    """Those of 30 to 49 months, who have 90 to 147 points: 118.5 on average, the even one of two whole ones."""
    [variable] = written()["variables"]
    assert variable["reference"] == 118


def test_the_lowest_grade_begins_at_the_lowest_score() -> None:
    """15 to 1 at 600 points, twice that every 40: 49 to 1 (2 %) is reached at 669, 24 to 1 (4 %) at 628."""
    grades = written()["grades"]
    assert (grades["A"], grades["B"], grades["G"]) == (669, 628, 400)
