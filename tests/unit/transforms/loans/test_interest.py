"""Late interest of a column of rates is that of each rate alone, and grows by the day on a year of 360."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.transforms.support import policy
from transforms.loans.interest import late_interest, late_interest_ppm, late_rate_ppm

RATES = st.integers(0, 400_000)


def test_late_interest_is_no_dearer_than_its_ceiling_and_no_cheaper_than_the_rate() -> None:
    costs = policy().default_costs
    assert [late_interest_ppm(costs, ppm) for ppm in (0, 80_000, 200_000, 300_000)] == [0, 120_000, 240_000, 300_000]


@given(st.lists(RATES, min_size=1, max_size=8), st.integers(0, 10_000), st.integers(0, 4_000))
def test_a_column_of_rates_gives_what_each_rate_gives(rates: list[int], addon_bp: int, ceiling_bp: int) -> None:
    costs = replace(policy().default_costs, penalty_addon_share_bp=addon_bp, penalty_max_bp=ceiling_bp)
    found = pl.DataFrame({"ppm": rates}).select(late_rate_ppm(costs, pl.col("ppm"))).to_series().to_list()
    assert found == [late_interest_ppm(costs, ppm) for ppm in rates]


@given(RATES, st.none() | RATES, st.integers(0, 10**15))
def test_a_plan_is_charged_at_the_rate_agreed_last(booked: int, agreed: int | None, cent_days: int) -> None:
    costs = policy().default_costs
    plan = pl.DataFrame(
        {"_rate": booked / 1e6, "_agreed_rate": None if agreed is None else agreed / 1e6, "late_cent_days": cent_days},
        schema_overrides={"_rate": pl.Decimal(9, 6), "_agreed_rate": pl.Float64, "late_cent_days": pl.Int64},
        strict=False,
    )
    rate = late_interest_ppm(costs, booked if agreed is None else agreed)
    assert plan.select(late_interest(costs)).item() == cent_days * rate // 360_000_000


def test_a_thousand_overdue_for_thirty_six_days_at_eighteen_percent_costs_eighteen() -> None:
    plan = pl.DataFrame({"_rate": [0.12], "_agreed_rate": [None], "late_cent_days": [100_000 * 36]})
    assert plan.select(late_interest(policy().default_costs)).item() == 1_800
