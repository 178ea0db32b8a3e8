"""Changes to a running plan: nothing is charged twice, nothing is lost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.plans import plan
from transforms.dates.calendar import MONTHLY
from transforms.dates.day_count import DayCount
from transforms.loans.changes import (
    accelerate,
    change_due_date,
    change_rate,
    draw_more,
    paid,
    pause_interest,
    repay_in_part,
)
from transforms.loans.plan import RepayMethod
from transforms.loans.restructuring import re_age, re_amortise
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule

START = date(2024, 1, 15)


def running(**options: object) -> Running:
    asked = plan(start_on=START, **options)
    return Running.of(asked, build_schedule(asked))


@pytest.mark.parametrize("method", list(RepayMethod)[:4])
@pytest.mark.parametrize("basis", ["equal_periods", DayCount.THIRTY_360, DayCount.ACT_365F])
def test_unchanged_plan_keeps_its_schedule(method: RepayMethod, basis: str) -> None:
    asked = plan(start_on=START, method=method, interest_basis=basis)
    assert Running.of(asked, build_schedule(asked)).schedule() == build_schedule(asked)


changes = st.lists(
    st.tuples(st.sampled_from(["rate", "pause", "amortise", "due", "paid"]), st.integers(0, 330)), max_size=4
)


@settings(max_examples=60, deadline=None)
@given(changes, st.sampled_from(["equal_periods", DayCount.ACT_365F, DayCount.THIRTY_360]))
def test_any_changes_keep_principal_and_interest_whole(asked: list[tuple[str, int]], basis: str) -> None:
    state = running(interest_basis=basis)
    for kind, offset in asked:
        day = START + timedelta(days=offset + 1)
        if kind == "rate":
            state = change_rate(state, day, Decimal(offset % 24) / 100)
        elif kind == "pause":
            state = pause_interest(state, day, day + timedelta(days=40))
        elif kind == "amortise":
            if any(period.due_on > day for period in state.periods):
                state = re_amortise(state, day)
        elif kind == "paid":
            due = state.periods[offset % len(state.periods)].due_on
            state = paid(state, due, due + timedelta(days=offset % 21 - 10))
        else:
            period = state.periods[offset % len(state.periods)]
            state = change_due_date(state, period.due_on, period.due_on + timedelta(days=offset % 12))
    schedule = state.schedule()
    assert schedule.principal_cents == 1_000_000
    assert schedule.rows[-1].balance_cents == 0
    assert schedule.total_cents == 1_000_000 + schedule.interest_cents


def test_lower_rate_lowers_later_installments_only() -> None:
    before = running().schedule()
    after = change_rate(running(), before.rows[5].due_on + timedelta(days=1), Decimal("0.06")).schedule()
    assert after.rows[:6] == before.rows[:6]
    assert after.rows[6].payment_cents < before.rows[6].payment_cents


def test_kept_installments_leave_the_difference_to_the_last() -> None:
    before = running().schedule()
    after = change_rate(running(), date(2024, 6, 1), Decimal("0.06"), recompute=False).schedule()
    assert after.rows[9].payment_cents == before.rows[9].payment_cents
    assert after.last_payment_cents < before.last_payment_cents


def test_pause_of_a_whole_period_charges_it_nothing() -> None:
    after = pause_interest(running(), date(2024, 2, 16), date(2024, 3, 15)).schedule()
    assert after.rows[1].interest_cents == 0
    assert after.rows[2].interest_cents > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: change_rate(r, date(2030, 1, 1), Decimal(0)), "ended"),
        (lambda r: change_rate(r, date(2024, 5, 1), Decimal(-1)), "negative"),
        (lambda r: pause_interest(r, date(2024, 5, 1), date(2024, 4, 1)), "before it starts"),
        (lambda r: change_due_date(r, date(2024, 5, 1), date(2024, 6, 1)), "no installment is due"),
        (lambda r: change_due_date(r, date(2024, 3, 15), date(2024, 2, 1)), "not after"),
        (lambda r: change_due_date(r, date(2024, 3, 15), date(2024, 2, 15)), "not after"),
        (lambda r: draw_more(r, date(2030, 1, 1), 1), "no period"),
        (lambda r: draw_more(r, date(2024, 5, 1), 0), "not positive"),
        (lambda r: repay_in_part(r, date(2024, 5, 1), 1_000_000), "outstanding"),
        (lambda r: accelerate(r, date(2023, 5, 1)), "no period"),
        (lambda r: paid(r, date(2024, 3, 15), date(2023, 1, 1)), "before the plan starts"),
    ],
)
def test_impossible_change_is_refused_with_a_reason(change: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        change(running())  # type: ignore[operator]


def test_drawing_more_keeps_the_end_and_repays_both_amounts() -> None:
    """The value of all installments is that of both drawdowns; interest on the second runs from its own day."""
    before = running()
    after = draw_more(before, date(2024, 3, 1), 500_000).schedule()
    assert len(after.installments) == 12
    assert after.principal_cents == 1_500_000
    assert after.rows[0] == before.schedule().rows[0]
    assert after.interest_cents > before.schedule().interest_cents
    free = draw_more(running(rate="0"), date(2024, 3, 1), 500_000).schedule()
    assert free.principal_cents == 1_500_000
    assert free.interest_cents == 0


def test_nothing_is_drawn_when_no_installment_is_left_to_repay_it() -> None:
    state = running()
    with pytest.raises(ValueError, match="no installment is due that could repay"):
        draw_more(state, state.periods[-1].due_on, 100)


def test_part_repaid_early_lowers_the_installment_or_the_term() -> None:
    before = running()
    lower = repay_in_part(before, date(2024, 6, 15), 300_000).schedule()
    assert [row.due_on for row in lower.installments] == [row.due_on for row in before.schedule().installments]
    assert lower.payment_cents == before.schedule().payment_cents
    assert lower.rows[6].payment_cents < lower.payment_cents
    shorter = repay_in_part(before, date(2024, 6, 15), 300_000, keep_term=False).schedule()
    assert len(shorter.installments) < 12
    assert {row.payment_cents for row in shorter.installments[:-1]} == {before.schedule().payment_cents}
    for after in (lower, shorter):
        assert after.principal_cents == after.amount_cents == 700_000
        assert after.cost_cents == after.interest_cents
        assert after.interest_cents < before.schedule().interest_cents
        assert after.rows[-1].balance_cents == 0
    assert shorter.interest_cents < lower.interest_cents


def test_installment_paid_early_costs_less_and_late_costs_more() -> None:
    """Figures of Fineract's ProgressiveEMICalculatorTest: paid on the 15th it bears 0.24, the next one 0.59."""
    asked = plan(
        10_000,
        "0.07",
        6,
        start_on=date(2024, 1, 1),
        interest_basis=DayCount.THIRTY_360,
        payment_basis="least_residual",
        payment_rounding="half_even",
        interest_rounding="half_even",
    )
    state = Running.of(asked, build_schedule(asked))
    early = paid(state, date(2024, 3, 1), date(2024, 2, 15)).schedule()
    assert [row.interest_cents for row in early.rows] == [58, 24, 59, 29, 20, 10]
    late = paid(state, date(2024, 2, 1), date(2024, 3, 1)).schedule()
    assert [row.interest_cents for row in late.rows] == [58, 58, 39, 29, 20, 10]
    assert early.interest_cents < state.schedule().interest_cents < late.interest_cents


def test_agreed_installments_fall_due_whole_when_all_does() -> None:
    """Re-aged with interest split over the rest (停息挂账): accelerated, the shares not due yet fall due with all."""
    aged = re_age(running(), date(2024, 5, 20), 6, MONTHLY, date(2024, 6, 20), interest="split")
    agreed = [period.fixed for period in aged.periods[-6:]]
    ended = accelerate(aged, date(2024, 7, 1)).schedule()
    last = ended.rows[-1]
    assert last.due_on == date(2024, 7, 1)
    assert (last.principal_cents, last.interest_cents) == tuple(map(sum, zip(*agreed[1:], strict=True)))
    assert ended.interest_cents == aged.schedule().interest_cents
    assert last.balance_cents == 0


def test_a_due_date_may_move_to_the_day_after_the_one_before() -> None:
    moved = change_due_date(running(), date(2024, 3, 15), date(2024, 2, 16)).schedule().installments
    assert [row.due_on for row in moved[:4]] == [date(2024, 2, 15), *(date(2024, m, 16) for m in (2, 3, 4))]
