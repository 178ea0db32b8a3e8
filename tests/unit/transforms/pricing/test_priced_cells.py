"""Prices of single cells worked by hand: what they are made of, who pays, and what a cap leaves."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from transforms.pricing.first_period import FirstDue
from transforms.pricing.priced_cells import PricingParameters, rate_card

AS_OF = date(2026, 11, 22)


def cells(
    *,
    grades: tuple[tuple[Any, ...], ...] = (("A", 100, 200, 60),),
    term_m: tuple[int, ...] = (1,),
    method: str = "ANNUITY",
    plan_type: str = "standard",
    cap: tuple[float, str] = (0.24, "simple_irr"),
    way: dict[str, Any] | None = None,
    product: dict[str, Any] | None = None,
    **pricing: Any,
) -> list[dict[str, Any]]:
    """The card of one product: 3 % funding, 2 % operating, and grade A's 2 % margin and 1 % loss make 8 %."""
    known = {"product_code": "P", "plan_type": plan_type}
    return rate_card(
        pl.DataFrame(list(grades), schema=["risk_grade", "loss_bp", "margin_bp", "max_term_m"], orient="row"),
        pl.DataFrame([{**known, **(product or {})}]),
        pl.DataFrame({"product_code": ["P"] * len(term_m), "term_m": list(term_m)}),
        pl.DataFrame([{**known, "repay_method": method, **(way or {})}]),
        PricingParameters(**{"funding_bp": 300, "operating_bp": 200, **pricing}),
        pl.DataFrame({"product_code": ["P"], "cap_rate": [cap[0]], "cap_method": [cap[1]]}),
        AS_OF,
    ).rows(named=True)


def test_a_month_at_eight_percent() -> None:
    """66.67 on 10,000; 0.6667 % a month is 8.0004 % a year and 8.3005 % compounded."""
    (cell,) = cells()
    assert (cell["as_of_date"], cell["risk_grade"], cell["term_m"]) == (AS_OF, "A", 1)
    assert (cell["nominal_rate"], cell["risk_price"]) == (0.08, 0.08)
    assert cell["interest_per_10k_cents"] == 6_667
    for payment in ("payment_per_10k_cents", "last_payment_per_10k_cents", "highest_payment_per_10k_cents"):
        assert cell[payment] == 1_006_667
    assert (cell["apr_simple"], cell["apr_irr"], cell["cap_cost"]) == (0.080004, 0.083004, 0.080004)
    assert (cell["subsidy_payer"], cell["subsidy_rate"], cell["subsidy_per_10k_cents"]) == ("none", 0.0, 0)
    assert (cell["balloon_bp"], cell["step_bp"], cell["fee_per_10k_cents"]) == (0, 0, 0)
    assert not cell["cap_binding"]
    assert not cell["price_above_cap"]


def test_fees_count_to_the_cost() -> None:
    """50.00 up front and 1.00 with the installment: 9,950.00 received, 10,067.67 paid, 1.1826 % a month."""
    (cell,) = cells(product={"upfront_fee_ppm": 5_000, "periodic_fee_ppm": 100})
    assert (cell["upfront_fee_per_10k_cents"], cell["periodic_fee_per_10k_cents"]) == (5_000, 100)
    assert (cell["fee_per_10k_cents"], cell["interest_per_10k_cents"]) == (5_100, 6_667)
    assert cell["apr_simple"] == 0.141914
    (year,) = cells(product={"upfront_fee_ppm": 5_000, "periodic_fee_ppm": 100}, term_m=(12,))
    assert year["fee_per_10k_cents"] == 5_000 + 12 * 100


@pytest.mark.parametrize(
    ("term_m", "price"), [(1, 0.08), (12, 0.08), (13, 0.0825), (24, 0.0825), (25, 0.085), (60, 0.09)]
)
def test_each_further_begun_year_adds_to_the_price(term_m: int, price: float) -> None:
    (cell,) = cells(term_m=(term_m,), term_step_bp=25)
    assert cell["risk_price"] == price


@pytest.mark.parametrize(
    ("add_on_bp", "overlay_bp", "price"), [(30, 0, 0.083), (0, 85, 0.0885), (-30, -85, 0.0685), (-800, -1, 0.0)]
)
def test_add_on_and_overlay_make_the_price_and_never_one_below_nothing(
    add_on_bp: int, overlay_bp: int, price: float
) -> None:
    (cell,) = cells(product={"add_on_bp": add_on_bp}, overlay_bp=overlay_bp)
    assert cell["risk_price"] == cell["nominal_rate"] == price
    assert cell["apr_simple"] >= 0


