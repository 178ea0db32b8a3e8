"""The rate card by grade and longest term: what is sold, the reference product's longest annuity, rates in between."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from transforms.decision.rate_grid import LONGEST_TERM_M, rate_grid

CELL: dict[str, Any] = {
    "risk_grade": "B",
    "product_code": "standard",
    "plan_type": "interest_bearing",
    "repay_method": "ANNUITY",
    "term_m": 6,
    "nominal_rate": 0.10,
    "cap_binding": False,
    "price_above_cap": False,
    "highest_payment_per_10k_cents": 171_560,
}


def at(bound: int, *changes: dict[str, Any], grade: str = "B") -> dict[str, Any]:
    card = pl.DataFrame([CELL | change for change in changes])
    return rate_grid(card, "standard").filter(price_grade=grade, bound_m=bound).row(0, named=True)


LONGER = {"term_m": 12, "highest_payment_per_10k_cents": 87_916, "nominal_rate": 0.12}


@pytest.mark.parametrize(
    ("bound", "term", "payment"), [(5, None, None), (6, 6, 171_560), (11, 6, 171_560), (12, 12, 87_916)]
)
def test_the_longest_term_within_the_bound_has_its_own_payment(
    bound: int, term: int | None, payment: int | None
) -> None:
    for cells in ([{}, LONGER], [LONGER, {}]):
        found = at(bound, *cells)
        assert (found["grid_term_m"], found["grid_payment"]) == (term, payment)


def test_the_payment_is_that_of_the_longest_annuity_wherever_it_stands_on_the_card() -> None:
    """Cells of other products, other methods and above the cap stand before, between and after."""
    dearer = {"highest_payment_per_10k_cents": 999_999}
    others = [dearer | change for change in ({"product_code": "green"}, {"repay_method": "EQ_PRIN"}, {"term_m": 3})]
    above = dearer | {"term_m": 24, "price_above_cap": True}
    for cells in ([*others, {}, above, LONGER], [LONGER, above, *others, {}], [above, {}, *others, LONGER]):
        assert at(24, *cells)["grid_payment"] == 87_916


@pytest.mark.parametrize(
    "other",
    [{"product_code": "green"}, {"repay_method": "EQUAL_PRINCIPAL"}, {"price_above_cap": True}],
)
def test_only_annuities_of_the_reference_product_that_are_sold_set_the_longest_term(other: dict[str, Any]) -> None:
    assert at(24, {}, LONGER | other)["grid_term_m"] == 6


def test_rates_are_of_every_cell_sold_that_bears_interest() -> None:
    found = at(
        24,
        {},
        LONGER | {"product_code": "green", "repay_method": "EQUAL_PRINCIPAL", "cap_binding": True},
        {"nominal_rate": 0.35, "price_above_cap": True},
        {"nominal_rate": 0.0, "plan_type": "interest_free", "term_m": 3},
    )
    assert (found["min_rate"], found["max_rate"]) == (0.10, 0.12)
    assert (found["cap_binding"], found["price_above_cap"], found["shortest_m"]) == (True, False, 6)


def test_a_cap_that_binds_on_what_is_not_sold_does_not_bind() -> None:
    dear = {"price_above_cap": True, "cap_binding": True}
    found = at(24, {}, LONGER | dear)
    assert (found["cap_binding"], found["price_above_cap"]) == (False, False)
    nothing = at(24, dear)
    assert (nothing["cap_binding"], nothing["price_above_cap"], nothing["min_rate"]) == (False, True, None)


def test_a_plan_of_seven_years_the_longest_a_product_may_run_is_on_the_grid() -> None:
    longest = {"term_m": 84, "highest_payment_per_10k_cents": 20_000}
    assert [at(bound, {}, longest)["grid_term_m"] for bound in (83, 84)] == [6, 84]
    assert LONGEST_TERM_M == 84


def test_every_grade_and_bound_has_a_row() -> None:
    grid = rate_grid(pl.DataFrame([CELL]), "standard")
    assert grid.group_by("price_grade").len()["len"].unique().to_list() == [LONGEST_TERM_M + 1]
    assert at(24, {}, grade="C")["price_above_cap"] is None
