"""The cells of the rate card that are sold, with what the product says of each."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache

import polars as pl
import pytest

from tests.unit.transforms.support import catalogue, policy, rate_card
from transforms.offers.cells import number_of, sold_cells
from transforms.offers.prices import NEAR_CAP
from transforms.policy.sections import PURPOSES

PRODUCTS = {p.product_code: p for p in catalogue().under(policy())}
KEY = ["product_code", "term_m", "repay_method"]


@cache
def cells() -> pl.DataFrame:
    return sold_cells(rate_card(), list(PRODUCTS.values()), policy())


def test_a_cell_above_its_cap_is_not_sold() -> None:
    card = rate_card().with_columns(price_above_cap=pl.col("term_m") > 12)
    assert sold_cells(card, list(PRODUCTS.values()), policy())["term_m"].max() == 12


def test_every_figure_of_a_cell_is_the_products_on_its_term() -> None:
    assert {p.subsidy_bp_per_m for p in PRODUCTS.values()} > {0}
    for row in cells().iter_rows(named=True):
        product = PRODUCTS[row["product_code"]]
        assert row["subsidy_bp"] == product.subsidy_bp_per_m * row["term_m"]
        assert row["purpose_code"] in product.purpose_codes
        assert row["purpose_no"] == PURPOSES.index(row["purpose_code"])
        assert row["product_max_cents"] == product.max_amount_cents
    asked = cells().filter(pl.col("usual"))
    first = {code: product.purpose_codes[0] for code, product in PRODUCTS.items()}
    free = {code for code, product in PRODUCTS.items() if product.needs_subsidy}
    assert all(
        purpose == first[code] or code in free for code, purpose in asked.select("product_code", "purpose_code").rows()
    )
    offered = {(code, *pair) for code, product in PRODUCTS.items() for pair in product.offered}
    assert set(asked.select("product_code", "repay_method", "term_m").rows()) <= offered


@pytest.mark.parametrize("fee_bp", [0, 1, 25])
def test_payment_on_ten_thousand_has_the_periodic_fee(fee_bp: int) -> None:
    """A basis point of 10,000 is one yuan: 100 cents a month."""
    charged = [replace(p, periodic_fee_bp=fee_bp) for p in PRODUCTS.values()]
    found = sold_cells(rate_card(), charged, policy())
    joined = found.join(rate_card(), left_on=["price_grade", *KEY], right_on=["risk_grade", *KEY])
    extra = pl.col("highest_per_10k") - pl.col("highest_payment_per_10k_cents")
    assert set(joined.select(extra).to_series()) == {fee_bp * 100}


def test_cost_is_the_price_without_the_grades_margin() -> None:
    joined = cells().join(rate_card(), left_on=["price_grade", *KEY], right_on=["risk_grade", *KEY])
    for row in joined.unique("price_grade").iter_rows(named=True):
        margin = policy().grades[row["price_grade"]].margin_bp
        assert row["cost_ppm"] == round(row["risk_price"] * 1_000_000) - margin * 100
        assert row["rate_ppm"] == round(row["nominal_rate"] * 1_000_000)


def test_rates_are_whole_millionths_up_to_the_last() -> None:
    """A price of 99.9999 % less the margin, and one of a millionth."""
    for rate, ppm in ((Decimal("0.999999"), 999_999), (Decimal("0.000001"), 1), (Decimal("0.333333"), 333_333)):
        card = rate_card().with_columns(nominal_rate=pl.lit(rate).cast(pl.Decimal(9, 6)))
        assert sold_cells(card, list(PRODUCTS.values()), policy())["rate_ppm"].unique().to_list() == [ppm]


def test_a_cell_within_reach_of_its_cap_is_looked_at_again() -> None:
    near = Decimal(str(NEAR_CAP))
    cost = rate_card()["cap_rate"] - near
    card = rate_card().with_columns(cap_cost=cost)
    assert not sold_cells(card, list(PRODUCTS.values()), policy())["near_cap"].any()
    nearer = rate_card().with_columns(cap_cost=cost + Decimal("0.000001"))
    assert sold_cells(nearer, list(PRODUCTS.values()), policy())["near_cap"].all()


@pytest.mark.parametrize(("who", "column"), [("merchant", "subsidy_bp"), ("treasury", "fiscal_ppm")])
def test_who_pays_a_subsidy_is_said(who: str, column: str) -> None:
    paid = cells().filter(subsidy_payer=who)
    assert len(paid)
    assert paid.filter(pl.col(column) <= 0).is_empty()
    nobody = cells().filter(subsidy_payer="none")
    assert nobody.filter((pl.col("subsidy_bp") > 0) | (pl.col("fiscal_ppm") > 0)).is_empty()


def test_a_name_has_its_place_and_nothing_has_none() -> None:
    frame = pl.DataFrame({"purpose": [PURPOSES[0], PURPOSES[-1], None]})
    assert frame.select(number_of("purpose", PURPOSES)).to_series().to_list() == [0, len(PURPOSES) - 1, None]
