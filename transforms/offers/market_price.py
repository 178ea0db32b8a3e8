"""Competitor prices known that night; used only to order offers inside the caps."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.policy import Policy

#: Points of the ranking component where nothing is known or the prices are equal, and points per basis point cheaper.
_EQUAL, _PER_BP = 5_000, 10


def market_price(market_price_rows: pl.DataFrame, policy: Policy, as_of: date) -> pl.DataFrame:
    """`reference.market_price`: one row per purpose and term of which a competitor's price is known.

    `market_price_rows` is `market.market_price` as the night knows it. Of each competitor the latest price counts, for
    `offers.market_price_days` days; the lowest of them is used.
    """
    since = as_of - timedelta(days=policy.offers.market_price_days)
    known = market_price_rows.filter((pl.col("observed_on") > since) & (pl.col("observed_on") <= as_of))
    latest = known.sort("observed_on", "annual_cost", descending=[False, True]).unique(
        ["competitor_code", "purpose_code", "term_m"], keep="last", maintain_order=True
    )
    return (
        latest.group_by("purpose_code", "term_m")
        .agg(
            lowest_annual_cost=pl.col("annual_cost").min(),
            competitor_cnt=pl.len(),
            newest_observed_on=pl.col("observed_on").max(),
        )
        .sort("purpose_code", "term_m")
        .with_columns(as_of_date=pl.lit(as_of))
    )


def market_score() -> pl.Expr:
    """Ranking component 0..10000 from `apr_irr` and `lowest_annual_cost`: more the cheaper, 5000 where unknown."""
    saved_bp = ((pl.col("lowest_annual_cost") - pl.col("apr_irr")).cast(pl.Float64) * 10_000).round().cast(pl.Int64)
    return (_EQUAL + _PER_BP * saved_bp.fill_null(0)).clip(0, 10_000)
