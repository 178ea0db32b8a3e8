"""Which plans each eligible customer is shown: the catalogue's usual ones, the longest, a merchant's, the requested.

Everything per offer is done on narrow integer columns: `person` and `cell` are row numbers of the two small frames that
hold the rest (:func:`people`, :func:`transforms.offers.cells.sold_cells`), looked up once the offers are
chosen.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from transforms.decision.plan_break import sustainable_payment, with_steadiness
from transforms.offers.cells import number_of
from transforms.offers.channels import INSTRUMENTS, with_channel, with_headroom
from transforms.offers.providers import (
    paying_merchants,
    provider_allowed,
    with_paying_merchant,
    with_provider,
)
from transforms.offers.ranking import PREFERENCES
from transforms.policy.product import CHANNELS, REPAY_METHODS
from transforms.policy.sections import PURPOSES
from transforms.risk.affordability import down_to_step, financed_by

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.policy import Policy

_HEADS = tuple(f"head_{channel}" for channel in INSTRUMENTS)
_PERSON = (
    "person",
    "price_grade",
    "limit_cents",
    "max_payment_cents",
    "steady_cents",
    "savings_cents",
    "max_term_m",
    "preference_no",
    "r_amount",
    "r_channel_no",
    "r_channel_bit",
    "r_purpose_no",
    "r_term",
    "r_method_no",
    "r_provider_bits",
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
    "periodic_fee_bp",
    "subsidy_bp",
    "fiscal_ppm",
    "balloon_bp",
    "step_bp",
    "highest_per_10k",
    "min_amount_cents",
    "product_max_cents",
    "channel_bits",
    "first_channel_no",
    "fallback_channel_no",
    "provider_bit",
    "score_market_bp",
    "near_cap",
    "first_no",
    "cap",
)
#: Needed to choose an offer and its amount, no longer afterwards.
_CHOSEN_BY = (
    *("limit_cents", "steady_cents", "savings_cents", "product_max_cents", "highest_per_10k", "price_grade"),
    *("channel_bits", "r_channel_no", "r_channel_bit", "first_channel_no", "fallback_channel_no"),
    *("provider_bit", "r_provider_bits", "min_amount_cents"),
)


def people(
    eligibility: pl.DataFrame,
    requests: pl.DataFrame,
    judged: pl.DataFrame,
    policy: Policy,
    as_of: date,
    *,
    stability: pl.DataFrame | None = None,
    instruments: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Eligible customers with their latest open request (`r_…`, NULL without one), preference, steadiness, instruments.

    A request is open for `offers.request_open_days` days; of several on one day the greatest number counts. `judged`
    are the merchants of :func:`transforms.offers.providers.judged_merchants`.
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
        "income_cents",
        "free_cash_flow_cents",
        "limit_cents",
        "max_payment_cents",
        "max_term_m",
        "prequalified_until",
        "stated_preference",
    )
    bits = {channel: 1 << n for n, channel in enumerate(CHANNELS)}
    eligible = eligibility.filter(pl.col("decision") == "eligible").select(columns)
    asking = with_provider(eligible.join(latest, on="customer_token", how="left", maintain_order="left"), judged)
    steady = with_headroom(with_steadiness(asking, stability, policy), instruments)
    return (
        steady.with_columns(
            preference=pl.coalesce("r_preference", "stated_preference"),
            r_channel_no=number_of("r_channel", CHANNELS),
            r_channel_bit=pl.col("r_channel").replace_strict(bits, default=0, return_dtype=pl.Int64),
            r_purpose_no=number_of("r_purpose", PURPOSES),
            r_method_no=number_of("r_method", REPAY_METHODS),
        )
        .with_columns(preference_no=number_of("preference", tuple(PREFERENCES)))
        .drop("r_preference", "stated_preference")
        .with_row_index("person")
    )


def candidates(persons: pl.DataFrame, cells: pl.DataFrame, judged: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """One row per person and plan shown, each at most once, with `max_amount_cents` and `amount_cents`.

    Shown are the usual cells, the reference product's longest, the interest-free cells a merchant pays for, and the
    term and method of an open request (the cheapest product of its purpose). A plan whose largest affordable and
    sustainable amount is below the product's smallest is not made. `answers`: it answers the open request,
    `request_merchant`: it serves the request's purpose and so is tied to its merchant; neither where the product may
    not pay that merchant.
    """
    heads = [c for c in _HEADS if persons[c].null_count() < len(persons)]
    of_person = (*_PERSON, *(_HEADS if heads else ()))
    ordinary = cells.filter(~pl.col("needs_subsidy"))
    shown = pl.col("usual") | pl.col("longest")
    within = pl.col("term_m") <= pl.col("max_term_m")
    at_longest = pl.col("usual") | (pl.col("term_m") == pl.col("max_term_m"))
    unasked = (
        persons.lazy()
        .select(of_person)
        .join(ordinary.lazy().filter(shown).select(*_CELL, "usual"), on="price_grade", how="inner")
        .filter(within & at_longest)
        .drop("usual")
        .collect()
    )
    annuity = pl.lit(REPAY_METHODS.index("ANNUITY"), dtype=pl.Int8)
    asking = persons.filter(pl.col("r_term").is_not_null()).select(
        *of_person, purpose_no="r_purpose_no", term_m="r_term", method_no=pl.coalesce("r_method_no", annuity)
    )
    already = pl.col("longest") & (pl.col("term_m") == pl.col("max_term_m"))
    requested = (
        asking.join(ordinary, on=["price_grade", "purpose_no", "term_m", "method_no"], how="inner")
        .filter(within & ~pl.col("usual") & ~already & provider_allowed())
        .sort("rate_ppm", "cell")
        .unique("person", keep="first", maintain_order=True)
        .select(unasked.columns)
    )
    free_cells = cells.filter("needs_subsidy", "usual").select(*_CELL, "purpose_code")
    pays = (pl.col("purpose_code") == pl.col("merchant_purpose")) & (pl.col("share_bp") >= pl.col("subsidy_bp"))
    free = (
        with_paying_merchant(persons, of_person, paying_merchants(judged))
        .join(free_cells, on="price_grade", how="inner")
        .filter(within & pays)
        .select(*unasked.columns, "merchant_id")
    )
    every = pl.concat([unasked, requested, free], how="diagonal")
    return _with_amounts(every, policy, bounded=bool(heads))


def _with_amounts(frame: pl.DataFrame, policy: Policy, *, bounded: bool) -> pl.DataFrame:
    bearable = pl.min_horizontal(
        "max_payment_cents", sustainable_payment(pl.col("steady_cents"), pl.col("savings_cents"), pl.col("term_m"))
    )
    affordable = financed_by(bearable, pl.col("term_m"), pl.col("highest_per_10k"))
    most = pl.min_horizontal("limit_cents", "product_max_cents", affordable)
    enough = pl.col("max_amount_cents") >= pl.col("min_amount_cents")
    same_purpose = (pl.col("purpose_no") == pl.col("r_purpose_no")).fill_null(value=False) & provider_allowed()
    kept = frame.with_columns(max_amount_cents=most).filter(enough)
    channelled = with_channel(
        kept.with_columns(
            answers=same_purpose & (pl.col("r_amount") >= pl.col("min_amount_cents")), request_merchant=same_purpose
        ),
        bounded=bounded,
    )
    return (
        channelled.with_columns(max_amount_cents=down_to_step(pl.col("max_amount_cents"), policy.amounts.step_cents))
        .filter(enough)
        .with_columns(
            amount_cents=pl.when("answers")
            .then(pl.min_horizontal("r_amount", "max_amount_cents"))
            .otherwise("max_amount_cents")
        )
        .drop(*_CHOSEN_BY, *(_HEADS if bounded else ()))
    )


def attached(offers: pl.DataFrame, persons: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """`offers` joined with their cells and persons, channel, request and merchant."""
    of_cell = [cells[c].gather(offers["cell"]) for c in cells.columns if c not in offers.columns]
    held = {*offers.columns, *cells.columns}
    of_person = [persons[c].gather(offers["person"]) for c in persons.columns if c not in held or c == "price_grade"]
    whole = offers.with_columns(of_cell).with_columns(of_person)
    amount = pl.col("amount_cents")
    to_provider = (pl.col("entrusted_from_cents") >= 0) & (amount >= pl.col("entrusted_from_cents"))
    bound = pl.col("self_paid_max_cents")
    share = pl.col("down_payment_bp")
    return whole.with_columns(
        pl.Series("channel", CHANNELS).gather(offers["channel_no"]),
        request_id=pl.when("answers").then("r_id"),
        merchant_id=pl.coalesce("merchant_id", pl.when("request_merchant").then("r_merchant")),
        pay_mode=pl.when(to_provider | ((bound > 0) & (amount > bound)))
        .then(pl.lit("entrusted"))
        .otherwise(pl.lit("self_paid")),
        proof_of_use=(pl.col("proof_from_cents") >= 0) & (amount >= pl.col("proof_from_cents")),
        # Of a price that the amount and this pay together, rounded up to the cent.
        down_payment_cents=(amount * share + 9_999 - share) // (10_000 - share),
    )