def test_a_worse_grade_that_loses_less_pays_what_the_better_one_pays() -> None:
    found = cells(grades=(("A", 100, 200, 12), ("B", 50, 200, 12), ("C", 150, 200, 12)))
    assert [(c["risk_grade"], round(c["risk_price"], 6)) for c in found] == [("A", 0.08), ("B", 0.08), ("C", 0.085)]


@pytest.mark.parametrize(
    ("longest_of_grade", "way", "sold"),
    [
        (12, {}, [6, 12]),
        (11, {}, [6]),
        (60, {"min_term_m": 6, "max_term_m": 12}, [6, 12]),
        (60, {"min_term_m": 7, "max_term_m": None}, [12, 24]),
        (60, {"min_term_m": None, "max_term_m": 11}, [6]),
    ],
)
def test_terms_within_the_limits_of_method_and_grade_are_sold(
    longest_of_grade: int, way: dict[str, Any], sold: list[int]
) -> None:
    assert [c["term_m"] for c in cells(grades=(("A", 0, 0, longest_of_grade),), term_m=(6, 12, 24), way=way)] == sold


def test_nothing_within_any_limit_is_an_empty_card() -> None:
    assert cells(grades=(("A", 0, 0, 5),), term_m=(6,)) == []


@pytest.mark.parametrize(
    ("subsidy", "rate", "treasury", "interest", "paid"),
    [
        ({"subsidy_bp": 100}, 0.03, 0.01, 2_500, 833),  # a third of the customer's 25.00
        ({"subsidy_bp": 100, "subsidy_share_bp": 2_000}, 0.032, 0.008, 2_667, 666),
        ({"subsidy_bp": 300, "subsidy_share_bp": 5_000}, 0.02, 0.02, 1_667, 1_667),
        ({"subsidy_bp": 500}, 0.0, 0.04, 0, 0),
        ({"subsidy_bp": 500, "subsidy_share_bp": 3_001}, 0.028, 0.012, 2_333, 999),  # whole basis points
    ],
)
def test_the_treasury_pays_its_part_of_four_percent(
    subsidy: dict[str, int], rate: float, treasury: float, interest: int, paid: int
) -> None:
    (cell,) = cells(
        grades=(("A", 100, 100, 12),), funding_bp=100, operating_bp=100, plan_type="low_interest", product=subsidy
    )
    assert (cell["nominal_rate"], cell["subsidy_rate"], cell["risk_price"]) == (rate, treasury, rate)
    assert (cell["interest_per_10k_cents"], cell["subsidy_per_10k_cents"]) == (interest, paid)
    assert cell["subsidy_payer"] == "treasury"


@pytest.mark.parametrize(
    ("plan_type", "method"),
    [("interest_free", "INTEREST_FREE"), ("standard", "INTEREST_FREE"), ("interest_free", "EQ_PRIN")],
)
def test_a_merchant_pays_the_interest_of_an_interest_free_plan(plan_type: str, method: str) -> None:
    """8 % on what equal parts leave: 66.67, 44.44 and 22.22 in three months."""
    (cell,) = cells(plan_type=plan_type, method=method, term_m=(3,), product={"subsidy_bp": 100})
    assert (cell["nominal_rate"], cell["apr_irr"], cell["interest_per_10k_cents"]) == (0.0, 0.0, 0)
    assert (cell["subsidy_payer"], cell["subsidy_rate"]) == ("merchant", 0.0)
    assert (cell["risk_price"], cell["subsidy_per_10k_cents"]) == (0.08, 6_667 + 4_444 + 2_222)
    assert not cell["price_above_cap"]


