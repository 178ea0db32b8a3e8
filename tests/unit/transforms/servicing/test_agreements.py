"""Nothing is booked without an acceptance, and what is booked keeps every cent (M31, M57)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.eligibility.support import book
from tests.unit.transforms.servicing.books import RULES, paid, plans
from tests.unit.transforms.servicing.cases import accepted, cases
from transforms.servicing.agreements import Agreements, agreements
from transforms.servicing.positions import plan_positions

BOOK = book()
KINDS = {"card_general": "card_installment", "car": "consumption_loan"}
NIGHT = date(2025, 8, 1)
ASKED, AGREED = date(2025, 4, 15), date(2025, 4, 18)
LOAN = plans({"product_code": "car"})
ON_TIME = [(date(2025, m, 10), 106_619) for m in (2, 3, 4)]


def agreed(
    *rows: dict[str, Any], of: pl.DataFrame = LOAN, money: list[tuple[Any, ...]] = ON_TIME, on: date = NIGHT
) -> Agreements:
    return agreements(of, paid(*money), cases(*rows), BOOK, KINDS, on)


def test_a_request_alone_changes_nothing() -> None:
    request, _ = accepted("term_change", ASKED, AGREED, term_m=18)
    assert agreed(request).versions.is_empty()


def test_an_accepted_change_is_a_new_version_from_its_day() -> None:
    found = agreed(*accepted("term_change", ASKED, AGREED, term_m=18))
    version = found.versions.row(0, named=True)
    assert (version["version_no"], version["effective_on"], version["term_m"]) == (2, AGREED, 18)
    rows = found.installments.sort("installment_no")
    assert rows["due_on"].to_list()[:2] == [date(2025, 4, 10), date(2025, 5, 10)]
    assert rows["principal_cents"].sum() == 1_200_000


@pytest.mark.parametrize(
    ("rows", "of", "reason"),
    [
        (accepted("term_change", ASKED, AGREED, term_m=18), plans({}), "reinstallment_barred"),
        (accepted("art70_restructure", ASKED, AGREED, term_m=61), plans({}), "term_too_long"),
        (accepted("art70_restructure", ASKED, AGREED, term_m=24), LOAN, "not_card_debt"),
        (accepted("term_change", ASKED, ASKED + timedelta(days=31), term_m=18), LOAN, "preview_expired"),
        (accepted("term_change", ASKED, AGREED, term_m=18)[1:], LOAN, "no_such_request"),
    ],
)
def test_an_acceptance_the_law_or_the_request_does_not_carry_is_not_booked(
    rows: tuple[dict[str, Any], ...], of: pl.DataFrame, reason: str
) -> None:
    found = agreed(*rows, of=of)
    assert found.versions.is_empty()
    assert found.refused["reason"].to_list() == [reason]


def test_cool_off_and_counts_hold_back_a_further_change() -> None:
    first = accepted("term_change", ASKED, AGREED, term_m=18)
    soon = accepted("rate_review", date(2025, 6, 1), date(2025, 6, 2), 2, annual_rate=Decimal("0.10"))
    assert agreed(*first, *soon).refused["reason"].to_list() == ["change_too_recent"]
    later = accepted("rate_review", date(2025, 7, 20), date(2025, 7, 21), 2, annual_rate=Decimal("0.10"))
    assert agreed(*first, *later).versions["version_no"].to_list() == [2, 3]


def test_only_the_latest_change_can_be_undone_and_only_within_its_days() -> None:
    first = accepted("term_change", ASKED, AGREED, term_m=18)
    undo = {"case_id": "U1", "kind": "undo", "refers_to": "A1", "opened_on": AGREED + timedelta(days=15)}
    assert agreed(*first, undo).undone["acceptance_id"].to_list() == ["A1"]
    late = {**undo, "opened_on": AGREED + timedelta(days=16)}
    assert agreed(*first, late).versions.height == 1
    second = accepted("due_date_change", date(2025, 7, 20), date(2025, 7, 21), 2, due_day=20)
    older = {**undo, "opened_on": date(2025, 7, 22)}
    assert agreed(*first, *second, older).versions.height == 2


def test_what_is_told_later_does_not_rewrite_what_was_signed() -> None:
    rows = accepted("term_change", ASKED, AGREED, term_m=18)
    late = (date(2025, 5, 2), 50_000, "payment", date(2025, 4, 12))
    signed = agreed(*rows).installments
    assert agreed(*rows, money=[*ON_TIME, late]).installments.equals(signed)


_CHANGES: list[dict[str, Any]] = [
    {"route": "term_change", "term_m": 30},
    {"route": "payment_holiday", "pause_m": 2, "interest_mode": "accrue"},
    {"route": "payment_holiday", "pause_m": 3, "interest_mode": "capitalise"},
    {"route": "payment_holiday", "pause_m": 1, "interest_mode": "waive"},
    {"route": "due_date_change", "due_day": 25},
    {"route": "rate_review", "annual_rate": Decimal("0.08")},
    {"route": "art70_restructure", "term_m": 48, "waived_cents": 3_000, "annual_rate": Decimal("0.06")},
    {"route": "art70_restructure", "term_m": 60, "down_payment_cents": 20_000, "annual_rate": Decimal(0)},
]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(_CHANGES), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 500), st.integers(500, 150_000)), max_size=8),
    st.booleans(),
)
def test_after_any_changes_money_received_and_open_make_up_principal_interest_and_fees_less_waivers(
    changes: list[dict[str, Any]], payments: list[tuple[int, int]], card: bool
) -> None:
    of = plans({"product_code": "card_general" if card else "car", "term_m": 12})
    rows = []
    for number, change in enumerate(changes, start=1):
        asked = date(2025, 3, 20) + timedelta(days=200 * (number - 1))
        rows += accepted(**change, asked=asked, on=asked + timedelta(days=2), number=number)
    money = paid(*((date(2025, 1, 20) + timedelta(days=d), cents) for d, cents in payments))
    night = date(2026, 12, 1)
    found = agreements(of, money, cases(*rows), BOOK, KINDS, night)
    looks = [date(2025, 3, 21), date(2025, 8, 1), date(2026, 5, 5), night]
    seen = plan_positions(of, money, looks, RULES, found.versions, found.installments)
    for row in seen.iter_rows(named=True):
        assert row["paid_cents"] + row["waived_cents"] + row["open_cents"] == row["total_cents"] + row["overpaid_cents"]
    # The principal charged is what was lent and what was capitalised: nothing is charged twice.
    last = found.installments.filter(pl.col("version_no") == pl.col("version_no").max())
    if last.height:
        assert last["principal_cents"].sum() == 1_200_000 + found.versions["capitalised_cents"].sum()
    for before, after in zip(seen.rows(named=True), seen.rows(named=True)[1:], strict=False):
        assert after["own_max_dpd"] >= before["own_max_dpd"]
