"""Agreements: arrears move once, what was settled stays, and published schedules come out to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.plans import fineract_loan, plan
from transforms.dates.calendar import MONTHLY, Frequency
from transforms.dates.day_count import DayCount
from transforms.loans.changes import change_rate, paid, repay_in_part
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.restructuring import change_term, pause_payments, re_age, re_amortise, take_back
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule

if TYPE_CHECKING:
    from transforms.loans.schedule import Schedule

START = date(2024, 1, 15)


def running(**options: object) -> Running:
    asked = plan(start_on=START, **options)
    return Running.of(asked, build_schedule(asked))


def rows_of(schedule: Schedule) -> list[tuple[str, int, int, int]]:
    """(due date, balance, principal, interest) of every row."""
    return [(str(r.due_on)[5:], r.balance_cents, r.principal_cents, r.interest_cents) for r in schedule.rows]


def half_months(amount: int, installments: int = 3) -> Running:
    """Fineract's interest-free loans by 15 days, whole units a payment, a quarter paid down on the first day."""
    asked = Plan(
        amount,
        Decimal(0),
        installments,
        date(2024, 1, 1),
        frequency=Frequency("day", 15),
        interest_basis=DayCount.THIRTY_360,
        payment_basis="least_residual",
        payment_rounding="half_even",
        payment_unit_cents=100,
        down_payment_cents=amount // 4,
    )
    return Running.of(asked, build_schedule(asked))


def test_re_amortised_arrears_keep_what_was_paid_of_them() -> None:
    """Fineract C3078: 50 of 125 was paid; 75 goes into two later ones by whole units."""
    after = re_amortise(half_months(50_000), date(2024, 1, 30), unpaid={date(2024, 1, 16): (7_500, 0)}).schedule()
    assert rows_of(after) == [
        ("01-01", 37_500, 12_500, 0),
        ("01-16", 32_500, 5_000, 0),
        ("01-31", 16_200, 16_300, 0),
        ("02-15", 0, 16_200, 0),
    ]


def test_re_amortised_with_interest_of_what_was_really_outstanding() -> None:
    """Fineract C4322: two installments unpaid, each of the months before bears 0.58 on the whole 100."""
    state = fineract_loan()
    for due in (date(2024, 2, 1), date(2024, 3, 1)):
        state = paid(state, due, date(2024, 3, 15))
    unpaid = {
        p.due_on: (part.principal, part.interest) for p, part in zip(state.periods[:2], state.parts(), strict=False)
    }
    after = re_amortise(state, date(2024, 3, 15), unpaid=unpaid).schedule()
    assert rows_of(after)[2:] == [
        ("04-01", 7608, 2392, 174),
        ("05-01", 5086, 2522, 44),
        ("06-01", 2550, 2536, 30),
        ("07-01", 0, 2550, 15),
    ]


def test_re_aged_with_a_part_paid_ahead() -> None:
    """Fineract C4084: 7.99 paid ahead on 1 February stays; 0.44 and 0.20 of interest are due with the first one."""
    state = fineract_loan().changed(1, lambda p: replace(p, paid_in_part=((date(2024, 2, 1), 799),)))
    unpaid = {date(2024, 3, 1): (state.parts()[1].principal - 799, 44)}
    after = re_age(state, date(2024, 3, 15), 6, MONTHLY, date(2024, 4, 1), unpaid=unpaid).schedule()
    assert rows_of(after) == [
        ("02-01", 8357, 1643, 58),
        ("03-01", 7558, 799, 0),
        ("03-15", 7558, 0, 0),
        ("04-01", 6353, 1205, 88),
        ("05-01", 5097, 1256, 37),
        ("06-01", 3834, 1263, 30),
        ("07-01", 2563, 1271, 22),
        ("08-01", 1285, 1278, 15),
        ("09-01", 0, 1285, 7),
    ]