@pytest.mark.parametrize(("loss_bp", "month"), [(9_300, 1_000_000 // 12), (10_300, 1_000_000 // 12)])
def test_a_merchant_pays_no_more_than_a_hundred_percent_a_year(loss_bp: int, month: int) -> None:
    (cell,) = cells(grades=(("A", loss_bp, 200, 12),), plan_type="interest_free", method="INTEREST_FREE")
    assert cell["subsidy_per_10k_cents"] == month


@pytest.mark.parametrize(
    ("loss_bp", "tolerance_bp", "rate", "binding", "above"),
    [
        (1_700, 0, 0.24, False, False),
        (1_701, 0, 0.24, False, True),
        (1_701, 1, 0.24, True, False),
        (1_702, 1, 0.24, False, True),
        (1_699, 1, 0.2399, False, False),
    ],
)
def test_a_cap_binds_within_the_tolerance_and_bars_beyond(
    loss_bp: int, tolerance_bp: int, rate: float, binding: bool, above: bool
) -> None:
    """24 % a year on one month is 200.00 on 10,000, which a cap of 24 % just allows."""
    (cell,) = cells(grades=(("A", loss_bp, 200, 12),), cap_tolerance_bp=tolerance_bp)
    assert cell["nominal_rate"] == rate
    assert cell["risk_price"] == (700 + loss_bp) / 10_000
    assert (cell["cap_binding"], cell["price_above_cap"]) == (binding, above)
    assert cell["cap_cost"] <= cell["cap_rate"] == 0.24


def test_what_the_treasury_pays_does_not_carry_a_price_over_its_cap() -> None:
    """At 25 % the cap leaves 24 %, and a point of that is the treasury's."""
    (cell,) = cells(
        grades=(("A", 1_800, 200, 12),), plan_type="low_interest", product={"subsidy_bp": 100}, cap_tolerance_bp=100
    )
    assert (cell["nominal_rate"], cell["subsidy_rate"], cell["risk_price"]) == (0.23, 0.01, 0.24)
    assert cell["cap_binding"]


@pytest.mark.parametrize(("cap_method", "cost"), [("simple_irr", 0.2412), ("compound_irr", 0.269735)])
def test_the_cost_that_a_cap_looks_at_is_that_of_the_dearest_first_period(cap_method: str, cost: float) -> None:
    """12 % charged for a month that is half a one: 1 % in half a month is 2.01 % a month."""
    half = {"P": (FirstDue(Fraction(1, 2), Fraction(1, 12)), FirstDue(Fraction(1), Fraction(1, 12)))}
    (cell,) = cells(grades=(("A", 500, 200, 12),), cap=(0.36, cap_method), first_periods=half)
    assert (cell["apr_simple"], cell["apr_irr"], cell["cap_cost"]) == (0.12, 0.126825, cost)
    (other,) = cells(grades=(("A", 500, 200, 12),), cap=(0.36, cap_method), first_periods={"other": half["P"]})
    assert other["cap_cost"] == other["apr_simple" if cap_method == "simple_irr" else "apr_irr"]


@pytest.mark.parametrize(
    ("method", "way", "shown"),
    [
        ("BALLOON", {"balloon_bp": 3_000, "step_bp": 500}, (3_000, 0)),
        ("STEP_UP", {"balloon_bp": 3_000, "step_bp": 500}, (0, 500)),
        ("STEP_DOWN", {"balloon_bp": 3_000, "step_bp": 500}, (0, 500)),
        ("ANNUITY", {"balloon_bp": 3_000, "step_bp": 500}, (0, 0)),
    ],
)
def test_a_cell_shows_the_figures_of_its_own_method(method: str, way: dict[str, int], shown: tuple[int, int]) -> None:
    (cell,) = cells(method=method, way=way, term_m=(24,))
    assert (cell["balloon_bp"], cell["step_bp"]) == shown


_GRADES = {"risk_grade": ["A"], "loss_bp": [0], "margin_bp": [0], "max_term_m": [12]}
_PRODUCTS = {"product_code": ["P"], "plan_type": ["standard"]}
_GIVEN: dict[str, dict[str, list[Any]]] = {
    "grades": _GRADES,
    "products": _PRODUCTS,
    "terms": {"product_code": ["P"], "term_m": [12]},
    "methods": {**_PRODUCTS, "repay_method": ["ANNUITY"]},
    "caps": {"product_code": ["P"], "cap_rate": [0.24], "cap_method": ["simple_irr"]},
}


@pytest.mark.parametrize("name", list(_GIVEN))
def test_what_is_given_twice_is_refused_by_name(name: str) -> None:
    frames = {what: pl.DataFrame(rows) for what, rows in _GIVEN.items()}
    frames[name] = pl.concat([frames[name], frames[name]])
    with pytest.raises(ValueError, match=f"{name}: .* is given twice"):
        rate_card(**frames, pricing=PricingParameters(0, 0), as_of=AS_OF)


def test_a_product_without_a_cap_is_refused_by_name() -> None:
    frames = {what: pl.DataFrame(rows) for what, rows in _GIVEN.items()}
    frames["caps"] = frames["caps"].clear()
    with pytest.raises(ValueError, match="no cap is given for product P"):
        rate_card(**frames, pricing=PricingParameters(0, 0), as_of=AS_OF)


def test_fees_that_alone_cost_more_than_the_cap_are_refused() -> None:
    """1 % of a month's credit is 12.1 % a year, 3 % is 37.1 %."""
    assert not cells(product={"upfront_fee_ppm": 10_000})[0]["price_above_cap"]
    with pytest.raises(ValueError, match=r"fees of P \(standard, 1 months\) alone cost more than its cap of 24\.00%"):
        cells(product={"upfront_fee_ppm": 30_000})
