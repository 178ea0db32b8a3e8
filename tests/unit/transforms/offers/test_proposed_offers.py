"""Offers by purpose, amount, term and method: affordable, within limits and caps, exact, the cheapest always shown."""

from __future__ import annotations

from datetime import date, timedelta
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
from transforms.decision.plan_break import plan_break_bp
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.schedule import build_schedule
from transforms.policy.product import MAX_OFFERS
from transforms.pricing.cell import cell_plan

NOBODY = merchants()


def offers(
    *changes: dict[str, Any], asked: pl.DataFrame | None = None, sellers: pl.DataFrame = NOBODY
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(offers, eligibility) of customers with those changes."""
    eligibility = customer_eligibility(*customers(*changes), policy(), rate_card(), NIGHT)
    asked = requests() if asked is None else asked
    return installment_offer(eligibility, rate_card(), catalogue(), asked, sellers, NIGHT, policy()), eligibility


def test_nobody_but_the_eligible_gets_an_offer() -> None:
    made, _ = offers({}, {"age_years": 17}, {"bureau_status": "stale"})
    assert made["customer_token"].unique().to_list() == [token(0)]


def test_a_night_with_nobody_eligible_has_an_empty_table() -> None:
    made, _ = offers({"age_years": 17})
    assert made.is_empty()


def test_payments_equal_the_scalar_schedule_to_the_cent() -> None:
    """The offer and `quote` are one figure."""
    sellers = merchants(("m1", "appliance", "active", "0.06"))
    made, _ = offers({}, {"risk_grade": "D", "free_cash_flow_cents": 123_457}, sellers=sellers)
    assert set(made["repay_method"].unique()) == {"ANNUITY", "EQ_PRIN", "INTEREST_FREE"}
    for o in made.iter_rows(named=True):
        method = RepayMethod(o["repay_method"])
        schedule = build_schedule(Plan(o["amount_cents"], o["nominal_rate"], o["term_m"], NIGHT, method))
        assert o["payment_cents"] == schedule.payment_cents
        assert o["last_payment_cents"] == schedule.last_payment_cents
        assert o["total_interest_cents"] == schedule.interest_cents
        assert o["total_cost_cents"] == o["total_interest_cents"] + o["total_fee_cents"]


@pytest.mark.parametrize(
    ("method", "term", "purpose", "amount"),
    [
        ("STEP_UP", 24, "general", 400_000),
        ("STEP_DOWN", 36, "general", 400_000),
        ("INT_FIRST", 12, "general", 200_000),
        ("BALLOON", 36, "car", 1_000_000),
    ],
)
def test_any_method_asked_for_is_offered_to_the_cent(method: str, term: int, purpose: str, amount: int) -> None:
    """Amount, term and method at the customer's choice; each payment within what the customer can bear."""
    want = {"repay_method": method, "term_m": term, "purpose_code": purpose, "amount_cents": amount, "channel": "app"}
    dealer = merchants(("m9", "car", "active", None))
    asked = requests({**want, "merchant_id": "m9" if purpose == "car" else None})
    # A balloon's last installment is the one that has to be borne.
    means = {"income_cents": 3_000_000, "free_cash_flow_cents": 2_000_000} if method == "BALLOON" else {}
    made, _ = offers(means, asked=asked, sellers=dealer)
    (o,) = made.filter(repay_method=method).to_dicts()
    cell = rate_card().filter(
        risk_grade=o["price_grade"], product_code=o["product_code"], repay_method=method, term_m=term
    )
    schedule = build_schedule(cell_plan(cell.row(0, named=True), o["amount_cents"], NIGHT))
    assert (o["request_id"], o["amount_cents"]) == ("r1", amount)
    assert o["payment_cents"] == schedule.payment_cents
    assert o["last_payment_cents"] == schedule.last_payment_cents
    assert o["total_interest_cents"] == schedule.interest_cents


def test_the_longest_general_plan_of_a_customer_worked_by_hand() -> None:
    """Limit 120,000 yuan (see the eligibility test), grade B at 9.2 % over 60 months.

    120,000 x (0.092/12) / (1 - (1 + 0.092/12)^-60) = 2,502.67 a month; 320,000 cents are affordable, so the share is
    250,267 / 320,000 = 78.21 % rounded up.
    """
    made, _ = offers({})
    (o,) = made.filter(product_code="card_general", term_m=60).to_dicts()
    assert (o["max_amount_cents"], o["amount_cents"], o["payment_cents"]) == (12_000_000, 12_000_000, 250_267)
    assert o["payment_share_bp"] == 7_821
    assert o["prequalified_until"] == NIGHT + timedelta(days=7)


def test_the_longest_term_is_shown_even_when_the_catalogue_does_not_list_it() -> None:
    """Grade E may take 18 months, which the catalogue does not show unasked."""
    made, _ = offers({"risk_grade": "E"})
    assert 18 in made.filter(product_code="card_general")["term_m"].to_list()


def test_a_request_is_answered_with_its_amount_term_and_method() -> None:
    asked = requests({"term_m": 18, "repay_method": "EQ_PRIN", "merchant_id": "m9"})
    made, _ = offers({}, asked=asked, sellers=merchants(("m9", "appliance", "active", None)))
    answers = made.filter(pl.col("request_id") == "r1")
    assert answers["purpose_code"].unique().to_list() == ["appliance"]
    assert answers["amount_cents"].unique().to_list() == [300_000]
    assert answers.filter(term_m=18, repay_method="EQ_PRIN").height == 1
    assert answers.filter(product_code="appliance")["channel"].unique().to_list() == ["checkout"]
    assert answers.filter(product_code="low_interest")["channel"].unique().to_list() == ["app"], "not sold at checkouts"
    assert answers["merchant_id"].unique().to_list() == ["m9"]
    assert made.filter(pl.col("purpose_code") != "appliance")["request_id"].null_count() > 0
    assert made.filter(rank=1)["request_id"].to_list() == ["r1"]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ([{"requested_on": NIGHT - timedelta(days=29)}], "r1"),
        ([{"requested_on": NIGHT - timedelta(days=30)}], None),
        ([{"requested_on": NIGHT + timedelta(days=1)}], None),
        ([{"requested_on": date(2026, 3, 1)}, {"requested_on": date(2026, 3, 2), "request_id": "r0"}], "r0"),
        ([{}, {"request_id": "r2"}], "r2"),
        ([{"amount_cents": 59_999}], None),  # below the smallest appliance plan
    ],
)
def test_the_latest_open_request_counts(asked: list[dict[str, Any]], answered: str | None) -> None:
    made, _ = offers({}, asked=requests(*asked))
    assert made["request_id"].drop_nulls().unique().to_list() == ([answered] if answered else [])


