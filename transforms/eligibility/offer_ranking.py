"""The order of a customer's offers: what the customer gains first, the lender's margin last. Integers only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.eligibility.affordability import PER_10K, ceil_ratio_bp

if TYPE_CHECKING:
    from transforms.eligibility.policy import Policy

#: Preference → (figure, whether the highest serves it), in the order in which a tag is given when none was stated.
PREFERENCES = {
    "lowest_total_cost": ("cost_per_10k", False),
    "lowest_payment": ("payment_per_10k", False),
    "longest_term": ("term_m", True),
    "soonest_paid": ("term_m", False),
}
_PERSON = ["customer_token"]
_PURPOSE = ["customer_token", "purpose_code"]


def _serves(preference: str) -> pl.Expr:
    """Whether the row is the best of the customer's offers for its purpose, by that preference."""
    figure, highest = PREFERENCES[preference]
    best = pl.col(figure).max() if highest else pl.col(figure).min()
    return pl.col(figure) == best.over(_PURPOSE)


def expected_margin() -> pl.Expr:
    """Interest, fees and subsidy less funding, operating cost and expected loss over the term, cents.

    Cost is the risk price on the straight-line balance, (term + 1) / 24 years of the amount: exact for equal
    principal, a little low for a level payment; good enough to order offers, never used to price one.
    """
    price_ppm = (pl.col("risk_price").cast(pl.Float64) * 1_000_000 + 0.5).floor().cast(pl.Int64)
    cost = pl.col("amount_cents") * price_ppm // 1_000 * (pl.col("term_m").cast(pl.Int64) + 1) // 24_000
    return pl.col("total_interest_cents") + pl.col("total_fee_cents") + pl.col("merchant_subsidy_cents") - cost


def ranked(offers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """`offers` with tags, score components, `rank_score` and `rank`.

    Needs amounts, payments and costs in cents, `preference` and the request's columns. Costs and payments of
    different amounts are compared per 10,000 financed.
    """
    o = policy.offers
    amount = pl.col("amount_cents")
    figures = offers.with_columns(
        cost_per_10k=pl.col("total_cost_cents") * PER_10K // amount,
        payment_per_10k=pl.col("payment_cents") * PER_10K // amount,
        payment_share_bp=ceil_ratio_bp(
            pl.max_horizontal("payment_cents", "last_payment_cents"), pl.col("max_payment_cents")
        ),
        expected_margin_cents=expected_margin(),
    ).with_columns(**{f"_{p}": _serves(p) for p in PREFERENCES})
    stated = [pl.when((pl.col("preference") == p) & pl.col(f"_{p}")).then(pl.lit(p)) for p in PREFERENCES]
    by_order = [pl.when(pl.col(f"_{p}")).then(pl.lit(p)) for p in PREFERENCES]
    least, most = pl.col("cost_per_10k").min().over(_PERSON), pl.col("cost_per_10k").max().over(_PERSON)
    excess = (pl.col("cost_per_10k") - least) * 10_000
    spread = pl.max_horizontal(most - least, pl.lit(1, dtype=pl.Int64))
    serves_stated = pl.coalesce(*stated).is_not_null()
    answers = pl.col("request_id").is_not_null()
    same_term = answers & (pl.col("term_m") == pl.col("r_term"))
    same_method = answers & (pl.col("repay_method") == pl.col("r_method"))

    def points(condition: pl.Expr, worth: int) -> pl.Expr:
        return pl.when(condition).then(pl.lit(worth, dtype=pl.Int64)).otherwise(0)

    scored = figures.with_columns(
        is_cheapest="_lowest_total_cost",
        preference_tag=pl.coalesce(*stated, *by_order),
        score_cost_bp=10_000 - excess // spread,
        score_payment_bp=10_000 - pl.col("payment_share_bp"),
        score_preference_bp=points(serves_stated, 6_000)
        + points(answers, 2_000)
        + points(same_term, 1_000)
        + points(same_method, 1_000),
        score_margin_bp=(pl.col("expected_margin_cents") * 100_000 // amount).clip(0, 10_000),
    ).with_columns(
        rank_score=(
            pl.col("score_cost_bp") * o.weight_cost_bp
            + pl.col("score_payment_bp") * o.weight_payment_bp
            + pl.col("score_preference_bp") * o.weight_preference_bp
            + pl.col("score_margin_bp") * o.weight_margin_bp
        )
        // 10_000
    )
    order = ["customer_token", "rank_score", "cost_per_10k", "product_code", "purpose_code", "term_m", "repay_method"]
    return scored.sort(order, descending=[False, True, *[False] * 5]).with_columns(
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over(_PERSON)
    )
