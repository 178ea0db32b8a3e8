"""Which plans each eligible customer is shown: the catalogue's usual ones, the longest, a merchant's, the requested."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from transforms.eligibility.affordability import down_to_step, financed_by

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from transforms.eligibility.policy import Policy
    from transforms.eligibility.product import Catalogue, Product

_CELL = ("price_grade", "product_code", "plan_type", "term_m", "repay_method")


def people(eligibility: pl.DataFrame, requests: pl.DataFrame, policy: Policy, as_of: date) -> pl.DataFrame:
    """Eligible customers with their latest open request (`r_…`, NULL without one) and their preference.

    A request is open for `offers.request_open_days` days; of several on one day the greatest number stands.
    """
    since = as_of - timedelta(days=policy.offers.request_open_days)
    latest = (
        requests.filter((pl.col("requested_on") > since) & (pl.col("requested_on") <= as_of))
        .sort("requested_on", "request_id")
        .unique("customer_token", keep="last", maintain_order=True)
        .select(
            "customer_token",
            r_id="request_id",
            r_channel="channel",
            r_purpose="purpose_code",
            r_merchant="merchant_id",
            r_amount="amount_cents",
            r_term=pl.col("term_m").cast(pl.Int32),
            r_method="repay_method",
            r_preference="preference",
        )
    )
    columns = (
        "as_of_date",
        "customer_token",
        "shard",
        "price_grade",
        "limit_cents",
        "max_payment_cents",
        "max_term_m",
        "prequalified_until",
        "stated_preference",
    )
    return (
        eligibility.filter(pl.col("decision") == "eligible")
        .select(columns)
        .join(latest, on="customer_token", how="left")
        .with_columns(preference=pl.coalesce("r_preference", "stated_preference"))
        .drop("r_preference", "stated_preference")
    )


def sold_cells(rate_card: pl.DataFrame, products: Iterable[Product], policy: Policy) -> pl.DataFrame:
    """The rate card's sold cells with what the product says of them; one row per cell and purpose.

    `usual`: shown unasked. `highest_per_10k`: highest payment on 10,000, cents. `subsidy_bp`: share of the price a
    merchant has to pay (0 where none has to).
    """
    rows = [
        (
            p.product_code,
            purpose,
            p.min_amount_cents,
            p.max_amount_cents,
            p.upfront_fee_bp,
            list(p.channels),
            p.subsidy_bp_per_m,
            p.needs_subsidy,
        )
        for p in products
        for purpose in p.purpose_codes
    ]
    said = pl.DataFrame(
        rows,
        schema={
            "product_code": pl.String,
            "purpose_code": pl.String,
            "min_amount_cents": pl.Int64,
            "product_max_cents": pl.Int64,
            "upfront_fee_bp": pl.Int64,
            "channels": pl.List(pl.String),
            "subsidy_bp_per_m": pl.Int64,
            "needs_subsidy": pl.Boolean,
        },
        orient="row",
    )
    usual = pl.DataFrame(
        [(p.product_code, method, term, True) for p in products for method, term in p.offered],
        schema={"product_code": pl.String, "repay_method": pl.String, "term_m": pl.Int32, "usual": pl.Boolean},
        orient="row",
    )
    reference = policy.amounts.reference_product
    return (
        rate_card.filter(~pl.col("price_above_cap"))
        .select(
            "product_code",
            "plan_type",
            "repay_method",
            "nominal_rate",
            "risk_price",
            "apr_simple",
            "apr_irr",
            "cap_rate",
            price_grade="risk_grade",
            term_m=pl.col("term_m").cast(pl.Int32),
            highest_per_10k=pl.max_horizontal("payment_per_10k_cents", "last_payment_per_10k_cents"),
        )
        .join(said, on="product_code", how="inner")
        .join(usual, on=["product_code", "repay_method", "term_m"], how="left")
        .with_columns(
            usual=pl.col("usual").fill_null(value=False),
            subsidy_bp=pl.col("subsidy_bp_per_m") * pl.col("term_m"),
            longest=(pl.col("product_code") == reference) & (pl.col("repay_method") == "ANNUITY"),
        )
        .drop("subsidy_bp_per_m")
    )


def paying_merchants(merchants: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Active merchants that pay towards interest-free plans, best first: id, purpose, share in basis points."""
    return (
        merchants.filter((pl.col("status") == "active") & (pl.col("subsidy_share") > 0))
        .select(
            "merchant_id",
            merchant_purpose=pl.col("category_code").replace_strict(
                dict(catalogue.purposes), default="general", return_dtype=pl.String
            ),
            share_bp=(pl.col("subsidy_share").cast(pl.Float64) * 10_000 + 1e-6).floor().cast(pl.Int64),
        )
        .sort("share_bp", "merchant_id", descending=[True, False])
    )


