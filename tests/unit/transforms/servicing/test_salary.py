"""A fall of the salary is told from pay without a label, pay before a weekend, and a bonus before it (M35, M64)."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.servicing.salary import salary_back, salary_fell, salary_followed

WAGE = 1_000_000


def customer(one: int, three: int, six: int, income: int | None = WAGE, source: str = "payroll") -> pl.DataFrame:
    sums = {"salary_cents_1m": one, "salary_cents_3m": three, "salary_cents_6m": six}
    return pl.DataFrame(
        [{"income_cents": income, "income_source": source, **sums}], schema_overrides={"income_cents": pl.Int64}
    )


@pytest.mark.parametrize(
    ("seen", "fell"),
    [
        (customer(WAGE, 3 * WAGE, 6 * WAGE), False),
        (customer(0, 2 * WAGE, 5 * WAGE), True),
        (customer(799_999, 2 * WAGE + 799_999, 5 * WAGE + 799_999), True),
        (customer(800_000, 2 * WAGE + 800_000, 5 * WAGE + 800_000), False),
        (customer(0, 0, 0), False),  # the employer's lines bear no label
        (customer(0, 3 * WAGE, 6 * WAGE), False),  # paid a day earlier, before the weekend
        (customer(WAGE, 3 * WAGE, 8 * WAGE), False),  # a bonus in the months before
        (customer(0, 2 * WAGE, 5 * WAGE, source="gig"), False),
        (customer(0, 2 * WAGE, 5 * WAGE, income=None), True),  # no income is known any more
        (customer(0, 0, 3 * WAGE, income=200_000, source="recurring"), True),  # pay has stopped for months
        (customer(0, 6 * WAGE, 9 * WAGE), True),  # stopped, after a bonus of several wages
        (customer(0, 0, 0, income=None, source="none"), False),
    ],
)
def test_when_a_salary_has_fallen(seen: pl.DataFrame, fell: bool) -> None:
    assert seen.select(salary_fell(2_000)).item() is fell


def test_what_the_last_month_says_counts_only_where_pay_is_followed() -> None:
    assert customer(0, 0, 5 * WAGE).select(salary_followed()).item()
    assert not customer(0, 0, 2 * WAGE).select(salary_followed()).item()


def test_the_income_is_back_when_the_salary_is_what_it_was() -> None:
    assert customer(WAGE, WAGE, 4 * WAGE).select(salary_back(9_000)).item()
    assert customer(0, 0, 0).select(salary_back(9_000)).item() is None
    assert not customer(0, 0, 3 * WAGE, income=0).select(salary_back(9_000)).item()
    assert customer(0, 0, 0, income=None).select(salary_back(9_000)).item() is None
