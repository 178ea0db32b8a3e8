"""Competitor prices order offers inside the caps and change nothing else."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

from tests.unit.transforms.outputs import customer_eligibility, installment_offer, market_price
from tests.unit.transforms.support import (
    NIGHT,
    catalogue,
    customers,
    market_prices,
    merchants,
    policy,
    rate_card,
    requests,
)
from transforms.offers.market_price import market_score


def test_the_lowest_of_each_competitors_latest_price_stands() -> None:
    old = market_prices(("C1", "car", 12, "0.05"), on=NIGHT - timedelta(days=30))
    new = market_prices(("C1", "car", 12, "0.09"), ("C2", "car", 12, "0.08"), ("C2", "car", 24, "0.10"))
    made = market_price(pl.concat([old, new]), policy(), NIGHT)
    assert made.select("term_m", "lowest_annual_cost", "competitor_cnt").rows() == [
        (12, Decimal("0.080000"), 2),
        (24, Decimal("0.100000"), 1),
    ]


@pytest.mark.parametrize(("days", "known"), [(0, 1), (89, 1), (90, 0), (-1, 0)])
def test_a_price_counts_for_ninety_days_and_never_before_it_was_seen(days: int, known: int) -> None:
    observed = market_prices(("C1", "car", 12, "0.05"), on=NIGHT - timedelta(days=days))
    assert market_price(observed, policy(), NIGHT).height == known


@pytest.mark.parametrize(
    ("own", "market", "points"),
    [
        ("0.10", None, 5_000),
        ("0.10", "0.10", 5_000),
        ("0.09", "0.10", 6_000),
        ("0.11", "0.10", 4_000),
        ("0.30", "0.05", 0),
        ("0.05", "0.10", 10_000),
        ("0.050050", "0.10", 10_000),  # half of the 500th basis point goes up
        ("0.050051", "0.10", 9_990),
        ("0.099650", "0.10", 5_040),
        ("0.099651", "0.10", 5_030),
    ],
)
def test_a_basis_point_cheaper_is_ten_points(own: str, market: str | None, points: int) -> None:
    row = {"apr_irr": [Decimal(own)], "lowest_annual_cost": [None if market is None else Decimal(market)]}
    frame = pl.DataFrame(row, schema=dict.fromkeys(row, pl.Decimal(9, 6)))
    assert frame.select(market_score()).item() == points


def test_market_prices_move_ranks_and_nothing_else() -> None:
    eligibility = customer_eligibility(*customers({}, {"risk_grade": "D"}), policy(), rate_card(), NIGHT)

    def made(market: pl.DataFrame | None) -> pl.DataFrame:
        return installment_offer(
            eligibility, rate_card(), catalogue(), requests(), merchants(), NIGHT, policy(), market_price=market
        )

    dear = market_price(market_prices(("C1", "general", 3, "0.30"), ("C1", "general", 12, "0.01")), policy(), NIGHT)
    plain, ordered = made(None), made(dear)
    moved = ["score_market_bp", "rank_score", "rank"]
    key = ["customer_token", "offer_id"]
    assert plain.drop(moved).sort(key).equals(ordered.drop(moved).sort(key))
    assert not plain.sort(key)["rank_score"].equals(ordered.sort(key)["rank_score"])
