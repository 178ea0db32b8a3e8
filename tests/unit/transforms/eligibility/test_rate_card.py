"""The night's rate card: by hand, exact, capped, better grades never dearer nor shorter (M24, M67, M71)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.eligibility.support import NIGHT, book, catalogue, document, policy, rate_card
from transforms.eligibility.pricing_inputs import cap_rate_bp
from transforms.eligibility.rate_card import rate_card as priced
from transforms.pricing.plan import Fee, Plan, RepayMethod
from transforms.pricing.schedule import build_schedule
from warehouse.contract import load_contract

if TYPE_CHECKING:
    from transforms.eligibility.policy import Policy

_KEY = ["product_code", "plan_type", "term_m", "repay_method"]


def _changed(**sections: dict[str, Any]) -> Policy:
    changed = document()
    for section, figures in sections.items():
        changed["version"][0][section].update(figures)
    return book(changed).versions[0]


def test_columns_are_the_contracts() -> None:
    contract = load_contract("eligibility.rate_card")
    assert [name for name, _ in contract.lake_columns()] == rate_card().columns
    assert rate_card().select(contract.lake_key).is_duplicated().sum() == 0


@pytest.mark.parametrize(
    ("grade", "product", "term", "price_bp"),
    [
        ("B", "card_general", 12, 250 + 200 + 120 + 250),
        ("B", "card_general", 18, 250 + 200 + 120 + 250 + 25),
        ("A", "car", 60, 250 + 200 + 60 + 200 - 150 + 4 * 25),
        ("E", "merchant_zero", 12, 250 + 200 + 700 + 400),
    ],
)
def test_prices_worked_by_hand(grade: str, product: str, term: int, price_bp: int) -> None:
    rows = rate_card().filter(risk_grade=grade, product_code=product, term_m=term)
    price = Decimal(price_bp) / 10_000
    asked = Decimal(0) if product == "merchant_zero" else price
    assert rows.select("risk_price", "nominal_rate").unique().rows() == [(price, asked)]


def test_every_cell_is_the_scalar_schedule_to_the_cent() -> None:
    fees = {p.product_code: p.upfront_fee_bp for p in catalogue().products}
    for cell in rate_card().iter_rows(named=True):
        fee = Fee("arrangement", "upfront", rate_ppm=fees[cell["product_code"]] * 100)
        method = RepayMethod(cell["repay_method"])
        plan = Plan(1_000_000, cell["nominal_rate"], cell["term_m"], NIGHT, method, fees=(fee,))
        schedule = build_schedule(plan)
        assert cell["payment_per_10k_cents"] == schedule.payment_cents
        assert cell["last_payment_per_10k_cents"] == schedule.last_payment_cents
        assert cell["interest_per_10k_cents"] == schedule.interest_cents
        assert cell["fee_per_10k_cents"] == schedule.fee_cents


def test_a_grade_far_above_the_cap_is_marked_and_one_within_tolerance_gives_way() -> None:
    """Compound 24 % is 21.7 % nominal. G asks 32.5 %; F at 22 % gives 0.3 points of its margin to the cap."""
    assert rate_card().filter(risk_grade="G", plan_type="standard")["price_above_cap"].all()
    changed = document()
    changed["version"][0]["grades"]["F"]["margin_bp"] = 550
    changed["version"][0]["grades"]["G"]["margin_bp"] = 550
    of = book(changed).versions[0]
    row = priced(of, catalogue().under(of), NIGHT).filter(
        risk_grade="F", product_code="card_general", term_m=12, repay_method="ANNUITY"
    )
    assert row.select("cap_binding", "price_above_cap").rows() == [(True, False)]
    assert row["risk_price"].item() == Decimal("0.2200")
    assert row["nominal_rate"].item() == Decimal("0.2170")


def test_no_cell_is_longer_than_the_grade_may_borrow() -> None:
    longest = rate_card().group_by("risk_grade").agg(pl.col("term_m").max()).sort("risk_grade")
    assert longest["term_m"].to_list() == [60, 60, 36, 24, 18, 12, 6]


@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from(["simple_irr", "compound_irr"]),
    st.integers(500, 3_600),
    st.integers(0, 800),
    st.integers(0, 100),
    st.integers(0, 400),
)
def test_caps_hold_and_grades_stay_in_order_under_any_policy(
    method: str, cap: int, funding: int, step: int, tolerance: int
) -> None:
    """M24, M67: on every row, whatever the policy says."""
    figures = {"funding_bp": funding, "term_step_bp": step, "cap_tolerance_bp": tolerance}
    of = _changed(cap={"method": method, "rate_bp": cap}, pricing=figures)
    card = priced(of, catalogue().under(of), NIGHT)
    cost = pl.col("apr_simple") if method == "simple_irr" else pl.col("apr_irr")
    assert card.filter(cost > pl.col("cap_rate")).is_empty()
    pairs = card.join(card, on=_KEY, suffix="_worse").filter(pl.col("risk_grade") < pl.col("risk_grade_worse"))
    assert pairs.filter(pl.col("nominal_rate") > pl.col("nominal_rate_worse")).is_empty()
    for better, worse in ("AB", "BC", "CD", "DE", "EF", "FG"):
        assert card.filter(risk_grade=worse).join(card.filter(risk_grade=better), on=_KEY, how="anti").is_empty()


def test_the_cap_is_the_lower_of_figure_and_lpr_multiple() -> None:
    """Four times an LPR of 3.00 % is 12 %; of 6.50 %, 26 %, above 24 %."""
    assert cap_rate_bp(policy(), None) == 2400
    multiple = _changed(cap={"lpr_multiple_bp": 40_000})
    assert cap_rate_bp(multiple, 300) == 1200
    assert cap_rate_bp(multiple, 650) == 2400


def test_a_cap_by_lpr_needs_a_released_lpr() -> None:
    with pytest.raises(ValueError, match="caps cost by the one-year LPR and none is known"):
        cap_rate_bp(_changed(cap={"lpr_multiple_bp": 40_000}), None)


def test_the_night_a_term_limit_starts_its_cells_change() -> None:
    """M25: education is sold for 24 months until 2022-07-06 and for twelve from the next day."""

    def longest(on: date) -> object:
        return rate_card(on=on).filter(product_code="education")["term_m"].max()

    assert (longest(date(2022, 7, 6)), longest(date(2022, 7, 7))) == (24, 12)
