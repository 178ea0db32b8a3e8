"""Which value of an outcome is the bad one, and which rows have none."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.risk.training.outcome import outcome_of


@pytest.mark.parametrize(
    ("values", "bads"),
    [
        ([0, 1, 0], [False, True, False]),
        ([1.0, 2.0, 1.0], [False, True, False]),
        ([-1, 1, 1], [False, True, True]),
        ([True, False, False], [True, False, False]),
        (["Good", "Bad", "Bad"], [False, True, True]),
        (["Y", "N", "Y"], [True, False, True]),
        (["Fully Paid", "Charged Off ", "Fully Paid"], [False, True, False]),
        (["是", "否", "否"], [True, False, False]),
        (["正常", "违约", "违约"], [False, True, True]),
    ],
)
def test_the_bad_value_is_found(values: list[object], bads: list[bool]) -> None:
    outcome = outcome_of(pl.Series("y", values))
    assert outcome.kept.all()
    assert outcome.bad.tolist() == bads


def test_where_no_word_is_known_the_rarer_is_bad_and_that_is_told() -> None:
    outcome = outcome_of(pl.Series("y", ["left", "right", "left"]))
    assert outcome.bad.tolist() == [False, True, False]
    assert "the rarer value is bad: say --bad if it is not" in outcome.notes[0]


def test_values_told_decide_and_the_rest_is_left_out() -> None:
    status = pl.Series("status", ["paid", "late", "charged off", "current", None])
    both = outcome_of(status, bad=["charged off", "late"], good=["paid"])
    assert both.kept.to_list() == [True, True, True, False, False]
    assert both.bad.tolist() == [False, True, True]
    assert any("1 rows without an outcome" in line for line in both.notes)
    assert any("1 rows that are neither bad nor good" in line for line in both.notes)
    assert outcome_of(status, bad=["late"]).bad.tolist() == [False, True, False, False]
    assert outcome_of(status, good=["paid"]).bad.tolist() == [False, True, True, True]
    assert outcome_of(pl.Series("y", [0, 1, 1]), bad=["0"]).bad.tolist() == [True, False, False]


def test_a_name_that_sounds_good_is_asked_about() -> None:
    assert "say --bad" in outcome_of(pl.Series("is_good", [0, 1])).notes[-1]
    assert len(outcome_of(pl.Series("not.fully.paid", [0, 1])).notes) == 1


@pytest.mark.parametrize(
    ("values", "bad", "said"),
    [
        (["a", "b", "c"], [], "must have exactly two values"),
        (["a", "a"], [], "must have exactly two values"),
        (["a", "b"], ["x"], "holds no 'x'"),
    ],
)
def test_what_makes_no_two_outcomes_is_refused(values: list[str], bad: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        outcome_of(pl.Series("y", values), bad=bad)
