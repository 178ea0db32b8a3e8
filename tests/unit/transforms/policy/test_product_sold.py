"""What a policy lets a lender sell of a product: terms, methods, purposes and amounts, each to the unit."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.transforms.support import NIGHT, catalogue, document, policy
from transforms.policy.policy import PolicyError
from transforms.policy.product import MAX_OFFERS, Catalogue, method_limit_m, parse_products
from transforms.policy.product_terms import Providers

if TYPE_CHECKING:
    from transforms.policy.policy import Policy
    from transforms.policy.product import Product

REFERENCE = replace(
    next(p for p in catalogue().products if p.product_code == policy().amounts.reference_product),
    min_amount_cents=1_000,
)
#: A loan in 6, 12 or 24 months from 1,000 to 9,000 cents, of which two plans are shown.
LOAN = replace(
    REFERENCE,
    product_code="loan",
    kind="consumption_loan",
    purpose_codes=("travel", "medical"),
    repay_methods=("ANNUITY", "INT_FIRST", "STEP_UP"),
    terms_m=(6, 12, 24),
    offered=(("ANNUITY", 24), ("INT_FIRST", 12), ("STEP_UP", 12)),
    min_amount_cents=1_000,
    max_amount_cents=9_000,
    step_bp=500,
    needs_merchant=True,
)
WIDE: dict[str, dict[str, Any]] = {
    "purposes": {"barred": ()},
    "methods": {"int_first_max_term_m": 84, "step_max_term_m": 84, "step_max_bp": 500, "balloon_max_term_m": 84},
    "payout": {"self_paid_max_cents": 0},
    "interest_free": {"max_term_m": 84},
}


def under(loan: dict[str, Any] | None = None, **sections: dict[str, Any]) -> Policy:
    """A policy that cuts nothing, but for the limits of loans and the figures of a test."""
    of = policy()
    figures = {name: WIDE.get(name, {}) | sections.get(name, {}) for name in {*WIDE, *sections}}
    of = replace(of, **{name: replace(getattr(of, name), **changes) for name, changes in figures.items()})
    limit = replace(of.kinds["consumption_loan"], allowed=True, max_term_m=84, max_amount_cents=9_000)
    return replace(of, kinds={**of.kinds, "consumption_loan": replace(limit, **(loan or {}))})


def of_products(*products: Product) -> Catalogue:
    return Catalogue(NIGHT, products, {}, Providers(0, ()), "")


def sold(of: Policy, **changes: Any) -> Product | None:
    """The loan as sold under a policy, None where it is not."""
    found = of_products(REFERENCE, replace(LOAN, **changes)).under(of)
    return next((p for p in found if p.product_code == "loan"), None)


def test_a_policy_that_permits_all_of_a_product_cuts_nothing() -> None:
    assert sold(under()) == LOAN


@pytest.mark.parametrize(("most", "terms"), [(24, (6, 12, 24)), (23, (6, 12)), (12, (6, 12)), (11, (6,)), (6, (6,))])
def test_no_term_is_longer_than_the_kind_may_run(most: int, terms: tuple[int, ...]) -> None:
    found = sold(under({"max_term_m": most}))
    assert found is not None
    assert found.terms_m == terms
    assert found.offered == tuple(plan for plan in LOAN.offered if plan[1] in terms)


def test_what_has_no_term_left_is_not_sold() -> None:
    assert sold(under({"max_term_m": 5})) is None


@pytest.mark.parametrize(("free", "kind", "terms"), [(12, 84, (6, 12)), (11, 84, (6,)), (84, 12, (6, 12))])
def test_an_interest_free_plan_keeps_to_its_own_bound_and_to_that_of_its_kind(
    free: int, kind: int, terms: tuple[int, ...]
) -> None:
    of = under({"max_term_m": kind}, interest_free={"max_term_m": free})
    found = sold(of, plan_type="interest_free")
    assert found is not None
    assert found.terms_m == terms
    assert getattr(sold(of), "terms_m", ()) == tuple(t for t in LOAN.terms_m if t <= kind), "a plan at interest"


@pytest.mark.parametrize(
    ("changes", "of", "most"),
    [
        ({}, under({"max_amount_cents": 8_999}), 8_999),
        ({"max_amount_cents": 7_000}, under({"max_amount_cents": 8_999}), 7_000),
        ({}, under({"max_amount_cents": 1_000}), 1_000),
        ({}, under({"max_amount_cents": 999}), None),
        ({"needs_merchant": False}, under(payout={"self_paid_max_cents": 5_000}), 5_000),
        ({}, under(payout={"self_paid_max_cents": 5_000}), 9_000),
        ({"needs_merchant": False}, under(payout={"self_paid_max_cents": 0}), 9_000),
    ],
)
def test_the_highest_amount_is_the_least_of_what_product_kind_and_payout_allow(
    changes: dict[str, Any], of: Policy, most: int | None
) -> None:
    """An amount that ends below the product's smallest plan is none."""
    found = sold(of, **changes)
    assert (found and found.max_amount_cents) == most


