"""The sold cells of the rate card, joined with product, provider rule and market price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.offers.channels import channel_numbers
from transforms.offers.market_price import market_score
from transforms.offers.prices import NEAR_CAP
from transforms.offers.providers import PROVIDER_BITS
from transforms.policy.product import CHANNELS, REPAY_METHODS
from transforms.policy.sections import PURPOSES
from transforms.pricing.pricing_inputs import first_periods

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.policy.policy import Policy
    from transforms.policy.product import Product
    from transforms.pricing.first_period import FirstDue

_PER_10K_OF_BP = 100


def number_of(column: str, names: Sequence[str]) -> pl.Expr:
    """The place of a name in `names`, NULL for NULL."""
    return pl.col(column).replace_strict({name: n for n, name in enumerate(names)}, return_dtype=pl.Int8)


def first_period_sets(products: Sequence[Product]) -> list[tuple[FirstDue, ...]]:
    """The first periods on which caps are checked, each set once in a fixed order."""
    return sorted({first_periods(p) for p in products})


def sold_cells(
    rate_card: pl.DataFrame, products: Sequence[Product], policy: Policy, market: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The rate card's sold cells with their product's terms; one row per cell and purpose.

    `usual`: shown unasked; `longest`: the reference product's annuities, of which the customer's longest is shown.
    `highest_per_10k`: highest payment on 10,000 with its fee, cents. `cost_ppm`: the price less the grade's margin,
    millionths. `first_no`: place of its first periods in :func:`first_period_sets`. `subsidy_bp`: share of the price a
    merchant has to pay (0: none has to), `fiscal_ppm`: what the state pays a year of the balance. `near_cap`: the cost
    of a personal amount must be checked against the cap. `market` is `reference.market_price`.
    """
    usual = pl.DataFrame(
        [(p.product_code, method, term, True) for p in products for method, term in p.offered],
        schema={"product_code": pl.String, "repay_method": pl.String, "term_m": pl.Int32, "usual": pl.Boolean},
        orient="row",
    )
    margins = {grade: g.margin_bp * 100 for grade, g in policy.grades.items()}
    margin_ppm = pl.col("risk_grade").replace_strict(margins, return_dtype=pl.Int64)
    sets = first_period_sets(products)
    reference = (pl.col("product_code") == policy.amounts.reference_product) & (pl.col("repay_method") == "ANNUITY")
    return (
        rate_card.filter(~pl.col("price_above_cap"))
        .select(
            "product_code",
            "plan_type",
            "repay_method",
            "nominal_rate",
            "apr_simple",
            "apr_irr",
            "cap_rate",
            "cap_cost",
            rate_ppm=_ppm("nominal_rate"),
            cost_ppm=_ppm("risk_price") - margin_ppm,
            price_grade="risk_grade",
            term_m=pl.col("term_m").cast(pl.Int32),
            highest="highest_payment_per_10k_cents",
            fiscal_ppm=_ppm("subsidy_rate"),
            balloon_bp="balloon_bp",
            step_bp="step_bp",
        )
        .join(_of_products(products, policy), on="product_code", how="inner")
        .join(usual, on=["product_code", "repay_method", "term_m"], how="left")
        .join(_prices(market), on=["purpose_code", "term_m"], how="left")
        .with_columns(
            # Unasked a product is shown for its first purpose; an interest-free one for what its merchant sells.
            usual=pl.col("usual").fill_null(value=False) & (pl.col("needs_subsidy") | pl.col("first_purpose")),
            subsidy_bp=pl.col("subsidy_bp_per_m") * pl.col("term_m"),
            highest_per_10k=pl.col("highest") + pl.col("periodic_fee_bp") * _PER_10K_OF_BP,
            longest=reference,
            method_no=number_of("repay_method", REPAY_METHODS),
            purpose_no=number_of("purpose_code", PURPOSES),
            cap=pl.col("cap_rate").cast(pl.Float64),
            near_cap=(pl.col("cap_rate") - pl.col("cap_cost")).cast(pl.Float64) < NEAR_CAP,
            first_no=pl.col("product_code").replace_strict(
                {p.product_code: sets.index(first_periods(p)) for p in products}, return_dtype=pl.Int8
            ),
            score_market_bp=market_score(),
            subsidy_payer=pl.when(pl.col("subsidy_bp_per_m") > 0)
            .then(pl.lit("merchant"))
            .when(pl.col("fiscal_ppm") > 0)
            .then(pl.lit("treasury"))
            .otherwise(pl.lit("none")),
        )
        .drop("subsidy_bp_per_m", "highest", "cap_cost", "first_purpose", "lowest_annual_cost")
        .sort("price_grade", "product_code", "purpose_code", "term_m", "repay_method")
        .with_row_index("cell")
    )


def _of_products(products: Sequence[Product], policy: Policy) -> pl.DataFrame:
    rows = [
        {
            "product_code": p.product_code,
            "purpose_code": purpose,
            "first_purpose": purpose == p.purpose_codes[0],
            "min_amount_cents": p.min_amount_cents,
            "product_max_cents": p.max_amount_cents,
            "upfront_fee_bp": p.upfront_fee_bp,
            "periodic_fee_bp": p.periodic_fee_bp,
            "first_channel_no": channel_numbers(p)[0],
            "fallback_channel_no": channel_numbers(p)[1],
            "channel_bits": sum(1 << CHANNELS.index(c) for c in p.channels),
            "subsidy_bp_per_m": p.subsidy_bp_per_m,
            "needs_subsidy": p.needs_subsidy,
            "provider_bit": PROVIDER_BITS[p.provider_rule],
            "entrusted_from_cents": p.entrusted_from_cents,
            "proof_from_cents": p.proof_from_cents,
            "down_payment_bp": p.down_payment_bp,
            "self_paid_max_cents": policy.payout.self_paid_max_cents,
        }
        for p in products
        for purpose in p.purpose_codes
    ]
    return pl.DataFrame(rows)


def _prices(market: pl.DataFrame | None) -> pl.DataFrame:
    if market is None:
        return pl.DataFrame(
            schema={"purpose_code": pl.String, "term_m": pl.Int32, "lowest_annual_cost": pl.Decimal(9, 6)}
        )
    return market.select("purpose_code", pl.col("term_m").cast(pl.Int32), "lowest_annual_cost")


def _ppm(rate: str) -> pl.Expr:
    """A rate of six decimals as whole millionths, exactly."""
    return (pl.col(rate).cast(pl.Float64) * 1_000_000 + 0.5).floor().cast(pl.Int64)
