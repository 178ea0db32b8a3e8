"""A roll moves the day an installment falls due and no day of interest.

12,000 yuan at 12 % over 12 months, 1,066.19 each. Due on the 15th, February's falls into the Spring Festival and is due
on the 24th; due on the 10th, January's falls on a Saturday and is due on the 12th. Principal left after one and two
installments: 11,053.81 and 10,098.16; a month's interest on them: 110.54 and 100.98.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.transforms.loans.cases import cases, hardship
from tests.unit.transforms.loans.test_plan_progress_worked import BOOK, KNOWN, booked, moved, stood
from tests.unit.transforms.loans.worked_plans import DUE, FEB, JAN, MAR, NIGHT, NOTHING, Worked
from tests.unit.transforms.outputs import plan_progress
from transforms.dates.calendar import MONTHLY
from transforms.dates.day_count import DayCount
from transforms.loans.booked import with_due_days
from transforms.loans.changes import accelerate, change_due_date, draw_more, paid, repay_in_part
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.restructuring import change_term, pause_payments, re_age, take_back
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule, merchant_subsidy_cents
from transforms.loans.settlement import settle_early
from transforms.loans.states import booked_loan
from transforms.loans.versions import plan_versions

if TYPE_CHECKING:
    from transforms.dates.calendar import Roll

EARLY = "early_settlement"
FIFTEENTH: dict[str, Any] = {"started_on": date(2025, 12, 15), "first_due_on": date(2026, 1, 15)}
FIRST = (date(2026, 1, 15), DUE)
HUNDRED = {"started_on": date(2025, 11, 7), "first_due_on": date(2026, 2, 15)}


@pytest.mark.parametrize(
    ("plan", "money", "interest"),
    [
        (FIFTEENTH, (FIRST, (date(2026, 2, 15), 1_105_381 + 11_054, EARLY)), 12_000 + 11_054),
        (FIFTEENTH, (FIRST, (date(2026, 2, 20), 1_105_381 + 11_054, EARLY)), 12_000 + 11_054),
        (FIFTEENTH, (FIRST, (date(2026, 2, 24), 1_105_381 + 11_054, EARLY)), 12_000 + 11_054),
        # 26 of the 31 days to 15 February.
        (FIFTEENTH, (FIRST, (date(2026, 2, 10), 1_105_381 + 9_271, EARLY)), 12_000 + 9_271),
        # 14 of the 28 days from 15 February.
        (FIFTEENTH, (FIRST, (date(2026, 2, 24), DUE), (date(2026, 3, 1), 1_009_816 + 5_049, EARLY)), 28_103),
        ({}, ((date(2026, 1, 10), 1_212_000, EARLY),), 12_000),
        ({}, ((date(2026, 1, 12), 1_212_000, EARLY),), 12_000),
    ],
)
def test_settled_early_costs_the_days_before_any_roll(plan: dict[str, Any], money: Any, interest: int) -> None:
    row = stood(Worked("settled", {}, plan, money))
    wanted = {**NOTHING, "overpaid_cents": 0, "waived_cents": 0, "total_cents": 1_200_000 + interest}
    assert {name: row[name] for name in wanted} == wanted


def test_what_was_paid_off_on_a_rolled_due_date_has_no_later_installment_on_record() -> None:
    row = stood(Worked("settled", {}, money=((date(2026, 1, 12), 1_212_000, EARLY),)))
    assert (row["due_cnt"], row["on_time_cnt"]) == (1, 1)


@pytest.mark.parametrize(
    ("night", "earned"),
    [
        (date(2026, 2, 14), 10_697),  # 30 of 31 days
        (date(2026, 2, 15), 11_054),
        (date(2026, 2, 23), 11_054),
        (date(2026, 2, 24), 0),
        (date(2026, 2, 25), 3_606),  # 10 of 28 days
        (date(2026, 3, 1), 5_049),
        (date(2026, 3, 15), 10_098),
        (date(2026, 3, 16), 0),
        (date(2026, 3, 17), 589),  # 2 of 31 days on 9,132.95
    ],
)
def test_a_quote_of_any_night_counts_from_the_due_date_before_its_roll(night: date, earned: int) -> None:
    one = Worked("quoted", {}, FIFTEENTH, (FIRST, (date(2026, 2, 24), DUE), (date(2026, 3, 16), DUE)))
    of = booked(one)
    money = moved(one).filter(moved(one)["value_on"] <= night)
    agreed = plan_versions(of, money, cases(), BOOK, {"card_general": "card_installment"}, night, KNOWN)
    row = plan_progress(of, money, agreed, hardship(), night, BOOK.in_force(night), KNOWN).row(0, named=True)
    assert (row["earned_cents"], row["arrears_cents"]) == (earned, 0)
    loan, _ = booked_loan(with_due_days(of, KNOWN).row(0, named=True), KNOWN)
    due = settle_early(loan, night)
    assert (due.principal_cents, due.interest_cents) == (row["outstanding_cents"], earned)


@pytest.mark.parametrize(("plan", "day"), [({}, 10), (FIFTEENTH, 15)])
@pytest.mark.parametrize("on", [date(2026, 2, 1), date(2026, 2, 20), date(2026, 2, 26)])
def test_a_due_day_changed_to_itself_changes_nothing(plan: dict[str, Any], day: int, on: date) -> None:
    money = ((JAN, DUE), (FEB, DUE), (MAR, DUE))
    same = Worked("same", {}, plan, money, changes=(("due_date_change", on, on, {"due_day": day}),))
    row = stood(same)
    assert (row["version_no"], row["total_cents"]) == (2, 1_279_423)
    before = stood(replace(same, changes=()))
    for name in ("outstanding_cents", "open_cents", "earned_cents", "interest_from", "next_due_on", "next_due_cents"):
        assert row[name] == before[name]


def test_a_part_repaid_in_a_long_first_period_that_rolls_splits_its_days_before_the_roll() -> None:
    """12,000 x 12 % x 40 / 360 = 160.00 and 10,000 x 12 % x 60 / 360 = 200.00, due on 24 February."""
    one = Worked("part", {}, HUNDRED, ((date(2025, 12, 17), 200_000, EARLY),))
    kinds = {"card_general": "card_installment"}
    made = plan_versions(booked(one), moved(one), cases(), BOOK, kinds, NIGHT, KNOWN).installments
    first = made.filter(due_on=date(2026, 2, 24)).row(0, named=True)
    assert (first["starts_on"], first["interest_cents"]) == (date(2025, 11, 7), 36_000)


def running(roll: Roll = "following", **terms: Any) -> Running:
    """The plan due on the 15th as the engine has it, the Spring Festival closed."""
    closed = frozenset(date(2026, 2, 15) + timedelta(days=k) for k in range(9))
    usual = {"annual_rate": Decimal("0.12"), "installments": 12, "start_on": date(2025, 12, 15), "holidays": closed}
    asked = Plan(1_200_000, **{**usual, "first_due_on": date(2026, 1, 15), "roll": roll, **terms})
    return Running.of(asked, build_schedule(asked))


UNROLLED, ROLLED, BACK = date(2026, 2, 15), date(2026, 2, 24), date(2026, 2, 13)


def interests(loan: Running) -> list[int]:
    return [row.interest_cents for row in loan.schedule().installments]


@pytest.mark.parametrize("roll", ["following", "preceding"])
def test_each_period_ends_where_the_next_begins_whenever_its_installment_is_due(roll: Roll) -> None:
    loan, plain = running(roll), running("none")
    assert [p.start for p in loan.periods[1:]] == [p.ends_on for p in loan.periods[:-1]]
    assert [p.ends_on for p in loan.periods] == [p.due_on for p in plain.periods]
    assert loan.periods[1].due_on == (ROLLED if roll == "following" else BACK)
    assert interests(loan) == interests(plain)


@pytest.mark.parametrize(("roll", "on"), [("following", date(2026, 2, 19)), ("preceding", date(2026, 2, 14))])
def test_what_is_repaid_between_a_due_date_and_its_roll_counts_from_the_day_before_it(roll: Roll, on: date) -> None:
    loan, plain = running(roll), running("none")
    assert interests(paid(loan, loan.periods[1].due_on, on)) == interests(loan)
    part = loan.changed(1, lambda p: replace(p, paid_in_part=((on, 50_000),)))
    assert interests(part) == interests(loan)
    repaid = repay_in_part(loan, on, 300_000, keep_term=False)
    assert interests(repaid) == interests(repay_in_part(plain, UNROLLED, 300_000, keep_term=False))
    # What is drawn in those days bears interest from its own day, at the earliest from the end of the period.
    drawn = draw_more(loan, on, 300_000)
    assert interests(drawn)[:2] == interests(plain)[:2]
    row, days = drawn.schedule().installments[2], (date(2026, 3, 15) - max(on, UNROLLED)).days
    before = row.balance_cents + row.principal_cents - 300_000
    assert row.interest_cents == round((before + 300_000 * days / 28) / 100)


def test_accelerated_between_a_due_date_and_its_roll_the_whole_period_is_charged() -> None:
    for on in (UNROLLED, date(2026, 2, 20), ROLLED):
        last = accelerate(running(), on).schedule().installments[-1]
        assert (last.due_on, last.principal_cents, last.interest_cents) == (on, 1_105_381, 11_054)


def test_what_is_agreed_goes_on_from_the_due_date_before_its_roll() -> None:
    """On 1 March the installment of 24 February is paid; 14 of 28 days of March's period have passed."""
    loan, on = running(), date(2026, 3, 1)
    longer = change_term(loan, on, 20, unpaid={})
    assert (longer.periods[2].start, interests(longer)[2]) == (UNROLLED, 10_098)
    paused = pause_payments(loan, on, 1, "accrue", unpaid={})
    assert (paused.periods[2].start, paused.periods[2].due_on) == (UNROLLED, date(2026, 3, 15))
    assert interests(paused)[2] == 2 * 10_098
    # From 15 February to 1 April: 50.49 by 1 March and the month of March.
    aged = re_age(loan, on, 12, MONTHLY, date(2026, 4, 1), unpaid={})
    assert interests(aged)[3] == 5_049 + 10_098
    # On the days of the roll what is not paid goes on bearing interest.
    during = re_age(loan, date(2026, 2, 20), 12, MONTHLY, date(2026, 3, 15), unpaid={})
    assert interests(during)[-12] == 11_054 + 11_054


