"""Fees and subsidies of an offer, worked by hand on an amount whose schedule is plain."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from tests.unit.transforms.support import book, document, policy
from transforms.offers.prices import fee_cents, priced
from transforms.policy.product import REPAY_METHODS
from transforms.pricing.first_period import REGULAR, FirstDue

if TYPE_CHECKING:
    from transforms.policy.policy import Policy

#: 1,200 yuan over 12 months without interest: 100 a month.
FREE: dict[str, Any] = {
    "amount_cents": 120_000,
    "rate_ppm": 0,
    "term_m": 12,
    "balloon_bp": 0,
    "step_bp": 0,
    "upfront_fee_bp": 100,
    "periodic_fee_bp": 25,
    "subsidy_bp": 60,
    "fiscal_ppm": 0,
    "near_cap": False,
    "first_no": 0,
    "cap": 0.24,
    "method_no": REPAY_METHODS.index("ANNUITY"),
}


def offer(**change: Any) -> dict[str, Any] | None:
    frame = pl.DataFrame([FREE | change], schema_overrides={"method_no": pl.Int8, "term_m": pl.Int32})
    made = priced(frame, policy(), [[REGULAR]])
    return made.row(0, named=True) if len(made) else None


def test_fees_are_on_the_amount_once_and_a_month() -> None:
    """1 % is 12.00 once; 0.25 % is 3.00 twelve times; the merchant pays 0.6 %, 7.20."""
    found = offer()
    assert found is not None
    assert (found["payment_cents"], found["last_payment_cents"]) == (10_300, 10_300)
    assert (found["total_interest_cents"], found["total_fee_cents"], found["total_cost_cents"]) == (0, 4_800, 4_800)
    assert (found["merchant_subsidy_cents"], found["fiscal_subsidy_cents"]) == (720, 0)


def test_the_state_pays_its_part_of_the_rate() -> None:
    found = offer(rate_ppm=60_000, fiscal_ppm=10_000)
    assert found is not None
    assert found["total_interest_cents"] > 0
    assert found["fiscal_subsidy_cents"] == found["total_interest_cents"] // 6
    assert found["total_cost_cents"] == found["total_interest_cents"] + found["total_fee_cents"]


@pytest.mark.parametrize(("amount", "fee"), [(100, 1), (49, 0), (50, 1), (149, 1), (150, 2)])
def test_a_fee_is_rounded_half_up_to_the_cent(amount: int, fee: int) -> None:
    frame = pl.DataFrame({"amount_cents": [amount], "rate": [100]})
    assert frame.select(fee_cents("rate")).item() == fee


def test_an_amount_that_costs_more_than_its_cap_is_dropped_where_it_is_looked_at() -> None:
    """1 % once and 0.25 % a month cost some 5 % a year simple on a balance that falls."""
    assert offer(near_cap=True, cap=0.24) is not None
    assert offer(near_cap=True, cap=0.01) is None
    assert offer(near_cap=False, cap=0.01) is not None
    none = offer(near_cap=True, cap=0.0, upfront_fee_bp=0, periodic_fee_bp=0)
    assert none is not None
    assert none["total_cost_cents"] == 0


def test_each_offer_is_held_to_its_own_cap_on_its_own_first_periods() -> None:
    """12 % charged for a month that is half a one costs more than 12 %; who is not looked at is kept."""
    half = FirstDue(Fraction(1, 2), Fraction(1, 12))
    at_cap = {**FREE, "upfront_fee_bp": 0, "periodic_fee_bp": 0, "rate_ppm": 120_000, "cap": 0.13}
    rows = [
        {**at_cap, "amount_cents": 120_000, "first_no": 0, "near_cap": True},
        {**at_cap, "amount_cents": 240_000, "first_no": 1, "near_cap": True},
        {**at_cap, "amount_cents": 360_000, "first_no": 1, "near_cap": False},
        {**at_cap, "amount_cents": 480_000, "first_no": 0, "near_cap": True, "cap": 0.119},
    ]
    frame = pl.DataFrame(rows, schema_overrides={"method_no": pl.Int8, "term_m": pl.Int32})
    made = priced(frame, simple(), [[REGULAR], [half, REGULAR]])
    assert sorted(made["amount_cents"]) == [120_000, 360_000]


def simple() -> Policy:
    """The shipped policy with a cap on the simple annual cost."""
    changed = document()
    changed["version"][0]["cap"]["method"] = "simple_irr"
    return book(changed).versions[0]


def test_no_offer_has_the_columns_of_offers() -> None:
    empty = pl.DataFrame([FREE]).clear()
    assert {"payment_cents", "total_cost_cents", "fiscal_subsidy_cents"} <= set(priced(empty, policy(), []).columns)