@pytest.mark.parametrize(
    ("barred", "purposes"),
    [(("medical",), ("travel",)), (("car",), ("travel", "medical")), (("travel", "medical"), None)],
)
def test_nothing_is_financed_for_a_barred_purpose(barred: tuple[str, ...], purposes: tuple[str, ...] | None) -> None:
    found = sold(under(purposes={"barred": barred}))
    assert (found and found.purpose_codes) == purposes


def test_a_lender_sells_what_is_for_its_type_and_of_a_kind_it_may_sell() -> None:
    of = under()
    assert sold(of, lender_types=(of.lender_type,)) is not None
    assert sold(of, lender_types=("micro_lender",)) is None
    assert sold(under({"allowed": False})) is None


@pytest.mark.parametrize(
    ("most", "methods", "offered"),
    [
        (24, ("ANNUITY", "INT_FIRST", "STEP_UP"), LOAN.offered),
        (12, ("ANNUITY", "INT_FIRST", "STEP_UP"), LOAN.offered),
        (11, ("ANNUITY", "INT_FIRST", "STEP_UP"), (("ANNUITY", 24), ("STEP_UP", 12))),
        (6, ("ANNUITY", "INT_FIRST", "STEP_UP"), (("ANNUITY", 24), ("STEP_UP", 12))),
        (5, ("ANNUITY", "STEP_UP"), (("ANNUITY", 24), ("STEP_UP", 12))),
    ],
)
def test_a_method_that_puts_repayment_off_is_shown_and_sold_within_its_own_term(
    most: int, methods: tuple[str, ...], offered: tuple[tuple[str, int], ...]
) -> None:
    found = sold(under(methods={"int_first_max_term_m": most}))
    assert found is not None
    assert (found.repay_methods, found.offered) == (methods, offered)


def test_a_product_whose_every_method_puts_off_too_much_is_not_sold() -> None:
    assert sold(under(methods={"int_first_max_term_m": 5}), repay_methods=("INT_FIRST",), offered=()) is None


@pytest.mark.parametrize(
    ("method", "months"),
    [("ANNUITY", 24), ("EQ_PRIN", 24), ("INT_FIRST", 11), ("BALLOON", 13), ("STEP_UP", 15), ("STEP_DOWN", 15)],
)
def test_each_method_has_its_longest_term(method: str, months: int) -> None:
    of = under(methods={"int_first_max_term_m": 11, "balloon_max_term_m": 13, "step_max_term_m": 15})
    assert method_limit_m(LOAN, method, of) == months


@pytest.mark.parametrize(
    ("method", "share", "most"),
    [
        ("BALLOON", "balloon_bp", "balloon_max_bp"),
        ("STEP_UP", "step_bp", "step_max_bp"),
        ("STEP_DOWN", "step_bp", "step_max_bp"),
    ],
)
def test_no_more_is_put_off_than_the_policy_allows(method: str, share: str, most: str) -> None:
    of = under(methods={most: 4_000, "balloon_max_term_m": 12, "step_max_term_m": 12})
    assert [method_limit_m(replace(LOAN, **{share: bp}), method, of) for bp in (4_000, 4_001)] == [12, 0]


