"""One product as declared: figures at their bounds, and those that cannot stand together."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.transforms.support import document
from transforms.policy.conventions import Conventions
from transforms.policy.mistakes import verdict
from transforms.policy.product_terms import NEVER, SoundProduct

SHIPPED: dict[str, Any] = document("products.toml")["version"][0]
SETS = {name: Conventions(**{**raw, "first_due_days": (15, 45)}) for name, raw in SHIPPED["conventions"].items()}
BALLOON = {"repay_methods": ["BALLOON"], "offered": {"BALLOON": [3]}}
STEPPED = {"repay_methods": ["ANNUITY", "STEP_UP"]}


def told(name: str = "travel", **changes: object) -> list[str]:
    """What is said of a shipped product with other figures."""
    raw = {**SHIPPED["products"][name], "product_code": name, "effective_from": SHIPPED["effective_from"], **changes}
    return [m.text for m in verdict(SoundProduct, raw, context={"conventions": SETS})[1]]


@pytest.mark.parametrize("name", SHIPPED["products"])
def test_a_shipped_product_is_sound(name: str) -> None:
    assert told(name) == []


@pytest.mark.parametrize(
    ("field", "good", "bad", "said"),
    [
        ("terms_m", [1, 3], [0, 3], "terms_m[1] must be at least 1, got 0"),
        ("terms_m", [84, 3], [85, 3], "terms_m[1] must be at most 84, got 85"),
        ("terms_m", [3], [], "terms_m must not be empty, got []"),
        ("purpose_codes", ["travel"], [], "purpose_codes must not be empty, got []"),
        ("channels", ["app"], [], "channels must not be empty, got []"),
        ("min_amount_cents", 1, 0, "min_amount_cents must be above 0, got 0"),
        ("entrusted_from_cents", NEVER, NEVER - 1, "entrusted_from_cents must be at least -1, got -2"),
        ("proof_from_cents", NEVER, NEVER - 1, "proof_from_cents must be at least -1, got -2"),
        ("down_payment_bp", 9_999, 10_000, "down_payment_bp must be below 10000, got 10000"),
        ("upfront_fee_bp", 0, -1, "upfront_fee_bp must be at least 0, got -1"),
        (
            "rate_addon_bp",
            -1,
            -0.5,
            "rate_addon_bp must be a whole number, got -0.5; fractions are given in basis points",
        ),
        ("cooling_off_days", 0, -1, "cooling_off_days must be at least 0, got -1"),
        (
            "product_code",
            "travel_2",
            "Travel",
            "product_code must be lower-case letters, digits and underscores, got 'Travel'",
        ),
    ],
)
def test_a_figure_is_good_up_to_its_bound(field: str, good: object, bad: object, said: str) -> None:
    beside = {"service_m": 84, "offered": {}, "cancel_rule": "settle_any_time"} if field == "terms_m" else {}
    assert told(**{**beside, field: good}) == []
    assert told(**{**beside, field: bad}) == [said]


def test_never_is_below_every_amount() -> None:
    assert NEVER == -1


@pytest.mark.parametrize("offered", [[3], "ANNUITY", {"ANNUITY": 3}, {"ANNUITY": [3], "EQ_PRIN": 3}])
def test_what_is_offered_is_a_table_of_terms_per_method(offered: object) -> None:
    assert told(offered=offered) == ["offered: must be a table of terms per method, as offered = { ANNUITY = [3, 12] }"]


@pytest.mark.parametrize(
    ("named", "said"),
    [("montly", "'montly' is not known; did you mean 'monthly'?"), (3, "3 is not known; there are: ")],
)
def test_conventions_are_named(named: object, said: str) -> None:
    (mistake,) = told(conventions=named)
    assert mistake.startswith(f"conventions: {said}")


_BALLOONS = "balloon_bp and step_bp are above 0 where, and only where, such a method is sold"
_AMOUNTS = "min_amount_cents must not be above max_amount_cents"
_FREE = "an interest-free plan, and only it, repays INTEREST_FREE and needs a subsidy"
_SERVICE = "billing that stops with the service needs its length, service_m"
_NOBODY = "without a merchant there is nobody to whom entrusted_from_cents could be paid"
_PLAIN = {"needs_merchant": False, "entrusted_from_cents": NEVER, "provider_rule": "none"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({**BALLOON, "balloon_bp": 1}, None),
        ({**BALLOON, "balloon_bp": 0}, _BALLOONS),
        ({"balloon_bp": 1}, _BALLOONS),
        ({**STEPPED, "step_bp": 1}, None),
        ({**STEPPED, "step_bp": 0}, _BALLOONS),
        ({"step_bp": 1}, _BALLOONS),
        ({"min_amount_cents": 5_000, "max_amount_cents": 5_000}, None),
        ({"min_amount_cents": 5_001, "max_amount_cents": 5_000}, _AMOUNTS),
        ({"terms_m": [3, 6], "service_m": 6}, None),
        ({"terms_m": [3, 6], "service_m": 5}, "no term is longer than the service bought, service_m = 5"),
        ({"service_m": 0, "cancel_rule": "settle_any_time"}, None),
        ({"service_m": 0, "cancel_rule": "service_stops"}, _SERVICE),
        (_PLAIN, None),
        ({**_PLAIN, "entrusted_from_cents": 0}, _NOBODY),
        ({**_PLAIN, "provider_rule": "active"}, _NOBODY),
        ({"entrusted_from_cents": NEVER, "provider_rule": "none"}, None),
        ({"needs_subsidy": True}, _FREE),
        ({"plan_type": "interest_free"}, _FREE),
        ({"repay_methods": ["INTEREST_FREE"], "offered": {}}, _FREE),
        ({"repay_methods": ["EQ_PRIN"]}, "offered: ANNUITY is not among repay_methods, EQ_PRIN"),
    ],
)
def test_figures_that_contradict_each_other_are_told(changes: dict[str, object], said: str | None) -> None:
    beside = {"terms_m": [3, 6], "offered": {"ANNUITY": [3]}}
    assert told(**{**beside, **changes}) == ([said] if said else [])
