"""The upper bound of the probability that a plan breaks, which keeps unsustainable plans from being offered."""

from __future__ import annotations

from fractions import Fraction
from math import erf, sqrt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.transforms.support import customers, policy, token
from transforms.decision.plan_break import (
    margin_in_deviations_ppm,
    plan_break_bp,
    sustainable_payment,
    with_steadiness,
)


def bound(payment: int, term: int = 12, flow: int = 400_000, savings: int = 0, deviation: int = 100_000) -> int:
    cells = {"p": payment, "t": term, "f": flow, "s": savings, "d": deviation}
    made = pl.DataFrame([cells]).select(x=plan_break_bp(*(pl.col(c) for c in ("p", "t", "f", "s", "d"))))
    return int(made["x"][0])


@pytest.mark.parametrize(
    ("payment", "figure"),
    [
        (200_000, 889),  # two deviations: 4/9 / 5
        (300_000, 3_334),  # one: 4/3 / 2 - 1/3
        (400_000, 10_000),  # nothing left: certain, as far as anybody knows
        (500_000, 10_000),
        (100_000, 445),  # three: 4/9 / 10
    ],
)
def test_the_inequality_by_hand(payment: int, figure: int) -> None:
    assert bound(payment) == figure


def test_the_two_branches_meet() -> None:
    """At m² = 5/3 s² both give a sixth."""
    assert Fraction(4, 9) / (1 + Fraction(5, 3)) == Fraction(4, 3) / (1 + Fraction(5, 3)) - Fraction(1, 3)
    m = round(100_000 * sqrt(5 / 3))
    assert {bound(400_000 - m - 1), bound(400_000 - m + 1)} == {1_667}


@given(st.integers(1, 400_000), st.integers(1_000, 200_000))
def test_it_bounds_a_normal_income_from_above(payment: int, deviation: int) -> None:
    left = (400_000 - payment) / deviation
    normal = (1 - erf(left / sqrt(2))) / 2
    assert bound(payment, deviation=deviation) >= normal * 10_000 - 1


@given(
    st.integers(0, 600_000),
    st.integers(0, 50_000),
    st.integers(0, 2_000_000),
    st.integers(0, 500_000),
    st.integers(1_000, 300_000),
    st.sampled_from([3, 6, 12, 24, 60]),
)
def test_a_higher_payment_never_lowers_it_nor_do_savings_or_steadiness_raise_it(
    payment: int, more: int, savings: int, saved: int, deviation: int, term: int
) -> None:
    plain = bound(payment, term, savings=savings, deviation=deviation)
    assert bound(payment + more, term, savings=savings, deviation=deviation) >= plain
    assert bound(payment, term, savings=savings + saved, deviation=deviation) <= plain
    assert bound(payment, term, savings=savings, deviation=deviation + more) >= plain or plain == 10_000
    assert bound(payment, term, flow=400_000 + more, savings=savings, deviation=deviation) <= plain


@pytest.mark.parametrize("most", [1, 500, 1_666, 1_667, 2_000, 5_000, 9_999])
def test_the_payment_that_is_surely_borne_is_within_the_bound_and_a_little_more_is_not(most: int) -> None:
    factor = margin_in_deviations_ppm(most)
    deviation = 1_000_000
    left = -(-deviation * factor // 1_000_000)
    assert bound(10**9 - left, flow=10**9, deviation=deviation) <= most
    if most > 1:
        assert bound(10**9 - left + left // 100 + 2, flow=10**9, deviation=deviation) > most - 1


@pytest.mark.parametrize("most", [0, 10_000, -1])
def test_a_bound_that_is_none_is_refused(most: int) -> None:
    with pytest.raises(ValueError, match="is none"):
        margin_in_deviations_ppm(most)


def steady(cv: float | None, saved: int | None = None, **change: Any) -> dict[str, Any]:
    profile, _ = customers(change)
    known = pl.DataFrame(
        {"customer_token": [token(0)], "income_cv": [cv], "balance_min_cents_3m": [saved]},
        schema={"customer_token": pl.String, "income_cv": pl.Float64, "balance_min_cents_3m": pl.Int64},
    )
    return with_steadiness(profile, known, policy()).to_dicts()[0]


@pytest.mark.parametrize(("cv", "deviation"), [(0.12345, 123_500), (0.0, 50_000), (2.0, 300_000), (None, 100_000)])
def test_the_variation_counts_between_floor_and_cap_and_has_a_stand_in(cv: float | None, deviation: int) -> None:
    """Income 10,000 yuan: at least 5 %, at most 30 %, 10 % where nobody knows."""
    assert steady(cv)["deviation_cents"] == deviation


def test_savings_are_spread_over_the_first_year_or_a_shorter_term() -> None:
    row = steady(0.1, 1_200_000)
    assert row["savings_cents"] == 1_200_000
    assert row["steady_cents"] == 400_000 - 122_475
    borne = {
        t: pl.select(sustainable_payment(pl.lit(277_525), pl.lit(1_200_000), pl.lit(t))).item() for t in (3, 12, 60)
    }
    assert borne == {3: 677_525, 12: 377_525, 60: 377_525}
    assert steady(0.1, -5)["savings_cents"] == 0, "an overdrawn account is no saving"