def test_re_aged_with_interest_split_runs_no_more() -> None:
    """Fineract's EQUAL_AMORTIZATION_PAYABLE_INTEREST: 83.57 and the 0.71 earned by 15 March in six equal parts."""
    state = fineract_loan()
    unpaid = {date(2024, 3, 1): (1652, 49)}
    after = re_age(state, date(2024, 3, 15), 6, MONTHLY, date(2024, 4, 1), unpaid=unpaid, interest="split").schedule()
    assert [(p, i) for _, _, p, i in rows_of(after)[3:]] == [(1393, 12)] * 5 + [(1392, 11)]
    everything = re_age(state, date(2024, 3, 15), 6, MONTHLY, date(2024, 4, 1), unpaid=unpaid, interest="split_all")
    assert [row.interest_cents for row in everything.schedule().rows[3:]] == [25] * 5 + [26]


def test_re_amortised_interest_may_be_split_over_the_installments() -> None:
    """Fineract C4496, EQUAL_AMORTIZATION_INTEREST_SPLIT: 0.49 unpaid besides four installments of 21.20.

    0.12 with each of three; the last bears 0.13, where Fineract's own total is a cent short of the 0.49.
    """
    unpaid = {date(2024, 3, 1): (1652, 49)}
    after = re_amortise(fineract_loan(), date(2024, 3, 15), unpaid=unpaid, split_interest=True).schedule()
    assert rows_of(after)[2:] == [
        ("04-01", 6286, 2071, 61),
        ("05-01", 4203, 2083, 49),
        ("06-01", 2108, 2095, 37),
        ("07-01", 0, 2108, 25),
    ]


def test_re_aged_after_a_payment_was_taken_back() -> None:
    """Fineract C3056, C3057: 125 taken back, in the last period or after it, is part of what is aged."""
    for day, added in ((date(2024, 2, 2), 0), (date(2024, 2, 20), 1)):
        back = take_back(half_months(100_000), day, 12_500)
        if added:
            assert rows_of(back.schedule())[-2:] == [("02-15", 0, 25_000, 0), ("02-20", 0, 12_500, 0)]
        else:
            assert rows_of(back.schedule())[-1] == ("02-15", 0, 37_500, 0)
        aged = re_age(back, date(2024, 2, 21), 3, Frequency("month", 2), date(2024, 3, 10)).schedule()
        assert rows_of(aged)[-4][1] == 87_500
        assert [r.principal_cents for r in aged.rows[-3:]] == [29_200, 29_200, 29_100]
        assert rows_of(aged)[3 if added else 2][1] == 75_000


def test_payments_taken_back_fall_due_with_the_next_installment() -> None:
    """Fineract C3448: 15.00 of principal, then 16.52 and 0.49, taken back on 1 March."""
    once = take_back(fineract_loan(), date(2024, 3, 1), 1500)
    assert rows_of(once.schedule())[1:] == [
        ("03-01", 6705, 1652, 49),
        ("04-01", 5052, 3153, 48),
        ("05-01", 3380, 1672, 29),
        ("06-01", 1699, 1681, 20),
        ("07-01", 0, 1699, 10),
    ]
    twice = take_back(once, date(2024, 3, 1), 1652, 49).schedule()
    assert rows_of(twice)[2:] == [
        ("04-01", 5061, 4796, 106),
        ("05-01", 3390, 1671, 30),
        ("06-01", 1709, 1681, 20),
        ("07-01", 0, 1709, 10),
    ]
    assert twice.principal_cents == 10_000 + 1500 + 1652
    # What was given back is no cost: only interest earned by use is.
    assert twice.cost_cents == 273 - 49


def test_what_is_due_again_is_not_spread_by_a_later_change() -> None:
    back = take_back(running(), date(2024, 3, 20), 80_000, 2_000)
    changed = change_rate(back, date(2024, 4, 1), Decimal("0.10")).schedule()
    assert changed.rows[2].payment_cents - changed.rows[3].payment_cents == 82_000
    assert abs(changed.last_payment_cents - changed.rows[3].payment_cents) < 20


