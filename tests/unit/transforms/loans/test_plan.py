"""What a plan says of its dates and periods: due day, regular first period, years charged."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.plans import plan
from transforms.dates.calendar import BIWEEKLY, QUARTERLY, due_day_of
from transforms.dates.day_count import DayCount
from transforms.loans.plan import RepayMethod
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule
from transforms.pricing.plan_cost import plan_cost


@pytest.mark.parametrize(
    ("start", "first", "dues"),
    [
        ("2025-10-31", "2025-11-30", ["11-30", "12-31", "01-31", "02-28", "03-31"]),
        ("2025-11-10", "2025-11-30", ["11-30", "12-31", "01-31", "02-28", "03-31"]),
        ("2026-01-28", "2026-02-28", ["02-28", "03-28", "04-28"]),
        ("2026-01-30", "2026-02-28", ["02-28", "03-30", "04-30"]),
        ("2026-01-10", "2026-02-15", ["02-15", "03-15"]),
    ],
)
def test_due_dates_keep_the_day_that_a_short_month_cut(start: str, first: str, dues: list[str]) -> None:
    asked = plan(
        start_on=date.fromisoformat(start), first_due_on=date.fromisoformat(first), installments=max(len(dues), 2)
    )
    assert [str(day)[5:] for day in asked.dues()] == dues


def test_a_stated_due_day_is_kept_whatever_the_first_due_date() -> None:
    asked = plan(start_on=date(2026, 1, 10), due_day=31, installments=3)
    assert asked.dues() == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    later = plan(start_on=date(2026, 1, 10), first_due_on=date(2026, 2, 5), due_day=20, installments=2)
    assert later.dues() == [date(2026, 2, 5), date(2026, 3, 20)]


@pytest.mark.parametrize("options", [{"due_day": 0}, {"due_day": 32}, {"due_day": 5, "frequency": BIWEEKLY}])
def test_impossible_due_day_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="due_day"):
        plan(**options)


@pytest.mark.parametrize(
    ("start", "first", "regular"),
    [
        ("2026-01-10", "2026-02-10", True),
        ("2026-01-31", "2026-02-28", True),
        ("2026-02-28", "2026-03-31", True),
        ("2026-02-28", "2026-03-28", True),
        ("2026-01-30", "2026-02-28", True),
        ("2025-11-10", "2025-11-30", False),
        ("2026-01-10", "2026-02-11", False),
        ("2026-01-10", "2026-03-10", False),
        ("2026-01-10", "2026-01-10", False),
    ],
)
def test_first_period_is_regular_from_due_day_to_due_day(start: str, first: str, *, regular: bool) -> None:
    asked = plan(start_on=date.fromisoformat(start), first_due_on=date.fromisoformat(first))
    assert asked.first_is_regular is regular
    whole = plan(start_on=asked.start_on, first_due_on=asked.first_due_on, first_period="equal_periods")
    assert whole.first_is_regular
    flat = plan(start_on=asked.start_on, first_due_on=asked.first_due_on, method=RepayMethod.FLAT)
    assert flat.first_is_regular


def test_first_quarter_is_regular_where_it_is_a_quarter() -> None:
    for first, regular in ((date(2026, 4, 10), True), (date(2026, 2, 10), False)):
        asked = plan(start_on=date(2026, 1, 10), first_due_on=first, frequency=QUARTERLY)
        assert asked.first_is_regular is regular


@settings(max_examples=80, deadline=None)
@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(0, 120))
def test_odd_first_period_is_charged_by_its_days_and_a_whole_one_as_a_whole(start: date, days: int) -> None:
    first = start + timedelta(days=days)
    asked = plan(start_on=start, first_due_on=first)
    factor = asked.factors(asked.dues())[0]
    assert factor == (Fraction(1, 100) if asked.first_is_regular else Fraction(12, 100) * Fraction(days, 360))
    whole = plan(start_on=start, first_due_on=first, first_period="equal_periods")
    assert set(whole.factors(whole.dues())) == {Fraction(1, 100)}


@settings(max_examples=80, deadline=None)
@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(1, 120))
def test_fineract_and_day_counts_know_no_odd_first_period(start: date, days: int) -> None:
    first = start + timedelta(days=days)
    fineract = plan(start_on=start, first_due_on=first, payment_basis="least_residual")
    assert set(fineract.factors(fineract.dues())) == {Fraction(1, 100)}
    counted = plan(start_on=start, first_due_on=first, interest_basis=DayCount.ACT_365F)
    assert counted.factors(counted.dues())[0] == Fraction(12, 100) * Fraction(days, 365)


def test_due_day_is_derived_in_one_place() -> None:
    for start, first, day in (
        (date(2025, 10, 31), date(2025, 11, 30), 31),
        (date(2025, 11, 10), date(2025, 11, 30), 31),
        (date(2026, 1, 28), date(2026, 2, 28), 28),
        (date(2026, 1, 30), date(2026, 2, 28), 30),
        (date(2026, 1, 15), date(2026, 2, 27), 27),
        (date(2026, 1, 15), date(2026, 2, 28), 31),
        (date(2024, 1, 29), date(2024, 2, 29), 29),
    ):
        assert due_day_of(start, first) == plan(start_on=start, first_due_on=first).anchor_day == day


def test_a_piece_of_a_period_takes_its_share_of_the_days() -> None:
    asked = plan(start_on=date(2026, 1, 10))
    period = (date(2026, 2, 10), date(2026, 3, 10))
    half = asked.piece_years(period, period[0], date(2026, 2, 24), regular=True)
    assert half == Fraction(1, 24)
    cut = asked.piece_years((date(2026, 2, 28), date(2026, 3, 31)), date(2026, 2, 28), date(2026, 3, 31), regular=False)
    assert cut == Fraction(1, 12) + Fraction(3, 31) / 12
    anchored = plan(start_on=date(2026, 1, 31))
    whole = (date(2026, 2, 28), date(2026, 3, 31))
    assert anchored.piece_years(whole, *whole, regular=False) == Fraction(1, 12)


def test_a_roll_of_the_first_due_date_costs_nothing() -> None:
    """From 5 January 41 days to Sunday, 15 February 2026, whatever day the installment is paid on."""
    options = {"start_on": date(2026, 1, 5), "first_due_on": date(2026, 2, 15)}
    plain, rolled = plan(**options), plan(roll="following", **options)
    assert rolled.dues()[0] == date(2026, 2, 16)
    assert rolled.factors(rolled.ends())[0] == plain.factors(plain.dues())[0] == Fraction(12, 100) * Fraction(41, 360)
    running = Running.of(rolled, build_schedule(rolled))
    assert running.schedule() == build_schedule(rolled)
    assert plan_cost(rolled, build_schedule(rolled)) == plan_cost(plain, build_schedule(plain))


def test_schedule_of_no_length_charges_no_interest_in_its_first_period() -> None:
    rows = build_schedule(plan(start_on=date(2026, 1, 10), first_due_on=date(2026, 1, 10))).rows
    assert rows[0].interest_cents == 0
    assert rows[0].payment_cents == rows[1].payment_cents - 10_000
