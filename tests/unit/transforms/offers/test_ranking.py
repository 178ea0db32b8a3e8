"""The order of a customer's offers: it hides nothing, depends on the customer alone, never favours the lender."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.outputs import customer_eligibility, installment_offer
from tests.unit.transforms.support import (
    NIGHT,
    catalogue,
    customers,
    merchants,
    policy,
    rate_card,
    requests,
    token,
)
from transforms.offers.ranking import PREFERENCES

_SELLERS = merchants(("m1", "appliance", "active", "0.06"))
_ORDERED = ["preference_tag", "score_preference_bp", "rank_score", "rank"]
_ANYBODY = st.fixed_dictionaries(
    {
        "risk_grade": st.sampled_from("ABCDE"),
        "income_cents": st.integers(600_000, 8_000_000),
        "debt_service_cents": st.integers(0, 100_000),
        "free_cash_flow_cents": st.integers(400_000, 4_000_000),
        "behaviour_segment": st.sampled_from(["standard", "transactor", "high_potential"]),
    }
)


def made(*changes: dict[str, Any], shuffled: bool = False) -> pl.DataFrame:
    eligibility = customer_eligibility(*customers(*changes), policy(), rate_card(), NIGHT)
    if shuffled:
        eligibility = eligibility.reverse()
    return installment_offer(eligibility, rate_card(), catalogue(), requests().clear(), _SELLERS, NIGHT, policy())


@settings(max_examples=8, deadline=None)
@given(_ANYBODY)
def test_a_preference_orders_offers_and_hides_none(person: dict[str, Any]) -> None:
    """The same plans whatever is preferred, the cheapest of each purpose among them and marked."""
    wishes = [None, *PREFERENCES]
    offers = made(*({**person, "stated_preference": wish} for wish in wishes))
    key = ["product_code", "purpose_code", "repay_method", "term_m"]
    shown = [
        offers.filter(customer_token=token(n)).drop("customer_token", "offer_id", *_ORDERED).sort(key)
        for n in range(len(wishes))
    ]
    assert all(other.equals(shown[0]) for other in shown)
    cheapest = offers.group_by("customer_token", "purpose_code").agg(pl.col("is_cheapest").any())
    assert cheapest["is_cheapest"].all()


@settings(max_examples=8, deadline=None)
@given(st.lists(_ANYBODY, min_size=2, max_size=6))
def test_ranks_depend_on_the_customer_alone(many: list[dict[str, Any]]) -> None:
    """The same inputs give the same terms, whoever else is there and in whatever order."""
    together, reversed_ = made(*many), made(*many, shuffled=True)
    key = ["customer_token", "rank"]
    assert together.sort(key).equals(reversed_.sort(key))
    twins = made(many[0], many[0])
    own = [twins.filter(customer_token=token(n)).drop("customer_token", "offer_id") for n in (0, 1)]
    assert own[0].equals(own[1])
    alone = made(many[0])
    assert alone.equals(together.filter(customer_token=token(0)))


def test_no_offer_ranks_by_the_lenders_margin_over_a_cheaper_equal() -> None:
    """Of two plans alike in all but cost, the cheaper stands first, though it earns less."""
    offers = made({"risk_grade": "C"}).filter(purpose_code="appliance", term_m=12, repay_method="ANNUITY").sort("rank")
    costs = offers["total_cost_cents"].cast(pl.Float64) / offers["amount_cents"]
    assert offers.height == 2, "the appliance plan and the one the state subsidises"
    assert costs[0] < costs[1]
    assert offers["product_code"][0] == "low_interest"


def test_the_score_is_its_components_by_the_policys_weights() -> None:
    o = policy().offers
    weights = {
        "cost": o.weight_cost_bp,
        "payment": o.weight_payment_bp,
        "preference": o.weight_preference_bp,
        "margin": o.weight_margin_bp,
        "market": o.weight_market_bp,
    }
    total = sum(pl.col(f"score_{name}_bp").cast(pl.Int64) * weight for name, weight in weights.items())
    offers = made({}, {"risk_grade": "E"})
    assert offers.filter(pl.col("rank_score") != total // 10_000).is_empty()
