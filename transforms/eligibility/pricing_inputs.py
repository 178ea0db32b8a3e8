"""What the rate card has to price: every cell a policy sells to a grade, with its risk price, asked rate and cap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.eligibility.policy_sections import GRADES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.eligibility.policy import Policy
    from transforms.eligibility.product import Product

CELLS: Mapping[str, DataType | DataTypeClass] = {
    "as_of_date": pl.Date,
    "risk_grade": pl.String,
    "product_code": pl.String,
    "plan_type": pl.String,
    "term_m": pl.Int32,
    "repay_method": pl.String,
    "risk_price_bp": pl.Int64,
    "asked_rate_bp": pl.Int64,
    "upfront_fee_bp": pl.Int64,
    "cap_rate_bp": pl.Int64,
    "cap_method": pl.String,
    "payment_rounding": pl.String,
    "policy_id": pl.String,
    "policy_version": pl.String,
}


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


def pricing_cells(
    policy: Policy, products: Iterable[Product], as_of: date, lpr_1y_bp: int | None = None
) -> pl.DataFrame:
    """One row per price grade and (product, term, method) sold to it, sorted by the rate card's key.

    `products` are those of :meth:`Catalogue.under`. The risk price is funding, operating cost, the grade's expected
    loss, the product's add-on and the policy's step for each started year of the term beyond the first; the asked
    rate adds the grade's margin. An interest-free plan asks 0: its risk price is what the merchant's subsidy faces.
    A cell beyond the grade's longest term is not sold and has no row.
    """
    cap = cap_rate_bp(policy, lpr_1y_bp)
    pricing = policy.pricing
    rows = []
    for grade in GRADES:
        terms = policy.grades[grade]
        for product in products:
            for term in (t for t in product.terms_m if t <= terms.max_term_m):
                further_years = (term + 11) // 12 - 1
                price = pricing.funding_bp + pricing.operating_bp + terms.loss_bp + product.rate_addon_bp
                price = max(0, price + pricing.term_step_bp * further_years)
                asked = 0 if product.plan_type == "interest_free" else price + terms.margin_bp
                rows += [
                    (
                        as_of,
                        grade,
                        product.product_code,
                        product.plan_type,
                        term,
                        method,
                        price,
                        asked,
                        product.upfront_fee_bp,
                        cap,
                        policy.cap.method,
                        pricing.payment_rounding,
                        policy.policy_id,
                        policy.version,
                    )
                    for method in product.repay_methods
                ]
    return pl.DataFrame(rows, schema=dict(CELLS), orient="row").sort(list(CELLS)[1:6])
