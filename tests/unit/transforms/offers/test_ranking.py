"""The order of a customer's offers: it hides nothing, depends on the customer alone, never favours the lender."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
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
from transforms.offers.ranking import PREFERENCES, ranked

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


#: Two plans of 10,000 yuan; the second costs and pays more. Score parts of the first: cost 10,000, payment 7,499.
_PLAN: dict[str, Any] = {
    "person": 0,
    "purpose_no": 1,
    "cell": 1,
    "amount_cents": 1_000_000,
    "term_m": 11,
    "method_no": 2,
    "total_cost_cents": 50_000,
    "payment_cents": 25_000,
    "last_payment_cents": 25_001,
    "max_payment_cents": 100_000,
    "cost_ppm": 20_000,
    "total_interest_cents": 40_000,
    "total_fee_cents": 10_000,
    "merchant_subsidy_cents": 0,
    "preference_no": None,
    "answers": False,
    "r_term": None,
    "r_method_no": None,
    "score_market_bp": 3_000,
}
_DEARER = {"cell": 2, "total_cost_cents": 60_000, "payment_cents": 26_000, "term_m": 23}


def _ranked(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    types = dict.fromkeys(_PLAN, pl.Int64) | {"answers": pl.Boolean, "term_m": pl.Int32, "r_term": pl.Int32}
    frame = pl.DataFrame([_PLAN | change for change in changes], schema=types)
    return list(ranked(frame, policy()).sort("cell", "rank").iter_rows(named=True))


def test_each_part_of_the_score_by_hand() -> None:
    """Capital of a year at 2 % costs 10,000; 40,000 are left, 4 % of the amount: 4,000 points for the margin."""
    first, second = _ranked({"r_term": 11, "r_method_no": 2, "answers": True}, _DEARER)
    parts = ("score_cost_bp", "score_payment_bp", "score_preference_bp", "score_margin_bp")
    assert [first[part] for part in parts] == [10_000, 7_499, 4_000, 4_000]
    assert first["expected_margin_cents"] == 40_000
    assert (first["payment_share_bp"], first["preference_tag"], first["is_cheapest"]) == (2_501, "lowest_total_cost", 1)
    # Two years: half of 2 % a year on the amount twice over, 20,000 of 50,000.
    assert [second[part] for part in parts] == [0, 7_400, 0, 3_000]
    assert (first["rank"], second["rank"]) == (1, 2)


def test_each_part_has_its_own_weight() -> None:
    o = policy().offers
    (first, _) = _ranked({"answers": True}, _DEARER)
    total = 10_000 * o.weight_cost_bp + 7_499 * o.weight_payment_bp + 2_000 * o.weight_preference_bp
    total += 4_000 * o.weight_margin_bp + 3_000 * o.weight_market_bp
    assert first["rank_score"] == total // 10_000
    assert len({o.weight_cost_bp, o.weight_payment_bp, o.weight_preference_bp}) == 3


@pytest.mark.parametrize(
    ("wish", "points"),
    [
        ({"answers": True}, 2_000),
        ({"answers": True, "r_term": 11}, 3_000),
        ({"answers": True, "r_method_no": 2}, 3_000),
        ({"answers": False, "r_term": 11, "r_method_no": 2}, 0),
        ({"answers": True, "r_term": 12, "r_method_no": 3}, 2_000),
        ({"preference_no": 0}, 6_000),
        ({"preference_no": 1}, 6_000),
        ({"preference_no": 2}, 0),
        ({"preference_no": 3}, 6_000),
    ],
)
def test_a_wish_and_a_request_have_their_points(wish: dict[str, Any], points: int) -> None:
    """The first plan costs and pays least and ends soonest; the longest is the other."""
    assert _ranked(wish, _DEARER)[0]["score_preference_bp"] == points


def test_the_best_is_the_best_of_its_purpose_and_the_worst_of_the_person() -> None:
    other = {"purpose_no": 2, "cell": 3, "total_cost_cents": 80_000}
    stranger = {"person": 1, "cell": 4, "total_cost_cents": 900_000}
    plans = _ranked({}, _DEARER, other, stranger)
    assert [plan["is_cheapest"] for plan in plans] == [True, False, True, True]
    assert [plan["score_cost_bp"] for plan in plans] == [10_000, 6_667, 0, 10_000]
    assert [plan["rank"] for plan in plans] == [1, 2, 3, 1]


def test_equal_scores_go_by_cost_and_then_by_cell() -> None:
    alike = _ranked({"cell": 2}, {"cell": 1}, {"cell": 0, "total_cost_cents": 50_000})
    assert [plan["rank"] for plan in alike] == [1, 2, 3]
    spread = {"amount_cents": 10**9, "payment_cents": 0, "last_payment_cents": 0}
    near = _ranked({**spread, "cell": 1, "total_cost_cents": 50_001_000}, {**spread, "total_cost_cents": 50_000_000})
    assert {plan["total_cost_cents"]: plan["rank"] for plan in near} == {50_000_000: 1, 50_001_000: 2}


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({"total_interest_cents": 0}, 0),
        ({"total_interest_cents": 500_000}, 10_000),
        ({"merchant_subsidy_cents": 5_000}, 4_500),
    ],
)
def test_the_margin_is_worth_nothing_at_a_loss_and_no_more_than_the_rest(change: dict[str, int], points: int) -> None:
    assert _ranked(change)[0]["score_margin_bp"] == points
