"""Every reason books may have to differ: to the cent and the day it explains, a cent or a day off it does not."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from tests.unit.transforms.loans.books import no_versions, paid
from tests.unit.transforms.loans.cases import accepted, cases, hardship
from tests.unit.transforms.outputs import plan_progress, plan_reconciliation
from tests.unit.transforms.servicing.book_support import (
    BOOK,
    DUE,
    LEFT,
    NIGHT,
    POLICY,
    THREE,
    own,
    reconciled,
    rolling,
)
from transforms.loans.product_conventions import ProductConventions
from transforms.loans.versions import plan_versions
from transforms.servicing.book_reasons import REASONS
from warehouse.contract import load_contract
from warehouse.frames import register

#: April's installment is not paid: 20 days past due on the night, its interest 10,098 and principal 96,521.
TWO = THREE[:2]
#: What 20 days of 30 have earned since its due date.
EARNED = 6_089
#: April short by 900 since the 10th, with a cent paid on the 20th: within the tolerance of 1,000.
SHORT = [*TWO, (date(2025, 4, 10), DUE - 901), (date(2025, 4, 20), 1)]
EARLY_MAY = [*THREE, (date(2025, 4, 25), DUE)]

#: April paid in two parts on a weekend.
WEEKEND = [*TWO, (date(2025, 4, 12), 50_000), (date(2025, 4, 13), DUE - 50_000)]
BALANCE, NEXT_DUE, DPD = "book_outstanding_cents", "book_next_due_on", "book_dpd"
#: Reason, column of the books, what it explains, what it does not, what was paid, day of the books in April.
CASES: list[tuple[str, str, Any, Any, list[tuple[Any, ...]], int]] = [
    ("start_of_day", NEXT_DUE, date(2025, 4, 10), date(2025, 4, 9), THREE, 10),
    ("start_of_day", NEXT_DUE, date(2025, 4, 10), date(2025, 4, 11), [*TWO, (date(2025, 4, 8), DUE)], 10),
    ("start_of_day", DPD, 19, 18, TWO, 30),
    ("payment_not_in_books", NEXT_DUE, date(2025, 4, 10), date(2025, 4, 11), THREE, 30),
    ("posted_next_working_day", BALANCE, LEFT[2], LEFT[2] + 1, WEEKEND, 13),
    ("later_payment_in_books", BALANCE, LEFT[3], LEFT[3] - 1, [*TWO, (date(2025, 4, 14), DUE)], 11),
    ("first_unpaid_due", NEXT_DUE, date(2025, 4, 10), date(2025, 4, 11), TWO, 30),
    ("first_unpaid_due", NEXT_DUE, date(2025, 6, 10), date(2025, 6, 9), EARLY_MAY, 30),
    ("first_unpaid_due", NEXT_DUE, date(2025, 4, 10), date(2025, 4, 9), SHORT, 30),
    ("due_day_counted", DPD, 21, 22, TWO, 30),
    ("due_day_counted", DPD, 1, 2, TWO, 10),
    ("within_grace", DPD, 0, 4, TWO, 12),
    ("grace_not_counted", DPD, 17, 16, TWO, 30),
    ("grace_not_counted", DPD, 17, 0, TWO, 30),
    ("within_tolerance", DPD, 20, 19, SHORT, 30),
    ("overdue_interest_in_balance", BALANCE, LEFT[2] + 10_098, LEFT[2] + 10_099, TWO, 30),
    ("accrued_interest_in_balance", BALANCE, LEFT[3] + EARNED, LEFT[3] + EARNED - 1, THREE, 30),
    ("accrued_interest_in_balance", BALANCE, LEFT[2] + 10_098 + EARNED, LEFT[2] + 10_097 + EARNED, TWO, 30),
    ("interest_to_come_in_balance", BALANCE, LEFT[3] + 46_271, LEFT[3] + 46_270, THREE, 30),
    ("overdue_principal_apart", BALANCE, LEFT[3], LEFT[3] + 1, TWO, 30),
    ("paid_ahead_taken_off", BALANCE, LEFT[4], LEFT[4] + 1, EARLY_MAY, 29),
    ("paid_ahead_taken_off", BALANCE, LEFT[3] - DUE, LEFT[3] - DUE - 1, EARLY_MAY, 29),
]


@pytest.mark.parametrize(("reason", "column", "by_it", "off", "money", "day"), CASES)
def test_a_convention_explains_its_own_figure_and_no_other(
    reason: str, column: str, by_it: object, off: object, money: list[tuple[Any, ...]], day: int
) -> None:
    figure, on = column.removeprefix("book_"), date(2025, 4, day)
    assert reconciled({column: by_it, "book_on": on}, money) == ({figure: reason}, "explained")
    assert reconciled({column: off, "book_on": on}, money) == ({figure: "unexplained"}, "unexplained")


def test_due_dates_and_days_past_due_before_a_roll() -> None:
    """10 May 2025 is a Saturday; 5 April one of three closed days, the installment falls due on the 7th."""
    known = rolling()
    assert reconciled({NEXT_DUE: date(2025, 5, 12)}, THREE, known=known) == ({}, "agree")
    assert reconciled({NEXT_DUE: date(2025, 5, 10)}, THREE, known=known)[0] == {"next_due_on": "due_date_rolled"}
    assert reconciled({NEXT_DUE: date(2025, 5, 11)}, THREE, known=known)[0] == {"next_due_on": "unexplained"}
    fifth = {"started_on": date(2025, 1, 5), "changed_on": date(2025, 1, 5), "first_due_on": date(2025, 2, 5)}
    money = [(date(2025, 2, 5), DUE), (date(2025, 3, 5), DUE)]
    assert reconciled({DPD: 23}, money, known=known, **fifth) == ({}, "agree")
    assert reconciled({DPD: 25}, money, known=known, **fifth)[0] == {"dpd": "due_date_rolled"}
    assert reconciled({DPD: 26}, money, known=known, **fifth)[0] == {"dpd": "unexplained"}
    # On the closed day itself the books are past the due date and the engine is not.
    sunday: dict[str, Any] = {"book_on": date(2025, 4, 6), DPD: 1, NEXT_DUE: date(2025, 5, 5)}
    assert set(reconciled(sunday, money, known=known, **fifth)[0].values()) == {"due_date_rolled"}
    oldest = reconciled({NEXT_DUE: date(2025, 4, 5)}, money, known=known, **fifth)
    assert oldest == ({"next_due_on": "due_date_rolled"}, "explained")


def test_days_from_before_a_change_of_the_schedule() -> None:
    """Four days past due on the day the term is changed: the lender's own count goes on, the contract's does not."""
    rows = accepted("term_change", date(2025, 4, 12), date(2025, 4, 14), term_m=18)
    terms = {"product_code": "car"}
    changed = plan_versions(own({}, **terms), paid(*TWO), cases(*rows), BOOK, {"car": "consumption_loan"}, NIGHT)
    assert reconciled({DPD: 4}, TWO, changed=changed, **terms)[0] == {"dpd": "days_before_change_counted"}
    assert reconciled({DPD: 5}, TWO, changed=changed, **terms)[0] == {"dpd": "unexplained"}
    assert reconciled({DPD: 20}, TWO, changed=changed, **terms)[0] == {"dpd": "change_not_in_books"}


def test_no_next_due_date_of_a_plan_that_is_paid_off_is_no_difference() -> None:
    settled = [*TWO, (date(2025, 3, 20), LEFT[2] + 10_000, "early_settlement")]
    assert reconciled({BALANCE: 0, NEXT_DUE: None, DPD: 0}, settled) == ({}, "agree")


@pytest.mark.parametrize(("next_due", "stopped"), [(date(2025, 4, 10), 0), (date(2025, 4, 11), 2)])
def test_a_night_goes_on_where_books_name_the_oldest_unpaid_due_date(next_due: date, stopped: int) -> None:
    """Two of 24 plans are in arrears, more than one in twenty."""
    books = [{BALANCE: LEFT[3], NEXT_DUE: date(2025, 5, 10), DPD: 0}] * 22 + [
        {BALANCE: LEFT[2], NEXT_DUE: next_due, DPD: 20}
    ] * 2
    plans = pl.concat(own(told, plan_id=f"P{n}") for n, told in enumerate(books))
    money = pl.concat(
        paid(*(THREE if n < 22 else TWO), plan_id=f"P{n}").with_columns(pl.col("repayment_id") + f"-{n}")
        for n in range(24)
    )
    _, agreement = plan_reconciliation(plans, money, no_versions(), NIGHT, POLICY, ProductConventions())
    progress = plan_progress(plans, money, no_versions(), hardship(), NIGHT, POLICY, None, agreement)
    (check,) = (r for r in load_contract("servicing.plan_progress").rules if r.code == "books_agree_mostly")
    assert check.violations_sql is not None
    duck = duckdb.connect()
    register(duck, "progress", progress.select("plan_id", "books_agreement"))
    assert duck.execute(check.violations_sql.replace("{object}", "progress")).fetchone() == (stopped,)


def test_every_reason_is_in_the_contract() -> None:
    rules = {r.column: r.arguments for r in load_contract("servicing.plan_reconciliation").rules if r.kind == "in_set"}
    assert tuple(rules["reason"]["value_set"]) == REASONS
