"""What a customer could bear if things went worse, and the figure of it all, worked by hand."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from transforms.risk.capacity import Quant, Stress

#: Income falls by a fifth, payments rise by a tenth; on the debt outstanding the rate rises by 1.2 % a year.
STRESS = Stress(2_000, 1_000, 3_000, 5_000, 7_000, 3.0, 120)
CUSTOMER: dict[str, Any] = {
    "income_cents": 10_001,
    "debt_service_cents": 1_001,
    "debt_balance_cents": 100_000,
    "liquid_buffer_m": 3.0,
}


def value(expression: pl.Expr, **change: Any) -> Any:
    types = {"income_cents": pl.Int64, "debt_balance_cents": pl.Int64, "liquid_buffer_m": pl.Float64}
    return pl.DataFrame([CUSTOMER | change], schema_overrides=types).select(expression).item()


def test_income_falls_and_service_rises_against_the_customer() -> None:
    """8,000.8 is 8,000; 1,101.1 and a month's 0.1 % of 100,000 are 1,201.1, which is 1,202."""
    assert value(STRESS.income()) == 8_000
    assert value(STRESS.service()) == 1_202
    assert value(STRESS.service(), debt_balance_cents=None) == 1_102
    assert value(STRESS.dsr()) == pytest.approx(1_202 / 8_000)
    assert value(STRESS.dsr(), income_cents=0) is None
    assert value(STRESS.dsr(), income_cents=None) is None


@pytest.mark.parametrize(
    ("service", "buffer", "band"),
    [
        (3_000, 3.0, "strong"),
        (3_000, 2.9, "adequate"),
        (3_000, None, "adequate"),
        (3_001, 9.0, "adequate"),
        (5_000, 0.0, "adequate"),
        (5_001, 9.0, "tight"),
        (7_000, 0.0, "tight"),
        (7_001, 9.0, "none"),
    ],
)
def test_each_band_reaches_to_its_share_of_the_stressed_income(service: int, buffer: float, band: str) -> None:
    same = Stress(0, 0, 3_000, 5_000, 7_000, 3.0)
    known = {"income_cents": 10_000, "debt_service_cents": service, "liquid_buffer_m": buffer}
    assert value(same.band(), **known) == band


@pytest.mark.parametrize("income", [None, 0, -1])
def test_without_income_there_is_no_capacity(income: int | None) -> None:
    assert value(STRESS.band(), income_cents=income, debt_service_cents=0, debt_balance_cents=0) == "none"


QUANT = Quant(6_000, 2_500, 1_500, 2_400, 10_000)
RATED = {"score": 600, "pd_12m": 0.1, "lgd": 0.6, "stressed_dsr": 0.4}


@pytest.mark.parametrize(
    ("change", "figure"),
    [
        # Half the scale, a loss of 600 of 2,400 bp, a ratio of 4,000 of 10,000: 30 + 18.75 + 9.
        ({}, 57),
        ({"score": 900, "pd_12m": 0.0, "stressed_dsr": 0.0}, 100),
        ({"score": 300, "pd_12m": 1.0, "stressed_dsr": None}, 0),
        ({"score": 300, "pd_12m": 1.0, "stressed_dsr": 5.0}, 0),
        ({"score": 300, "pd_12m": 0.0, "stressed_dsr": 1.0}, 25),
        ({"score": 300, "pd_12m": 1.0, "stressed_dsr": 0.0}, 15),
        ({"score": 301, "pd_12m": 1.0, "stressed_dsr": 1.0}, 0),
    ],
)
def test_the_figure_by_hand(change: dict[str, Any], figure: int) -> None:
    frame = pl.DataFrame([RATED | change], schema_overrides={"stressed_dsr": pl.Float64})
    assert frame.select(QUANT.figure(300, 900)).item() == figure