def test_another_term_is_level_again_from_the_next_due_date() -> None:
    """Fineract's extra terms: the next due date stays, the end moves; never more interest than before if shorter."""
    before = running()
    longer = change_term(before, date(2024, 4, 20), 15, unpaid={}).schedule()
    assert [row.due_on for row in longer.rows[:12]] == [row.due_on for row in before.schedule().rows]
    assert longer.rows[:3] == before.schedule().rows[:3]
    assert len(longer.rows) == 18
    assert len({row.payment_cents for row in longer.rows[3:-1]}) == 1
    shorter = change_term(before, date(2024, 4, 20), 4, unpaid={}).schedule()
    assert len(shorter.rows) == 7
    assert shorter.interest_cents < before.schedule().interest_cents < longer.interest_cents


def test_another_term_takes_the_arrears_and_leaves_what_was_waived() -> None:
    row = running().schedule().rows[2]
    unpaid = {row.due_on: (row.principal_cents, row.interest_cents)}
    whole = change_term(running(), date(2024, 4, 20), 9, unpaid=unpaid).schedule()
    waived = change_term(running(), date(2024, 4, 20), 9, unpaid=unpaid, waived_cents=row.interest_cents).schedule()
    assert (whole.rows[2].payment_cents, whole.principal_cents) == (0, 1_000_000)
    assert whole.interest_cents - waived.interest_cents == pytest.approx(row.interest_cents, abs=500)
    assert waived.rows[3].interest_cents == round(running().parts()[1].balance * 0.01)


def test_after_the_end_a_term_starts_on_the_day_of_the_agreement() -> None:
    """What is left fell due on 15 January; interest rests until the agreement of 10 February."""
    last = running().schedule().rows[-1]
    unpaid = {last.due_on: (last.principal_cents, last.interest_cents)}
    after = change_term(running(), date(2025, 2, 10), 3, unpaid=unpaid).schedule().rows[12:]
    assert [row.due_on for row in after] == [date(2025, 3, 15), date(2025, 4, 15), date(2025, 5, 15)]
    earned = round(last.principal_cents * 0.01 * (1 + 5 / 31))
    assert after[0].interest_cents == pytest.approx(last.interest_cents + earned, abs=1)


@pytest.mark.parametrize("day", [10, 31])
def test_paused_due_dates_move_by_months_and_keep_their_day(day: int) -> None:
    asked = plan(1_200_000, start_on=date(2025, 10, day), first_due_on=date(2025, 11, min(day, 30)), due_day=day)
    state = Running.of(asked, build_schedule(asked))
    found = {}
    for mode in ("waive", "accrue", "capitalise"):
        after = pause_payments(state, date(2025, 12, 5), 3, mode, unpaid={}).schedule()  # type: ignore[arg-type]
        assert [r.due_on for r in after.rows[1:4]] == (
            [date(2026, 3, 10), date(2026, 4, 10), date(2026, 5, 10)]
            if day == 10
            else [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]
        )
        assert len(after.rows) == 12
        assert len({r.payment_cents for r in after.rows[1:-1]}) == 1
        found[mode] = after
    balance = state.parts()[0].balance
    earned = round(balance * 0.03)
    usual = state.schedule()
    assert found["waive"].interest_cents == pytest.approx(usual.interest_cents, abs=12)
    assert found["waive"].rows[1].interest_cents == round(balance * 0.01)
    assert found["accrue"].rows[1].interest_cents == earned + round(balance * 0.01)
    assert found["accrue"].principal_cents == 1_200_000
    assert found["capitalise"].principal_cents == 1_200_000 + earned
    assert found["capitalise"].rows[1].interest_cents == round((balance + earned) * 0.01)
    # Interest that became principal is a cost all the same.
    assert found["capitalise"].cost_cents == found["capitalise"].interest_cents + earned


