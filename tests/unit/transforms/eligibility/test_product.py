"""The catalogue is data, dated, refused when wrong, and cut to what a policy lets a lender sell (M01, M43, M71)."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.transforms.eligibility.support import NIGHT, book, catalogue, document, policy, products
from transforms.eligibility.policy import PolicyError
from transforms.eligibility.product import parse_products, product_rows


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("kind", "mortgage", r"products.toml: version 2021-01-01: product travel: kind: 'mortgage' is not known"),
        ("purpose_codes", ["travle"], r"purpose_codes: 'travle' is not known; did you mean 'travel'"),
        ("terms_m", [0, 3], r"terms_m are between 1 and 84 months"),
        ("min_amount_cents", 9_000_000, r"min_amount_cents must be above 0 and not above max_amount_cents"),
        ("min_amount_cents", 1.5, r"min_amount_cents must be int, got 1.5"),
        ("offered", [3], r"offered is a table of terms per method"),
        ("offered", {"EQ_PRIN": [3]}, r"offered: 'EQ_PRIN' is not known; there are: ANNUITY"),
        ("plan_type", "interest_free", r"an interest-free plan, and only it, repays INTEREST_FREE"),
        ("offered", {"ANNUITY": list(range(1, 13))}, r"plans are offered unasked; at most 22"),
        ("colour", "red", r"product travel: 'colour' is not known"),
    ],
)
def test_a_wrong_product_is_refused_naming_it(field: str, value: object, message: str) -> None:
    changed = document("products.toml")
    changed["version"][0]["products"]["travel"][field] = value
    with pytest.raises(PolicyError, match=message):
        parse_products(changed, source="products.toml")


def test_before_the_first_catalogue_the_error_names_the_earliest_date() -> None:
    with pytest.raises(PolicyError, match="no catalogue is in force on 2020-12-31; the earliest is of 2021-01-01"):
        products().in_force(date(2020, 12, 31))


def test_a_change_begins_on_its_day() -> None:
    """Education: 24 months until 2022-07-06, twelve from the next day."""

    def education(on: date) -> tuple[int, ...]:
        return next(p.terms_m for p in catalogue(on).products if p.product_code == "education")

    assert education(date(2022, 7, 6)) == (6, 12, 18, 24)
    assert education(date(2022, 7, 7)) == (6, 12)


def test_a_policy_cuts_terms_amounts_and_products() -> None:
    """A policy that allows loans of 36 months up to 90,000 yuan, and no cash advances, sells just that."""
    changed = document()
    kinds = changed["version"][0]["kinds"]
    kinds["consumption_loan"].update(max_term_m=36, max_amount_cents=9_000_000)
    kinds["cash_advance"]["allowed"] = False
    sold = {p.product_code: p for p in catalogue(date(2021, 1, 1)).under(book(changed).versions[0])}
    assert "card_cash" not in sold
    assert sold["car"].terms_m == (12, 24, 36)
    assert sold["car"].offered == (("ANNUITY", 12), ("ANNUITY", 36))
    assert sold["car"].max_amount_cents == 9_000_000


def test_cars_are_financed_by_banks_only() -> None:
    """NFRA令2024年第4号: a consumer-finance company makes no car loans."""
    changed = document()
    changed["lender_type"] = "consumer_finance"
    sold = {p.product_code for p in catalogue().under(book(changed).in_force(NIGHT))}
    assert "car" not in sold
    assert "car" in {p.product_code for p in catalogue().under(policy())}


def test_a_policy_without_its_reference_product_is_refused() -> None:
    changed = document()
    changed["version"][0]["amounts"]["reference_product"] = "car"
    with pytest.raises(PolicyError, match="reference_product 'car' is not a plain annuity sold here"):
        catalogue().under(book(changed).in_force(NIGHT))


def test_product_rows_are_what_is_sold() -> None:
    rows = product_rows(catalogue().under(policy()), NIGHT)
    assert rows["product_code"].to_list() == sorted(p.product_code for p in catalogue().products)
    assert rows.filter(product_code="education")["effective_from"].to_list() == [date(2022, 7, 7)]
