"""A missing salary, an early warning, is one overdue by the customer's own rhythm; a month without pay is not one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from tests.unit.transforms.profile.rhythms import I05, Q20, RHYTHMS, WAGE, lines, monthly, weekly
from transforms.dates.calendar import add_months
from transforms.profile.income_lines import LOOKBACK_MONTHS
from transforms.profile.payroll import bank_income
from transforms.profile.salary import salary_fell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.unit.transforms.profile.rhythms import Pay

DROP_BP = 2_000
#: Rhythms of which one pay is not the month's.
SEVERAL = {"weekly", "fortnightly", "two parts", "half-monthly", "an allowance once"}
SOURCES = {"irregular": "gig", "support": "recurring"}


def found(statements: Mapping[str, Iterable[tuple[date, int]]], night: date) -> dict[str, dict[str, Any]]:
    """Customer → what bank lines say on a night, and whether the salary `fell`."""
    known = lines(statements).filter(
        pl.col("posted_on").is_between(add_months(night, -LOOKBACK_MONTHS), night, closed="right")
    )
    kind = pl.col("bank_kind")
    source = pl.when(kind.is_null()).then(pl.lit("none")).otherwise(kind.replace_strict(SOURCES, default="payroll"))
    told = bank_income(known, night).with_columns(income_cents="bank_cents", income_source=source)
    told = told.with_columns(fell=salary_fell(DROP_BP))
    return {row["customer_token"]: row for row in told.iter_rows(named=True)}


def one(pay: Pay, night: date) -> dict[str, Any]:
    return found({"one": pay}, night)["one"]


def test_no_night_of_half_a_year_takes_a_salary_that_still_comes_for_one_that_fell() -> None:
    """Weekends, Spring Festival, pay on the 1st that comes in the month before: cases Q20, I05 and their neighbours."""
    alarms = [
        (name, night)
        for night in (date(2025, 12, 20) + timedelta(days=n) for n in range(125))
        for name, row in found(RHYTHMS, night).items()
        if row["fell"]
    ]
    assert alarms == []


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("1, earlier", date(2026, 4, 6)),  # from 27 February to 1 April is nothing
        ("Q20", date(2026, 4, 6)),
        ("I05", date(2026, 4, 6)),  # paid early in February: the next is due on 31 March
        ("5, earlier", date(2026, 3, 12)),
        ("10, earlier", date(2026, 3, 16)),
        ("20, later", date(2026, 3, 30)),
        ("25, earlier", date(2026, 3, 31)),
        ("31, earlier", date(2026, 4, 6)),
        ("two parts", date(2026, 3, 12)),  # nothing came on the fifth
        ("half-monthly", date(2026, 3, 21)),
        ("weekly", date(2026, 3, 14)),
        ("fortnightly", date(2026, 3, 21)),
        ("four-weekly", date(2026, 4, 4)),
        ("every second month", date(2026, 4, 19)),
        ("quarterly", date(2026, 4, 9)),
        ("thirteenth wage", date(2026, 3, 16)),
        ("bonuses", date(2026, 3, 16)),
        ("allowance before", date(2026, 3, 15)),
    ],
)
def test_a_salary_that_has_stopped_is_told_on_the_first_night_on_which_it_is_overdue(name: str, first: date) -> None:
    """Nothing comes in March any more."""
    pay = [(day, cents) for day, cents in RHYTHMS[name] if day < date(2026, 3, 1)]
    before, then = one(pay, first - timedelta(days=1)), one(pay, first)
    assert (before["fell"], then["fell"]) == (False, True)
    assert before["salary_due_by"] == first - timedelta(days=1) >= then["salary_due_by"]
    assert then["last_salary_on"] == max(day for day, _ in pay)
    assert (before["salary_now_cents"] > 0, then["salary_now_cents"]) == (True, 0)


@pytest.mark.parametrize("name", sorted(set(RHYTHMS) - SEVERAL))
def test_a_lower_pay_is_told_on_the_night_it_comes(name: str) -> None:
    """By a fifth it has not fallen by more than the policy's drop; by a yuan more it has."""
    night = min(day for day, cents in RHYTHMS[name] if day >= date(2026, 3, 5) and cents > 50_000)
    for share, fell in ((800_000, False), (799_900, True)):
        pay = [(d, -(-cents * share // WAGE) if d >= date(2026, 3, 3) else cents) for d, cents in RHYTHMS[name]]
        assert one(pay, night)["fell"] is fell
        assert not one(pay, night - timedelta(days=1))["fell"]


def test_of_wages_by_the_week_a_month_s_worth_has_to_be_lower() -> None:
    low = [(day, cents // 2 if day >= date(2026, 3, 6) else cents) for day, cents in weekly(1, 230_000)]
    told = {night: one(low, night) for night in (date(2026, 3, 6), date(2026, 3, 13), date(2026, 3, 20))}
    assert [row["fell"] for row in told.values()] == [False, True, True]
    assert told[date(2026, 3, 13)]["salary_now_cents"] == 230_000 * 3 * 52 // (4 * 12)


def test_of_pay_in_parts_each_has_its_day() -> None:
    """6,000 on the 5th and 4,000 on the 20th: the second is missed once its own day is past."""
    parts = [p for p in RHYTHMS["two parts"] if p[0] < date(2026, 3, 10)]
    told = {night: one(parts, night) for night in (date(2026, 3, 26), date(2026, 3, 27))}
    assert [row["fell"] for row in told.values()] == [False, True]
    assert [row["salary_now_cents"] for row in told.values()] == [WAGE, 600_000]
    assert told[date(2026, 3, 26)]["salary_due_by"] == date(2026, 3, 26)


def test_the_case_q20() -> None:
    told = one(Q20, date(2026, 3, 31))
    assert (told["last_salary_on"], told["salary_due_by"]) == (date(2026, 2, 27), date(2026, 4, 5))
    assert (told["salary_now_cents"], told["salary_before_cents"]) == (WAGE, WAGE)


def test_the_case_i05() -> None:
    told = one(I05, date(2026, 3, 31))
    assert (told["bank_cents"], told["bank_months"], told["bank_missed"]) == (WAGE, 6, 0)
    assert told["bank_cv"] == 0


def test_a_job_lost_beside_another_is_told() -> None:
    jobs = {"one/A": monthly(10), "one/B": [p for p in monthly(25, cents=400_000) if p[0] < date(2026, 3, 1)]}
    assert not found(jobs, date(2026, 3, 30))["one"]["fell"]
    lost = found(jobs, date(2026, 3, 31))["one"]
    assert lost["fell"]
    assert (lost["salary_now_cents"], lost["salary_before_cents"]) == (WAGE, 1_400_000)
    # The salary that is due next is that of the other job.
    assert lost["salary_due_by"] == date(2026, 4, 15)


def test_after_a_change_of_job_the_new_pay_counts_at_once() -> None:
    former = [p for p in monthly(10) if p[0] < date(2026, 3, 1)]
    new = {"one/A": former, "one/B": [(date(2026, 3, 20), WAGE)]}
    assert found(new, date(2026, 3, 19))["one"]["fell"]
    begun = found(new, date(2026, 3, 20))["one"]
    assert not begun["fell"]
    assert begun["salary_now_cents"] == WAGE


def test_an_employer_with_another_number_each_month_is_followed_as_one() -> None:
    """Case I16; each payer is seen once, and what is put together is not counted twice."""
    pays = [p for p in monthly(10) if p[0] < date(2026, 3, 1)]
    roaming = {f"one/E{n}": [pay] for n, pay in enumerate(pays)}
    told = found(roaming, date(2026, 2, 28))["one"]
    assert (told["salary_now_cents"], told["salary_before_cents"]) == (WAGE, WAGE)
    assert found(roaming, date(2026, 3, 16))["one"]["fell"]


def test_two_pays_show_no_rhythm_and_three_do() -> None:
    for count, before in ((2, None), (3, WAGE)):
        pay = [p for p in monthly(10) if p[0] < date(2026, 3, 1)][-count:]
        told = one(pay, date(2026, 3, 16))
        assert told["salary_before_cents"] == before
        assert told["fell"] is (before is not None)
        assert told["salary_now_cents"] == 0
    # The third is the last of them, if it is lower.
    third = [
        (day, WAGE if day < date(2026, 3, 1) else 700_000) for day, _ in monthly(10)[-9:] if day >= date(2026, 1, 1)
    ]
    assert one(third, date(2026, 3, 10))["fell"]
    # Nor do three in half a year, or pays of every amount.
    seldom = [p for p in monthly(10) if p[0] in (date(2025, 10, 10), date(2025, 11, 10), date(2026, 2, 10))]
    assert one(seldom, date(2026, 2, 28))["salary_before_cents"] is None
    uneven = [(day, WAGE * (1 + n % 3)) for n, (day, _) in enumerate(monthly(10))]
    assert one(uneven, date(2026, 3, 31))["salary_before_cents"] is None


@pytest.mark.parametrize("weeks", [2, 4])
def test_three_pays_by_the_week_show_no_rhythm_and_four_do(weeks: int) -> None:
    for count, before in ((3, None), (4, 230_000 * 52 // 12)):
        pay = [p for p in weekly(weeks, 230_000 * weeks) if p[0] < date(2026, 3, 1)][-count:]
        told = one(pay, date(2026, 4, 30))
        assert (told["salary_before_cents"], told["fell"]) == (before, before is not None)


def test_after_three_months_nobody_waits_any_more() -> None:
    pay = [p for p in monthly(10) if p[0] < date(2026, 3, 1)]
    assert one(pay, date(2026, 6, 15))["fell"]
    assert not one(pay, date(2026, 6, 16))["fell"]
    weeks = [p for p in weekly(1, 230_000) if p[0] < date(2026, 3, 1)]
    assert one(weeks, date(2026, 6, 13))["fell"]
    assert not one(weeks, date(2026, 6, 14))["fell"]


def test_what_the_salary_was_is_known_when_it_comes_back() -> None:
    pay = [p for p in monthly(10) if (p[0].year, p[0].month) not in ((2026, 1), (2026, 2))]
    told = one(pay, date(2026, 3, 10))
    assert (told["salary_now_cents"], told["salary_before_cents"]) == (WAGE, WAGE)


def test_lines_without_a_label_say_nothing() -> None:
    pay = lines({"one": monthly(10)}).with_columns(origin=pl.lit("company"))
    told = bank_income(pay.filter(pl.col("posted_on") <= date(2026, 3, 31)), date(2026, 3, 31)).row(0, named=True)
    assert told["bank_cents"] == WAGE
    assert told["salary_now_cents"] is None
    assert told["last_salary_on"] is None
