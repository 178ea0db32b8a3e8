"""Holidays offered, refused, under way and ended; partial payments in a pause count."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.loans.books import paid, plans
from tests.unit.transforms.loans.cases import accepted, cases, hardship
from tests.unit.transforms.outputs import payment_holiday, plan_progress
from tests.unit.transforms.second_cases import CASES, NIGHT
from tests.unit.transforms.second_installment.test_second_installment import books_of
from tests.unit.transforms.support import book, token
from transforms.loans.versions import plan_versions

BOOK = book()


@cache
def holidays() -> pl.DataFrame:
    b = books_of(NIGHT)
    profile = b.profile.with_columns(salary_now_cents=pl.col("income_cents") // 2)
    return payment_holiday(b.progress, b.routes, profile, b.told, b.agreed, b.paid, NIGHT, b.policy)


def test_whoever_reports_hardship_is_offered_a_holiday_or_told_why_not() -> None:
    for number, case in enumerate(CASES):
        if case.route != "payment_holiday" or case.hardship is None or case.changes or case.name == "broken":
            continue
        row = holidays().filter(plan_id=f"P{number}").row(0, named=True)
        assert row["holiday_state"] == ("refused" if case.reasons else "offered")
        assert row["reasons"] == list(case.reasons)
        if not case.reasons:
            assert row["last_due_after"] > row["last_due_before"]
            assert row["pause_months"] <= 6


def test_who_reports_nothing_and_has_no_holiday_is_not_in_the_table() -> None:
    told = {number for number, case in enumerate(CASES) if case.night == NIGHT and case.hardship is not None}
    paused = {number for number, c in enumerate(CASES) if any(x["route"] == "payment_holiday" for x in c.changes)}
    assert {int(plan.removeprefix("P")) for plan in holidays()["plan_id"]} <= told | paused
    assert holidays().filter(holiday_state="offered").height > 0


def test_an_illness_kept_private_is_not_told() -> None:
    number = next(k for k, c in enumerate(CASES) if c.name == "illness kept private")
    assert holidays().filter(plan_id=f"P{number}")["cause"].to_list() == ["other"]
    assert "medical" not in set(holidays().filter(plan_id=f"P{number}")["cause"])


def under_way(on: date, salary: int, *money: tuple[Any, ...], income: int = 1_000_000) -> dict[str, Any]:
    of, moved = plans({}), paid((date(2025, 2, 10), 106_619), *money)
    pause = accepted("payment_holiday", date(2025, 2, 20), date(2025, 2, 22), pause_m=3, interest_mode="waive")
    agreed = plan_versions(of, moved, cases(*pause), BOOK, {"card_general": "card_installment"}, on)
    policy = BOOK.in_force(on)
    progress = plan_progress(of, moved, agreed, hardship({}), on, policy)
    profile = pl.DataFrame(
        {"customer_token": [token(0)], "income_cents": [income], "salary_now_cents": [salary]}
    ).with_columns(salary_before_cents=pl.lit(1_000_000), income_source=pl.lit("payroll"))
    routes = books_of(NIGHT).routes.clear()
    return payment_holiday(progress, routes, profile, hardship({}), agreed, moved, on, policy).row(0, named=True)


def test_a_holiday_under_way_says_when_payments_begin_again_and_what_was_paid_meanwhile() -> None:
    seen = under_way(date(2025, 4, 1), 300_000, (date(2025, 3, 15), 50_000))
    assert (seen["holiday_state"], seen["resume_on"], seen["pause_months"]) == ("under_way", date(2025, 6, 10), 3)
    assert seen["paid_in_pause_cents"] == 50_000
    assert (seen["income_back"], seen["early_resume"]) == (False, False)
    assert (seen["last_due_before"], seen["last_due_after"]) == (date(2026, 1, 10), date(2026, 4, 10))


@pytest.mark.parametrize(
    ("day", "counted"),
    [(date(2025, 2, 21), 0), (date(2025, 2, 22), 50_000), (date(2025, 6, 9), 50_000), (date(2025, 6, 10), 0)],
)
def test_what_is_paid_from_the_day_a_pause_begins_to_the_day_before_it_ends_is_paid_in_it(
    day: date, counted: int
) -> None:
    seen = under_way(date(2025, 6, 20), 1_000_000, (day, 50_000))
    assert (seen["holiday_state"], seen["paid_in_pause_cents"]) == ("ended", counted)


@pytest.mark.parametrize(
    ("night", "state"),
    [
        (date(2025, 6, 9), "under_way"),
        (date(2025, 6, 10), "ended"),
        (date(2026, 6, 9), "ended"),
        (date(2026, 6, 10), None),
    ],
)
def test_a_holiday_is_told_of_until_a_year_after_its_end(night: date, state: str | None) -> None:
    if state is None:
        with pytest.raises(pl.exceptions.OutOfBoundsError):
            under_way(night, 1_000_000)
    else:
        assert under_way(night, 1_000_000)["holiday_state"] == state


@pytest.mark.parametrize(("salary", "back"), [(899_999, False), (900_000, True)])
def test_nine_tenths_of_the_usual_salary_are_the_income_back(salary: int, back: bool) -> None:
    seen = under_way(date(2025, 4, 1), salary)
    assert (seen["income_back"], seen["early_resume"]) == (back, back)


def test_each_night_it_is_seen_whether_the_income_is_back() -> None:
    assert under_way(date(2025, 4, 1), 900_000)["early_resume"]
    # Months without pay have brought the income down to nothing: nothing is not what it was.
    assert not under_way(date(2025, 4, 1), 0, income=0)["early_resume"]
    assert not under_way(date(2025, 4, 1), 500_000, income=500_000)["early_resume"]
    over = under_way(date(2025, 7, 1), 1_000_000)
    assert (over["holiday_state"], over["early_resume"]) == ("ended", False)
