"""Bins are monotone, account for every row, and say what they say of any value."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.transforms.risk.training.support import lender
from transforms.risk.training.binning import MOST_BINS, PRIOR, bin_column
from transforms.risk.training.columns import Column, understand

FRAME, BAD = lender()
COLUMNS = {c.name: c for c in understand(FRAME, target="bad")[0]}


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_every_row_is_in_one_bin_and_the_counts_are_those_of_the_table(name: str) -> None:
    binning = bin_column(COLUMNS[name], FRAME[name], BAD)
    which = binning.assign(FRAME[name])
    assert [b.rows for b in binning.bins] == np.bincount(which, minlength=len(binning.bins)).tolist()
    assert [b.bads for b in binning.bins] == np.bincount(which[BAD], minlength=len(binning.bins)).tolist()
    assert len(binning.cuts) < MOST_BINS


@pytest.mark.parametrize(("name", "trend"), [("income", -1), ("late", 1)])
def test_the_bad_rate_moves_in_one_direction_over_the_values(name: str, trend: int) -> None:
    binning = bin_column(COLUMNS[name], FRAME[name], BAD)
    rates = [b.bads / b.rows for b in binning.bins[: len(binning.cuts) + 1]]
    assert binning.trend == trend
    assert rates == sorted(rates, reverse=trend < 0)
    assert len(rates) >= 3


def test_codes_and_missing_values_have_bins_of_their_own() -> None:
    late, income = (bin_column(COLUMNS[n], FRAME[n], BAD) for n in ("late", "income"))
    assert [b.label for b in late.bins][-2:] == ["code 98", "missing"]
    assert late.bins[-2].rows == FRAME.filter(pl.col("late") == 98).height
    assert income.bins[-1].rows == FRAME["income"].null_count() > 0


def test_the_weight_of_a_bin_by_hand() -> None:
    """60 rows of which 40 below the cut: 10 bad; above: 15 bad of 20; drawn towards the average of 25/60 by PRIOR."""
    values = pl.Series([1] * 400 + [2] * 200)
    bad = np.array([True] * 100 + [False] * 300 + [True] * 150 + [False] * 50)
    binning = bin_column(Column("x", "number"), values, bad)
    rate = 250 / 600
    shrunk = [(100 + PRIOR * rate) / (400 + PRIOR), (150 + PRIOR * rate) / (200 + PRIOR)]
    expected = [math.log((1 - s) / s) - math.log((1 - rate) / rate) for s in shrunk]
    assert binning.cuts == (2.0,)
    assert [b.woe for b in binning.bins[:2]] == pytest.approx(expected)
    assert binning.bins[2].woe == 0, "no missing value in the sample: it says nothing"


def test_rare_categories_share_a_bin_and_a_new_one_counts_as_missing() -> None:
    texts = ["a"] * 500 + ["b"] * 480 + [f"rare{n}" for n in range(20)]
    bad = np.arange(1000) % 4 == 0
    bad[:500] = np.arange(500) % 2 == 0
    binning = bin_column(Column("x", "category"), pl.Series(texts), bad)
    assert [b.label for b in binning.bins] == ["b", "a", "20 rare values", "missing or never seen"]
    assert binning.assign(pl.Series(["never", None, "a", "rare3"])).tolist() == [3, 3, 1, 2]


def test_nothing_to_tell_apart_gives_one_bin() -> None:
    binning = bin_column(COLUMNS["noise"], FRAME["noise"], BAD)
    assert binning.iv < 0.02
    with pytest.raises(ValueError, match="both outcomes"):
        bin_column(COLUMNS["noise"], FRAME["noise"], np.zeros(FRAME.height, np.bool_))


@given(
    st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 3)), min_size=80, max_size=300),
    st.integers(0, 9),
)
def test_cuts_part_the_same_values_whatever_their_digits(values: list[float], seed: int) -> None:
    bad = np.random.default_rng(seed).random(len(values)) < 0.4
    if not 0 < bad.sum() < len(bad):
        return
    binning = bin_column(Column("x", "number"), pl.Series(values), bad)
    assert list(binning.cuts) == sorted(set(binning.cuts))
    which = binning.assign(pl.Series(values))
    order = np.argsort(values, kind="stable")
    assert np.all(np.diff(which[order]) >= 0)
    assert sum(b.rows for b in binning.bins) == len(values)
