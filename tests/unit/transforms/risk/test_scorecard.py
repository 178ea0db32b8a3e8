"""The scorecard as data: what is refused, and that scoring is lookup and sum."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.transforms.risk.support import assess, card, document
from transforms.risk.scorecard import GRADES, ScorecardError, parse_scorecard


def test_a_known_customer_scores_the_sum_of_its_bins() -> None:
    """470 base + 45+25+35+30+15+12+10+18+28+20+16+4+10+20+6+8 = 772; dsr 20 % is not below 2000 bp, so 18."""
    (row,) = assess({})
    assert row["score"] == 470 + 45 + 25 + 35 + 30 + 15 + 12 + 10 + 18 + 28 + 20 + 16 + 4 + 10 + 20 + 6 + 8
    assert row["risk_grade"] == "A"
    assert math.isclose(row["pd_12m"], 1 / (1 + 15 * 2 ** ((row["score"] - 600) / 40)))


def test_a_fraction_a_hair_below_its_threshold_counts_as_the_threshold() -> None:
    """30 % computed as 0.29999999999999999 must not change the bin."""
    exact, hair, below = assess({"revol_util": 0.3}, {"revol_util": 0.3 - 1e-12}, {"revol_util": 0.2999})
    assert exact["score"] == hair["score"] < below["score"]


@given(st.lists(st.integers(300, 850), min_size=2, max_size=2))
def test_a_better_score_is_never_riskier(scores: list[int]) -> None:
    """Over any scores: better score, better grade and lower probability of default."""
    table = {row["score"]: row for row in card().score_table().to_dicts()}
    worse, better = sorted(scores)
    assert table[better]["pd_12m"] <= table[worse]["pd_12m"]
    assert GRADES.index(table[better]["risk_grade"]) <= GRADES.index(table[worse]["risk_grade"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["variables"][0].update(column="sex"), "may not be scored"),
        (lambda d: d["variables"][0].update(axis="luck"), "axis must be"),
        (lambda d: d["variables"][0].pop("missing"), "missing not given"),
        (lambda d: d["variables"][0].update(colour="red"), "unknown colour"),
        (lambda d: d["variables"][0]["bins"][0].update(below=40), "must rise"),
        (lambda d: d["variables"][0]["bins"][-1].update(below=400), "bin 5"),
        (lambda d: d["variables"][1].update(code="PAST_DUE_12M"), "not unique"),
        (lambda d: d["grades"].update(B=700), "fall from A to G"),
        (lambda d: d.pop("loss"), "missing or not of its form"),
    ],
)
def test_a_wrong_scorecard_is_refused_by_name(change: Any, said: str) -> None:
    wrong = copy.deepcopy(document())
    change(wrong)
    with pytest.raises(ScorecardError, match=said) as told:
        parse_scorecard(wrong, source="wrong.toml")
    assert "wrong.toml" in str(told.value)
