"""Each customer falls into one bin of each variable, and the bins are those the points are given by."""

from __future__ import annotations

import tomllib
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from transforms.monitoring.score_bins import cut_names, grade_cuts, score_bin, variable_bin, variable_bins
from transforms.risk.scorecard import Scorecard, Variable, parse_scorecard

FILE = Path(__file__).parents[4] / "warehouse" / "reference" / "scorecards" / "expert_v1.toml"


def card() -> Scorecard:
    return parse_scorecard(tomllib.loads(FILE.read_text(encoding="utf-8")), source=FILE.name)


def variable(**more: object) -> Variable:
    texts = {"en": "e", "zh": "z", "unknown_en": "u", "unknown_zh": "u"}
    given_ = {"uppers": (10, 20), "points": (1, 2, 3), "missing": 0, "reference": 2, "code": "V", **texts, **more}
    return Variable(column="v", over=None, scale=1, axis="none", **given_)  # type: ignore[arg-type]


def test_bins_are_named_and_filled_in_order() -> None:
    coded = variable(codes=((-9, 5), (96, 4)))
    assert variable_bins(coded) == ["not known", "= -9", "= 96", "below 10", "10 to below 20", "20 and above"]
    frame = pl.DataFrame({"v": [None, -9, 96, 9, 10, 19, 20, 95]}, schema={"v": pl.Int64})
    assert frame.select(variable_bin(coded)).to_series().to_list() == [0, 1, 2, 3, 4, 4, 5, 5]


def test_categories_have_a_bin_each_and_one_for_any_other() -> None:
    by_text = variable(uppers=(), points=(7,), categories=(("a", 1), ("b", 2)))
    assert variable_bins(by_text) == ["not known", "a", "b", "any other"]
    frame = pl.DataFrame({"v": ["b", None, "x", "a"]})
    assert frame.select(variable_bin(by_text)).to_series().to_list() == [2, 0, 3, 1]


@given(st.lists(st.one_of(st.none(), st.integers(-5, 25)), min_size=1))
def test_customers_of_one_bin_get_the_same_points(values: list[int | None]) -> None:
    watched = variable(codes=((15, 9),))
    frame = pl.DataFrame({"v": values}, schema={"v": pl.Int64}).select(
        bin=variable_bin(watched), points=watched.scored()
    )
    assert frame.group_by("bin").agg(pl.col("points").n_unique())["points"].max() == 1
    assert frame["bin"].is_between(0, len(variable_bins(watched)) - 1).all()


def test_without_a_reference_the_scores_bins_are_the_grades() -> None:
    cuts = grade_cuts(card())
    scores = card().score_table()
    grades = scores.with_columns(bin=score_bin(cuts)).group_by("bin").agg(pl.col("risk_grade").unique())
    assert sorted(g for row in grades["risk_grade"] for g in row) == list("ABCDEFG")
    assert len(cut_names(cuts)) == 7
    assert cut_names([]) == ["any"]
