"""Which request is open, which amount an offer is on, and how it is paid out: each bound at its edge."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.outputs import customer_eligibility
from tests.unit.transforms.support import NIGHT, catalogue, customers, merchants, policy, rate_card, requests, token
from transforms.offers.candidates import _with_amounts, attached, people
from transforms.offers.providers import judged_merchants
from transforms.policy.product import CHANNELS
from transforms.risk.affordability import PER_10K

OPEN = timedelta(days=policy().offers.request_open_days)


def person(*asked: dict[str, Any], customer: dict[str, Any] | None = None) -> pl.DataFrame:
    eligibility = customer_eligibility(*customers(customer or {}, {"age_years": 17}), policy(), rate_card(), NIGHT)
    judged = judged_merchants(merchants(), catalogue(), NIGHT)
    return people(eligibility, requests(*asked), judged, policy(), NIGHT)


@pytest.mark.parametrize(
    ("requested", "found"),
    [(NIGHT, "r1"), (NIGHT - OPEN + timedelta(days=1), "r1"), (NIGHT - OPEN, None), (NIGHT + timedelta(days=1), None)],
)
def test_a_request_is_open_for_the_policys_days(requested: object, found: str | None) -> None:
    assert person({"requested_on": requested})["r_id"].to_list() == [found]


def test_the_latest_request_counts_and_of_one_day_the_greatest_number() -> None:
    before = {"request_id": "z", "requested_on": NIGHT - timedelta(days=1)}
    asked = person({"request_id": "b", "term_m": 6}, before, {"request_id": "a"})
    assert asked.select("r_id", "r_term", "customer_token").rows() == [("b", 6, token(0))]


def test_what_a_request_prefers_comes_before_what_was_stated() -> None:
    stated = {"stated_preference": "lowest_payment"}
    assert person(customer=stated)["preference"].item() == "lowest_payment"
    asked = person({"preference": "longest_term", "channel": "checkout"}, customer=stated)
    assert asked["preference"].item() == "longest_term"
    number = CHANNELS.index("checkout")
    assert asked.select("r_channel_no", "r_channel_bit").row(0) == (number, 2**number)
    assert person(customer=stated)["r_channel_bit"].item() == 0


STEP = policy().amounts.step_cents
#: A plan that ten times its smallest amount would be granted for, of a customer who asks for less.
PLAN: dict[str, Any] = {
    "max_payment_cents": 10**9,
    "steady_cents": None,
    "savings_cents": None,
    "term_m": 12,
    "highest_per_10k": PER_10K // 10,
    "limit_cents": 40 * STEP,
    "product_max_cents": 50 * STEP,
    "min_amount_cents": 4 * STEP,
    "purpose_no": 1,
    "r_purpose_no": 1,
    "r_amount": 7 * STEP,
    "provider_bit": 1,
    "r_provider_bits": 1,
    "channel_bits": 1,
    "r_channel_bit": 1,
    "r_channel_no": 0,
    "first_channel_no": 0,
    "fallback_channel_no": 0,
    "price_grade": "B",
}


def amounts(**change: Any) -> dict[str, Any] | None:
    types: dict[str, Any] = dict.fromkeys(PLAN, pl.Int64) | {"price_grade": pl.String, "term_m": pl.Int32}
    made = _with_amounts(pl.DataFrame([PLAN | change], schema=types), policy(), bounded=False)
    return made.row(0, named=True) if len(made) else None


@pytest.mark.parametrize(
    ("change", "most"),
    [
        ({}, 40),
        ({"limit_cents": 60 * STEP}, 50),
        ({"limit_cents": 40 * STEP + STEP - 1}, 40),
        ({"limit_cents": 4 * STEP}, 4),
        ({"limit_cents": 4 * STEP - 1}, None),
        # A tenth of the amount a month: 12 x 4 cents are held back and a cent added to the price.
        ({"max_payment_cents": 3 * STEP + 48}, 29),
        ({"max_payment_cents": 3 * STEP + 148}, 30),
        ({"steady_cents": 3 * STEP + 148, "savings_cents": 0}, 30),
    ],
)
def test_the_largest_amount_is_the_least_of_limit_product_and_what_is_bearable(
    change: dict[str, Any], most: int | None
) -> None:
    found = amounts(**change)
    assert (found and found["max_amount_cents"]) == (most and most * STEP)


@pytest.mark.parametrize(
    ("change", "answers", "merchant", "amount"),
    [
        ({}, True, True, 7),
        ({"r_amount": 4 * STEP}, True, True, 4),
        ({"r_amount": 4 * STEP - 1}, False, True, 40),
        ({"r_amount": 90 * STEP}, True, True, 40),
        ({"r_purpose_no": 2}, False, False, 40),
        ({"r_purpose_no": None, "r_amount": None}, False, False, 40),
    ],
)
def test_an_offer_answers_a_request_of_its_purpose_that_is_large_enough(
    change: dict[str, Any], answers: bool, merchant: bool, amount: int
) -> None:
    found = amounts(**change)
    assert found is not None
    assert (found["answers"], found["request_merchant"], found["amount_cents"]) == (answers, merchant, amount * STEP)


def paid_out(**change: Any) -> dict[str, Any]:
    plain = {
        "cell": 0,
        "person": 0,
        "channel_no": 0,
        "answers": False,
        "request_merchant": False,
        "merchant_id": None,
        "amount_cents": 1_000,
        "entrusted_from_cents": -1,
        "self_paid_max_cents": 0,
        "down_payment_bp": 0,
        "proof_from_cents": -1,
        "r_id": "r",
        "r_merchant": "m",
    }
    row = plain | change
    of_cell = ("cell", "entrusted_from_cents", "self_paid_max_cents", "down_payment_bp", "proof_from_cents")
    of_offer = ("cell", "person", "channel_no", "answers", "request_merchant", "merchant_id", "amount_cents")
    offers = pl.DataFrame([{c: row[c] for c in of_offer}], schema_overrides={"merchant_id": pl.String})
    cells = pl.DataFrame([{c: row[c] for c in of_cell}])
    made = attached(offers, pl.DataFrame([{"person": 0, "r_id": "r", "r_merchant": "m"}]), cells)
    return made.row(0, named=True)


@pytest.mark.parametrize(
    ("change", "mode"),
    [
        ({}, "self_paid"),
        ({"entrusted_from_cents": 1_000}, "entrusted"),
        ({"entrusted_from_cents": 1_001}, "self_paid"),
        ({"entrusted_from_cents": 0}, "entrusted"),
        ({"self_paid_max_cents": 1_000}, "self_paid"),
        ({"self_paid_max_cents": 999}, "entrusted"),
    ],
)
def test_a_large_amount_goes_to_the_provider(change: dict[str, int], mode: str) -> None:
    assert paid_out(**change)["pay_mode"] == mode


@pytest.mark.parametrize(("least", "asked"), [(-1, False), (0, True), (1_000, True), (1_001, False)])
def test_proof_of_use_is_asked_from_an_amount_on(least: int, *, asked: bool) -> None:
    assert paid_out(proof_from_cents=least)["proof_of_use"] is asked


@pytest.mark.parametrize(
    ("amount", "share", "down"), [(1_000, 0, 0), (8_000, 2_000, 2_000), (8_001, 2_000, 2_001), (1, 5_000, 1)]
)
def test_a_down_payment_is_its_share_of_the_price_rounded_up(amount: int, share: int, down: int) -> None:
    assert paid_out(amount_cents=amount, down_payment_bp=share)["down_payment_cents"] == down


def test_an_offer_names_the_request_it_answers_and_the_merchant_it_pays() -> None:
    none = paid_out()
    assert (none["request_id"], none["merchant_id"], none["channel"]) == (None, None, CHANNELS[0])
    answered = paid_out(answers=True, request_merchant=True)
    assert (answered["request_id"], answered["merchant_id"]) == ("r", "m")
    assert paid_out(request_merchant=True, merchant_id="own")["merchant_id"] == "own"
