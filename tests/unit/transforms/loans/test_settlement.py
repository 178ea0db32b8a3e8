"""Early settlement: principal, what is owed and what was used, and no more."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.plans import plan
from transforms.dates.day_count import DayCount
from transforms.loans.changes import accelerate, paid
from transforms.loans.plan import Fee
from transforms.loans.restructuring import pause_payments
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule
from transforms.loans.settlement import settle_early

START = date(2024, 1, 15)


def running(**options: object) -> Running:
    asked = plan(start_on=START, **options)
    return Running.of(asked, build_schedule(asked))


def test_on_a_due_date_the_balance_is_asked_for() -> None:
    schedule = running().schedule()
    settled = settle_early(running(), schedule.rows[3].due_on)
    assert settled.principal_cents == schedule.rows[3].balance_cents
    assert settled.interest_cents == 0
    assert settled.saved_interest_cents == sum(row.interest_cents for row in schedule.rows[4:])


def test_within_a_period_the_days_used_are_charged() -> None:
    schedule = running(interest_basis=DayCount.ACT_365F).schedule()
    settled = settle_early(running(interest_basis=DayCount.ACT_365F), date(2024, 2, 25))
    balance = schedule.rows[0].balance_cents
    assert settled.interest_cents == round(balance * 0.12 * 10 / 365)
    assert settled.total_cents == balance + settled.interest_cents


def test_arrears_are_asked_for_and_their_principal_earned_since_the_last_due_date() -> None:
    """17 of the 30 days to 15 May are used on all that is outstanding, what is overdue included; 200 bp on the rest."""
    state = running()
    rows = state.schedule().rows
    unpaid = {row.due_on: (row.principal_cents, row.interest_cents) for row in rows[1:3]}
    settled = settle_early(state, date(2024, 5, 2), unpaid=unpaid, waived_cents=500, fee_bp=200)
    outstanding = rows[0].balance_cents
    assert settled.principal_cents == outstanding
    used = round(outstanding * 0.01 * 17 / 30)
    assert settled.interest_cents == rows[1].interest_cents + rows[2].interest_cents - 500 + used
    overdue = rows[1].principal_cents + rows[2].principal_cents
    assert settled.fee_cents == (settled.principal_cents - overdue) * 200 // 10_000


def test_what_was_partly_settled_is_not_asked_for_again() -> None:
    state = running()
    row = state.schedule().rows[1]
    whole = settle_early(state, date(2024, 4, 1), unpaid={row.due_on: (row.principal_cents, row.interest_cents)})
    part = settle_early(state, date(2024, 4, 1), unpaid={row.due_on: (row.principal_cents - 40_000, 0)})
    assert whole.principal_cents - part.principal_cents == 40_000
    assert whole.interest_cents - part.interest_cents == row.interest_cents + round(40_000 * 0.01 * 17 / 31)


@pytest.mark.parametrize("mode", ["accrue", "capitalise"])
def test_inside_a_payment_pause_the_days_used_are_owed_whatever_was_agreed(mode: str) -> None:
    state = running()
    paused = pause_payments(state, date(2024, 3, 20), 3, mode, unpaid={})  # type: ignore[arg-type]
    settled = settle_early(paused, date(2024, 5, 1))
    balance = state.schedule().rows[1].balance_cents
    # What a capitalising pause has earned so far counts as principal; nothing is owed for the days still to come.
    used = round(balance * 0.03 * 47 / 92)
    wanted = (balance + used, 0) if mode == "capitalise" else (balance, used)
    assert (settled.principal_cents, settled.interest_cents) == wanted
    waived = pause_payments(state, date(2024, 3, 20), 3, "waive", unpaid={})
    assert settle_early(waived, date(2024, 5, 1)).interest_cents == 0


@pytest.mark.parametrize("mode", ["accrue", "capitalise"])
def test_after_a_payment_pause_its_whole_interest_is_owed(mode: str) -> None:
    state = running()
    paused = pause_payments(state, date(2024, 3, 20), 3, mode, unpaid={})  # type: ignore[arg-type]
    settled = settle_early(paused, date(2024, 6, 15))
    balance = state.schedule().rows[1].balance_cents
    assert settled.total_cents == balance + round(balance * 0.03)


def test_interest_not_borne_by_an_installment_is_owed() -> None:
    """60 % on 10,000 is 500 a month: installments of 400 bear 400, the rest waits and is owed on settling."""
    asked = plan(rate="0.60", start_on=START, regular_payment_cents=40_000)
    settled = settle_early(Running.of(asked, build_schedule(asked)), date(2024, 4, 15))
    assert (settled.principal_cents, settled.interest_cents) == (1_000_000, 30_000)


def test_acceleration_asks_for_what_settlement_asks_for() -> None:
    state = running(interest_basis=DayCount.ACT_365F, fees=(Fee("account", "periodic", 300), Fee("exit", "final", 700)))
    on = date(2024, 5, 2)
    last = accelerate(state, on).schedule().installments[-1]
    settled = settle_early(state, on)
    assert (last.due_on, last.payment_cents) == (on, settled.total_cents)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 360), st.integers(-20, 20), st.integers(0, 11))
def test_settled_is_the_principal_and_no_more_than_the_interest_of_the_schedule(day: int, moved: int, at: int) -> None:
    """By use, settling never costs more than keeping on, whenever an installment was paid."""
    state = running(interest_basis=DayCount.ACT_365F)
    due = state.periods[at].due_on
    state = paid(state, due, due + timedelta(days=moved))
    on = START + timedelta(days=day)
    settled = settle_early(state, on)
    assert settled.principal_cents == state.outstanding_on(on)
    assert settled.interest_cents >= 0
    assert settled.saved_interest_cents >= -1