def _with_merchant(persons: pl.DataFrame, paying: pl.DataFrame) -> pl.DataFrame:
    """One paying merchant per person: the request's, else the best of its purpose, else the best of all."""
    own = paying.select(r_merchant="merchant_id", m_own="merchant_id")
    best = paying.unique("merchant_purpose", keep="first", maintain_order=True)
    of_purpose = best.select(r_purpose="merchant_purpose", m_purpose="merchant_id")
    overall = pl.lit(paying["merchant_id"][0] if paying.height else None, dtype=pl.String)
    return (
        persons.join(own, on="r_merchant", how="left")
        .join(of_purpose, on="r_purpose", how="left")
        .with_columns(merchant_id=pl.coalesce("m_own", "m_purpose", overall))
        .drop("m_own", "m_purpose")
        .join(paying, on="merchant_id", how="inner")
    )


def candidates(
    persons: pl.DataFrame, cells: pl.DataFrame, merchants: pl.DataFrame, catalogue: Catalogue, policy: Policy
) -> pl.DataFrame:
    """One row per person and plan shown, with `max_amount_cents` and `amount_cents`; each at most once.

    Shown are the usual cells, the reference product's longest, the interest-free cells a merchant pays for, and the
    term and method of an open request (the cheapest product of its purpose). A plan whose largest affordable amount
    is below the product's smallest is not made.
    """
    ordinary = cells.filter(~pl.col("needs_subsidy")).drop("subsidy_bp", "needs_subsidy")
    within = pl.col("term_m") <= pl.col("max_term_m")
    longest = pl.col("longest") & (pl.col("term_m") == pl.col("max_term_m"))
    plain = persons.join(ordinary, on="price_grade", how="inner").filter(within)
    asked = (pl.col("purpose_code") == pl.col("r_purpose")) & (pl.col("term_m") == pl.col("r_term"))
    asked &= pl.col("repay_method") == pl.coalesce("r_method", pl.lit("ANNUITY"))
    shown = pl.col("usual") | longest
    requested = (
        plain.filter(asked & ~shown)
        .sort("nominal_rate", "product_code")
        .unique("customer_token", keep="first", maintain_order=True)
    )
    free_cells = cells.filter("needs_subsidy", "usual").drop("needs_subsidy")
    free = (
        _with_merchant(persons, paying_merchants(merchants, catalogue))
        .join(free_cells, on="price_grade", how="inner")
        .filter(
            within
            & (pl.col("purpose_code") == pl.col("merchant_purpose"))
            & (pl.col("share_bp") >= pl.col("subsidy_bp"))
        )
        .drop("merchant_purpose", "share_bp")
    )
    request_merchant = pl.when(pl.col("purpose_code") == pl.col("r_purpose")).then("r_merchant")
    plain = pl.concat([plain.filter(shown), requested]).with_columns(
        merchant_id=request_merchant, subsidy_bp=pl.lit(0, dtype=pl.Int64)
    )
    return _with_amounts(pl.concat([plain, free.select(plain.columns)]), policy)


def _with_amounts(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    affordable = financed_by(pl.col("max_payment_cents"), pl.col("term_m"), pl.col("highest_per_10k"))
    most = pl.min_horizontal("limit_cents", "product_max_cents", affordable)
    answers = (pl.col("purpose_code") == pl.col("r_purpose")) & (pl.col("r_amount") >= pl.col("min_amount_cents"))
    answers = answers.fill_null(value=False)
    channel = pl.when(answers & pl.col("channels").list.contains(pl.col("r_channel"))).then("r_channel")
    return (
        frame.with_columns(max_amount_cents=down_to_step(most, policy.amounts.step_cents))
        .filter(pl.col("max_amount_cents") >= pl.col("min_amount_cents"))
        .with_columns(
            request_id=pl.when(answers).then("r_id"),
            channel=pl.coalesce(channel, pl.col("channels").list.first()),
            amount_cents=pl.when(answers)
            .then(pl.min_horizontal("r_amount", "max_amount_cents"))
            .otherwise("max_amount_cents"),
        )
    )
