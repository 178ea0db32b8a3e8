"""Which plans each eligible customer is shown: the catalogue's usual ones, the longest, a merchant's, the requested.

Everything per offer is done on narrow integer columns: `person` and `cell` are row numbers of the two small frames that
hold the rest (:func:`people`, :func:`sold_cells`), looked up once the offers are chosen.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from transforms.eligibility.affordability import down_to_step, financed_by
from transforms.eligibility.offer_prices import NEAR_CAP
from transforms.eligibility.offer_ranking import PREFERENCES
from transforms.eligibility.policy_sections import PURPOSES
from transforms.eligibility.product import CHANNELS, REPAY_METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from transforms.eligibility.policy import Policy
    from transforms.eligibility.product import Catalogue, Product

_PERSON = (
    "person",
    "price_grade",
    "limit_cents",
    "max_payment_cents",
    "max_term_m",
    "preference_no",
    "r_amount",
    "r_channel_bit",
    "r_purpose_no",
    "r_term",
    "r_method_no",
)
_CELL = (
    "cell",
    "price_grade",
    "term_m",
    "method_no",
    "purpose_no",
    "rate_ppm",
    "cost_ppm",
    "upfront_fee_bp",
    "subsidy_bp",
    "highest_per_10k",
    "min_amount_cents",
    "product_max_cents",
    "channel_bits",
    "near_cap",
    "cap",
)


def _number(column: str, names: Sequence[str]) -> pl.Expr:
    """The place of a name in `names`, NULL for NULL."""
    return pl.col(column).replace_strict({name: n for n, name in enumerate(names)}, return_dtype=pl.Int8)


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
    bits = {channel: 1 << n for n, channel in enumerate(CHANNELS)}
    return (
        eligibility.filter(pl.col("decision") == "eligible")
        .select(columns)
        .join(latest, on="customer_token", how="left", maintain_order="left")
        .with_columns(
            preference=pl.coalesce("r_preference", "stated_preference"),
            r_channel_bit=pl.col("r_channel").replace_strict(bits, default=0, return_dtype=pl.Int64),
            r_purpose_no=_number("r_purpose", PURPOSES),
            r_method_no=_number("r_method", REPAY_METHODS),
        )
        .with_columns(preference_no=_number("preference", tuple(PREFERENCES)))
        .drop("r_preference", "stated_preference")
        .with_row_index("person")
    )


def sold_cells(rate_card: pl.DataFrame, products: Iterable[Product], policy: Policy) -> pl.DataFrame:
    """The rate card's sold cells with what the product says of them; one row per cell and purpose.

    `usual`: shown unasked; `longest`: the reference product's annuities, of which the customer's longest is shown.
    `highest_per_10k`: highest payment on 10,000, cents. `cost_ppm`: the price less the grade's margin, millionths.
    `subsidy_bp`: share of the price a merchant has to pay (0: none has to). `near_cap`: the cost of a personal amount
    must be held against the cap.
    """
    rows = [
        {
            "product_code": p.product_code,
            "purpose_code": purpose,
            "min_amount_cents": p.min_amount_cents,
            "product_max_cents": p.max_amount_cents,
            "upfront_fee_bp": p.upfront_fee_bp,
            "first_channel": p.channels[0],
            "channel_bits": sum(1 << CHANNELS.index(c) for c in p.channels),
            "subsidy_bp_per_m": p.subsidy_bp_per_m,
            "needs_subsidy": p.needs_subsidy,
        }
        for p in products
        for purpose in p.purpose_codes
    ]
    usual = pl.DataFrame(
        [(p.product_code, method, term, True) for p in products for method, term in p.offered],
        schema={"product_code": pl.String, "repay_method": pl.String, "term_m": pl.Int32, "usual": pl.Boolean},
        orient="row",
    )
    margins = {grade: g.margin_bp * 100 for grade, g in policy.grades.items()}
    margin_ppm = pl.col("risk_grade").replace_strict(margins, return_dtype=pl.Int64)
    shown_cost = "apr_simple" if policy.cap.method == "simple_irr" else "apr_irr"
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
            rate_ppm=_ppm("nominal_rate"),
            cost_ppm=_ppm("risk_price") - margin_ppm,
            price_grade="risk_grade",
            term_m=pl.col("term_m").cast(pl.Int32),
            highest_per_10k=pl.max_horizontal("payment_per_10k_cents", "last_payment_per_10k_cents"),
        )
        .join(pl.DataFrame(rows), on="product_code", how="inner")
        .join(usual, on=["product_code", "repay_method", "term_m"], how="left")
        .with_columns(
            usual=pl.col("usual").fill_null(value=False),
            subsidy_bp=pl.col("subsidy_bp_per_m") * pl.col("term_m"),
            longest=reference,
            method_no=_number("repay_method", REPAY_METHODS),
            purpose_no=_number("purpose_code", PURPOSES),
            cap=pl.col("cap_rate").cast(pl.Float64),
            near_cap=(pl.col("cap_rate") - pl.col(shown_cost)).cast(pl.Float64) < NEAR_CAP,
        )
        .drop("subsidy_bp_per_m")
        .sort("price_grade", "product_code", "purpose_code", "term_m", "repay_method")
        .with_row_index("cell")
    )


def _ppm(rate: str) -> pl.Expr:
    """A rate of six decimals as whole millionths, exactly."""
    return (pl.col(rate).cast(pl.Float64) * 1_000_000 + 0.5).floor().cast(pl.Int64)


def paying_merchants(merchants: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Active merchants that pay towards interest-free plans, best first: id, purpose, share in basis points."""
    return (
        merchants.filter((pl.col("status") == "active") & (pl.col("subsidy_share") > 0))
        .select(
            "merchant_id",
            merchant_purpose=pl.col("category_code").replace_strict(
                dict(catalogue.purposes), default="general", return_dtype=pl.String
            ),
            # A decimal share is within 1e-10 of its float, so this is the whole basis points it stands for.
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
        persons.select(*_PERSON, "r_merchant", "r_purpose")
        .join(own, on="r_merchant", how="left")
        .join(of_purpose, on="r_purpose", how="left")
        .with_columns(merchant_id=pl.coalesce("m_own", "m_purpose", overall))
        .join(paying, on="merchant_id", how="inner")
    )


def candidates(
    persons: pl.DataFrame, cells: pl.DataFrame, merchants: pl.DataFrame, catalogue: Catalogue, policy: Policy
) -> pl.DataFrame:
    """One row per person and plan shown, each at most once, with `max_amount_cents` and `amount_cents`.

    Shown are the usual cells, the reference product's longest, the interest-free cells a merchant pays for, and the
    term and method of an open request (the cheapest product of its purpose). A plan whose largest affordable amount
    is below the product's smallest is not made. `answers`: it answers the open request, `request_channel`: in the
    channel of the request, `request_merchant`: it serves the request's purpose and so is tied to its merchant.
    """
    ordinary = cells.filter(~pl.col("needs_subsidy"))
    shown = pl.col("usual") | pl.col("longest")
    within = pl.col("term_m") <= pl.col("max_term_m")
    at_longest = pl.col("usual") | (pl.col("term_m") == pl.col("max_term_m"))
    unasked = (
        persons.lazy()
        .select(_PERSON)
        .join(ordinary.lazy().filter(shown).select(*_CELL, "usual"), on="price_grade", how="inner")
        .filter(within & at_longest)
        .drop("usual")
        .collect()
    )
    annuity = pl.lit(REPAY_METHODS.index("ANNUITY"), dtype=pl.Int8)
    asking = persons.filter(pl.col("r_term").is_not_null()).select(
        *_PERSON, purpose_no="r_purpose_no", term_m="r_term", method_no=pl.coalesce("r_method_no", annuity)
    )
    already = pl.col("longest") & (pl.col("term_m") == pl.col("max_term_m"))
    requested = (
        asking.join(ordinary, on=["price_grade", "purpose_no", "term_m", "method_no"], how="inner")
        .filter(within & ~pl.col("usual") & ~already)
        .sort("rate_ppm", "cell")
        .unique("person", keep="first", maintain_order=True)
        .select(unasked.columns)
    )
    free_cells = cells.filter("needs_subsidy", "usual").select(*_CELL, "purpose_code")
    pays = (pl.col("purpose_code") == pl.col("merchant_purpose")) & (pl.col("share_bp") >= pl.col("subsidy_bp"))
    free = (
        _with_merchant(persons, paying_merchants(merchants, catalogue))
        .join(free_cells, on="price_grade", how="inner")
        .filter(within & pays)
        .select(*unasked.columns, "merchant_id")
    )
    every = pl.concat([unasked, requested, free], how="diagonal")
    return _with_amounts(every, policy)


def _with_amounts(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    affordable = financed_by(pl.col("max_payment_cents"), pl.col("term_m"), pl.col("highest_per_10k"))
    most = pl.min_horizontal("limit_cents", "product_max_cents", affordable)
    kept = frame.with_columns(max_amount_cents=down_to_step(most, policy.amounts.step_cents)).filter(
        pl.col("max_amount_cents") >= pl.col("min_amount_cents")
    )
    same_purpose = (pl.col("purpose_no") == pl.col("r_purpose_no")).fill_null(value=False)
    answers = same_purpose & (pl.col("r_amount") >= pl.col("min_amount_cents"))
    return kept.with_columns(
        answers=answers,
        request_channel=answers & (pl.col("channel_bits") & pl.col("r_channel_bit") > 0),
        request_merchant=same_purpose,
        amount_cents=pl.when(answers)
        .then(pl.min_horizontal("r_amount", "max_amount_cents"))
        .otherwise("max_amount_cents"),
    ).drop("limit_cents", "product_max_cents", "highest_per_10k", "channel_bits", "r_channel_bit", "price_grade")


def attached(offers: pl.DataFrame, persons: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """`offers` with what their cells and persons say, channel, request and merchant."""
    of_cell = [cells[c].gather(offers["cell"]) for c in cells.columns if c not in offers.columns]
    held = {*offers.columns, *cells.columns}
    of_person = [persons[c].gather(offers["person"]) for c in persons.columns if c not in held or c == "price_grade"]
    whole = offers.with_columns(of_cell).with_columns(of_person)
    return whole.with_columns(
        request_id=pl.when("answers").then("r_id"),
        channel=pl.when("request_channel").then("r_channel").otherwise("first_channel"),
        merchant_id=pl.coalesce("merchant_id", pl.when("request_merchant").then("r_merchant")),
    )
