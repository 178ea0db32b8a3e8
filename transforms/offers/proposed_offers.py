"""Pre-qualified plans of every eligible customer, priced to the cent on the personal amount, before compliance."""

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

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.policy import Policy
    from transforms.policy.product import Catalogue


def proposed_offers(
    customer_eligibility: pl.DataFrame,
    rate_card: pl.DataFrame,
    catalogue: Catalogue,
    installment_request_rows: pl.DataFrame,
    merchant_latest: pl.DataFrame,
    as_of: date,
    policy: Policy,
    *,
    stability: pl.DataFrame | None = None,
    payment_instrument_latest: pl.DataFrame | None = None,
    market_price: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Plans of each eligible customer before they are checked: at most 24, ordered by customer and rank.

    `stability` is the frame of :func:`transforms.decision.plan_break.stability`; `market_price` changes nothing but the
    order. Every payment is affordable and likely enough to be kept, every amount within limit, product, channel and
    policy; the cheapest plan of each purpose shown is among them; interest-free plans appear only where a merchant's
    subsidy covers them.
    """
    products = catalogue.under(policy)
    cells = sold_cells(rate_card, products, policy, market_price)
    judged = judged_merchants(merchant_latest, catalogue, as_of)
    persons = people(
        customer_eligibility,
        installment_request_rows,
        judged,
        policy,
        as_of,
        stability=stability,
        instruments=payment_instrument_latest,
    )
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
        p_plan_break=limit / 10_000,
        policy_id=pl.lit(policy.policy_id),
        policy_version=pl.lit(policy.version),
    )