def test_a_request_above_the_maximum_is_offered_the_maximum() -> None:
    made, _ = offers({}, asked=requests({"amount_cents": 90_000_000}))
    answers = made.filter(pl.col("request_id") == "r1")
    assert (answers["amount_cents"] == answers["max_amount_cents"]).all()
    assert answers.filter(product_code="appliance")["max_amount_cents"].max() == 5_000_000


@pytest.mark.parametrize(
    ("share", "status", "terms"),
    [
        ("0.0540", "active", [3, 6, 12]),  # 0.45 % a month for 12 months
        ("0.0539", "active", [3, 6]),
        ("0.0135", "active", [3]),
        ("0.0134", "active", []),
        ("0.0540", "suspended", []),
        (None, "active", []),
    ],
)
def test_interest_free_plans_need_a_merchant_that_pays_for_the_term(
    share: str | None, status: str, terms: list[int]
) -> None:
    """The customer pays nothing; the subsidy is the amount times the monthly rate times the months."""
    made, _ = offers({}, sellers=merchants(("m1", "computers", status, share)))
    free = made.filter(plan_type="interest_free").sort("term_m")
    assert free["term_m"].to_list() == terms
    for o in free.iter_rows(named=True):
        assert (o["purpose_code"], o["merchant_id"], o["total_cost_cents"]) == ("appliance", "m1", 0)
        assert o["merchant_subsidy_cents"] == o["amount_cents"] * 45 * o["term_m"] // 10_000


def test_the_requests_merchant_is_preferred_then_the_best_of_its_purpose() -> None:
    sellers = merchants(
        ("m1", "appliance", "active", "0.02"),
        ("m2", "appliance", "active", "0.03"),
        ("m3", "travel", "active", "0.06"),
    )

    def free(*asked: dict[str, Any]) -> list[str]:
        made, _ = offers({}, asked=requests(*asked), sellers=sellers)
        return made.filter(plan_type="interest_free")["merchant_id"].unique().to_list()

    assert free({"merchant_id": "m1"}) == ["m1"]
    assert free({"merchant_id": "unknown"}) == ["m2"]
    assert free() == ["m3"]


