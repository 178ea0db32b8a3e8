"""A policy and its products in the terms `transforms.pricing.priced_cells` prices by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from transforms.dates.day_count import EQUAL_PERIODS
from transforms.loans.levels import YEAR_M
from transforms.loans.plan import STEPS
from transforms.policy.product import method_limit_m
from transforms.pricing.first_period import dearest_first_periods
from transforms.pricing.priced_cells import PPM_PER_BP, PricingParameters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transforms.policy.policy import Policy
    from transforms.policy.product import Product
    from transforms.pricing.first_period import FirstDue


@dataclass(frozen=True)
class PricingInputs:
    """The arguments of `transforms.pricing.priced_cells.rate_card`; basis points and months are integers."""

    grades: pl.DataFrame
    products: pl.DataFrame
    terms: pl.DataFrame
    methods: pl.DataFrame
    pricing: PricingParameters
    caps: pl.DataFrame


def lpr_1y_bp(market_indicator_rows: pl.DataFrame, as_of: date) -> int | None:
    """The one-year loan prime rate last released by the night, in basis points; None if none was."""
    released = market_indicator_rows.filter((pl.col("indicator_code") == "lpr_1y") & (pl.col("released_on") <= as_of))
    if released.is_empty():
        return None
    newest = released.sort("released_on", "period_end", "feed_date", "delivery_seq")
    percent = newest["indicator_value"].cast(pl.Float64).item(-1)
    return int(percent * 100 + 0.5)


def cap_rate_bp(policy: Policy, lpr_1y_bp: int | None) -> int:
    """The cost cap in basis points: the policy's figure, or its multiple of the one-year LPR where that is lower.

    ValueError when the policy's cap needs an LPR and none was released by the night.
    """
    cap = policy.cap
    if not cap.lpr_multiple_bp:
        return cap.rate_bp
    if lpr_1y_bp is None:
        raise ValueError(f"{policy.policy_id} {policy.version} caps cost by the one-year LPR and none is known")
    return min(cap.rate_bp, cap.lpr_multiple_bp * lpr_1y_bp // 10_000)


def overlay_bp(policy: Policy, lpr_1y_bp: int | None) -> int:
    """What the loan prime rate adds to every price: the policy's share of its distance from the base, within bounds."""
    overlay = policy.price_overlay
    if lpr_1y_bp is None or not overlay.lpr_base_bp:
        return 0
    # Whole basis points towards zero, so that a fall is passed on as a rise is.
    distance = lpr_1y_bp - overlay.lpr_base_bp
    moved = abs(distance) * overlay.passed_on_bp // 10_000
    return min(moved, overlay.max_move_bp) * (1 if distance > 0 else -1)


def first_periods(product: Product) -> tuple[FirstDue, ...]:
    """The first periods on which the product's cap is checked: the dearest that its conventions allow.

    ValueError where it does not charge equal months, which is what the rate card prices.
    """
    said = product.conventions
    if said.interest_basis != EQUAL_PERIODS:
        raise ValueError(
            f"product {product.product_code} charges by {said.interest_basis};"
            f" the rate card prices {EQUAL_PERIODS} only"
        )
    return dearest_first_periods(said.first_period, *said.first_due_days)


def pricing_inputs(policy: Policy, products: Sequence[Product], lpr_1y_bp: int | None = None) -> PricingInputs:
    """What the rate card of a night is priced from; `products` are those of :meth:`Catalogue.under`."""
    figures = policy.pricing
    cap = cap_rate_bp(policy, lpr_1y_bp)
    return PricingInputs(
        grades=pl.DataFrame(
            [(grade, g.loss_bp, g.margin_bp, g.max_term_m) for grade, g in policy.grades.items()],
            schema={"risk_grade": pl.String, "loss_bp": pl.Int64, "margin_bp": pl.Int64, "max_term_m": pl.Int32},
            orient="row",
        ),
        products=pl.DataFrame(
            [
                (
                    p.product_code,
                    p.plan_type,
                    p.rate_addon_bp,
                    policy.subsidy.rate_bp if p.plan_type == "low_interest" else 0,
                    policy.subsidy.max_rate_share_bp,
                    p.upfront_fee_bp * PPM_PER_BP,
                    p.periodic_fee_bp * PPM_PER_BP,
                )
                for p in products
            ],
            schema={
                "product_code": pl.String,
                "plan_type": pl.String,
                "add_on_bp": pl.Int64,
                "subsidy_bp": pl.Int64,
                "subsidy_share_bp": pl.Int64,
                "upfront_fee_ppm": pl.Int64,
                "periodic_fee_ppm": pl.Int64,
            },
            orient="row",
        ),
        terms=pl.DataFrame(
            [(p.product_code, term) for p in products for term in p.terms_m],
            schema={"product_code": pl.String, "term_m": pl.Int32},
            orient="row",
        ),
        methods=pl.DataFrame(
            [
                (
                    p.product_code,
                    p.plan_type,
                    method,
                    # Within its first year a stepped plan is a level one.
                    YEAR_M + 1 if method in STEPS else 1,
                    method_limit_m(p, method, policy),
                    p.balloon_bp,
                    p.step_bp,
                )
                for p in products
                for method in p.repay_methods
            ],
            schema={
                "product_code": pl.String,
                "plan_type": pl.String,
                "repay_method": pl.String,
                "min_term_m": pl.Int32,
                "max_term_m": pl.Int32,
                "balloon_bp": pl.Int64,
                "step_bp": pl.Int64,
            },
            orient="row",
        ),
        pricing=PricingParameters(
            funding_bp=figures.funding_bp,
            operating_bp=figures.operating_bp,
            term_step_bp=figures.term_step_bp,
            overlay_bp=overlay_bp(policy, lpr_1y_bp),
            cap_tolerance_bp=figures.cap_tolerance_bp,
            payment_rounding=figures.payment_rounding,
            first_periods={p.product_code: first_periods(p) for p in products},
        ),
        caps=pl.DataFrame(
            [(p.product_code, cap / 10_000, policy.cap.method) for p in products],
            schema={"product_code": pl.String, "cap_rate": pl.Float64, "cap_method": pl.String},
            orient="row",
        ),
    )
