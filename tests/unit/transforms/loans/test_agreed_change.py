"""A plan's schedule after an agreed change or a partial early repayment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.books import no_versions, paid, plans
from tests.unit.transforms.loans.cases import hardship
from tests.unit.transforms.outputs import plan_progress
from tests.unit.transforms.support import book
from transforms.loans.agreed_change import Terms, decimal_rate, moved_due_date, new_schedule, prepaid_schedule
from transforms.loans.booked import booked_installments
from transforms.loans.changes import repay_in_part
from transforms.loans.product_conventions import ProductConventions
from transforms.loans.states import LoanState, LoanStates

if TYPE_CHECKING:
    from transforms.loans.agreed_change import NewSchedule

POLICY = book().in_force(date(2025, 8, 1))
#: 12,000 at 12 % in twelve installments from 10 February 2025: each method's installment.
METHODS = {"ANNUITY": 106_619, "EQ_PRIN": 112_000, "INT_FIRST": 12_000, "FLAT": 112_000, "BALLOON": 50_000}


def state(on: date, money: list[tuple[Any, ...]], **change: Any) -> LoanState:
    of, moved = plans(change), paid(*money)
    progress = plan_progress(of, moved, no_versions(), hardship(), on, POLICY)
    return LoanStates(of, progress, no_versions(), ProductConventions(), on).of("P1")


def kept(method: str, months: int) -> list[tuple[date, int]]:
    """The first installments paid to the day."""
    first = METHODS[method]
    falls = 1_000 if method == "EQ_PRIN" else 0
    return [(date(2025, 2 + k, 10), first - k * falls) for k in range(months)]


def of_method(method: str) -> LoanState:
    """After two installments, on 10 April before the third is paid: nothing is overdue on 25 March."""
    return state(date(2025, 3, 25), kept(method, 2), repay_method=method, installment_cents=METHODS[method])


def figures(made: NewSchedule) -> list[tuple[int, int]]:
    return [(row.principal_cents, row.interest_cents) for row in made.rows]


def test_a_part_repaid_early_leaves_the_method_as_it_is() -> None:
    # 10,000.00 are left in ten parts; 4,000.00 of it repaid on 25 March, 15 of 31 days into the period.
    split = round((1_000_000 * 15 + 600_000 * 16) / 31 / 100)
    lower = figures(prepaid_schedule(of_method("EQ_PRIN"), 400_000, "lower"))
    assert lower == [(60_000, split), *((60_000, 6_000 - 600 * k) for k in range(1, 10))]
    shorter = figures(prepaid_schedule(of_method("EQ_PRIN"), 400_000, "shorter"))
    assert shorter == [(100_000, split), *((100_000, 6_000 - 1_000 * k) for k in range(1, 6))]


@pytest.mark.parametrize("effect", ["lower", "shorter"])
def test_interest_first_stays_so_and_costs_less(effect: str) -> None:
    made = figures(prepaid_schedule(of_method("INT_FIRST"), 400_000, effect))
    split = round((1_200_000 * 15 + 800_000 * 16) / 31 / 100)
    assert made == [(0, split), *[(0, 8_000)] * 8, (800_000, 8_000)]


def test_level_installments_fall_or_the_plan_ends_sooner() -> None:
    before = of_method("ANNUITY").coming
    lower = prepaid_schedule(of_method("ANNUITY"), 400_000, "lower")
    shorter = prepaid_schedule(of_method("ANNUITY"), 400_000, "shorter")
    assert [row.due_on for row in lower.rows] == [period.due_on for period in before]
    assert lower.payment_cents < 70_000
    assert len(shorter.rows) == 6
    assert shorter.rows[0].payment_cents == 106_619
    for made in (lower, shorter):
        assert sum(principal for principal, _ in figures(made)) == 1_009_816 - 400_000


def test_a_balloon_stays_and_the_installments_before_it_fall() -> None:
    before = of_method("BALLOON")
    balloon = before.coming[-1].payment_cents - 50_000
    made = prepaid_schedule(before, 100_000, "lower")
    assert made.rows[-1].payment_cents - made.rows[-2].payment_cents == pytest.approx(balloon, abs=10)
    assert made.rows[1].payment_cents < 50_000


#: 12,000 in twelve parts with 0.6 % of it a month: 1,072.00 each, 72.00 of it the fee.
FLAT = {"repay_method": "FLAT", "annual_rate": Decimal("0.072"), "installment_cents": 107_200}


def flat_after(months: int) -> LoanState:
    """On the due date after so many installments paid."""
    return state(date(2025, 1 + months, 10), [(date(2025, 2 + k, 10), 107_200) for k in range(months)], **FLAT)


def test_flat_interest_falls_as_the_debt_does_where_a_part_is_repaid() -> None:
    # 3,000 of 9,000 repaid: 12,000 x 6,000 / 9,000 = 8,000, of which 0.6 % are 48.00, on nine parts of 666.67.
    lower = figures(prepaid_schedule(flat_after(3), 300_000, "lower"))
    assert lower == [*[(66_667, 4_800)] * 8, (66_664, 4_800)]
    # Sooner done, six times 72.00 are as much as nine times 48.00.
    assert figures(prepaid_schedule(flat_after(3), 300_000, "shorter")) == [(100_000, 7_200)] * 6
    # 1,000 of 9,000: 12,000 x 8,000 / 9,000 = 10,666.67, half up, and 64.00; then 500 of 8,000: 10,000.00.
    once = prepaid_schedule(flat_after(3), 100_000, "lower")
    assert {row.interest_cents for row in once.rows} == {6_400}
    assert {p.flat_on_cents for p in once.loan.periods if p.is_open} == {1_066_667}
    twice = repay_in_part(once.loan, date(2025, 4, 10), 50_000)
    assert {p.flat_on_cents for p in twice.periods if p.is_open} == {1_000_000}


@pytest.mark.parametrize(
    ("terms", "base", "fee"),
    [
        (Terms("payment_holiday", pause_m=2, interest_mode="waive"), 1_200_000, 7_200),
        (Terms("payment_holiday", pause_m=2, interest_mode="accrue"), 1_200_000, 7_200),
        # 144.00 of two months is lent besides.
        (Terms("payment_holiday", pause_m=2, interest_mode="capitalise"), 1_214_400, 7_286),
        (Terms("due_date_change", due_day=10), 1_200_000, 7_200),
        (Terms("term_change", 24), 1_200_000, 7_200),
        # 0.3 % a month from now on.
        (Terms("rate_review", annual_rate=Decimal("0.036")), 1_200_000, 3_600),
        # 2,000 of 11,000 paid down: 12,000 x 9,000 / 11,000 = 9,818.18.
        (Terms("art70_restructure", 24, down_payment_cents=200_000), 981_818, 5_891),
    ],
)
def test_flat_interest_stays_on_what_was_lent_where_nothing_is_repaid(terms: Terms, base: int, fee: int) -> None:
    made = new_schedule(flat_after(1), terms)
    assert {p.flat_on_cents for p in made.loan.periods if p.is_open} == {base}
    assert made.rows[-1].interest_cents == fee


def test_nothing_but_a_part_can_be_repaid_early() -> None:
    with pytest.raises(ValueError, match="a part of the"):
        prepaid_schedule(of_method("ANNUITY"), 1_009_816, "lower")


def test_settling_asks_for_principal_what_is_overdue_and_interest_by_use() -> None:
    late = state(date(2025, 3, 25), [(date(2025, 2, 10), 106_619)])
    due = new_schedule(late, Terms("early_settlement", settlement_fee_bp=200))
    (row,) = due.rows
    used = round(1_009_816 * 0.01 * 15 / 31)
    assert row.principal_cents == 1_105_381
    assert row.interest_cents == 11_054 + used
    assert row.fee_cents == 1_009_816 * 200 // 10_000, "of the principal that is not due yet"
    assert late.earned_cents == used


def test_settling_is_free_unless_the_policy_charges_for_it() -> None:
    (row,) = new_schedule(of_method("ANNUITY"), Terms("early_settlement")).rows
    assert row.principal_cents > 1_000_000
    assert row.fee_cents == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 330), st.integers(0, 11), st.sampled_from(sorted(METHODS)))
def test_a_plan_on_any_day_goes_on_as_its_schedule_does(days: int, months: int, method: str) -> None:
    """What was settled, what is overdue and what is to come make up the schedule, whatever was paid of it."""
    on = date.fromordinal(date(2025, 1, 10).toordinal() + days)
    dues = [date(2025 + (1 + k) // 12, (1 + k) % 12 + 1, 10) for k in range(months)]
    money = [(due, METHODS[method]) for due in dues if due <= on]
    found = state(on, money, repay_method=method, installment_cents=METHODS[method])
    rows = found.loan.schedule()
    assert rows.principal_cents == 1_200_000
    coming = [row for row, period in zip(rows.installments, found.loan.periods, strict=True) if period.is_open]
    assert [row.due_on for row in coming] == [p.due_on for p in found.coming]
    of = plans({"repay_method": method, "installment_cents": METHODS[method]})
    booked = {row["due_on"]: row for row in booked_installments(of).to_dicts()}
    for row in coming:
        assert (row.principal_cents, row.interest_cents) == (
            booked[row.due_on]["principal_cents"],
            booked[row.due_on]["interest_cents"],
        )
    assert found.outstanding_cents == found.arrears_principal_cents + sum(row.principal_cents for row in coming)


@pytest.mark.parametrize(
    ("next_due", "day", "after", "expected"),
    [
        (date(2025, 4, 10), 20, date(2025, 3, 15), date(2025, 4, 20)),
        (date(2025, 4, 10), 5, date(2025, 3, 15), date(2025, 4, 5)),
        (date(2025, 4, 10), 5, date(2025, 4, 5), date(2025, 5, 5)),
        (date(2025, 1, 31), 31, date(2025, 1, 10), date(2025, 1, 31)),
        (date(2025, 2, 28), 31, date(2025, 2, 10), date(2025, 2, 28)),
    ],
)
def test_a_due_date_moves_within_its_month_or_to_the_next(
    next_due: date, day: int, after: date, expected: date
) -> None:
    assert moved_due_date(next_due, day, after) == expected


def test_a_rate_has_six_decimals_however_it_comes() -> None:
    assert decimal_rate(0.1) == decimal_rate(Decimal("0.10")) == Decimal("0.100000")


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (Terms("new_purchase"), "changes no schedule"),
        (Terms("due_date_change"), "needs its day"),
        (Terms("payment_holiday", pause_m=2), "needs its months"),
        (Terms("term_change", 12, down_payment_cents=1_009_816), "nothing is outstanding"),
    ],
)
def test_terms_that_are_not_enough_are_refused(terms: Terms, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        new_schedule(of_method("ANNUITY"), terms)


def test_after_the_last_due_date_a_term_is_needed_and_a_month_passes() -> None:
    ended = state(date(2026, 3, 1), [])
    with pytest.raises(ValueError, match="needs a term"):
        new_schedule(ended, Terms("rate_review"))
    made = new_schedule(ended, Terms("art70_restructure", 24, annual_rate=Decimal(0), waived_cents=79_423))
    assert (made.rows[0].due_on, len(made.rows)) == (date(2026, 4, 10), 24)
    assert made.open_cents == 1_200_000


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (20, date(2025, 4, 20)),
        (8, date(2025, 4, 8)),
        (5, date(2025, 5, 5)),  # the fifth of April is tonight
        (6, date(2025, 4, 6)),
        (3, date(2025, 5, 3)),  # has passed, though March's installment is paid
    ],
)
def test_the_next_installment_moves_to_a_day_still_to_come(day: int, first: date) -> None:
    paid_to_march = [(date(2025, 2, 10), 106_619), (date(2025, 3, 10), 106_619)]
    made = new_schedule(state(date(2025, 4, 5), paid_to_march), Terms("due_date_change", due_day=day))
    assert made.rows[0].due_on == first
    assert made.due_day == day
