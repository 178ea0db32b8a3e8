"""Penalty interest on overdue principal (罚息): what the contract lets the lender charge in addition to the debt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from transforms.policy.sections import DefaultCosts


def late_interest_ppm(costs: DefaultCosts, nominal_ppm: int) -> int:
    """The rate a year on overdue principal: the contract rate and the policy's share more, at most its ceiling.

    Never below the contract rate, which goes on while the principal is out.
    """
    raised = nominal_ppm * (10_000 + costs.penalty_addon_share_bp) // 10_000
    return max(nominal_ppm, min(raised, costs.penalty_max_bp * 100))


def late_rate_ppm(costs: DefaultCosts, nominal_ppm: pl.Expr) -> pl.Expr:
    """The same as :func:`late_interest_ppm` for a column of contract rates in parts per million."""
    raised = nominal_ppm * (10_000 + costs.penalty_addon_share_bp) // 10_000
    return pl.max_horizontal(nominal_ppm, raised.clip(upper_bound=costs.penalty_max_bp * 100))


def late_interest(costs: DefaultCosts) -> pl.Expr:
    """Late interest on the overdue principal by :func:`late_interest_ppm`, a year of 360 days, in whole cents.

    From `late_cent_days` and the contract's rate, that of the version in force (`_agreed_rate`) or as booked (`_rate`).
    """
    nominal = (pl.coalesce("_agreed_rate", pl.col("_rate").cast(pl.Float64)) * 1_000_000).round().cast(pl.Int64)
    return pl.col("late_cent_days") * late_rate_ppm(costs, nominal) // 360_000_000
