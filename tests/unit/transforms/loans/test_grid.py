"""Ten thousand random loans: the installment is the annuity under the lender's rounding, by an independent decimal."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, localcontext
from typing import TYPE_CHECKING

import numpy as np
import pytest

from transforms.loans.grid import price_many
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.schedule import build_schedule

if TYPE_CHECKING:
    from transforms.loans.rounding import Rounding

LOANS = 10_000
MODES: dict[Rounding, str] = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "up": ROUND_UP}


def _annuity(amount_cents: int, rate_ppm: int, term_m: int, decimal_mode: str) -> int:
    """P·i / (1 - (1 + i)^-n) with fifty digits, rounded to the cent once."""
    with localcontext() as context:
        context.prec = 50
        monthly = Decimal(rate_ppm) / 12_000_000
        growth = (1 + monthly) ** term_m
        exact = amount_cents * monthly * growth / (growth - 1) if rate_ppm else Decimal(amount_cents) / term_m
        return int(exact.quantize(Decimal(1), rounding=decimal_mode))


@pytest.mark.parametrize("mode", MODES)
def test_installment_is_the_annuity_under_the_lenders_rounding(mode: Rounding) -> None:
    random = np.random.default_rng(20260801)
    amounts = random.integers(10_000, 50_000_000, LOANS)
    rates = random.integers(0, 3_600, LOANS) * 100
    terms = random.choice([3, 6, 9, 12, 18, 24, 36, 48, 60, 84], LOANS)
    priced = price_many(amounts, rates, terms, RepayMethod.ANNUITY, payment_rounding=mode)
    loans = list(zip(amounts.tolist(), rates.tolist(), terms.tolist(), strict=True))
    expected = [_annuity(*loan, MODES[mode]) for loan in loans]
    assert priced.payment_cents.tolist() == expected
    for number in range(0, LOANS, 200):
        amount, rate, term = loans[number]
        plan = Plan(amount, Decimal(rate) / 1_000_000, term, date(2026, 1, 31), payment_rounding=mode)
        schedule = build_schedule(plan)
        assert schedule.payment_cents == expected[number]
        assert schedule.last_payment_cents == priced.last_payment_cents[number]
        assert schedule.interest_cents == priced.interest_cents[number]


@pytest.mark.parametrize(
    ("method", "month", "quarter"),
    [
        (RepayMethod.ANNUITY, [1_010_000, 0, 0], [340_022, 340_022, 340_023]),
        (RepayMethod.EQ_PRIN, [1_010_000, 0, 0], [343_333, 340_000, 336_667]),
        (RepayMethod.INT_FIRST, [1_010_000, 0, 0], [10_000, 10_000, 1_010_000]),
        (RepayMethod.FLAT, [1_010_000, 0, 0], [343_333, 343_333, 343_334]),
    ],
)
def test_plans_of_unlike_terms_stand_side_by_side_and_pay_nothing_once_they_have_ended(
    method: RepayMethod, month: list[int], quarter: list[int]
) -> None:
    """10,000 at 12 % over one month and over three."""
    priced = price_many(1_000_000, 120_000, [1, 3], method, keep_payments=True)
    assert priced.payments is not None
    assert priced.payments.tolist() == [month, quarter]
    assert priced.payment_cents.tolist() == [month[0], quarter[0]]
    assert priced.last_payment_cents.tolist() == [month[0], quarter[-1]]
    assert priced.highest_payment_cents.tolist() == [max(month), max(quarter)]
    assert priced.interest_cents.tolist() == [10_000, sum(quarter) - 1_000_000]
    assert price_many(1_000_000, 120_000, [1, 3], method).payments is None
