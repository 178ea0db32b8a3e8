"""The night's rate card: by hand, exact, capped, better grades never dearer nor shorter."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.support import NIGHT, book, catalogue, document, policy, rate_card
from transforms.pricing.cell import cell_plan
from transforms.pricing.pricing_inputs import cap_rate_bp, overlay_bp
from transforms.pricing.quote import QuoteRequest, quote
from transforms.pricing.rate_card import rate_card as priced
from warehouse.contract import load_contract

if TYPE_CHECKING:
    from transforms.policy.policy import Policy

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


def test_rates_are_decimals_as_the_contract_keeps_them() -> None:
    kept = {name: kind for name, kind in load_contract("eligibility.rate_card").lake_columns() if "DECIMAL" in kind}
    rates = {name: kind for name, kind in rate_card().schema.items() if isinstance(kind, pl.Decimal)}
    assert {name: f"DECIMAL({kind.precision},{kind.scale})" for name, kind in rates.items()} == kept


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


def test_every_cell_is_the_quote_to_the_cent() -> None:
    """Issue 4: a rate card equals `fenqi quote` for every cell: every product, method and term of the catalogue."""
    card = rate_card()
    assert {"BALLOON", "STEP_UP", "STEP_DOWN", "INT_FIRST"} < set(card["repay_method"])
    for cell in card.iter_rows(named=True):
        asked = cell_plan(cell, 1_000_000, NIGHT)
        answer = quote(QuoteRequest(asked))
        schedule, each = answer.schedule, asked.fee_cents("periodic")
        assert cell["payment_per_10k_cents"] == schedule.payment_cents - each
        assert cell["last_payment_per_10k_cents"] == schedule.last_payment_cents - each
        assert cell["highest_payment_per_10k_cents"] == max(row.payment_cents for row in schedule.installments) - each
        assert cell["interest_per_10k_cents"] == schedule.interest_cents
        assert cell["fee_per_10k_cents"] == schedule.fee_cents
        assert float(cell["apr_simple"]) == pytest.approx(answer.cost.apr_simple, abs=6e-7)
        assert float(cell["apr_irr"]) == pytest.approx(answer.cost.apr_irr, abs=6e-7)


def test_treasury_pays_a_point_and_never_more_than_half_of_the_rate() -> None:
    """财金〔2025〕80号: one point, at most half of the contract rate, from the night of 2025-09-01 on."""
    low = rate_card().filter(plan_type="low_interest", price_above_cap=False)
    assert set(low["subsidy_rate"]) == {Decimal("0.01")}
    assert set(low["subsidy_payer"]) == {"treasury"}
    changed = document()
    changed["version"][0]["pricing"].update(funding_bp=0, operating_bp=0, term_step_bp=0)
    changed["version"][0]["grades"]["A"].update(loss_bp=60, margin_bp=60)
    changed["version"][0]["subsidy"].update(rate_bp=100)
    cheap = rate_card(book(changed).versions[0]).filter(plan_type="low_interest", risk_grade="A")
    assert set(cheap["subsidy_rate"]) == {Decimal("0.006")}
    assert set(cheap["nominal_rate"]) == {Decimal("0.006")}


@pytest.mark.parametrize(
    ("lpr", "base", "share", "most", "expected"),
    [
        (300, 300, 10_000, 100, 0),
        (385, 300, 10_000, 100, 85),
        (500, 300, 10_000, 100, 100),
        (250, 300, 5_000, 100, -25),
        (None, 300, 10_000, 100, 0),
        (385, 0, 10_000, 100, 0),
    ],
)
def test_price_follows_the_loan_prime_rate_within_bounds(
    lpr: int | None, base: int, share: int, most: int, expected: int
) -> None:
    figures = {"lpr_base_bp": base, "passed_on_bp": share, "max_move_bp": most}
    assert overlay_bp(_changed(price_overlay=figures), lpr) == expected


def test_repayment_is_put_off_no_further_than_the_policy_says() -> None:
    """Interest first, balloons and steps end where their limits do, and 0 months sells none."""
    longest = rate_card().group_by("repay_method").agg(pl.col("term_m").max()).rows()
    assert dict(longest)["INT_FIRST"] == 12
    assert dict(longest)["BALLOON"] == 36
    assert rate_card().filter(pl.col("step_bp") > 0)["term_m"].min() == 24
    none = _changed(methods={"int_first_max_term_m": 0, "balloon_max_bp": 2_999, "step_max_bp": 499})
    assert set(rate_card(none)["repay_method"]) == {"ANNUITY", "EQ_PRIN", "INTEREST_FREE"}


def test_a_grade_far_above_the_cap_is_marked_and_one_within_tolerance_gives_way() -> None:
    """Compound 24 % is 21.7 % nominal; on a first period of 45 days that counts 1.45 months, 21.56 %.

    G asks 32.5 %; F at 22 % gives 0.44 points of its margin to the cap.
    """
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
    assert row["nominal_rate"].item() == Decimal("0.2156")
    assert (
        row["apr_irr"].item() < row["cap_cost"].item() <= Decimal("0.24") < row["cap_cost"].item() + Decimal("0.0002")
    )


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
    """On every row, whatever the policy says."""
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
    """Education is sold for 24 months until 2022-07-06 and for twelve from the next day."""

    def longest(on: date) -> object:
        return rate_card(on=on).filter(product_code="education")["term_m"].max()

    assert (longest(date(2022, 7, 6)), longest(date(2022, 7, 7))) == (24, 12)