@pytest.mark.parametrize(
    ("kind", "subsidy", "most"),
    [
        ("consumption_loan", {"rate_bp": 100, "yearly_max_cents": 50}, 5_000),
        ("consumption_loan", {"rate_bp": 300, "yearly_max_cents": 100}, 3_333),
        ("consumption_loan", {"rate_bp": 100, "yearly_max_cents": 300}, 9_000),
        ("consumption_loan", {"rate_bp": 0, "yearly_max_cents": 50}, None),
        ("card_installment", {"rate_bp": 100, "yearly_max_cents": 50, "covers_card_installment": True}, 5_000),
        ("card_installment", {"rate_bp": 100, "yearly_max_cents": 50, "covers_card_installment": False}, None),
        ("cash_advance", {"rate_bp": 100, "yearly_max_cents": 50, "covers_card_installment": True}, None),
    ],
)
def test_a_low_interest_plan_is_sold_while_its_kind_is_subsidised_and_up_to_the_subsidy_of_a_year(
    kind: str, subsidy: dict[str, Any], most: int | None
) -> None:
    found = sold(under(subsidy=subsidy), plan_type="low_interest", kind=kind, min_amount_cents=1)
    assert (found and found.max_amount_cents) == most
    assert getattr(sold(under(subsidy=subsidy), kind=kind), "max_amount_cents", None) == 9_000, "not subsidised"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"product_code": "another"}, "is not a plain annuity sold here"),
        ({"repay_methods": ("EQ_PRIN",), "offered": ()}, "is not a plain annuity sold here"),
        ({"needs_merchant": True}, "is not a plain annuity sold here"),
        ({"min_amount_cents": 50_001}, "is below the smallest plan of"),
    ],
)
def test_limits_are_measured_on_a_plain_annuity_that_everybody_with_a_limit_can_be_offered(
    changes: dict[str, Any], said: str
) -> None:
    of = under(amounts={"minimum_cents": 50_000})
    assert of_products(replace(REFERENCE, min_amount_cents=50_000)).under(of)
    with pytest.raises(PolicyError, match=said):
        of_products(replace(REFERENCE, **changes)).under(of)


@pytest.mark.parametrize("more", [0, 1])
def test_beside_the_plans_shown_two_more_find_room(more: int) -> None:
    changed = document("products.toml")
    changed["version"] = changed["version"][:1]
    products = parse_products(changed, source="p.toml").versions[0].products
    banks = [p for p in products if "bank_card" in p.lender_types and p.product_code != "travel"]
    left = MAX_OFFERS - 2 - sum(len(p.offered) for p in banks) + more
    terms = list(range(1, left + 1))
    changed["version"][0]["products"]["travel"].update(
        terms_m=terms, offered={"ANNUITY": terms}, service_m=0, cancel_rule="settle_any_time"
    )
    told = list[str]()
    try:
        parse_products(changed, source="p.toml")
    except PolicyError as error:
        told = list(error.mistakes)
    said = "p.toml: version 2021-01-01: 23 plans are offered unasked; at most 22 leave room for the longest term and a"
    assert told == [f"{said} requested one"] * more
    assert MAX_OFFERS == 24


def test_purposes_and_providers_stand_until_a_version_says_others() -> None:
    changed = document("products.toml")
    first, second, third = changed["version"][:3]
    first |= {"purposes": {"car": ["suv"]}, "providers": {"min_days": 3, "barred_categories": ["x"]}}
    for version in (second, third):
        version.pop("purposes", None)
        version.pop("providers", None)
    third |= {"purposes": {"travel": ["trip", "hotel"]}, "providers": {"min_days": 4, "barred_categories": []}}
    read = parse_products({**changed, "version": [first, second, third]}, source="p.toml").versions
    assert [c.purposes for c in read] == [{"suv": "car"}, {"suv": "car"}, {"trip": "travel", "hotel": "travel"}]
    assert [c.providers for c in read] == [Providers(3, ("x",)), Providers(3, ("x",)), Providers(4, ())]


def test_the_digest_of_a_catalogue_is_of_its_content_as_anybody_can_reckon_it() -> None:
    """SHA-256 of JSON with sorted keys, without blanks, Chinese as it is; the order in the file is no content."""
    changed = document("products.toml")
    changed["version"] = changed["version"][:1]
    first = changed["version"][0]
    content = {
        "effective_from": first["effective_from"],
        "products": {k: {**v, "effective_from": first["effective_from"]} for k, v in first["products"].items()},
        "purposes": {category: purpose for purpose, many in first["purposes"].items() for category in many},
        "conventions": first["conventions"],
        "providers": {"whitelist": {}, **first["providers"]},
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert parse_products(changed, source="p.toml").versions[0].digest == digest
    turned = {key: dict(reversed(v.items())) if isinstance(v, dict) else v for key, v in reversed(first.items())}
    assert parse_products({"version": [turned]}, source="p.toml").versions[0].digest == digest
