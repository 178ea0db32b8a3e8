"""Each change that a customer asks for has a state, and none is booked without the customer's acceptance."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import polars as pl

from tests.unit.transforms.outputs import change_request
from tests.unit.transforms.second_cases import CASES, NIGHT
from tests.unit.transforms.second_installment.test_second_installment import books_of
from transforms.servicing.cases import open_requests
from transforms.servicing.previews import previews


@cache
def requests() -> pl.DataFrame:
    b = books_of(NIGHT)
    drafts = previews(b.progress, b.routes, open_requests(b.wishes, NIGHT, b.policy), b.states_in(b.progress), b.policy)
    return change_request(b.wishes, b.agreed, b.routes, drafts, NIGHT, b.policy)


def test_an_open_wish_is_previewed_or_refused_with_its_reasons() -> None:
    for number, case in enumerate(CASES):
        if case.wish is None or case.night != NIGHT:
            continue
        row = requests().filter(request_id=f"W{number}").row(0, named=True)
        assert row["request_state"] == ("refused" if case.reasons else "previewed")
        assert row["reasons"] == list(case.reasons)
        if not case.reasons:
            assert row["valid_until"] == NIGHT - timedelta(days=2) + timedelta(days=30)
            assert row["disclosure"]


def test_an_accepted_wish_is_booked_as_a_version_and_can_be_undone_for_a_while() -> None:
    booked = requests().filter(request_state="accepted")
    assert booked.height == len([c for c in CASES if c.night == NIGHT for _ in c.changes])
    assert (booked["version_no"] >= 2).all()
    assert (booked["undo_until"] == booked["accepted_on"] + timedelta(days=15)).all()


def test_every_wish_of_the_year_has_one_row() -> None:
    b = books_of(NIGHT)
    asked = b.wishes.filter(pl.col("kind") == "change_request", pl.col("opened_on") > date(2024, 8, 1))
    assert sorted(requests()["request_id"]) == sorted(asked["case_id"])
