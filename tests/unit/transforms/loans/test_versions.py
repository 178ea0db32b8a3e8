"""Nothing is booked without an acceptance, and what is booked keeps every cent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.books import paid, plans
from tests.unit.transforms.loans.cases import accepted, cases
from tests.unit.transforms.support import book, document
from transforms.dates.calendar import add_months
from transforms.loans.booked import booked_installments
from transforms.loans.positions import plan_positions, play
from transforms.loans.versions import plan_versions

if TYPE_CHECKING:
    from transforms.loans.version_tables import Versions
    from transforms.policy.policy import PolicyBook

BOOK = book()
KINDS = {"card_general": "card_installment", "car": "consumption_loan"}
NIGHT = date(2025, 8, 1)
ASKED, AGREED = date(2025, 4, 15), date(2025, 4, 18)
LOAN = plans({"product_code": "car"})
ON_TIME = [(date(2025, m, 10), 106_619) for m in (2, 3, 4)]


def agreed(
    *rows: dict[str, Any], of: pl.DataFrame = LOAN, money: list[tuple[Any, ...]] = ON_TIME, on: date = NIGHT
) -> Versions:
    return plan_versions(of, paid(*money), cases(*rows), BOOK, KINDS, on)


def test_a_request_alone_changes_nothing() -> None:
    request, _ = accepted("term_change", ASKED, AGREED, term_m=18)
    assert agreed(request).versions.is_empty()


@pytest.mark.parametrize(("start", "versions"), [(date(2025, 4, 19), 0), (date(2025, 4, 18), 1)])
def test_a_plan_that_has_not_begun_by_the_night_has_nothing_to_change(start: date, versions: int) -> None:
    """The books know of it some days before; whatever is agreed of it until then is no change."""
    soon = plans({"product_code": "car", "started_on": start, "first_due_on": date(2025, 5, 19)})
    found = agreed(*accepted("term_change", ASKED, AGREED, term_m=18), of=soon, money=[], on=AGREED)
    assert (found.versions.height, found.refused.height) == (versions, 0)


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
    {"route": "early_settlement"},
]
#: (days after the start, cents, how): a plain payment, one booked days after its value date, one taken back, a waiver,
#: a repayment of principal ahead of time.
_MOVES = st.lists(
    st.tuples(
        st.integers(0, 500),
        st.integers(500, 150_000),
        st.sampled_from(["payment", "payment", "backdated", "reversed", "waiver", "early_settlement"]),
    ),
    max_size=8,
)


def moved(moves: list[tuple[int, int, str]]) -> pl.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for days, cents, how in moves:
        on = date(2025, 1, 20) + timedelta(days=days)
        kind = how if how in ("waiver", "early_settlement") else "payment"
        rows.append((on + timedelta(days=9 * (how == "backdated")), cents, kind, on))
        if how == "reversed":
            rows.append((on + timedelta(days=4), cents, "reversal", None, f"R{len(rows)}"))
    return paid(*rows)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(_CHANGES), st.integers(0, 260)), min_size=1, max_size=4),
    _MOVES,
    st.booleans(),
)
def test_after_any_changes_money_received_and_open_make_up_principal_interest_and_fees_less_waivers(
    changes: list[tuple[dict[str, Any], int]], moves: list[tuple[int, int, str]], card: bool
) -> None:
    of = plans({"product_code": "card_general" if card else "car", "term_m": 12})
    rows, asked = list[dict[str, Any]](), date(2025, 3, 20)
    for number, (change, days) in enumerate(changes, start=1):
        rows += accepted(**change, asked=asked, on=asked + timedelta(days=2), number=number)
        asked += timedelta(days=days)
    money = moved(moves)
    night = date(2026, 12, 1)
    found = plan_versions(of, money, cases(*rows), BOOK, KINDS, night)
    looks = [date(2025, 3, 21), date(2025, 8, 1), date(2026, 5, 5), night]
    seen = plan_positions(play(of, money, looks, BOOK.in_force(night), found))
    for row in seen.iter_rows(named=True):
        assert row["paid_cents"] + row["waived_cents"] + row["open_cents"] == row["total_cents"] + row["overpaid_cents"]
    # The principal charged is what was lent and what was capitalised: nothing is charged twice.
    last = found.installments.filter(pl.col("version_no") == pl.col("version_no").max())
    if last.height:
        assert last["principal_cents"].sum() == 1_200_000 + found.versions["capitalised_cents"].sum()
    for before, after in zip(seen.rows(named=True), seen.rows(named=True)[1:], strict=False):
        assert after["own_max_dpd"] >= before["own_max_dpd"]


def _loose() -> PolicyBook:
    """A policy under which any change may follow any other at once."""
    changed = document()
    first = changed["version"][0]
    first["changes"] |= {"max_per_year": 99, "cool_off_m": 0, "due_date_per_year": 99, "rate_review_m": 0}
    first["restructure"] |= {"kinds": ["consumption_loan"], "cooling_off_m": 0}
    first["holiday"]["once_in_m"] = 0
    first["plans"]["max_personalised_agreements"] = 99
    return book(changed)


LOOSE = _loose()
#: Changes of a plan that is paid on time; what they make of the interest is known from the balance and the time.
_ON_TIME = [c for c in _CHANGES if not c.get("waived_cents") and c["route"] != "early_settlement"]


@settings(max_examples=12, deadline=None, phases=(Phase.generate,))
@given(st.lists(st.tuples(st.sampled_from(_ON_TIME), st.integers(0, 70)), min_size=2, max_size=4))
def test_no_time_bears_interest_twice_whatever_changes_follow_each_other(
    changes: list[tuple[dict[str, Any], int]],
) -> None:
    """What is charged from one due date to the next is at most the balance times the rate times the time between.

    Changes may follow before the next payment, also inside a pause whose interest was waived or capitalised.
    """
    of = plans({"product_code": "car", "term_m": 24, "installment_cents": 56_488})
    rows, money, on = list[dict[str, Any]](), list[tuple[Any, ...]](), date(2025, 3, 18)
    for number, (change, days) in enumerate(changes, start=1):
        before = plan_versions(of, paid(*money), cases(*rows), LOOSE, KINDS, on)
        money += paid_on_time(of, before, money, on)
        rows += accepted(**change, asked=on, on=on, number=number)
        on += timedelta(days=days)
    found = plan_versions(of, paid(*money), cases(*rows), LOOSE, KINDS, on)
    assert found.refused.is_empty()
    for version in found.versions.iter_rows(named=True):
        own = found.installments.filter(version_no=version["version_no"]).sort("installment_no")
        begun = own["due_on"][0]
        first = own.filter(pl.col("due_on") > version["effective_on"]).row(0, named=True)
        same = [
            v
            for v in found.versions.iter_rows(named=True)
            if v["version_no"] <= version["version_no"]
            and found.installments.filter(version_no=v["version_no"], installment_no=0)["due_on"].item() == begun
        ]
        added = sum(v["capitalised_cents"] for v in same)
        balance = own.filter(pl.col("installment_no") > 0)["principal_cents"].sum() - added
        rate = max([0.12, *(v["annual_rate"] for v in found.versions.iter_rows(named=True))])
        years = (months_between(begun, first["due_on"])) / 12
        most = balance * rate * years * (1 + rate * years) + 3
        assert added + first["interest_cents"] <= most, (version, first, balance, years)


def months_between(start: date, end: date) -> float:
    """Whole months and the days left over as a share of 28: never less than the books count."""
    whole = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    reached = add_months(start, whole)
    return whole + (end - reached).days / 28


def paid_on_time(
    of: pl.DataFrame, agreed: Versions, money: list[tuple[Any, ...]], until: date
) -> list[tuple[Any, ...]]:
    """Every installment of the version in force that fell due since the last payment, on its day."""
    last = max([date(2025, 1, 10), *(m[0] for m in money)])
    rows = agreed.installments if agreed.versions.height else booked_installments(of).with_columns(version_no=1)
    current = rows.filter(pl.col("version_no") == rows["version_no"].max(), pl.col("installment_no") > 0)
    due = current.filter(pl.col("due_on").is_between(last, until, closed="right"))
    return [(r["due_on"], r["principal_cents"] + r["interest_cents"]) for r in due.iter_rows(named=True)]
