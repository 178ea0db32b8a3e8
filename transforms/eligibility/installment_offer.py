"""Pre-qualified plans of every eligible customer, priced to the cent on the personal amount."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import polars as pl

from transforms.eligibility.offer_candidates import attached, candidates, people, sold_cells
from transforms.eligibility.offer_prices import priced
from transforms.eligibility.offer_ranking import ranked
from transforms.eligibility.rate_card import RATE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.eligibility.policy import Policy
    from transforms.eligibility.product import Catalogue

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
    "request_id": pl.String,
    "merchant_id": pl.String,
    "max_amount_cents": pl.Int64,
    "amount_cents": pl.Int64,
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
    "payment_share_bp": pl.Int32,
    "expected_margin_cents": pl.Int64,
    "score_cost_bp": pl.Int32,
    "score_payment_bp": pl.Int32,
    "score_preference_bp": pl.Int32,
    "score_margin_bp": pl.Int32,
    "rank_score": pl.Int32,
    "rank": pl.Int32,
    "is_cheapest": pl.Boolean,
    "preference_tag": pl.String,
    "prequalified_until": pl.Date,
    "policy_id": pl.String,
    "policy_version": pl.String,
}

_PLAN = ("product_code", "purpose_code", "plan_type", "repay_method", "term_m", "merchant_id")


def installment_offer(
    eligibility: pl.DataFrame,
    rate_card: pl.DataFrame,
    catalogue: Catalogue,
    requests: pl.DataFrame,
    merchants: pl.DataFrame,
    as_of: date,
    policy: Policy,
) -> pl.DataFrame:
    """`eligibility.installment_offer`: at most 24 plans per eligible customer, ordered by customer and rank.

    `eligibility` and `rate_card` are the night's tables; `catalogue` is the one in force; `requests`
    (`commerce.installment_request`) and `merchants` (`commerce.merchant`, latest state) are what the night knows.
    Every payment is affordable, every amount within limit, product and policy; the cheapest plan of each purpose
    shown is among them; interest-free plans appear only where a merchant's subsidy covers them.
    """
    cells = sold_cells(rate_card, catalogue.under(policy), policy)
    persons = people(eligibility, requests, policy, as_of)
    shown = candidates(persons, cells, merchants, catalogue, policy)
    offers = attached(ranked(priced(shown, policy), policy), persons, cells)
    return (
        _with_ids(offers, policy, as_of)
        .with_columns(policy_id=pl.lit(policy.policy_id), policy_version=pl.lit(policy.version))
        .select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())
    )


def _with_ids(offers: pl.DataFrame, policy: Policy, as_of: date) -> pl.DataFrame:
    """Adds `offer_id`: 16 hex digits of customer and night, 16 of the plan's terms under the policy version.

    The same customer, night and terms give the same id however often the night is run, and the id alone tells
    nothing about the customer.
    """
    night = f"{as_of.isoformat()}|{policy.version}"
    plans = offers.select(_PLAN).unique()
    plan_keys = plans.with_columns(_plan=_digests([f"{night}|{row}" for row in plans.iter_rows()]))
    customers = offers.select("customer_token").unique()
    tokens = customers["customer_token"]
    customer_keys = customers.with_columns(_customer=_digests([f"{night}|{token}" for token in tokens]))
    return (
        offers.join(customer_keys, on="customer_token", how="left", maintain_order="left")
        .join(plan_keys, on=_PLAN, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(offer_id=pl.col("_customer") + pl.col("_plan"))
    )


def _digests(texts: list[str]) -> pl.Series:
    return pl.Series([hashlib.blake2b(t.encode(), digest_size=8).hexdigest() for t in texts], dtype=pl.String)
