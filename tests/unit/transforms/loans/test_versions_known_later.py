"""What becomes known after a change was signed: the schedule stays as signed, late post makes nobody late.

A plan of 12,000 at 12 %, twelve times 1,066.19 from 10 February 2025; the due day moves to the 20th on 15 April.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from tests.unit.transforms.loans.books import paid, plans
from tests.unit.transforms.loans.cases import accepted, cases, hardship
from tests.unit.transforms.outputs import plan_progress
from tests.unit.transforms.support import book
from transforms.loans.versions import plan_versions

if TYPE_CHECKING:
    from transforms.loans.version_tables import Versions

BOOK = book()
KINDS = {"card_general": "card_installment", "car": "consumption_loan"}
NIGHT, CHANGE = date(2025, 4, 30), date(2025, 4, 15)
FEB, MAR, APR = (date(2025, m, 10) for m in (2, 3, 4))
DUE, MOVE = 106_619, ("due_date_change", {"due_day": 20})
Terms = tuple[str, dict[str, Any]]


def stood(
    money: pl.DataFrame, change: Terms | None = MOVE, *, product: str = "card_general", night: date = NIGHT
) -> dict[str, Any]:
    of = plans({"product_code": product})
    asked = accepted(change[0], date(2025, 4, 14), CHANGE, **change[1]) if change else ()
    agreed: Versions = plan_versions(of, money, cases(*asked), BOOK, KINDS, night)
    return plan_progress(of, money, agreed, hardship(), night, BOOK.in_force(night)).row(0, named=True)


def known(money: pl.DataFrame, *days: date) -> pl.DataFrame:
    return money.with_columns(known_on=pl.Series(days, dtype=pl.Date))


def test_payments_in_time_of_which_the_lender_is_told_after_the_change_are_in_time() -> None:
    late = date(2025, 4, 29)
    row = stood(known(paid((FEB, DUE), (MAR, DUE), (APR, DUE)), FEB, late, late))
    assert (row["version_no"], row["due_day"]) == (2, 20)
    assert [row[c] for c in ("own_dpd", "own_max_dpd", "arrears_cents", "on_time_cnt")] == [0, 0, 0, 3]
    assert not row["restruct_flag"]


@pytest.mark.parametrize(
    ("last", "own_dpd", "bent"),
    [(None, 36, True), (CHANGE, 5, True), (date(2025, 4, 14), 5, True), (APR, 0, False)],
    ids=["two overdue", "one of two paid that day", "one of two paid before", "both"],
)
def test_what_was_overdue_by_the_change_is_counted_on(last: date | None, own_dpd: int, bent: bool) -> None:
    rows = [(FEB, DUE), *([(last, DUE)] if last else []), *([(APR, DUE)] if own_dpd == 0 else [])]
    row = stood(paid(*rows))
    assert [row[c] for c in ("own_dpd", "arrears_cents", "restruct_flag")] == [own_dpd, 0, bent]


def test_arrears_within_the_grace_make_no_restructured_plan_of_one_that_is_changed() -> None:
    """The installment of 10 April is five days overdue by the change; paid on the 13th it would be none."""
    assert stood(paid((FEB, DUE), (MAR, DUE)))["restruct_flag"]
    assert not stood(paid((FEB, DUE), (date(2025, 4, 13), DUE), (date(2025, 4, 13), DUE)))["restruct_flag"]


def test_money_beyond_the_down_payment_takes_off_what_was_moved() -> None:
    """Two are overdue, 2,132.38; a down payment of 1,066.19 leaves as much moved, whenever it is paid."""
    change: Terms = ("art70_restructure", {"term_m": 24, "down_payment_cents": DUE})
    for on in (CHANGE, date(2025, 4, 16)):
        row = stood(paid((FEB, DUE), (on, DUE)), change)
        assert [row[c] for c in ("arrears_cents", "dpd", "own_dpd", "due_cnt", "on_time_cnt")] == [0, 0, 36, 4, 2], on
    more = stood(paid((FEB, DUE), (CHANGE, DUE), (date(2025, 4, 20), DUE)), change)
    assert more["own_dpd"] == 0
    none = stood(paid((FEB, DUE)), change)
    assert (none["arrears_cents"], none["dpd"]) == (DUE, 15)


def test_a_part_repaid_early_that_bounces_after_the_change_is_owed_again_and_not_overdue() -> None:
    money = [(FEB, DUE), (MAR, DUE), (APR, DUE), (date(2025, 4, 12), 500_000, "early_settlement")]
    back = (date(2025, 4, 25), 500_000, "reversal", None, "R4")
    assert stood(paid(*money))["outstanding_cents"] == 413_295
    row = stood(paid(*money, back))
    assert [row[c] for c in ("outstanding_cents", "arrears_cents", "own_dpd", "own_max_dpd")] == [913_295, 0, 0, 0]
    again = stood(paid(*money, back, (date(2025, 4, 27), 500_000, "reversal", None, "R5")))
    assert again["outstanding_cents"] == 413_295


def test_an_early_settlement_that_is_accepted_and_not_paid_lapses() -> None:
    """9,132.95 and five days' interest fall due on 15 April; unpaid by the 18th the plan goes on as it was."""
    change: Terms = ("early_settlement", {})
    money = [(FEB, DUE), (MAR, DUE), (APR, DUE)]
    waiting = stood(paid(*money), change, night=date(2025, 4, 18))
    assert (waiting["version_no"], waiting["coming_cnt"]) == (2, 0)
    assert waiting["arrears_cents"] == 913_295 + 1_522
    lapsed = stood(paid(*money), change, night=date(2025, 4, 19))
    assert [lapsed[c] for c in ("version_no", "arrears_cents", "own_dpd", "outstanding_cents")] == [1, 0, 0, 913_295]
    kept = stood(paid(*money, (date(2025, 4, 18), 913_295 + 1_522)), change)
    assert [kept[c] for c in ("version_no", "open_cents", "overpaid_cents")] == [2, 0, 0]


@pytest.mark.parametrize("name", ["0U", "U"])
def test_what_is_undone_on_its_day_is_undone_whatever_its_number(name: str) -> None:
    of, money = plans({}), paid((FEB, DUE), (MAR, DUE), (APR, DUE))
    undo = {"case_id": name, "kind": "undo", "refers_to": "A1", "opened_on": CHANGE}
    told = cases(*accepted("due_date_change", date(2025, 4, 14), CHANGE, due_day=20), undo)
    agreed = plan_versions(of, money, told, BOOK, KINDS, NIGHT)
    assert (agreed.versions.height, agreed.undone.height) == (0, 1)


@pytest.mark.parametrize("first", ["installment", "part"])
def test_the_numbers_of_a_day_s_movements_decide_nothing(first: str) -> None:
    both = [(APR, DUE, "payment"), (APR, 500_000, "early_settlement")]
    row = stood(paid((FEB, DUE), (MAR, DUE), *(both if first == "installment" else both[::-1])), None)
    assert [row[c] for c in ("outstanding_cents", "carried_cents", "coming_cnt")] == [413_295, 0, 4]
