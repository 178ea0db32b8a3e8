"""Pre-qualified plans of every eligible customer, priced to the cent on the personal amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.decision.plan_break import plan_break_bp
from transforms.offers.candidates import attached, candidates, people
from transforms.offers.cells import first_period_sets, sold_cells
from transforms.offers.keys import offer_ids
from transforms.offers.prices import priced
from transforms.offers.providers import judged_merchants
from transforms.offers.ranking import ranked
from transforms.pricing.rate_card import RATE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.policy.policy import Policy
    from transforms.policy.product import Catalogue

#: Columns of `eligibility.installment_offer`, in the contract's order.
COLUMNS: Mapping[str, DataType | DataTypeClass] = {
    "as_of_date": pl.Date,
    "customer_token": pl.String,
    "shard": pl.Int16,
    "offer_id": pl.String,
    "product_code": pl.String,
    "purpose_code": pl.String,
    "plan_type": pl.String,
    "repay_method": pl.String,
    "term_m": pl.Int32,
    "price_grade": pl.String,
    "channel": pl.String,
    "channel_limit_cents": pl.Int64,
    "request_id": pl.String,
    "merchant_id": pl.String,
    "pay_mode": pl.String,
    "proof_of_use": pl.Boolean,
    "max_amount_cents": pl.Int64,
    "amount_cents": pl.Int64,
    "down_payment_cents": pl.Int64,
    "nominal_rate": RATE,
    "apr_simple": RATE,
    "apr_irr": RATE,
    "cap_rate": RATE,
    "payment_cents": pl.Int64,
    "last_payment_cents": pl.Int64,
    "total_interest_cents": pl.Int64,
    "total_fee_cents": pl.Int64,
    "total_cost_cents": pl.Int64,
    "merchant_subsidy_cents": pl.Int64,
    "fiscal_subsidy_cents": pl.Int64,
    "subsidy_payer": pl.String,
    "payment_share_bp": pl.Int32,
    "p_plan_break": pl.Decimal(9, 6),
    "expected_margin_cents": pl.Int64,
    "score_cost_bp": pl.Int32,
    "score_payment_bp": pl.Int32,
    "score_preference_bp": pl.Int32,
    "score_margin_bp": pl.Int32,
    "score_market_bp": pl.Int32,
    "rank_score": pl.Int32,
    "rank": pl.Int32,
    "is_cheapest": pl.Boolean,
    "preference_tag": pl.String,
    "prequalified_until": pl.Date,
    "policy_id": pl.String,
    "policy_version": pl.String,
}


def installment_offer(
    eligibility: pl.DataFrame,
    rate_card: pl.DataFrame,
    catalogue: Catalogue,
    requests: pl.DataFrame,
    merchants: pl.DataFrame,
    as_of: date,
    policy: Policy,
    *,
    stability: pl.DataFrame | None = None,
    instruments: pl.DataFrame | None = None,
    market: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`eligibility.installment_offer`: at most 24 plans per eligible customer, ordered by customer and rank.

    `eligibility` and `rate_card` are the night's tables; `catalogue` is the one in force; `requests`
    (`commerce.installment_request`), `merchants` (`commerce.merchant`) and `instruments`
    (`commerce.payment_instrument`, both their latest state) are what the night knows; `stability` has income_cv and
    balance_min_cents_3m by customer_token; `market` is `reference.market_price` and changes nothing but the order.
    Every payment is affordable and likely enough to be kept, every amount within limit, product, channel and policy;
    the cheapest plan of each purpose shown is among them; interest-free plans appear only where a merchant's subsidy
    covers them.
    """
    products = catalogue.under(policy)
    cells = sold_cells(rate_card, products, policy, market)
    judged = judged_merchants(merchants, catalogue, as_of)
    persons = people(eligibility, requests, judged, policy, as_of, stability=stability, instruments=instruments)
    asked = candidates(persons, cells, judged, policy)
    shown = ranked(priced(asked, policy, first_period_sets(products)), policy)
    offers = attached(shown, persons, cells)
    limit = plan_break_bp(
        pl.max_horizontal("payment_cents", "last_payment_cents"),
        pl.col("term_m"),
        pl.col("free_cash_flow_cents"),
        pl.col("savings_cents"),
        pl.col("deviation_cents"),
    )
    return offers.with_columns(
        offer_ids(offers, persons, cells, policy, as_of),
        p_plan_break=limit.cast(pl.Decimal(9, 4)) / 10_000,
        policy_id=pl.lit(policy.policy_id),
        policy_version=pl.lit(policy.version),
    ).select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())
