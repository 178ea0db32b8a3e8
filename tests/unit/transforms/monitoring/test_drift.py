"""Drift against frozen bins, by hand and against the definition: the population stability index."""

from __future__ import annotations

import math
from datetime import date

import polars as pl
import pytest

from tests.unit.transforms.monitoring.test_reference import document
from tests.unit.transforms.monitoring.test_score_bins import card
from tests.unit.transforms.outputs import drift, drift_bin
from tests.unit.transforms.risk.support import KNOWN
from tests.unit.transforms.support import policy
from transforms.monitoring.drift import bin_counts, score_cuts
from transforms.monitoring.reference import parse_reference
from transforms.risk.measures import psi

NIGHT = date(2026, 3, 31)


def customers(scores: list[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = [KNOWN | {"dsr": 0.1 if n % 2 else None} for n in range(len(scores))]
    return pl.DataFrame(rows), pl.DataFrame({"score": scores}, schema={"score": pl.Int32})


def test_the_index_is_that_of_the_counts_and_shards_add_up() -> None:
    reference = parse_reference(document(), card(), source="x")
    cuts = score_cuts(card(), reference)
    parts = [bin_counts(*customers(s), card(), cuts) for s in ([450, 550, 700], [700, 800, 820, 510])]
    bins = drift_bin(parts, card(), reference, NIGHT)
    assert bins.filter(subject="score")["customer_cnt"].to_list() == [1, 2, 4]
    assert bins.group_by("subject").agg(pl.col("customer_cnt").sum())["customer_cnt"].unique().to_list() == [7]
    found = drift(bins, policy().monitoring)
    score = found.filter(subject="score").row(0, named=True)
    assert score["stability_index"] == pytest.approx(psi([1, 2, 4], [5, 10, 15]))
    dsr = found.filter(variable="dsr").row(0, named=True)
    assert (dsr["unknown_cnt"], dsr["customer_cnt"]) == (4, 7)


def test_an_empty_bin_weighs_and_stays_finite() -> None:
    reference = parse_reference(document(), card(), source="x")
    bins = drift_bin([bin_counts(*customers([700] * 8), card(), reference.score_cuts)], card(), reference, NIGHT)
    terms = bins.filter(subject="score")["index_term"].to_list()
    assert terms[0] == pytest.approx((1e-4 - 5 / 30) * math.log(1e-4 / (5 / 30)))
    found = drift(bins, policy().monitoring).filter(subject="score").row(0, named=True)
    assert math.isfinite(found["stability_index"])
    assert found["level"] == "act"


def test_levels_follow_the_policys_thresholds() -> None:
    bins = pl.DataFrame(
        {
            "as_of_date": [NIGHT] * 3,
            "subject": ["a", "b", "c"],
            "bin_no": pl.Series([1, 1, 1], dtype=pl.Int16),
            "variable": ["a", "b", "c"],
            "model_version": ["m"] * 3,
            "reference_on": [NIGHT] * 3,
            "customer_cnt": [1, 1, 1],
            "index_term": [0.0999, 0.10, 0.25],
        }
    )
    assert drift(bins, policy().monitoring)["level"].to_list() == ["stable", "watch", "act"]


def test_without_a_reference_the_spread_is_told_and_no_index() -> None:
    cuts = score_cuts(card(), None)
    bins = drift_bin([bin_counts(*customers([700, 400]), card(), cuts)], card(), None, NIGHT)
    assert bins["index_term"].null_count() == bins.height
    found = drift(bins, policy().monitoring)
    assert found["level"].unique().to_list() == ["no_reference"]
    assert found["stability_index"].null_count() == found.height