@pytest.mark.parametrize("keep_term", [True, False])
def test_what_a_pause_adds_to_the_principal_falls_with_a_part_repaid_in_it(keep_term: bool) -> None:
    """11,053.81 earn 331.61 in the three months from 10 November; without 5,000 from 10 January on, 281.07."""
    asked = plan(1_200_000, start_on=date(2025, 10, 10))
    paused = pause_payments(Running.of(asked, build_schedule(asked)), date(2025, 12, 5), 3, "capitalise", unpaid={})
    assert paused.capitalised == ((date(2026, 2, 10), 33_161),)
    after = repay_in_part(paused, date(2026, 1, 10), 500_000, keep_term=keep_term)
    assert after.capitalised == ((date(2026, 2, 10), 28_107),)
    assert after.schedule().rows[1].interest_cents == round((1_105_381 - 500_000 + 28_107) * 0.01)


def test_due_dates_rolled_by_the_calendar_keep_their_month_when_the_term_changes() -> None:
    """31 January 2026, a Saturday, falls due on 2 February; the next one is in February, not in March."""
    asked = plan(1_200_000, start_on=date(2025, 10, 31), roll="following")
    state = Running.of(asked, build_schedule(asked))
    assert state.periods[2].due_on == date(2026, 2, 2)
    after = change_term(state, date(2026, 1, 5), 12, unpaid={}).schedule()
    assert [row.due_on for row in after.rows[2:5]] == [date(2026, 2, 2), date(2026, 3, 2), date(2026, 3, 31)]
    paused = pause_payments(state, date(2026, 1, 5), 1, "waive", unpaid={}).schedule()
    assert [row.due_on for row in paused.rows[2:4]] == [date(2026, 3, 2), date(2026, 3, 31)]


def test_flat_interest_goes_on_on_what_was_lent_when_the_term_changes() -> None:
    # 10,000 at half a percent a period: 50.00; the 5,000 left are repaid in twelve.
    state = running(method=RepayMethod.FLAT, rate="0.06")
    after = change_term(state, date(2024, 7, 15), 12, unpaid={}).schedule()
    assert [row.payment_cents for row in after.rows[6:9]] == [41_667 + 5_000] * 3
    assert after.principal_cents == 1_000_000


def test_payments_taken_back_after_the_end_fall_due_together() -> None:
    """Fineract C3086: four payments taken back on a day after maturity are one installment of it."""
    state = half_months(50_000)
    for _ in range(4):
        state = take_back(state, date(2024, 2, 20), 12_500)
    assert rows_of(state.schedule())[-2:] == [("02-15", 0, 12_500, 0), ("02-20", 0, 50_000, 0)]


def test_a_re_age_on_a_due_date_ends_no_period_in_the_middle() -> None:
    """Fineract C4232: nothing is due on the day twice, the first new installment repays without interest."""
    state = fineract_loan()
    after = re_age(state, date(2024, 3, 1), 6, MONTHLY, date(2024, 3, 1), unpaid={}).schedule()
    assert rows_of(after)[1:4] == [("03-01", 6_705, 1_652, 49), ("03-01", 5_571, 1_134, 0), ("04-01", 4_469, 1_102, 32)]


def test_interest_split_over_the_rest_is_rounded_with_theirs_or_for_itself() -> None:
    """49 cents over four: 12.25 each rounded with the period's own interest (Fineract), or 12, 12, 12, 13."""
    unpaid = {date(2024, 3, 1): (1_652, 49)}
    fineract = re_amortise(fineract_loan(), date(2024, 3, 15), unpaid=unpaid, split_interest=True)
    assert {period.share for period in fineract.periods[2:]} == {Fraction(49, 4)}
    own = replace(fineract_loan(), plan=replace(fineract_loan().plan, payment_basis="formula"))
    ours = re_amortise(own, date(2024, 3, 15), unpaid=unpaid, split_interest=True)
    assert [period.due_again for period in ours.periods[2:]] == [(0, 12)] * 3 + [(0, 13)]
    assert ours.schedule().principal_cents == fineract.schedule().principal_cents == 10_000


