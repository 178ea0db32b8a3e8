"""The order of a customer's offers: what the customer gains first, the lender's margin last. Integers only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.policy.sections import PURPOSES
from transforms.risk.affordability import PER_10K, ceil_ratio_bp

if TYPE_CHECKING:
    from transforms.policy.policy import Policy

#: Preference → (figure, whether the highest serves it), in the order in which a tag is given when none was stated.
PREFERENCES = {
    "lowest_total_cost": ("cost_per_10k", False),
    "lowest_payment": ("payment_per_10k", False),
    "longest_term": ("term_m", True),
    "soonest_paid": ("term_m", False),
}
_PERSON = "person"
_PURPOSE = "_person_purpose"


def _best(figures: pl.DataFrame) -> pl.DataFrame:
    """`figures` with `_best_<preference>`: the best figure of the customer's offers for the row's purpose."""
    best = {
        f"_best_{preference}": pl.col(figure).max() if highest else pl.col(figure).min()
        for preference, (figure, highest) in PREFERENCES.items()
    }
    return figures.join(figures.group_by(_PURPOSE).agg(**best), on=_PURPOSE, how="left")


def expected_margin() -> pl.Expr:
    """Interest, fees and subsidy less funding, operating cost and expected loss over the term, cents.

    What the state pays lowers price and cost alike and is left out of both. Cost is the price without margin on the
    straight-line balance, (term + 1) / 24 years of the amount: exact for equal
    principal, a little low for a level payment; good enough to order offers, never used to price one.
    """
    cost = pl.col("amount_cents") * pl.col("cost_ppm") // 1_000 * (pl.col("term_m").cast(pl.Int64) + 1) // 24_000
    return pl.col("total_interest_cents") + pl.col("total_fee_cents") + pl.col("merchant_subsidy_cents") - cost


def ranked(offers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """`offers` with tags, score components, `rank_score` and `rank`.

    Needs the columns of :func:`transforms.offers.candidates.candidates` and payments and costs in cents.
    Costs and payments of different amounts are compared per 10,000 financed. Equal scores: the cheaper first, then
    the order of the cells.
    """
    o = policy.offers
    amount = pl.col("amount_cents")
    group = pl.col("person").cast(pl.Int64) * len(PURPOSES) + pl.col("purpose_no")
    figures = offers.with_columns(
        _person_purpose=group,
        cost_per_10k=pl.col("total_cost_cents") * PER_10K // amount,
        payment_per_10k=pl.col("payment_cents") * PER_10K // amount,
        payment_share_bp=ceil_ratio_bp(
            pl.max_horizontal("payment_cents", "last_payment_cents"), pl.col("max_payment_cents")
        ),
        expected_margin_cents=expected_margin(),
    )
    stated = [
        pl.when((pl.col("preference_no") == n) & pl.col(f"_{p}")).then(pl.lit(p)) for n, p in enumerate(PREFERENCES)
    ]
    by_order = [pl.when(pl.col(f"_{p}")).then(pl.lit(p)) for p in PREFERENCES]
    figures = _best(figures).with_columns(
        **{f"_{p}": pl.col(figure) == pl.col(f"_best_{p}") for p, (figure, _) in PREFERENCES.items()}
    )
    least, most = pl.col("cost_per_10k").min().over(_PERSON), pl.col("cost_per_10k").max().over(_PERSON)
    excess = (pl.col("cost_per_10k") - least) * 10_000
    spread = pl.max_horizontal(most - least, pl.lit(1, dtype=pl.Int64))
    serves_stated = pl.coalesce(*stated).is_not_null()
    answers = pl.col("answers")
    same_term = answers & (pl.col("term_m") == pl.col("r_term"))
    same_method = answers & (pl.col("method_no") == pl.col("r_method_no"))

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
            + pl.col("score_market_bp") * o.weight_market_bp
        )
        // 10_000
    )
    order = ["person", "rank_score", "cost_per_10k", "cell"]
    place = pl.int_range(pl.len(), dtype=pl.Int32)
    first = pl.when(pl.col(_PERSON).ne_missing(pl.col(_PERSON).shift())).then(place).forward_fill()
    return scored.sort(order, descending=[False, True, False, False]).with_columns(rank=place - first + 1)
