"""The lender's own books beside the engine: every difference is a row with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.unit.transforms.loans.books import no_versions, paid, plans
from tests.unit.transforms.loans.cases import accepted, cases, hardship
from tests.unit.transforms.outputs import plan_progress, plan_reconciliation
from tests.unit.transforms.servicing.book_support import BOOK, DUE, LEFT, NIGHT, POLICY, THREE, own, reconciled
from transforms.loans.product_conventions import ProductConventions
from transforms.loans.versions import plan_versions


def test_books_that_say_the_same_agree() -> None:
    told = {"book_outstanding_cents": LEFT[3], "book_next_due_on": date(2025, 5, 10), "book_dpd": 0}
    assert reconciled(told, THREE) == ({}, "agree")
    # An earlier day is held against the engine's of that day.
    then = {"book_on": date(2025, 3, 31), "book_outstanding_cents": LEFT[2], "book_next_due_on": date(2025, 4, 10)}
    assert reconciled(then, THREE) == ({}, "agree")


def test_a_plan_of_which_the_books_say_nothing_is_not_reconciled() -> None:
    rows, agreement = plan_reconciliation(own({}), paid(*THREE), no_versions(), NIGHT, POLICY, ProductConventions())
    assert (rows.height, agreement.height) == (0, 0)
    rows, agreement = plan_reconciliation(plans({}), paid(), no_versions(), NIGHT, POLICY, ProductConventions())
    assert (rows.height, agreement.height) == (0, 0)


ALL = [*THREE[:2], (date(2025, 3, 20), LEFT[2] + 10_000, "early_settlement")]


@pytest.mark.parametrize(
    ("books", "money", "reasons", "agreement"),
    [
        ({"book_outstanding_cents": LEFT[2], "book_dpd": 20}, ALL, ("running_in_books",) * 2, "explained"),
        ({"book_next_due_on": date(2025, 4, 10)}, ALL, ("running_in_books",), "explained"),
        ({"book_outstanding_cents": 0}, THREE, ("closed_in_books",), "explained"),
        ({"book_outstanding_cents": LEFT[2], "book_dpd": 20}, THREE, ("payment_not_in_books",) * 2, "explained"),
        ({"book_dpd": 20}, [*THREE[:2], (date(2025, 4, 10), DUE - 900)], ("payment_not_in_books",), "explained"),
        ({"book_outstanding_cents": LEFT[3] + 12}, THREE, ("rounding",), "explained"),
        ({"book_outstanding_cents": LEFT[3] + 13}, THREE, ("unexplained",), "unexplained"),
        ({"book_dpd": 3}, THREE, ("unexplained",), "unexplained"),
        (
            {"book_dpd": 3},
            [*THREE, (date(2025, 4, 12), DUE, "reversal", None, "R9")],
            ("orphan_reversal",),
            "explained",
        ),
    ],
)
def test_a_difference_has_the_first_reason_that_holds(
    books: dict[str, Any], money: list[tuple[Any, ...]], reasons: tuple[str, ...], agreement: str
) -> None:
    found, said = reconciled(books, money)
    assert (tuple(found.values()), said) == (reasons, agreement)


def test_a_payment_that_became_known_after_the_books_were_made_is_no_fault_of_theirs() -> None:
    """They stand for 15 April; the payment of the 10th was booked on the 20th."""
    then = {"book_on": date(2025, 4, 15), "book_outstanding_cents": LEFT[2], "book_dpd": 5}
    late = [*THREE[:2], (date(2025, 4, 20), DUE, "payment", date(2025, 4, 10))]
    assert reconciled(then, late)[0] == dict.fromkeys(("dpd", "outstanding_cents"), "payment_known_later")


def test_a_change_that_was_never_booked() -> None:
    rows = accepted("term_change", date(2025, 4, 12), date(2025, 4, 14), term_m=18)
    car, kinds = plans({"product_code": "car"}), {"car": "consumption_loan"}
    changed = plan_versions(car, paid(*THREE), cases(*rows), BOOK, kinds, NIGHT)
    moved = accepted("due_date_change", date(2025, 4, 12), date(2025, 4, 14), due_day=25)
    other = plan_versions(car, paid(*THREE), cases(*moved), BOOK, kinds, NIGHT)
    assert changed.versions.height == other.versions.height == 1
    as_booked = {"book_outstanding_cents": LEFT[3], "book_next_due_on": date(2025, 5, 10)}
    assert reconciled(as_booked, THREE, changed=changed, product_code="car") == ({}, "agree")
    found, _ = reconciled(as_booked, THREE, changed=other, product_code="car")
    assert found == {"next_due_on": "change_not_in_books"}


def test_the_progress_says_whether_the_books_agree() -> None:
    told = own({"book_dpd": 3})
    _, agreement = plan_reconciliation(told, paid(*THREE), no_versions(), NIGHT, POLICY, ProductConventions())
    rows = plan_progress(told, paid(*THREE), no_versions(), hardship(), NIGHT, POLICY, None, agreement)
    assert rows["books_agreement"].to_list() == ["unexplained"]
    plain = plan_progress(told, paid(*THREE), no_versions(), hardship(), NIGHT, POLICY)
    assert plain["books_agreement"].to_list() == [None]