def test_a_moved_due_date_rolls_and_its_interest_runs_to_the_day_agreed() -> None:
    moved_to = change_due_date(running(), date(2026, 1, 15), date(2026, 1, 20), due_day=20)
    assert [(p.ends_on, p.due_on) for p in moved_to.periods[:3]] == [
        (date(2026, 1, 20), date(2026, 1, 20)),
        (date(2026, 2, 20), ROLLED),
        (date(2026, 3, 20), date(2026, 3, 20)),
    ]


def test_after_a_last_due_date_that_rolled_a_payment_taken_back_bears_interest_from_its_day() -> None:
    short = running(installments=2)
    back = take_back(short, date(2026, 3, 1), 10_000)
    assert interests(back)[-1] == 0
    assert back.periods[-1].start == UNROLLED


def test_a_subsidy_for_interest_free_installments_counts_no_rolled_day() -> None:
    free = running(annual_rate=Decimal(0), method=RepayMethod.INTEREST_FREE).plan
    plain = replace(free, roll="none")
    assert merchant_subsidy_cents(free, Fraction(6, 100)) == merchant_subsidy_cents(plain, Fraction(6, 100)) > 0


def test_where_days_are_counted_interest_runs_to_the_day_an_installment_falls_due() -> None:
    loan = running(interest_basis=DayCount.ACT_360)
    assert (loan.periods[1].ends_on, loan.periods[2].start) == (ROLLED, ROLLED)
    balance = loan.parts()[0].balance
    assert loan.parts()[1].interest == round(balance * 0.12 * 40 / 360)
