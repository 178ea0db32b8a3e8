"""What a night's prices are made of: the loan prime rate it knew, and the terms of policy and products."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.support import NIGHT, book, catalogue, document, policy
from transforms.dates.day_count import DayCount
from transforms.pricing.first_period import dearest_first_periods
from transforms.pricing.pricing_inputs import cap_rate_bp, first_periods, lpr_1y_bp, overlay_bp, pricing_inputs


def indicators(*rows: tuple[str, date, str]) -> pl.DataFrame:
    """(indicator, released on, percent) in the order in which they were delivered, all of the same day of delivery."""
    return pl.DataFrame(
        [
            {
                "indicator_code": code,
                "released_on": released,
                "period_end": released,
                "indicator_value": Decimal(percent),
                "feed_date": date(2026, 3, 9),
                "delivery_seq": number,
            }
            for number, (code, released, percent) in enumerate(rows)
        ],
        schema_overrides={"indicator_value": pl.Decimal(12, 6)},
    )


JANUARY, FEBRUARY = date(2026, 1, 20), date(2026, 2, 20)


@pytest.mark.parametrize(
    ("rows", "night", "expected"),
    [
        ([("lpr_1y", JANUARY, "3.10"), ("lpr_1y", FEBRUARY, "3.00")], NIGHT, 300),
        ([("lpr_1y", FEBRUARY, "3.00"), ("lpr_1y", JANUARY, "3.10")], NIGHT, 300),
        ([("lpr_1y", JANUARY, "3.10"), ("lpr_1y", FEBRUARY, "3.00")], FEBRUARY, 300),
        ([("lpr_1y", JANUARY, "3.10"), ("lpr_1y", FEBRUARY, "3.00")], date(2026, 2, 19), 310),
        ([("lpr_1y", FEBRUARY, "3.00"), ("lpr_1y", FEBRUARY, "3.05")], NIGHT, 305),
        ([("lpr_1y", JANUARY, "3.10"), ("lpr_5y", FEBRUARY, "3.50")], NIGHT, 310),
        ([("lpr_1y", FEBRUARY, "3.00")], date(2026, 2, 19), None),
        ([("lpr_5y", FEBRUARY, "3.50")], NIGHT, None),
        ([("lpr_1y", JANUARY, "3.4549")], NIGHT, 345),
        ([("lpr_1y", JANUARY, "3.455")], NIGHT, 346),
    ],
    ids=[
        "the one last released",
        "whatever came first",
        "on the day of its release",
        "the day before",
        "a release that was corrected",
        "the one-year rate only",
        "none released yet",
        "no one-year rate",
        "to the nearest basis point",
        "half a basis point up",
    ],
)
def test_the_loan_prime_rate_of_a_night(rows: list[tuple[str, date, str]], night: date, expected: int | None) -> None:
    assert lpr_1y_bp(indicators(*rows), night) == expected


def changed(**sections: dict[str, Any]) -> Any:
    """The shipped policy of a bank, some figures of its sections changed."""
    said = document()
    for section, figures in sections.items():
        said["version"][0][section].update(figures)
    return book(said).versions[0]


@pytest.mark.parametrize(
    ("multiple_bp", "lpr", "expected"),
    [(0, None, 2_400), (0, 300, 2_400), (40_000, 300, 1_200), (40_000, 600, 2_400), (40_000, 601, 2_400)],
)
def test_a_multiple_of_the_loan_prime_rate_lowers_the_cap_and_never_raises_it(
    multiple_bp: int, lpr: int | None, expected: int
) -> None:
    assert cap_rate_bp(changed(cap={"lpr_multiple_bp": multiple_bp}), lpr) == expected


def test_a_multiple_of_an_unknown_loan_prime_rate_is_no_cap() -> None:
    with pytest.raises(ValueError, match="caps cost by the one-year LPR and none is known"):
        cap_rate_bp(changed(cap={"lpr_multiple_bp": 40_000}), None)


@pytest.mark.parametrize(
    ("lpr", "base", "passed_on", "most", "expected"),
    [
        (300, 300, 10_000, 100, 0),
        (301, 300, 10_000, 100, 1),
        (299, 300, 10_000, 100, -1),
        (399, 300, 10_000, 100, 99),
        (401, 300, 10_000, 100, 100),
        (199, 300, 10_000, 100, -100),
        (303, 300, 5_000, 100, 1),
        (297, 300, 5_000, 100, -1),
        (1, 1, 10_000, 100, 0),
        (5, 1, 10_000, 100, 4),
        (5, 0, 10_000, 100, 0),
    ],
)
def test_prices_follow_the_loan_prime_rate_in_whole_basis_points(
    lpr: int, base: int, passed_on: int, most: int, expected: int
) -> None:
    figures = {"lpr_base_bp": base, "passed_on_bp": passed_on, "max_move_bp": most}
    assert overlay_bp(changed(price_overlay=figures), lpr) == expected


def test_the_cap_is_checked_on_the_first_due_dates_that_the_product_allows() -> None:
    car = next(p for p in catalogue().under(policy()) if p.product_code == "car")
    assert first_periods(car) == dearest_first_periods(car.conventions.first_period, *car.conventions.first_due_days)
    assert first_periods(car)[-1].charged_years == Fraction(car.conventions.first_due_days[1], 360)


def test_a_product_that_counts_days_has_no_place_on_the_card() -> None:
    sold = catalogue().under(policy())[0]
    counted = replace(sold, conventions=replace(sold.conventions, interest_basis=DayCount.ACT_365F))
    with pytest.raises(ValueError, match=f"product {sold.product_code} charges by actual/365F"):
        first_periods(counted)


def test_the_terms_of_a_product_reach_its_prices() -> None:
    """Car loans: 0.15 points below the general price; the subsidy is the treasury's and of low-interest plans only."""
    of = changed(subsidy={"rate_bp": 100, "max_rate_share_bp": 5_000})
    given = pricing_inputs(of, catalogue().under(of), 385)
    sold = {p.product_code: p for p in catalogue().under(of)}
    for row in given.products.iter_rows(named=True):
        product = sold[row["product_code"]]
        assert row["add_on_bp"] == product.rate_addon_bp
        assert row["upfront_fee_ppm"] == 100 * product.upfront_fee_bp
        assert row["periodic_fee_ppm"] == 100 * product.periodic_fee_bp
        assert row["subsidy_share_bp"] == 5_000
        assert row["subsidy_bp"] == (100 if row["plan_type"] == "low_interest" else 0)
    assert {100, 0} == set(given.products["subsidy_bp"])
    assert given.pricing.overlay_bp == 85
    assert set(given.pricing.first_periods) == set(sold)
    assert set(given.caps["cap_rate"]) == {0.24}
    first = given.methods.with_columns(stepped=pl.col("repay_method").is_in(["STEP_UP", "STEP_DOWN"]))
    assert set(first.select("stepped", "min_term_m").rows()) == {(True, 13), (False, 1)}
