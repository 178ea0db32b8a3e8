"""The strategy cell: grade of credit by what the customer needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from transforms.policy.sections_risk import Strategy


def need_class(section: Strategy) -> pl.Expr:
    """The first need that shows: relief, consolidate, repeat, purchase, or none (dormant).

    relief: something is overdue or broken; consolidate: card debt is high or only the minimum is paid; repeat: a plan
    is running or orders are often paid in installments; purchase: there are recent orders. Unknown values show no need.
    """
    use = pl.col("revolving_balance_cents") * 10_000 > pl.col("revolving_limit_cents") * section.consolidate_use_bp
    # A share of two small counts can sit a hair below the threshold it stands for.
    habit = (pl.col("installment_share_12m") * 10_000 + 1e-6).floor() >= section.repeat_share_bp
    overdue = [pl.col(c).fill_null(0) > 0 for c in ("own_dpd", "broken_plan_cnt", "current_dpd")]
    return (
        pl.when(pl.any_horizontal(overdue))
        .then(pl.lit("relief"))
        .when((use | (pl.col("pay_behaviour") == "minimum_payer")).fill_null(value=False))
        .then(pl.lit("consolidate"))
        .when(((pl.col("running_plan_cnt") > 0) | habit).fill_null(value=False))
        .then(pl.lit("repeat"))
        .when((pl.col("order_cnt_3m") >= section.purchase_orders_3m).fill_null(value=False))
        .then(pl.lit("purchase"))
        .otherwise(pl.lit("dormant"))
    )


def strategy_cell() -> pl.Expr:
    """Grade and need class: `B-repeat`."""
    return pl.concat_str(pl.col("risk_grade"), pl.lit("-"), pl.col("need_class"))
