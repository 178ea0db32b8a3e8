"""A running plan: periods that no longer follow from the balance, parts paid, rounding, the standing of the books."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.unit.transforms.loans.plans import fineract_loan, plan
from transforms.dates.day_count import DayCount
from transforms.loans.arrears import move_arrears
from transforms.loans.changes import change_rate, draw_more, paid
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.running import Running
from transforms.loans.schedule import Schedule, build_schedule


def amounts(schedule: Schedule) -> list[tuple[int, int, int]]:
    return [(row.principal_cents, row.interest_cents, row.balance_cents) for row in schedule.rows]


def test_a_fixed_period_is_what_it_says_and_earns_nothing_again() -> None:
    state = fineract_loan().changed(1, lambda period: replace(period, fixed=(799, 20)))
    rows = state.schedule().rows
    assert (rows[1].principal_cents, rows[1].interest_cents, rows[1].balance_cents) == (799, 20, 8357 - 799)
    assert rows[2].interest_cents == round((8357 - 799) * 0.07 / 12)
    assert rows[-1].balance_cents == 0


def test_what_is_paid_in_part_earns_no_more_from_its_day() -> None:
    """Fineract C4084: 7.99 of the second installment paid on 1 February: 0.44 of interest instead of 0.49."""
    state = fineract_loan().changed(1, lambda p: replace(p, paid_in_part=((date(2024, 2, 1), 799),)))
    assert amounts(state.schedule())[1:] == [
        (1657, 44, 6700),
        (1662, 39, 5038),
        (1672, 29, 3366),
        (1681, 20, 1685),
        (1685, 10, 0),
    ]


def test_interest_is_rounded_once_a_period_or_for_each_piece() -> None:
    """Paid on 5 February: 25 of 29 days and March on 66.63 are 0.335 and 0.389, together 0.72, apart 0.34 and 0.39."""
    found = {}
    for rounded in ("period", "segment"):
        state = fineract_loan(interest_rounded=rounded)
        rows = paid(state, date(2024, 3, 1), date(2024, 2, 5)).schedule().rows
        assert (rows[1].interest_cents, rows[1].balance_cents) == (7, 6663)
        found[rounded] = rows[2].interest_cents
    assert found == {"period": 72, "segment": 73}


def test_only_the_period_with_29_february_counts_on_366_also_in_pieces() -> None:
    state = fineract_loan(interest_basis=DayCount.ACT_ACT_FEB_29, rate="0.12", amount_cents=1_000_000)
    assert state.accrual(state.periods[1]) == pytest.approx(Fraction(12, 100) * Fraction(29, 366), abs=1e-15)
    assert state.accrual(state.periods[2]) == pytest.approx(Fraction(12, 100) * Fraction(31, 365), abs=1e-15)
    before, after = (
        state.accrual(state.periods[1], date(2024, 2, 20)),
        state.accrual(state.periods[1], None, date(2024, 2, 20)),
    )
    assert before + after == pytest.approx(state.accrual(state.periods[1]), abs=1e-15)


def test_flat_interest_stays_on_the_principal_as_lent_where_nothing_is_repaid() -> None:
    asked = plan(1_200_000, "0.072", 12, start_on=date(2024, 1, 10), method=RepayMethod.FLAT)
    state = Running.of(asked, build_schedule(asked))
    assert state.schedule() == build_schedule(asked)
    halved = change_rate(state, date(2024, 5, 11), Decimal("0.036")).schedule()
    assert halved.rows[:4] == build_schedule(asked).rows[:4]
    assert {row.interest_cents for row in halved.rows[4:]} == {1_200_000 * 36 // 12_000}
    assert {row.principal_cents for row in halved.rows[4:]} == {100_000}


def test_flat_interest_of_fineract_is_on_all_that_was_advanced_from_its_day() -> None:
    """Fineract C3893: 250 drawn on 15 July on top of 1,000 bears flat interest for 17 days of 31, then in full."""
    asked = Plan(
        100_000,
        Decimal("0.12"),
        3,
        date(2024, 6, 1),
        method=RepayMethod.FLAT,
        interest_basis=DayCount.ACT_ACT_YEAR_END,
        payment_basis="least_residual",
        payment_rounding="half_even",
        interest_rounding="half_even",
    )
    state = Running.of(asked, build_schedule(asked))
    assert [row.payment_cents for row in state.schedule().rows] == [34_339, 34_339, 34_338]
    drawn = draw_more(state, date(2024, 7, 15), 25_000).schedule()
    assert [(row.payment_cents, row.interest_cents) for row in drawn.rows] == [
        (34_339, 984),
        (47_036, 1_156),
        (47_035, 1_270),
    ]


def test_odd_first_period_bears_its_days_also_when_the_rest_is_level_again() -> None:
    """51 days at 12 % on 12,000 are 204.00; a rate change in it still leaves the others level among themselves."""
    asked = plan(1_200_000, "0.12", 12, start_on=date(2025, 11, 20), first_due_on=date(2026, 1, 10))
    state = Running.of(asked, build_schedule(asked))
    assert state.schedule() == build_schedule(asked)
    changed = change_rate(state, date(2025, 11, 21), Decimal("0.06")).schedule()
    later = {row.payment_cents for row in changed.rows[1:-1]}
    assert len(later) == 1
    first = changed.rows[0]
    assert first.interest_cents == 10_200
    assert first.payment_cents == later.pop() + 10_200 - 6_000


def test_interest_carried_to_a_later_installment_is_owed_until_then() -> None:
    """10,000 at 12 %: February's 100.00 is moved to March, and half a month of March has been used."""
    asked = plan(1_000_000, "0.12", 12, start_on=date(2024, 1, 15))
    state = Running.of(asked, build_schedule(asked))
    moved = move_arrears(state, date(2024, 2, 15))
    assert state.owed_interest(date(2024, 2, 15)) == 0
    assert moved.owed_interest(date(2024, 2, 15)) == 10_000
    half = round(10_000 * 15 / 29)
    assert moved.owed_interest(date(2024, 3, 1)) == 10_000 + half
    assert moved.owed_interest(date(2024, 3, 15)) == 0
    assert moved.schedule().installments[1].interest_cents == 20_000