actions = st.lists(
    st.tuples(st.sampled_from(["term", "pause", "amortise", "age", "back", "paid", "part"]), st.integers(0, 400)),
    max_size=4,
)


@settings(max_examples=120, deadline=None)
@given(
    actions,
    st.sampled_from(["equal_periods", DayCount.ACT_365F, DayCount.ACT_ACT_FEB_29]),
    st.sampled_from([RepayMethod.ANNUITY, RepayMethod.EQ_PRIN, RepayMethod.FLAT]),
    st.sampled_from(["period", "segment"]),
)
def test_whatever_is_agreed_principal_is_repaid_once_and_interest_is_the_cost(
    drawn: list[tuple[str, int]], basis: str, method: RepayMethod, rounded: str
) -> None:
    state = running(interest_basis=basis, method=method, interest_rounded=rounded)
    for kind, offset in drawn:
        on = START + timedelta(days=offset + 1)
        coming = [p for p in state.periods if p.due_on > on and not p.pause]
        if kind == "term":
            state = change_term(state, on, offset % 30 + 1)
        elif kind == "pause":
            mode = ("waive", "accrue", "capitalise")[offset % 3]
            state = pause_payments(state, on, offset % 6 + 1, mode)  # type: ignore[arg-type]
        elif kind == "amortise" and coming:
            state = re_amortise(state, on)
        elif kind == "age":
            split = ("runs", "split", "split_all")[offset % 3]
            state = re_age(state, on, offset % 20 + 1, MONTHLY, on + timedelta(days=offset % 40), interest=split)  # type: ignore[arg-type]
        elif kind == "back":
            state = take_back(state, on, 1_000 * (offset + 1), offset)
        elif kind == "paid" and coming:
            due = coming[offset % len(coming)].due_on
            state = paid(state, due, due + timedelta(days=offset % 9 - 4))
        elif kind == "part" and any(p.is_open for p in coming) and state.outstanding_on(on) > 50_000:
            state = repay_in_part(state, on, state.outstanding_on(on) * (offset % 5 + 1) // 20)
    after = state.schedule()
    capitalised = sum(cents for _, cents in state.capitalised)
    assert after.rows[-1].balance_cents == 0
    assert after.principal_cents == 1_000_000 + capitalised + sum(c for _, c in state.moves) + sum(
        p for _, p, _ in state.taken_back
    )
    assert after.total_cents == after.principal_cents + after.interest_cents
    assert min((min(r.principal_cents, r.interest_cents) for r in after.rows), default=0) >= 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: re_amortise(r, date(2026, 1, 1)), "re-aged"),
        (lambda r: re_amortise(r, date(2024, 4, 1), unpaid={date(2024, 3, 15): (10**9, 0)}), "cannot be unpaid"),
        (lambda r: re_amortise(r, date(2024, 4, 1), unpaid={date(2024, 5, 15): (1, 0)}), "cannot be unpaid"),
        (lambda r: re_age(r, date(2024, 5, 1), 3, MONTHLY, date(2024, 4, 1)), "before the re-age"),
        (lambda r: change_term(r, date(2024, 5, 1), 0), "at least 1"),
        (lambda r: pause_payments(r, date(2024, 5, 1), 0, "waive"), "payment pause"),
        (lambda r: pause_payments(r, date(2024, 5, 1), 1, "forget"), "payment pause"),
        (lambda r: take_back(r, date(2024, 5, 1), 0, 0), "taken back"),
    ],
)
def test_impossible_agreement_is_refused_with_a_reason(change: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        change(running())  # type: ignore[operator]
