"""Which acceptances are booked: those of the customer's own request, in time and in order, unless they are undone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.transforms.loans.books import plans
from tests.unit.transforms.loans.cases import accepted, cases
from tests.unit.transforms.support import book, token
from transforms.loans.acceptances import Acceptances, booked_acceptances

KINDS = {"card_general": "card_installment", "car": "consumption_loan"}
ASKED, AGREED, NIGHT = date(2025, 4, 15), date(2025, 4, 18), date(2025, 8, 1)
OF = plans({"product_code": "car"}, {"product_code": "car", "plan_id": "P2"})
REQUEST, ACCEPTANCE = accepted("term_change", ASKED, AGREED, term_m=18)


def booked(*rows: dict[str, Any], on: date = NIGHT) -> Acceptances:
    return booked_acceptances(cases(*rows), OF, book(), KINDS, on)


def ids(found: Acceptances, plan: str = "P1") -> list[str]:
    """The acceptances that are booked for a plan."""
    return [row["case_id"] for row in found.by_plan.get(plan, ())]


def reasons(found: Acceptances) -> list[str]:
    """Why the others are not."""
    return [row["reason"] for row in found.refused]


def test_an_acceptance_of_a_request_is_booked() -> None:
    found = booked(REQUEST, ACCEPTANCE)
    assert (ids(found), reasons(found), list(found.undone)) == (["A1"], [], [])
    (row,) = found.by_plan["P1"]
    assert (row["requested_on"], row["effective_on"], row["term_m"]) == (ASKED, AGREED, 18)


@pytest.mark.parametrize(
    "other",
    [{"plan_id": "P2"}, {"route": "rate_review"}, {"customer_token": token(1)}],
    ids=["plan", "route", "customer"],
)
def test_a_request_for_anything_else_is_no_request_for_it(other: dict[str, Any]) -> None:
    found = booked({**REQUEST, **other}, ACCEPTANCE)
    assert (ids(found), reasons(found)) == ([], ["no_such_request"])


def test_an_acceptance_without_a_request_is_refused() -> None:
    found = booked(ACCEPTANCE)
    assert (ids(found), reasons(found)) == ([], ["no_such_request"])


@pytest.mark.parametrize(
    "stray", [{"plan_id": "P9"}, {"customer_token": token(1)}], ids=["unknown plan", "another customer's plan"]
)
def test_what_is_about_no_plan_of_the_customer_s_is_passed_over(stray: dict[str, Any]) -> None:
    found = booked({**REQUEST, **stray}, {**ACCEPTANCE, **stray})
    assert (dict(found.by_plan), list(found.refused)) == ({}, [])


@pytest.mark.parametrize(
    ("days", "expected"), [(0, []), (30, []), (31, ["preview_expired"]), (-1, ["preview_expired"])]
)
def test_a_preview_is_good_for_thirty_days(days: int, expected: list[str]) -> None:
    found = booked(REQUEST, {**ACCEPTANCE, "opened_on": ASKED + timedelta(days=days)})
    assert reasons(found) == expected


@pytest.mark.parametrize(("effective", "there"), [(NIGHT, ["A1"]), (NIGHT + timedelta(days=1), [])])
def test_a_change_is_booked_from_the_night_on_which_it_takes_effect(effective: date, there: list[str]) -> None:
    found = booked(REQUEST, {**ACCEPTANCE, "effective_on": effective})
    assert (ids(found), reasons(found)) == (there, [])


@pytest.mark.parametrize(
    ("effective", "expected"), [(date(2025, 8, 1), []), (date(2025, 7, 31), ["before_latest_change"])]
)
def test_no_change_takes_effect_before_the_one_that_was_agreed_before(effective: date, expected: list[str]) -> None:
    first = {**ACCEPTANCE, "effective_on": NIGHT}
    request, second = accepted("rate_review", date(2025, 7, 25), date(2025, 7, 28), 2, effective_on=effective)
    found = booked(REQUEST, first, request, second)
    assert reasons(found) == expected


@pytest.mark.parametrize(
    ("undo", "kept", "undone"),
    [
        ({"opened_on": AGREED + timedelta(days=15)}, [], ["A1"]),
        ({"opened_on": AGREED + timedelta(days=16)}, ["A1"], []),
        ({"opened_on": AGREED}, [], ["A1"]),
        ({"opened_on": AGREED, "case_id": "A0"}, [], ["A1"]),  # whatever their numbers
        ({"opened_on": AGREED, "refers_to": "A7"}, ["A1"], []),
        ({"opened_on": AGREED, "plan_id": "P2"}, ["A1"], []),
    ],
)
def test_an_acceptance_may_be_undone_within_fifteen_days(
    undo: dict[str, Any], kept: list[str], undone: list[str]
) -> None:
    found = booked(REQUEST, ACCEPTANCE, {"case_id": "U1", "kind": "undo", "refers_to": "A1", **undo})
    assert (ids(found), [row["acceptance_id"] for row in found.undone]) == (kept, undone)


def test_the_latest_change_only_may_be_undone() -> None:
    request, second = accepted("rate_review", date(2025, 7, 19), date(2025, 7, 20), 2)
    undo = {"case_id": "U1", "kind": "undo", "opened_on": date(2025, 7, 20)}
    first = {**ACCEPTANCE, "opened_on": date(2025, 4, 18)}
    assert ids(booked(REQUEST, first, request, second, {**undo, "refers_to": "A2"})) == ["A1"]
    assert ids(booked(REQUEST, first, request, second, {**undo, "refers_to": "A1"})) == ["A1", "A2"]


def test_other_cases_are_no_acceptances() -> None:
    stray = {"case_id": "C1", "kind": "complaint", "opened_on": AGREED, "refers_to": "Q1", "route": "term_change"}
    found = booked(REQUEST, stray)
    assert (dict(found.by_plan), list(found.refused), list(found.undone)) == ({}, [], [])
