"""An own plan's debt is what its installments say, in the ledger of debts as in the plans in progress (M40, M57)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.eligibility.random_books import NIGHT, PEOPLE, POLICIES, Person, books_of
from tests.unit.transforms.loans.books import RULES, plans
from transforms.loans.movements import net_movements
from transforms.profile.debt_ledger import plan_position

_BOTH = ("due_cents", "arrears_cents", "outstanding_cents", "dpd")


@settings(max_examples=5, deadline=None)
@given(st.lists(PEOPLE, min_size=12, max_size=12))
def test_both_tables_agree_on_every_plan_as_it_was_booked(people: list[Person]) -> None:
    """Also where payments are partial, late, taken back or ahead; up to 90 days past due, when the order changes."""
    books = books_of(people, POLICIES["shipped"])
    received = net_movements(books.paid).group_by("plan_id").agg(pl.col("amount_cents").sum().alias("paid_cents"))
    seen = plan_position({"plan": books.plans, "plan_paid": received}, NIGHT, RULES.shortfall_tolerance_cents)
    booked = books.progress.filter((pl.col("version_no") == 1) & (pl.col("own_max_dpd") <= 90))
    both = booked.join(seen, on="plan_id", suffix="_ledger")
    assert both.height > 2
    for column in _BOTH:
        differs = both.filter(pl.col(column) != pl.col(f"{column}_ledger"))
        assert differs.is_empty(), differs.select("plan_id", column, f"{column}_ledger")
    coming = both.filter(pl.col("coming_cnt") > 0)
    assert coming["payment_cents"].equals(coming["next_due_cents"].alias("payment_cents"))


def test_equal_principal_is_not_overdue_when_its_falling_payments_are_made() -> None:
    falling = plans({"repay_method": "EQ_PRIN", "annual_rate": Decimal("0.12"), "installment_cents": 112_000})
    # 1,000.00 of principal each month and the interest of what is left: 1,120.00, 1,110.00, 1,100.00.
    paid = pl.DataFrame({"plan_id": ["P1"], "paid_cents": [112_000 + 111_000 + 110_000]})
    row = plan_position({"plan": falling, "plan_paid": paid}, date(2025, 4, 20)).row(0, named=True)
    assert (row["arrears_cents"], row["dpd"], row["outstanding_cents"]) == (0, 0, 900_000)
    assert row["payment_cents"] == 109_000
