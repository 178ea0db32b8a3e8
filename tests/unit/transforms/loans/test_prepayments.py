"""What changes a plan's schedule, in the order in which it takes effect: agreed changes and parts repaid early."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.loans.books import paid, plans
from tests.unit.transforms.support import book
from transforms.loans.booked import booked_installments
from transforms.loans.prepayments import PREPAID, counted_in, prepayments

NIGHT = date(2025, 8, 1)
POLICY = book().in_force(NIGHT)
FEB, MAR = date(2025, 2, 10), date(2025, 3, 10)
#: With the second of twelve installments 10,098.16 are left.
PART, WHOLE = (MAR, 500_000, "early_settlement"), (MAR, 1_009_816, "early_settlement")
ON_TIME = [(FEB, 106_619), (MAR, 106_619)]


def events(
    *money: tuple[Any, ...], changed: Any = None, uneven: bool = False, on: date = NIGHT
) -> list[tuple[str, date]]:
    """(route, day it takes effect) of what changes the plan."""
    booked = booked_installments(plans({}))
    if uneven:
        booked = booked.with_columns(daily_denominator=pl.lit(0, pl.Int64))
    found = prepayments(booked, paid(*ON_TIME, *money), changed or {}, on, POLICY)
    assert set(found) <= {"P1"}
    return [(event["route"], event["effective_on"]) for event in found.get("P1", [])]


def agreed(on: date) -> dict[str, Any]:
    return {"P1": [{"route": "term_change", "effective_on": on}]}


@pytest.mark.parametrize(
    ("money", "uneven", "expected"),
    [
        ((), False, []),
        ((PART,), False, [(PREPAID, MAR)]),
        ((WHOLE,), False, []),  # all of it repaid: nothing is left to change
        ((WHOLE,), True, [(PREPAID, MAR)]),  # only the loan itself knows what interest there is
        ((PART,), True, [(PREPAID, MAR)]),
        (((MAR, 500_000),), False, []),  # a payment, whatever its amount, repays no part early
        ((PART, (date(2025, 3, 12), 500_000, "reversal", None, "R3")), False, []),
    ],
)
def test_a_part_repaid_early_changes_the_schedule(
    money: tuple[tuple[Any, ...], ...], uneven: bool, expected: list[tuple[str, date]]
) -> None:
    assert events(*money, uneven=uneven) == expected


@pytest.mark.parametrize(("night", "there"), [(date(2025, 3, 9), False), (MAR, True)])
def test_it_takes_effect_on_its_value_day(night: date, there: bool) -> None:
    assert bool(events(PART, on=night)) is there


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (date(2025, 3, 9), [("term_change", date(2025, 3, 9)), (PREPAID, MAR)]),
        (MAR, [(PREPAID, MAR), ("term_change", MAR)]),
        (date(2025, 3, 11), [(PREPAID, MAR), ("term_change", date(2025, 3, 11))]),
    ],
)
def test_changes_and_parts_follow_each_other_by_day(change: date, expected: list[tuple[str, date]]) -> None:
    assert events(PART, changed=agreed(change)) == expected
    assert (PREPAID, MAR) in events(WHOLE, changed=agreed(change))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (date(2025, 3, 9), [("term_change", date(2025, 3, 9)), (PREPAID, MAR)]),
        (MAR, [("term_change", MAR), (PREPAID, MAR)]),
        (date(2025, 3, 14), [("term_change", date(2025, 3, 14)), (PREPAID, date(2025, 3, 14))]),
        (date(2025, 3, 15), [(PREPAID, MAR), ("term_change", date(2025, 3, 15))]),
    ],
)
def test_a_change_signed_without_knowing_of_the_part_goes_before_it(
    change: date, expected: list[tuple[str, date]]
) -> None:
    """The money counts from 10 March, and the lender knew of it on the 15th."""
    late = (date(2025, 3, 15), 500_000, "early_settlement", MAR)
    assert events(late, changed=agreed(change)) == expected


@pytest.mark.parametrize(("under", "kind"), [(1, "payment"), (2, "early_settlement"), (3, "early_settlement")])
def test_later_schedules_count_what_was_repaid_early_as_paid(under: int, kind: str) -> None:
    moves = pl.DataFrame({"plan_id": ["P1"], "value_on": [MAR], "kind": ["early_settlement"], "version_no": [2]})
    earned = pl.DataFrame({"plan_id": ["P1"], "value_on": [MAR], "version_no": [under]})
    assert counted_in(moves, earned)["kind"].to_list() == [kind]
    assert counted_in(moves.with_columns(kind=pl.lit("waiver")), earned)["kind"].to_list() == ["waiver"]
