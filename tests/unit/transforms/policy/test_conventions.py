"""How contracts reckon when nobody says otherwise, and which days to the first due date a product may allow."""

from __future__ import annotations

import pytest

from transforms.dates.day_count import EQUAL_PERIODS, DayCount
from transforms.policy.conventions import Conventions
from transforms.policy.mistakes import verdict


def told(**written: object) -> list[str]:
    return [m.text for m in verdict(Conventions, written)[1]]


def test_the_usual_conventions_are_equal_periods_due_after_15_to_45_days() -> None:
    usual = Conventions()
    assert (usual.interest_basis, usual.first_period, usual.first_due_days) == (EQUAL_PERIODS, "actual_days", (15, 45))
    assert (usual.interest_rounded, usual.due_date_roll, usual.month_end) == ("period", "none", "last_day")


@pytest.mark.parametrize("days", [[1, 1], [1, 366], [366, 366], (15, 45)])
def test_a_first_due_date_lies_between_the_fewest_and_the_most_days(days: object) -> None:
    read, wrong = verdict(Conventions, {"first_due_days": days})
    assert wrong == []
    assert read is not None
    assert read.first_due_days == tuple(days)  # type: ignore[arg-type]  # a list or a pair


@pytest.mark.parametrize(
    "days",
    [[0, 30], [1, 367], [31, 30], [30], [15, 30, 45], [15, 45.0], [15.0, 45], [True, 45], "15", 15, {15: 45, 1: 2}],
)
def test_anything_else_is_refused_as_written(days: object) -> None:
    assert told(first_due_days=days) == [f"first_due_days: {days!r} is not [fewest, most] days, 1 to 366"]


@pytest.mark.parametrize(
    ("written", "basis"),
    [(EQUAL_PERIODS, EQUAL_PERIODS), ("act/365F", DayCount.ACT_365F), (DayCount.ACT_365F, DayCount.ACT_365F)],
)
def test_interest_is_reckoned_by_equal_periods_or_a_known_day_count(written: object, basis: object) -> None:
    read, wrong = verdict(Conventions, {"interest_basis": written})
    assert (read and read.interest_basis, wrong) == (basis, [])


def test_an_unknown_day_count_is_refused_with_those_there_are() -> None:
    (mistake,) = told(interest_basis="lunar")
    assert mistake.startswith("interest_basis: day count 'lunar' is none of: ")
    assert mistake.endswith(f", {EQUAL_PERIODS}")
