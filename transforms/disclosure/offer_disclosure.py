"""What is disclosed of each offer: its figures row by row, the tariff of its product once a night.

An offer's row carries every figure that is its own; how each charge is made, by which standard and who takes it is the
same for all offers of a product and lies in `eligibility.disclosure_charge`. Both together, and nothing else, give the
sheet (:mod:`transforms.disclosure.disclosure`); `template_version` names the words it was made for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.disclosure.disclosure import TEMPLATE_VERSION, Charge, default_charges
from transforms.loans.interest import late_rate_ppm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transforms.policy.policy import Policy
    from transforms.policy.product import Product


def product_charges(product: Product, policy: Policy) -> list[Charge]:
    """Every charge of a product, in the order of the sheet; interest and late interest take each offer's own rate."""
    fees = [
        ("upfront_fee", product.upfront_fee_bp, "amount"),
        ("periodic_fee", product.periodic_fee_bp, "amount_each"),
    ]
    charges = [Charge("interest", "normal", None, "year", "lender")]
    charges += [Charge(code, "normal", bp * 100, basis, product.fee_collector) for code, bp, basis in fees if bp]
    charges += default_charges(policy.default_costs, None, citations_of(policy))
    if product.subsidy_bp_per_m:
        charges.append(Charge("merchant_subsidy", "paid_by_others", None, "price", "merchant"))
    if product.plan_type == "low_interest" and (state := policy.subsidy.rate_bp):
        cited_as = policy.figures["subsidy.rate_bp"].citation
        charges.append(Charge("fiscal_subsidy", "paid_by_others", state * 100, "year", "treasury", cited_as))
    return charges


def citations_of(policy: Policy) -> dict[str, str]:
    """Where each figure of the default costs comes from, by its name."""
    named = ((key.partition("."), figure.citation) for key, figure in policy.figures.items())
    return {key[2]: citation for key, citation in named if key[0] == "default_costs"}


def disclosure_charge(products: Sequence[Product], policy: Policy, as_of: date) -> list[dict[str, Any]]:
    """`eligibility.disclosure_charge`: one row per product sold and charge, in the order of the sheet."""
    return [
        {
            "as_of_date": as_of,
            "product_code": product.product_code,
            "charge_code": c.charge_code,
            "charge_no": number,
            "category": c.category,
            "name_en": c.name.en,
            "name_zh": c.name.zh,
            "method_en": c.method.en,
            "method_zh": c.method.zh,
            "standard_ppm": c.standard_ppm,
            "basis": c.basis,
            "collector": c.collector,
            "citation": c.citation,
            "template_version": TEMPLATE_VERSION,
        }
        for product in products
        for number, c in enumerate(product_charges(product, policy), start=1)
    ]


def offer_disclosure(installment_offer: pl.DataFrame, products: Sequence[Product], policy: Policy) -> pl.DataFrame:
    """`eligibility.offer_disclosure`: one row per offer of `eligibility.installment_offer`, in its order.

    `products` are those sold under `policy`. Amounts are the offer's own; fees are taken apart by the product's
    standards, exactly as they were priced.
    """
    amount = pl.col("amount_cents")
    codes = pl.col("product_code")

    def fee(field: str) -> pl.Expr:
        standards = {p.product_code: getattr(p, field) for p in products}
        return (amount * codes.replace_strict(standards, return_dtype=pl.Int64) + 5_000) // 10_000

    nominal = (pl.col("nominal_rate").cast(pl.Float64) * 1_000_000 + 0.5).floor().cast(pl.Int64)
    late = late_rate_ppm(policy.default_costs, nominal)
    shown = "apr_simple" if policy.disclosure.annual_cost == "us_reg_z" else "apr_irr"
    return installment_offer.with_columns(
        template_version=pl.lit(TEMPLATE_VERSION),
        principal_cents=amount,
        interest_cents="total_interest_cents",
        upfront_fee_cents=fee("upfront_fee_bp"),
        periodic_fee_cents=fee("periodic_fee_bp"),
        total_paid_cents=amount + pl.col("down_payment_cents") + pl.col("total_cost_cents"),
        annual_cost=shown,
        annual_cost_method=pl.lit(policy.disclosure.annual_cost),
        late_interest_rate=late.cast(pl.Decimal(18, 6)) / 1_000_000,
        no_other_fees=pl.lit(value=True),
    )
