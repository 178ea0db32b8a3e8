"""Booked schedules of many plans equal the exact schedule of each."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.books import plans
from transforms.dates.business_days import parse_calendar
from transforms.dates.day_count import EQUAL_PERIODS, DayCount
from transforms.loans.booked import booked_installments, booked_plan, daily_ratio, with_due_days
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.product_conventions import ProductConventions
from transforms.loans.rounding import round_cents
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule
from transforms.policy.conventions import Conventions
from warehouse.reference import load_document

NIGHT = date(2026, 3, 31)


def test_without_interest_cents_are_repaid_before_the_last_installment() -> None:
    # 2 cents over 4 months, half a cent each, half up.
    few = plans({"principal_cents": 2, "annual_rate": Decimal(0), "term_m": 4, "repay_method": "INTEREST_FREE"})
    assert booked_installments(few)["principal_cents"].to_list() == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("exact", "counted"),
    [
        (None, (0, 0)),
        (Fraction(10_000, 31), (10_000, 31)),
        (Fraction(1, 10**17 - 1), (1, 10**17 - 1)),
        (Fraction(1, 10**17), (0, 1)),  # beyond what a ledger of 64 bits can count with: the nearest of 10^9 parts
        (Fraction(10**17 + 2, 10**17 + 1), (1, 1)),
    ],
)
def test_interest_of_a_day_is_a_ratio_that_a_ledger_can_count_with(
    exact: Fraction | None, counted: tuple[int, int]
) -> None:
    assert daily_ratio(exact) == counted


@pytest.mark.parametrize("method", ["ANNUITY", "EQ_PRIN", "INT_FIRST", "INTEREST_FREE"])
@pytest.mark.parametrize(
    ("cents", "rate", "term"), [(1_234_567, "0.1234", 7), (600_000, "0.0725", 24), (50_000, "0.2", 1)]
)
def test_installments_are_the_exact_schedule(method: str, cents: int, rate: str, term: int) -> None:
    annual = Decimal(0) if method == "INTEREST_FREE" else Decimal(rate)
    plan = Plan(cents, annual, term, date(2025, 1, 10), RepayMethod(method))
    exact = build_schedule(plan)
    booked = booked_installments(
        plans(
            {
                "principal_cents": cents,
                "annual_rate": annual,
                "term_m": term,
                "repay_method": method,
                "installment_cents": exact.payment_cents,
            }
        )
    )
    wanted = [(r.due_on, r.principal_cents, r.interest_cents) for r in exact.installments]
    assert booked.select("due_on", "principal_cents", "interest_cents").rows() == wanted


def test_the_anchor_day_is_kept_through_short_months() -> None:
    # 31 January, 28 February, 31 March: the day of the start is the anchor where the first due date was cut.
    cut = plans({"started_on": date(2025, 1, 31), "first_due_on": date(2025, 2, 28), "term_m": 3})
    assert booked_installments(cut)["due_on"].to_list() == [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]
    # A first due date at the end of a month after a start that is not: the last day of each month.
    moved = plans({"started_on": date(2025, 1, 5), "first_due_on": date(2025, 2, 28), "term_m": 2})
    assert booked_installments(moved)["due_on"].to_list() == [date(2025, 2, 28), date(2025, 3, 31)]
    # Unless the books say which day it is.
    said = moved.with_columns(due_day=pl.lit(28, pl.Int32))
    assert booked_installments(said)["due_on"].to_list() == [date(2025, 2, 28), date(2025, 3, 28)]


def test_plans_of_other_terms_do_not_disturb_each_other() -> None:
    both = booked_installments(plans({"plan_id": "A", "term_m": 3}, {"plan_id": "B", "term_m": 12}))
    assert both.group_by("plan_id").len().sort("plan_id").rows() == [("A", 3), ("B", 12)]
    assert both.filter(plan_id="B").drop("plan_id").equals(booked_installments(plans({})).drop("plan_id"))


_CALENDAR = load_document("calendars", "cn")
CALENDARS = {"cn": parse_calendar(_CALENDAR.body, source=_CALENDAR.path.name)}
CONVENTIONS = st.builds(
    Conventions,
    interest_basis=st.sampled_from(
        [EQUAL_PERIODS, EQUAL_PERIODS, EQUAL_PERIODS, DayCount.ACT_360, DayCount.ACT_ACT_ISDA]
    ),
    first_period=st.sampled_from(["actual_days", "equal_periods"]),
    due_date_roll=st.sampled_from(["none", "following", "modified_following", "preceding"]),
    month_end=st.sampled_from(["last_day", "first_of_next"]),
)
#: (days after 2025-10-01, wait, cents, rate ppm, term, method, share of the level payment in percent, stated due day).
BOOKED = st.tuples(
    st.integers(0, 120),
    st.integers(10, 50),
    st.integers(1, 5_000_000),
    st.sampled_from([0, 36_000, 120_000, 236_500, 600_000]),
    st.integers(1, 26),
    st.sampled_from(["ANNUITY", "ANNUITY", "EQ_PRIN", "INT_FIRST", "INTEREST_FREE", "FLAT", "BALLOON"]),
    st.sampled_from([100, 100, 100, 60, 30, 101]),
    st.sampled_from([None, None, 28, 30, 31]),
)


def terms_of(drawn: tuple[Any, ...]) -> dict[str, Any]:
    days, wait, cents, ppm, term, method, share, _ = drawn
    started = date(2025, 10, 1) + timedelta(days=days)
    rate = Decimal(0) if method == "INTEREST_FREE" else Decimal(ppm) / 1_000_000
    level = build_schedule(Plan(cents, rate, term, started, RepayMethod("ANNUITY" if method == "BALLOON" else method)))
    shared = share if method in ("ANNUITY", "BALLOON") else 100
    return {
        "principal_cents": cents,
        "annual_rate": rate,
        "term_m": term,
        "repay_method": method,
        "installment_cents": level.payment_cents * shared // 100,
        "started_on": started,
        "first_due_on": started + timedelta(days=wait),
        "changed_on": started,
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(BOOKED, min_size=1, max_size=6), CONVENTIONS)
def test_many_plans_at_once_are_the_engine_s_schedules_one_by_one(many: list[Any], conventions: Conventions) -> None:
    """Whatever method, rate, first period, due day, roll or month's end, also where interest is not all borne."""
    known = ProductConventions(NIGHT, {"card_general": ((date(2020, 1, 1), conventions),)}, CALENDARS)
    rows = plans(*({**terms_of(one), "plan_id": f"P{n}"} for n, one in enumerate(many)))
    stated = pl.Series([one[-1] for one in many], dtype=pl.Int32)
    terms = with_due_days(rows.with_columns(due_day=stated), known).sort("plan_id")
    found = booked_installments(rows.with_columns(due_day=stated), known)
    for row in terms.iter_rows(named=True):
        plan = booked_plan(row, known)
        schedule = build_schedule(plan)
        own = found.filter(plan_id=row["plan_id"]).sort("installment_no")
        wanted = [(r.installment_no, r.due_on, r.principal_cents, r.interest_cents) for r in schedule.installments]
        assert own.select("installment_no", "due_on", "principal_cents", "interest_cents").rows() == wanted
        assert own["principal_cents"].sum() == row["principal_cents"]
        running = Running.of(plan, schedule)
        assert own["waiting_cents"].to_list() == [rolled.waiting for rolled in running.roll()]
        # What an installment has earned by any day is what the loan itself says, never more than all of its own.
        for k, (cell, period) in enumerate(zip(own.iter_rows(named=True), running.periods, strict=True)):
            assert cell["starts_on"] == period.start
            whole = cell["interest_cents"] + cell["waiting_cents"] - cell["brought_cents"]
            for on in (period.start + (period.ends_on - period.start) / 3, period.due_on - timedelta(days=1)):
                if cell["daily_denominator"] and on > running.due_before(k):
                    days = max((on - period.start).days, 0)
                    exact = Fraction(cell["daily_numerator"], cell["daily_denominator"]) * days
                    assert running.owed_interest(on) == cell["brought_cents"] + min(round_cents(exact), whole)
