"""The rate card looked up by grade and by how long a customer may borrow: a few hundred rows, joined once."""

from __future__ import annotations

import polars as pl

from transforms.policy.sections import GRADES

LONGEST_TERM_M = 84


def rate_grid(rate_card: pl.DataFrame, reference_product: str) -> pl.DataFrame:
    """One row per `price_grade` and `bound_m` 0..84: what the grade is sold in terms of at most `bound_m` months.

    `grid_term_m`, `grid_payment` (highest payment on 10,000, cents): the longest annuity of the reference product that
    is sold; `min_rate`, `max_rate`, `cap_binding` over every interest-bearing cell sold; `price_above_cap`: there are
    interest-bearing cells but each costs more than its cap; `shortest_m`: shortest term sold or not.
    """
    bounds = pl.DataFrame({"bound_m": range(LONGEST_TERM_M + 1)}, schema={"bound_m": pl.Int32})
    keys = pl.DataFrame({"price_grade": GRADES}).join(bounds, how="cross")
    bearing = (
        rate_card.filter(pl.col("plan_type") != "interest_free")
        .with_columns(
            price_grade="risk_grade",
            sold=~pl.col("price_above_cap"),
            highest="highest_payment_per_10k_cents",
            is_reference=(pl.col("product_code") == reference_product) & (pl.col("repay_method") == "ANNUITY"),
        )
        .select(
            "price_grade", "term_m", "nominal_rate", "cap_binding", "sold", "highest", "is_reference", "product_code"
        )
    )
    cells = keys.join(bearing, on="price_grade").filter(pl.col("term_m") <= pl.col("bound_m"))
    reference = pl.col("sold") & pl.col("is_reference")
    longest = pl.col("term_m").filter(reference)
    grid = cells.group_by("price_grade", "bound_m").agg(
        grid_term_m=longest.max().cast(pl.Int32),
        grid_payment=pl.col("highest").filter(reference).get(longest.arg_max(), null_on_oob=True),
        min_rate=pl.col("nominal_rate").filter("sold").min(),
        max_rate=pl.col("nominal_rate").filter("sold").max(),
        cap_binding=(pl.col("cap_binding") & pl.col("sold")).any(),
        price_above_cap=(~pl.col("sold")).all(),
    )
    shortest = bearing.select(shortest_m=pl.col("term_m").min().cast(pl.Int32))
    return keys.join(grid, on=["price_grade", "bound_m"], how="left").join(shortest, how="cross")