@pytest.mark.parametrize("preference", ["longest_term", "lowest_payment", "soonest_paid", "lowest_total_cost"])
def test_the_stated_preference_orders_the_offers_and_the_cheapest_stays(preference: str) -> None:
    """The first offer is the one preferred; the cheapest is marked whatever is preferred."""
    made, _ = offers({"stated_preference": preference})
    general = made.filter(purpose_code="general").sort("rank")
    assert general["preference_tag"][0] == preference
    cheapest = made.group_by("purpose_code").agg(pl.col("is_cheapest").any())
    assert cheapest["is_cheapest"].all()
    if preference == "longest_term":
        assert general["term_m"][0] == general["term_m"].max()
    if preference == "soonest_paid":
        assert general["term_m"][0] == general["term_m"].min()


def test_ids_are_the_same_for_the_same_night_and_differ_otherwise() -> None:
    """An idempotent key for checkout."""
    first, _ = offers({}, {})
    again, _ = offers({}, {})
    assert first.equals(again)
    assert first["offer_id"].is_duplicated().sum() == 0
    assert first["offer_id"].str.contains("^[0-9a-f]{32}$").all()
    alone, _ = offers({})
    assert alone["offer_id"].to_list() == first.filter(customer_token=token(0))["offer_id"].to_list()


_ANYBODY = st.fixed_dictionaries(
    {
        "risk_grade": st.sampled_from("ABCDE"),
        "income_cents": st.integers(300_000, 8_000_000),
        "debt_service_cents": st.integers(0, 100_000),
        "free_cash_flow_cents": st.integers(3_000, 4_000_000),
        "line_cents": st.one_of(st.none(), st.integers(100_000, 30_000_000)),
        "line_used_cents": st.integers(0, 100_000),
        "behaviour_segment": st.sampled_from(["standard", "transactor", "high_potential"]),
        "stated_preference": st.sampled_from([None, "longest_term", "soonest_paid"]),
    }
)


def test_a_plan_breaks_at_its_highest_payment() -> None:
    """A balloon's last payment is many times the others, and it is the one that has to be kept."""
    asked = requests({"amount_cents": 2_000_000, "purpose_code": "car", "term_m": 24, "repay_method": "BALLOON"})
    made, eligibility = offers({"income_cents": 3_000_000, "free_cash_flow_cents": 2_500_000}, asked=asked)
    (balloon,) = made.filter(repay_method="BALLOON").rows(named=True)
    assert balloon["last_payment_cents"] > 5 * balloon["payment_cents"]
    (person,) = eligibility.rows(named=True)
    unsteady = person["income_cents"] * policy().sustainability.income_cv_unknown_bp // 10_000
    figures = (balloon["last_payment_cents"], 24, person["free_cash_flow_cents"], 0, unsteady)
    bound = pl.select(plan_break_bp(*(pl.lit(figure, pl.Int64) for figure in figures))).item()
    assert bound > 0
    assert balloon["p_plan_break"] * 10_000 == bound


@settings(max_examples=15, deadline=None)
@given(
    st.lists(_ANYBODY, min_size=5, max_size=15),
    st.integers(50_000, 20_000_000),
    st.sampled_from(["appliance", "car", "education", "medical", "travel", "general"]),
    st.sampled_from([6, 18, 48]),
)
def test_no_offer_breaks_a_bound(many: list[dict[str, Any]], amount: int, purpose: str, term: int) -> None:
    """Affordable to the last installment, within limit, product and cap; everyone eligible has one."""
    asked = requests({"amount_cents": amount, "purpose_code": purpose, "term_m": term})
    sellers = merchants(("m1", "appliance", "active", "0.06"))
    made, eligibility = offers(*many, asked=asked, sellers=sellers)
    joined = made.join(eligibility, on="customer_token", suffix="_e")
    highest = pl.max_horizontal("payment_cents", "last_payment_cents")
    assert joined.filter(highest > pl.col("max_payment_cents")).is_empty()
    assert joined.filter(pl.col("max_amount_cents") > pl.col("limit_cents")).is_empty()
    assert joined.filter(pl.col("amount_cents") > pl.col("max_amount_cents")).is_empty()
    assert joined.filter(pl.col("term_m") > pl.col("max_term_m")).is_empty()
    assert made.filter(pl.col("apr_irr") > pl.col("cap_rate")).is_empty()
    assert made.filter(pl.col("p_plan_break") * 10_000 > policy().sustainability.plan_break_max_bp).is_empty()
    eligible = eligibility.filter(decision="eligible")
    assert set(eligible["customer_token"]) == set(made["customer_token"])
    sizes = made.group_by("customer_token").agg(n=pl.len(), last=pl.col("rank").max(), ranks=pl.col("rank").n_unique())
    assert sizes.filter((pl.col("n") > MAX_OFFERS) | (pl.col("last") != pl.col("n"))).is_empty()
    assert sizes.filter(pl.col("ranks") != pl.col("n")).is_empty()
