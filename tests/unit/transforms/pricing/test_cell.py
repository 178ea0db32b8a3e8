"""A cell of the rate card as a plan: its method, its figures and its fees over the amount that is asked for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from transforms.loans.plan import Fee, RepayMethod
from transforms.pricing.cell import cell_plan

START = date(2026, 3, 10)


def cell(method: RepayMethod, **figures: Any) -> dict[str, Any]:
    """A cell of 24 months at 8.2 %."""
    usual = {
        "repay_method": method.value,
        "nominal_rate": Decimal("0.082000"),
        "term_m": 24,
        "balloon_bp": 0,
        "step_bp": 0,
        "upfront_fee_per_10k_cents": 0,
        "periodic_fee_per_10k_cents": 0,
    }
    return {**usual, **figures}


@pytest.mark.parametrize(
    ("amount_cents", "down_cents", "balloon_cents"),
    [
        (1_000_000, 0, 300_000),
        (1_000_000, 200_000, 240_000),  # 30 % of the 8,000.00 that are lent
        (5, 0, 2),  # a cent and a half, rounded up
        (5, 1, 1),
    ],
)
def test_a_balloon_is_a_share_of_what_is_lent_and_not_of_the_price(
    amount_cents: int, down_cents: int, balloon_cents: int
) -> None:
    options = {"down_payment_cents": down_cents} if down_cents else {}
    plan = cell_plan(cell(RepayMethod.BALLOON, balloon_bp=3_000), amount_cents, START, **options)
    assert (plan.amount_cents, plan.principal_cents) == (amount_cents, amount_cents - down_cents)
    assert plan.balloon_cents == balloon_cents


def test_rate_term_and_step_are_the_cells() -> None:
    plan = cell_plan(cell(RepayMethod.STEP_UP, step_bp=500), 1_000_000, START)
    assert (plan.annual_rate, plan.installments, plan.start_on) == (Decimal("0.082"), 24, START)
    assert (plan.method, plan.step_share, plan.fees) == (RepayMethod.STEP_UP, Decimal("0.05"), ())


def test_fees_on_10_000_yuan_are_shares_of_any_amount() -> None:
    """50.00 up front and 1.00 a month on 10,000 yuan: 0.5 % and 0.01 %; on 25,000 yuan 125.00 and 2.50."""
    fees = {"upfront_fee_per_10k_cents": 5_000, "periodic_fee_per_10k_cents": 100}
    own = Fee("notary", "final", 700)
    plan = cell_plan(cell(RepayMethod.ANNUITY, **fees), 2_500_000, START, fee_collector="platform", fees=(own,))
    said = [(fee.code, fee.timing, fee.cents(2_500_000), fee.collector) for fee in plan.fees]
    assert said == [
        ("upfront_fee", "upfront", 12_500, "platform"),
        ("periodic_fee", "periodic", 250, "platform"),
        ("notary", "final", 700, "lender"),
    ]


@pytest.mark.parametrize("charged", ["upfront_fee_per_10k_cents", "periodic_fee_per_10k_cents"])
def test_a_fee_of_nothing_is_no_fee(charged: str) -> None:
    plan = cell_plan(cell(RepayMethod.ANNUITY, **{charged: 1}), 1_000_000, START)
    assert [fee.rate_ppm for fee in plan.fees] == [1]
    assert [fee.collector for fee in plan.fees] == ["lender"]
