"""The catalogue is data, dated, refused when wrong, and cut to what a policy lets a lender sell."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.transforms.outputs import product_rows
from tests.unit.transforms.support import NIGHT, book, catalogue, document, policy, products
from transforms.dates.day_count import DayCount
from transforms.loans.product_conventions import ProductConventions
from transforms.policy.conventions import Conventions
from transforms.policy.policy import PolicyError
from transforms.policy.product import parse_products
from transforms.pricing.pricing_inputs import pricing_inputs
from warehouse.contract import load_contract


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (
            "kind",
            "mortgage",
            r"products.toml: version 2021-01-01: product travel: kind 'mortgage' is not one of card_installment",
        ),
        ("purpose_codes", ["travle"], r"purpose_codes\[1\] 'travle' is not one of .*; did you mean 'travel'"),
        ("terms_m", [0, 3], r"terms_m\[1\] must be at least 1, got 0"),
        ("min_amount_cents", 9_000_000, r"min_amount_cents must not be above max_amount_cents"),
        ("min_amount_cents", 1.5, r"min_amount_cents must be a whole number, got 1.5; amounts are given in cents"),
        ("offered", [3], r"offered: must be a table of terms per method"),
        ("offered", {"EQ_PRIN": [3]}, r"offered: EQ_PRIN is not among repay_methods, ANNUITY"),
        ("plan_type", "interest_free", r"an interest-free plan, and only it, repays INTEREST_FREE"),
        ("offered", {"ANNUITY": list(range(1, 13))}, r"plans are offered unasked; at most 22"),
        ("colour", "red", r"product travel: 'colour' is not known"),
        ("service_m", 11, r"no term is longer than the service bought, service_m = 11"),
        ("down_payment_bp", 10_000, r"down_payment_bp must be below 10000, got 10000"),
        ("periodic_fee_bp", -1, r"periodic_fee_bp must be at least 0, got -1"),
        ("fee_collector", "nobody", r"fee_collector 'nobody' is not one of lender"),
        ("cancel_rule", "never", r"cancel_rule 'never' is not one of settle_any_time"),
        ("provider_rule", "whitelist", r"provider_rule 'whitelist' is not one of .*; did you mean 'whitelisted'"),
        ("conventions", "montly", r"product travel: conventions: 'montly' is not known; did you mean 'monthly'"),
        ("needs_merchant", False, r"without a merchant there is nobody to whom entrusted_from_cents could be paid"),
    ],
)
def test_a_wrong_product_is_refused_naming_it(field: str, value: object, message: str) -> None:
    changed = document("products.toml")
    changed["version"][0]["products"]["travel"][field] = value
    with pytest.raises(PolicyError, match=message):
        parse_products(changed, source="products.toml")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (
            "first_period",
            "actual_day",
            r"\[conventions.monthly\]: first_period 'actual_day'.*did you mean 'actual_days'",
        ),
        ("due_date_roll", "next", r"due_date_roll 'next' is not one of none, following"),
        ("first_due_days", [45, 15], r"first_due_days: \[45, 15\] is not \[fewest, most\] days"),
        ("first_due_days", [15], r"is not \[fewest, most\] days"),
        ("first_due_days", [15, 45.0], r"is not \[fewest, most\] days"),
        ("interest_basis", "lunar", r"interest_basis: day count 'lunar' is none of"),
        ("interest_rounded", 1, r"interest_rounded 1 is not one of period"),
        ("calendar", "", r"calendar must not be empty"),
        ("rounded", "period", r"\[conventions.monthly\]: 'rounded' is not known"),
    ],
)
def test_wrong_conventions_are_refused_naming_them(field: str, value: object, message: str) -> None:
    changed = document("products.toml")
    changed["version"][0]["conventions"]["monthly"][field] = value
    with pytest.raises(PolicyError, match=message):
        parse_products(changed, source="products.toml")


def test_wrong_keys_types_and_gaps_of_a_catalogue_are_told_together_each_once() -> None:
    changed = document("products.toml")
    first = changed["version"][0]
    changed["catalog_id"] = "x"
    first["purposes"]["boats"] = ["boat"]
    first["providers"]["min_days"] = "180"
    first["conventions"]["monthly"].update(month_end="last", calendar=1)
    travel = first["products"]["travel"]
    travel.update(kind="consumer_loan", step_pb=travel.pop("step_bp"), terms_m=[3, 90], product_code="trip")
    first["products"]["car"].update(conventions="montly", min_amount_cents=90_000_000)
    changed["version"][1].update(withdraw=["card_gen"], effective_from=date(2020, 1, 1))
    with pytest.raises(PolicyError) as refused:
        parse_products(changed, source="p.toml")
    assert sorted(refused.value.mistakes) == sorted(
        [
            "p.toml: 'catalog_id' is not known; did you mean 'catalogue_id'?",
            "p.toml: version 2021-01-01: [purposes]: 'boats' is not known; there are: appliance, car, education,"
            " general, medical, travel",
            "p.toml: version 2021-01-01: providers.min_days must be a whole number, got '180'",
            "p.toml: version 2021-01-01: [conventions.monthly]: month_end 'last' is not one of last_day, first_of_next",
            "p.toml: version 2021-01-01: [conventions.monthly]: calendar must be text, got 1",
            "p.toml: version 2021-01-01: product travel: kind 'consumer_loan' is not one of card_installment,"
            " cash_advance, consumption_loan; did you mean 'consumption_loan'?",
            "p.toml: version 2021-01-01: product travel: lacks step_bp",
            "p.toml: version 2021-01-01: product travel: 'step_pb' is not known; did you mean 'step_bp'?",
            "p.toml: version 2021-01-01: product travel: terms_m[2] must be at most 84, got 90",
            "p.toml: version 2021-01-01: product travel: 'product_code' is said by its table and its version",
            "p.toml: version 2021-01-01: product car: conventions: 'montly' is not known; did you mean 'monthly'?",
            "p.toml: version 2020-01-01: stands after 2021-01-01; versions go from old to new",
            "p.toml: version 2020-01-01: withdraw: there is no product 'card_gen'; did you mean 'card_general'?",
        ]
    )


@pytest.mark.parametrize("field", ["needs_subsidy", "plan_type"])
def test_an_interest_free_plan_is_one_in_every_respect(field: str) -> None:
    changed = document("products.toml")
    changed["version"][0]["products"]["merchant_zero"][field] = {"needs_subsidy": False, "plan_type": "standard"}[field]
    with pytest.raises(PolicyError, match="product merchant_zero: an interest-free plan, and only it"):
        parse_products(changed, source="p.toml")


def test_versions_of_a_catalogue_go_from_old_to_new() -> None:
    changed = document("products.toml")
    changed["version"][1]["effective_from"] = changed["version"][0]["effective_from"]
    with pytest.raises(PolicyError, match="version 2021-01-01: stands after 2021-01-01; versions go from old to new"):
        parse_products(changed, source="p.toml")


def test_too_many_plans_shown_unasked_are_told_where_they_become_more() -> None:
    changed = document("products.toml")
    changed["version"][0]["products"]["travel"]["offered"] = {"ANNUITY": list(range(1, 13))}
    changed["version"][-1]["products"]["travel"] = {"offered": {"ANNUITY": list(range(1, 12))}}
    with pytest.raises(PolicyError) as refused:
        parse_products(changed, source="p.toml")
    told = [m.split(" plans are offered")[0].removeprefix("p.toml: version ") for m in refused.value.mistakes]
    counts = [int(text.partition(": ")[2]) for text in told]
    assert told[0].startswith("2021-01-01: ")
    assert counts == sorted(set(counts))
    assert len(told) < len(changed["version"])


def test_figures_of_a_product_that_cannot_stand_together_are_told_together() -> None:
    changed = document("products.toml")
    travel = changed["version"][0]["products"]["travel"]
    travel.update(min_amount_cents=9_000_000, service_m=3, step_bp=100, offered={"EQ_PRIN": [3]})
    with pytest.raises(PolicyError) as refused:
        parse_products(changed, source="p.toml")
    assert [m.removeprefix("p.toml: version 2021-01-01: product travel: ") for m in refused.value.mistakes] == [
        "offered: EQ_PRIN is not among repay_methods, ANNUITY",
        "balloon_bp and step_bp are above 0 where, and only where, such a method is sold",
        "min_amount_cents must not be above max_amount_cents",
        "no term is longer than the service bought, service_m = 3",
    ]


def test_conventions_must_say_everything() -> None:
    changed = document("products.toml")
    del changed["version"][0]["conventions"]["monthly"]["calendar"]
    with pytest.raises(PolicyError, match=r"\[conventions.monthly\] lacks calendar"):
        parse_products(changed, source="products.toml")


def test_a_plan_keeps_the_conventions_of_the_day_it_started() -> None:
    """From 2025-09-01 on loans roll no more; a plan before the catalogue is reckoned by its first version."""
    changed = document("products.toml")
    old = changed["version"][0]["conventions"]["monthly"]
    changed["version"][2]["conventions"] = {"plain": {**old, "due_date_roll": "none", "interest_basis": "act/365F"}}
    changed["version"][2]["products"]["medical"] = {"conventions": "plain"}
    changed["version"].append({"effective_from": date(2026, 1, 1), "withdraw": ["medical"]})
    read = parse_products(changed, source="products.toml")
    known = ProductConventions(versions=read.conventions())
    before, after = (known.of("medical", on) for on in (date(2025, 8, 31), date(2025, 9, 1)))
    assert (before.due_date_roll, before.first_due_days) == ("following", (15, 45))
    assert (after.due_date_roll, after.interest_basis) == ("none", DayCount.ACT_365F)
    assert known.of("medical", date(2019, 5, 1)) == before
    assert known.of("medical", date(2026, 5, 1)) == after, "withdrawn, it still runs"
    assert known.of("low_interest", date(2021, 5, 1)) == before, "older than its product"
    assert known.of("nobody_knows", date(2026, 5, 1)) == Conventions()


def test_what_the_rate_card_cannot_price_is_not_sold() -> None:
    changed = document("products.toml")
    changed["version"][0]["conventions"]["monthly"]["interest_basis"] = "act/360"
    sold = parse_products(changed, source="products.toml").in_force(NIGHT).under(policy())
    with pytest.raises(ValueError, match="charges by actual/360; the rate card prices equal_periods only"):
        pricing_inputs(policy(), sold)


def test_conventions_are_published_with_their_product() -> None:
    row = product_rows(catalogue().under(policy()), NIGHT).filter(product_code="card_general").row(0, named=True)
    said = {"interest_basis": "equal_periods", "first_period": "actual_days", "first_due_min_days": 15}
    said |= {"first_due_max_days": 45, "interest_rounded": "period", "due_date_roll": "following"}
    said |= {"month_end": "last_day", "calendar": "cn"}
    assert {name: row[name] for name in said} == said
    contract = load_contract("reference.product")
    assert [name for name, _ in contract.lake_columns()] == list(row)


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
    assert sold["car"].offered == (("ANNUITY", 36),)
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


def test_no_training_loan_runs_longer_than_the_course() -> None:
    """In every version of the catalogue."""
    bound = [p for c in products().versions for p in c.products if p.service_m]
    assert {"education", "medical", "travel"} <= {p.product_code for p in bound}
    assert all(max(p.terms_m) <= p.service_m for p in bound)


def test_a_service_that_stops_needs_its_length() -> None:
    changed = document("products.toml")
    changed["version"][0]["products"]["medical"]["service_m"] = 0
    with pytest.raises(PolicyError, match="product medical: billing that stops with the service needs its length"):
        parse_products(changed, source="products.toml")


@pytest.mark.parametrize(
    ("providers", "message"),
    [
        ({"min_days": -1, "barred_categories": []}, r"providers.min_days must be at least 0, got -1"),
        ({"min_days": 1, "barred_categories": [], "whitelist": {"cars": []}}, r"'cars' is not known"),
        ({"min_days": 1, "barred": []}, r"\[providers\]: 'barred' is not known"),
    ],
)
def test_a_wrong_provider_rule_is_refused(providers: dict[str, object], message: str) -> None:
    changed = document("products.toml")
    changed["version"][0]["providers"] = providers
    with pytest.raises(PolicyError, match=message):
        parse_products(changed, source="products.toml")


@pytest.mark.parametrize(
    ("on", "sold"),
    [
        (date(2025, 8, 31), False),
        (date(2025, 9, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_low_interest_is_sold_while_the_state_pays(on: date, *, sold: bool) -> None:
    """财金〔2025〕80号 and 财金〔2026〕1号, from 2025-09-01 to 2026-12-31."""
    assert ("low_interest" in {p.product_code for p in catalogue(on).under(policy(on))}) == sold


def test_a_low_interest_amount_stays_within_the_yearly_subsidy() -> None:
    """CNY 3,000 a year at one point: no more than 300,000 may be lent."""
    changed = document("products.toml")
    changed["version"][-1]["products"]["low_interest"]["max_amount_cents"] = 50_000_000
    under = parse_products(changed, source="products.toml").in_force(NIGHT).under(policy())
    assert next(p.max_amount_cents for p in under if p.product_code == "low_interest") == 30_000_000


def test_what_is_paid_to_the_customer_is_bounded_by_law() -> None:
    """Above the threshold money goes to the provider's account, so a product without one stops there."""
    changed = document()
    changed["version"][-1]["payout"] = {"self_paid_max_cents": 4_000_000}
    sold = {p.product_code: p for p in catalogue().under(book(changed).versions[-1])}
    assert sold["card_general"].max_amount_cents == 4_000_000
    assert sold["car"].max_amount_cents == 30_000_000


def test_product_rows_are_what_is_sold() -> None:
    rows = product_rows(catalogue().under(policy()), NIGHT)
    bank = [p.product_code for p in catalogue().products if "bank_card" in p.lender_types]
    assert rows["product_code"].to_list() == sorted(bank)
    assert rows.filter(product_code="card_general").select("entrusted_from_cents", "proof_from_cents").row(0) == (
        None,
        None,
    )
    assert rows.filter(product_code="education")["entrusted_from_cents"].to_list() == [0]
    assert rows.filter(product_code="education")["effective_from"].to_list() == [date(2022, 7, 7)]
