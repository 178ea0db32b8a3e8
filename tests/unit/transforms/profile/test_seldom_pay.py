"""A wage each quarter or every second month is a third or half of it a month."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.profile.rhythms import RHYTHMS, WAGE, Pay, lines, monthly
from tests.unit.transforms.profile.test_salary_rhythm import found
from transforms.profile.pay_cycles import numbered
from transforms.profile.seldom_pay import RHYTHMS as MONTHS
from transforms.profile.seldom_pay import seldom_paid

NIGHT = date(2026, 3, 31)
QUARTERS = [date(2025, 9, 30), date(2025, 12, 31), NIGHT]


def seldom(pay: Pay, night: date = NIGHT) -> dict[str, Any] | None:
    told = seldom_paid(numbered(lines({"one": pay})), night)
    return told.row(0, named=True) if told.height else None


def apart(days: int, count: int, cents: int = 3 * WAGE) -> Pay:
    return [(NIGHT - timedelta(days=days * n), cents) for n in reversed(range(count))]


def test_a_quarter_s_wage_is_that_of_three_months() -> None:
    """Case I17."""
    told = found({"one": [(day, 3 * WAGE) for day in QUARTERS]}, NIGHT)["one"]
    assert (told["bank_cents"], told["bank_kind"], told["bank_missed"]) == (WAGE, "labelled", 0)
    assert told["bank_months"] == 6
    # The night before, two of them say less surely the same.
    told = found({"one": RHYTHMS["quarterly"]}, date(2026, 3, 30))["one"]
    assert (told["bank_cents"], told["bank_months"]) == (WAGE, 3)


def test_every_second_month() -> None:
    told = found({"one": RHYTHMS["every second month"]}, NIGHT)["one"]
    assert (told["bank_cents"], told["bank_kind"]) == (WAGE, "labelled")


@pytest.mark.parametrize(("months", "least", "most"), [(m, *days) for m, days in MONTHS.items()])
def test_days_between_two_of_them(months: int, least: int, most: int) -> None:
    for days, fits in ((least - 1, False), (least, True), (most, True), (most + 1, False)):
        told = seldom(apart(days, 3))
        assert (told is not None) is fits, days
        assert told is None or told["level"] == 3 * WAGE // months


def test_how_many_show_it_and_how_steady_they_are() -> None:
    assert seldom(apart(91, 2)) is not None
    assert seldom(apart(61, 2)) is None
    # Two alone are the same, three lie near their median.
    for second, fits in ((3_180_000, True), (3_200_000, False)):
        assert (seldom([(QUARTERS[1], 3 * WAGE), (NIGHT, second)]) is not None) is fits
    for third, fits in ((3_750_000, True), (3_750_200, False)):
        pay = [(QUARTERS[0], 6 * WAGE - third), (QUARTERS[1], 3 * WAGE), (NIGHT, third)]
        assert (seldom(pay) is not None) is fits


def test_the_next_is_due_after_the_longest_while_there_was() -> None:
    pay = [(day, 3 * WAGE) for day in QUARTERS]
    told = seldom(pay)
    assert told is not None
    assert told["due_by"] == NIGHT + timedelta(days=93 + 5)
    longer = seldom([(NIGHT - timedelta(days=100), 3 * WAGE), (NIGHT, 3 * WAGE)])
    assert longer is not None
    assert longer["due_by"] == NIGHT + timedelta(days=100 + 5)
    assert seldom(pay, told["due_by"] + timedelta(days=31)) is not None
    assert seldom(pay, told["due_by"] + timedelta(days=32)) is None


def test_beside_a_monthly_wage_it_is_a_bonus() -> None:
    both = {"one/A": monthly(10), "one/B": [(day, 3 * WAGE) for day in QUARTERS]}
    assert found(both, NIGHT)["one"]["bank_cents"] == WAGE


def test_pay_by_the_piece_is_none() -> None:
    pieces = [(NIGHT - timedelta(days=5 * n), 100_000 + 91_000 * (n * 5 % 7)) for n in range(40)]
    jobs = {"one/A": [(day, 3 * WAGE) for day in QUARTERS], "one/B": pieces}
    assert found(jobs, NIGHT)["one"]["bank_kind"] == "irregular"


def test_lines_without_a_label_are_none() -> None:
    pay = lines({"one": apart(91, 3)}).with_columns(origin=pl.lit("person"))
    assert seldom_paid(numbered(pay), NIGHT).is_empty()


def test_what_is_put_together_is_not_counted_twice() -> None:
    """Two quarters' wages of one payer and a third of another are a stream already."""
    put = lines({"one/A": apart(91, 3)[:2], "one/B": apart(91, 1)})
    together = pl.concat([put, put.with_columns(payer=pl.lit("pool"))])
    assert seldom_paid(numbered(together), NIGHT)["payer"].to_list() == ["pool"]
