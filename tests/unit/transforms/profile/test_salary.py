"""A fall of the salary, an early warning, is measured by pay cycle: without labels on pay, after bonuses."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.profile.salary import salary_back, salary_fell, salary_followed

WAGE = 1_000_000


def customer(
    now: int | None, before: int | None, income: int | None = WAGE, source: str | None = "payroll"
) -> pl.DataFrame:
    row = {"income_cents": income, "income_source": source, "salary_now_cents": now, "salary_before_cents": before}
    types = {"income_source": pl.String}
    return pl.DataFrame([row], schema={name: types.get(name, pl.Int64) for name in row})


@pytest.mark.parametrize(
    ("seen", "fell"),
    [
        (customer(WAGE, WAGE), False),
        (customer(0, WAGE), True),
        (customer(799_999, WAGE), True),
        (customer(800_000, WAGE), False),
        (customer(None, None), False),  # the employer's lines bear no label
        (customer(0, WAGE // 2), True),  # half of the income was salary
        (customer(0, WAGE // 2 - 1), False),  # less than that
        (customer(WAGE, 3 * WAGE), False),  # bonuses in the cycles before
        (customer(799_999, 3 * WAGE), True),
        (customer(0, WAGE, source="gig"), False),
        (customer(0, WAGE, income=None, source="none"), True),  # no income is known any more
        (customer(0, WAGE, income=200_000, source="recurring"), True),  # pay has stopped, the family helps
        (customer(799_999, WAGE, income=900_000, source="recurring"), True),  # nor is what they give the usual pay
        (customer(800_000, WAGE, income=900_000, source="tax"), False),
        (customer(800_000, WAGE, income=1_500_000, source="tax"), False),  # the proof says more than was ever paid
        (customer(None, None, income=None, source=None), False),
    ],
)
def test_when_a_salary_has_fallen(seen: pl.DataFrame, fell: bool) -> None:
    assert seen.select(salary_fell(2_000)).item() is fell


def test_pay_is_followed_where_it_carried_the_income() -> None:
    assert customer(0, WAGE).select(salary_followed()).item()
    assert customer(0, WAGE, income=None).select(salary_followed()).item()
    assert not customer(WAGE, None).select(salary_followed()).item()


def test_the_income_is_back_when_the_salary_is_what_it_was() -> None:
    assert customer(900_000, WAGE).select(salary_back(9_000)).item()
    assert not customer(899_999, WAGE).select(salary_back(9_000)).item()
    assert not customer(900_000, WAGE, income=WAGE + 200).select(salary_back(9_000)).item()
    assert not customer(0, None, income=0).select(salary_back(9_000)).item()
    assert customer(None, None).select(salary_back(9_000)).item() is None
    assert customer(WAGE, None, income=None).select(salary_back(9_000)).item() is None
    # After months without pay no income is known, and what it was before is.
    assert customer(900_000, WAGE, income=None, source="none").select(salary_back(9_000)).item()
    assert not customer(899_999, WAGE, income=None, source="none").select(salary_back(9_000)).item()
