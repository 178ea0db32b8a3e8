"""Whom a plan may pay: active partners, the whitelist, and never a barred trade."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.outputs import customer_eligibility, installment_offer
from tests.unit.transforms.support import (
    NIGHT,
    catalogue,
    customers,
    document,
    merchants,
    policy,
    rate_card,
    requests,
)
from transforms.offers.providers import PROVIDER_BITS, judged_merchants, provider_allowed, with_provider
from transforms.policy.product import Catalogue, parse_products


def listing(**providers: Any) -> Catalogue:
    """The shipped catalogue with other provider rules."""
    changed = document("products.toml")
    changed["version"][0]["providers"] |= providers
    return parse_products(changed, source="products.toml").in_force(NIGHT)


def judged(seller: pl.DataFrame, of: Catalogue | None = None) -> tuple[bool, bool]:
    row = judged_merchants(seller, of or catalogue(), NIGHT).to_dicts()[0]
    return row["active"], row["whitelisted"]


def since(day: date) -> pl.DataFrame:
    return merchants(("m1", "education", "active", None)).with_columns(onboarded_on=pl.lit(day))


def test_the_whitelist_asks_for_half_a_year_as_a_partner() -> None:
    assert judged(since(NIGHT - timedelta(days=180))) == (True, True)
    assert judged(since(NIGHT - timedelta(days=179))) == (True, False)


def test_a_purpose_that_is_listed_admits_only_who_is_named() -> None:
    seller = merchants(("m1", "education", "active", None))
    assert judged(seller, listing(whitelist={"education": ["m1"]})) == (True, True)
    assert judged(seller, listing(whitelist={"education": ["m2"]})) == (True, False)
    assert judged(seller, listing(whitelist={"medical": ["m2"]})) == (True, True)


def test_a_suspended_merchant_and_a_barred_trade_are_never_paid() -> None:
    """School-age tutoring may not be paid by training loans."""
    assert judged(merchants(("m1", "education", "suspended", None))) == (False, False)
    assert judged(merchants(("m1", "k12_training", "active", "0.06"))) == (False, False)


def courses(seller: pl.DataFrame, merchant: str | None = "m1", product: str = "education") -> pl.DataFrame:
    """Offers of a product answering a request for a course of 5,000 yuan over 12 months."""
    eligibility = customer_eligibility(*customers({}), policy(), rate_card(), NIGHT)
    asked = requests({"purpose_code": "education", "merchant_id": merchant, "amount_cents": 500_000, "term_m": 12})
    made = installment_offer(eligibility, rate_card(), catalogue(), asked, seller, NIGHT, policy())
    return made.filter(pl.col("request_id").is_not_null(), product_code=product)


def test_a_course_at_a_whitelisted_provider_is_financed_into_its_account() -> None:
    answer = courses(merchants(("m1", "education", "active", None)))
    assert answer["merchant_id"].unique().to_list() == ["m1"]
    assert answer["pay_mode"].unique().to_list() == ["entrusted"]
    assert answer["proof_of_use"].all()
    assert answer["term_m"].max() == 12


@pytest.mark.parametrize(
    "seller",
    [
        merchants(("m1", "education", "suspended", None)),
        merchants(("m1", "grocery", "active", None)),  # sells no education
        merchants(("m2", "education", "active", None)),  # somebody else
        since(NIGHT - timedelta(days=10)),
    ],
)
def test_a_course_elsewhere_is_not(seller: pl.DataFrame) -> None:
    assert courses(seller).is_empty()


def test_a_request_without_a_provider_is_answered_and_judged_at_the_checkout() -> None:
    answer = courses(merchants(), merchant=None)
    assert answer.height > 0
    assert answer["merchant_id"].null_count() == len(answer)
    assert answer["pay_mode"].unique().to_list() == ["entrusted"]


@pytest.mark.parametrize(
    ("merchant", "purpose", "rules"),
    [
        ("m1", "education", ["none", "active", "whitelisted"]),
        ("m1", "medical", ["none", "active"]),  # it sells something else
        ("m2", "education", ["none"]),  # suspended
        ("m9", "education", ["none"]),  # not known
        (None, "education", ["none", "active", "whitelisted"]),  # judged at the checkout
        (None, None, ["none", "active", "whitelisted"]),
    ],
)
def test_which_rules_the_merchant_of_a_request_meets(
    merchant: str | None, purpose: str | None, rules: list[str]
) -> None:
    known = judged_merchants(
        merchants(("m1", "education", "active", None), ("m2", "education", "suspended", None)), catalogue(), NIGHT
    )
    asking = pl.DataFrame(
        {"r_merchant": [merchant], "r_purpose": [purpose]}, schema=dict.fromkeys(("r_merchant", "r_purpose"), pl.String)
    )
    person = with_provider(asking, known)
    met = [
        rule
        for rule, bit in PROVIDER_BITS.items()
        if person.with_columns(provider_bit=pl.lit(bit)).select(provider_allowed()).item()
    ]
    assert met == rules
