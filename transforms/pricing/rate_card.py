"""The night's rate card: every cell the policy in force sells to a grade, priced once with exact schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.pricing import priced_cells as pricing
from transforms.pricing.pricing_inputs import pricing_inputs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transforms.policy.policy import Policy
    from transforms.policy.product import Product

RATE = pl.Decimal(9, 6)
RATES = ("nominal_rate", "risk_price", "apr_simple", "apr_irr", "cap_rate", "cap_cost", "subsidy_rate")
KEY = ("risk_grade", "product_code", "plan_type", "term_m", "repay_method")


def rate_card(policy: Policy, products: Sequence[Product], as_of: date, lpr_1y_bp: int | None = None) -> pl.DataFrame:
    """`eligibility.rate_card`: one row per grade and (product, plan type, term, method) it is sold.

    `products` are those of :meth:`Catalogue.under`; `lpr_1y_bp` is the latest one-year loan prime rate released by
    `as_of`, needed only where the policy's cap is a multiple of it. Rates are exact decimals of six places.
    """
    inputs = pricing_inputs(policy, products, lpr_1y_bp)
    card = pricing.rate_card(
        inputs.grades, inputs.products, inputs.terms, inputs.methods, inputs.pricing, inputs.caps, as_of
    )
    return card.with_columns(
        *(pl.col(rate).cast(RATE) for rate in RATES),
        policy_id=pl.lit(policy.policy_id),
        policy_version=pl.lit(policy.version),
    ).sort(KEY)
