"""Before a rule came in force a night gives the old answer, from the day it starts the new one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from tests.unit.transforms.outputs import compliance_check, customer_eligibility
from tests.unit.transforms.support import book, catalogue, customers, document, rate_card
from transforms.pricing.pricing_inputs import cap_rate_bp
from warehouse.contract import load_contract
from warehouse.overlay import overlaid
from warehouse.shapes import polars_schema

if TYPE_CHECKING:
    from transforms.policy.policy import Policy, PolicyBook


@cache
def versions(name: str) -> PolicyBook:
    """A shipped policy, laid over what it extends."""
    own = document(f"policies/{name}.toml")
    return book(overlaid(document(), own).body if "extends" in own else own)


def on(name: str, day: date) -> Policy:
    return versions(name).in_force(day)


def decided(name: str, day: date, change: dict[str, Any]) -> dict[str, Any]:
    """One customer under a policy on a night, priced as of that night."""
    profile, risk = customers({**change, "as_of_date": day})
    (row,) = customer_eligibility(profile, risk, on(name, day), rate_card(on(name, day), day), day).to_dicts()
    return row


@pytest.mark.parametrize(
    ("name", "day", "change", "before", "after", "reason"),
    [
        ("cn/bank_card", date(2021, 3, 17), {"is_student": True}, "eligible", "review", "student"),
        ("cn/micro_lender", date(2021, 3, 17), {"is_student": True}, "eligible", "declined", "student"),
        (
            "cn/bank_card",
            date(2021, 11, 1),
            {"automated_decision_opt_out": True},
            "eligible",
            "review",
            "automated_decision_refused",
        ),
    ],
)
def test_a_decision_rule_begins_on_its_night(
    name: str, day: date, change: dict[str, Any], before: str, after: str, reason: str
) -> None:
    eve, night = decided(name, day - timedelta(days=1), change), decided(name, day, change)
    assert (eve["decision"], eve["reasons"]) == (before, [])
    assert (night["decision"], night["reasons"]) == (after, [reason])
    assert eve["policy_version"] != night["policy_version"]


@pytest.mark.parametrize(
    ("name", "day", "cap_before", "cap_after"),
    [
        ("cn/facilitated", date(2025, 10, 1), 3600, 2400),
        ("cn/micro_lender", date(2025, 12, 1), 3600, 2400),
        ("cn/consumer_finance", date(2025, 10, 1), 2400, 2000),
    ],
)
def test_a_cost_cap_binds_from_its_night_on(name: str, day: date, cap_before: int, cap_after: int) -> None:
    """Grade F is priced between the caps: within the tolerance its margin gives way, beyond it nothing is sold."""
    eve, night = (rate_card(on(name, d), d).filter(~pl.col("price_above_cap")) for d in (day - timedelta(days=1), day))
    caps = [[float(cap) * 10_000 for cap in cells["cap_rate"].unique()] for cells in (eve, night)]
    assert caps == [[cap_before], [cap_after]]
    assert float(eve["apr_irr"].max()) > cap_after / 10_000  # type: ignore[arg-type]  # a decimal
    assert float(night["apr_irr"].max()) <= cap_after / 10_000  # type: ignore[arg-type]  # a decimal
    before, after = (decided(name, d, {"risk_grade": "F"}) for d in (day - timedelta(days=1), day))
    assert not before["price_above_cap"]
    assert after["price_above_cap"] or after["cap_binding"]
    assert after["price_above_cap"] == ("price_above_cap" in set(after["reasons"]) - set(before["reasons"]))
    assert after["price_above_cap"] == (name != "cn/facilitated")


def test_four_times_the_lpr_caps_a_micro_lender_from_the_end_of_2027() -> None:
    eve, night = (on("cn/micro_lender", d) for d in (date(2027, 12, 30), date(2027, 12, 31)))
    assert [cap_rate_bp(p, 300) for p in (eve, night)] == [2400, 1200]
    with pytest.raises(ValueError, match="LPR"):
        cap_rate_bp(night, None)


def test_consumption_loans_run_84_months_from_2025_03_14_and_60_before() -> None:
    """NFRA令2024年第3号 and the notice of 2025: a product priced up to 84 months is cut to what is in force."""
    day = date(2025, 3, 14)
    loan = next(p for p in catalogue(day).products if p.kind == "consumption_loan" and not p.needs_subsidy)
    longer = replace(loan, product_code="long", terms_m=(12, 60, 72, 84), max_amount_cents=50_000_000)
    book_of = replace(catalogue(day), products=(*catalogue(day).products, longer))
    sold = [
        {p.product_code: p for p in book_of.under(on("cn/bank_card", d))}["long"]
        for d in (day - timedelta(days=1), day)
    ]
    assert [p.terms_m for p in sold] == [(12, 60), (12, 60, 72, 84)]
    assert [p.max_amount_cents for p in sold] == [30_000_000, 50_000_000]


def test_the_subsidy_covers_card_installments_from_2026_on_and_ends_with_the_year() -> None:
    """财金〔2025〕80号, 财金〔2026〕1号: one point, at most half the rate."""
    days = (
        date(2025, 8, 31),
        date(2025, 9, 1),
        date(2025, 12, 31),
        date(2026, 1, 1),
        date(2026, 12, 31),
        date(2027, 1, 1),
    )
    policies = [on("cn/bank_card", d) for d in days]
    assert [p.subsidy.rate_bp for p in policies] == [0, 100, 100, 100, 100, 0]
    loan = next(p for p in catalogue(days[1]).products if p.product_code == "low_interest")
    card = replace(loan, product_code="card_low_interest", kind="card_installment")
    sold = [
        {p.product_code for p in replace(catalogue(d), products=(*catalogue(d).products, card)).under(of)}
        for d, of in zip(days, policies, strict=True)
    ]
    assert ["low_interest" in codes for codes in sold] == [False, True, True, True, True, False]
    assert ["card_low_interest" in codes for codes in sold] == [False, False, False, True, True, False]


def test_a_card_installment_with_a_fee_is_withheld_from_2022_07_07_on() -> None:
    """银保监规〔2022〕13号: cost is shown as interest."""
    withheld = []
    for day in (date(2022, 7, 6), date(2022, 7, 7)):
        of = on("cn/bank_card", day)
        profile, risk = customers({"as_of_date": day})
        eligibility = customer_eligibility(profile, risk, of, rate_card(of, day), day)
        offer = {
            "offer_id": "o",
            "customer_token": eligibility["customer_token"][0],
            "shard": 0,
            "as_of_date": day,
            "product_code": "card_general",
            "purpose_code": "general",
            "plan_type": "standard",
            "repay_method": "ANNUITY",
            "term_m": 12,
            "apr_simple": 0.1,
            "apr_irr": 0.11,
            **dict.fromkeys(("max_amount_cents", "amount_cents"), 100_000),
            **dict.fromkeys(("payment_cents", "last_payment_cents"), 9_000),
            **dict.fromkeys(("total_interest_cents", "total_fee_cents"), 4_000),
            "prequalified_until": day + timedelta(days=7),
        }
        kinds = polars_schema(load_contract("eligibility.installment_offer"))
        offers = pl.DataFrame([dict.fromkeys(kinds) | offer], schema=kinds)
        found = compliance_check(offers, eligibility, profile, of, catalogue(day).under(of), cap_rate_bp(of, None), day)
        withheld.append(found.compliance_check.filter(subject="withheld_offer")["rules_failed"].to_list())
    assert withheld == [[], [["cost_is_interest"]]]


def test_a_date_before_the_first_version_is_refused_and_says_which_is_the_first() -> None:
    with pytest.raises(ValueError, match="the earliest is of 2021-01-01"):
        on("cn/bank_card", date(2020, 12, 31))
