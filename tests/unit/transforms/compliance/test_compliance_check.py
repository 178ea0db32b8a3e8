"""What breaks a rule is withheld and named, whatever made it; nothing unknown passes."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.outputs import compliance_check, customer_eligibility, installment_offer
from tests.unit.transforms.support import (
    NIGHT,
    book,
    catalogue,
    customers,
    document,
    merchants,
    policy,
    rate_card,
    requests,
    token,
)
from transforms.policy.compliance_rules import RULES, in_force
from transforms.pricing.pricing_inputs import cap_rate_bp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.compliance.compliance_check import CheckedOffers
    from transforms.policy.policy import Policy

PEOPLE: list[dict[str, Any]] = [
    {},
    {"behaviour_segment": "transactor"},
    {"current_dpd": 10},
    {"income_source": "stated"},
]


@cache
def made() -> Mapping[str, pl.DataFrame]:
    """A night's profile, decisions and offers: two eligible customers, one declined, one for review."""
    profile, risk = customers(*PEOPLE)
    eligibility = customer_eligibility(profile, risk, policy(), rate_card(), NIGHT)
    sellers = merchants(("m1", "appliance", "active", "0.06"))
    offers = installment_offer(eligibility, rate_card(), catalogue(), requests({}), sellers, NIGHT, policy())
    return {"profile": profile, "eligibility": eligibility, "offers": offers}


def checked(of: Policy | None = None, **changed: pl.DataFrame) -> CheckedOffers:
    of, frames = of or policy(), {**made(), **changed}
    sold = catalogue().under(of)
    return compliance_check(
        frames["offers"], frames["eligibility"], frames["profile"], of, sold, cap_rate_bp(of, None), NIGHT
    )


def first_row(frame: pl.DataFrame, **values: object) -> pl.DataFrame:
    """The frame with other values in its first row."""
    first = pl.int_range(pl.len()) == 0
    return frame.with_columns(
        pl.when(first).then(pl.lit(v).cast(frame.schema[c])).otherwise(pl.col(c)).alias(c) for c, v in values.items()
    )


def test_a_good_night_passes_whole_a_row_a_decision_and_a_row_a_customers_offers() -> None:
    found = checked()
    assert found.installment_offer.equals(made()["offers"])
    assert found.compliance_check["passed"].all()
    assert found.compliance_check["subject"].value_counts().sort("subject").rows() == [("decision", 4), ("offers", 2)]
    per_customer = dict(made()["offers"].group_by("customer_token").len().iter_rows())
    offers = found.compliance_check.filter(subject="offers")
    assert dict(offers.select("customer_token", "row_cnt").iter_rows()) == per_customer
    assert set(offers["rules_checked"][0]) == {r.code for r in in_force(policy(), "offer")}
    assert offers["rules_failed"].list.len().sum() == 0


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"apr_irr": "0.240001"}, "annual_cost_within_cap"),
        ({"apr_irr": None}, "annual_cost_within_cap"),
        ({"term_m": 61}, "term_allowed"),
        ({"max_amount_cents": 30_000_100}, "amount_allowed"),
        ({"amount_cents": 49_999}, "amount_not_too_small"),
        ({"product_code": "no_such"}, "purpose_allowed"),
        ({"product_code": "card_general", "purpose_code": "car"}, "purpose_allowed"),
        ({"plan_type": "interest_free", "total_interest_cents": 1}, "interest_free_is_free"),
        ({"payment_cents": 320_001}, "payment_affordable"),
        ({"payment_cents": 450_001}, "debt_service_after_within_limit"),
        ({"apr_simple": "0.9"}, "annual_cost_shown"),
        ({"total_fee_cents": 1}, "cost_is_interest"),
        ({"prequalified_until": NIGHT - timedelta(days=1)}, "on_a_sound_decision"),
        ({"prequalified_until": NIGHT + timedelta(days=8)}, "on_a_sound_decision"),
        ({"customer_token": token(2)}, "on_a_sound_decision"),
        ({"customer_token": token(9)}, "on_a_sound_decision"),
    ],
)
def test_an_offer_that_breaks_a_rule_is_withheld_and_named(values: dict[str, object], rule: str) -> None:
    bad = first_row(made()["offers"], **values)
    found = checked(offers=bad)
    assert found.installment_offer.height == bad.height - 1
    (withheld,) = found.compliance_check.filter(subject="withheld_offer").to_dicts()
    assert withheld["subject_id"] == bad["offer_id"][0]
    assert rule in withheld["rules_failed"]
    assert not withheld["passed"]
    assert (withheld["term_m"], withheld["amount_cents"]) == (bad["term_m"][0], bad["amount_cents"][0])


def test_each_row_says_what_it_counts_and_by_which_rules_it_was_checked() -> None:
    """A decision and an offer withheld are one each; a plan is named of an offer withheld only."""
    bad = first_row(made()["offers"], term_m=61)
    rows = checked(offers=bad).compliance_check
    plan = ("product_code", "repay_method", "term_m", "amount_cents")
    (withheld,) = rows.filter(subject="withheld_offer").to_dicts()
    assert [withheld[name] for name in plan] == [bad[name][0] for name in plan]
    assert rows.filter(subject="offers")["row_cnt"].sum() == bad.height - 1
    others = rows.filter(pl.col("subject") != "withheld_offer")
    assert all(others[name].is_null().all() for name in plan)
    assert set(rows.filter(pl.col("subject") != "offers")["row_cnt"]) == {1}
    assert dict(others.select("subject", "subject_id").unique().iter_rows()) == {
        "decision": "decision",
        "offers": "offers",
    }
    for subject, about in (("decision", "decision"), ("offers", "offer"), ("withheld_offer", "offer")):
        codes = [rule.code for rule in in_force(policy(), about)]
        assert rows.filter(subject=subject)["rules_checked"].unique().to_list() == [codes]
    assert rows.select("as_of_date", "policy_id", "policy_version").unique().rows() == [
        (NIGHT, policy().policy_id, policy().version)
    ]


def test_every_rule_that_a_row_breaks_is_named_in_the_order_of_the_rules() -> None:
    """An unknown rate, a fee and an amount that is too small; the others keep every rule."""
    bad = {"plan_type": "standard", "apr_irr": None, "total_fee_cents": 1, "amount_cents": 1}
    rows = checked(offers=first_row(made()["offers"], **bad)).compliance_check
    (failed,) = rows.filter(pl.col("rules_failed").list.len() > 0)["rules_failed"].to_list()
    assert failed == ["annual_cost_within_cap", "amount_not_too_small", "annual_cost_shown", "cost_is_interest"]
    assert rows.filter("passed").height == rows.height - 1


def test_at_the_cap_an_offer_passes() -> None:
    assert checked(offers=first_row(made()["offers"], apr_irr="0.24")).compliance_check["passed"].all()


def test_interest_first_is_never_the_only_way_to_pay_shown() -> None:
    """银保监规〔2022〕13号: from 2022-07-07; with another method beside it, it may be shown."""
    of_one = made()["offers"].filter(customer_token=token(0))
    only = of_one.with_columns(repay_method=pl.lit("INT_FIRST"))
    assert checked(offers=only).installment_offer.is_empty()
    assert checked(offers=first_row(of_one, repay_method="INT_FIRST")).installment_offer.height == of_one.height


@pytest.mark.parametrize(
    ("frame", "values", "rule"),
    [
        ("eligibility", {"age_gate": "unknown"}, "age_permits"),
        ("eligibility", {"dsr_bp": 5_501}, "debt_service_within_limit"),
        ("eligibility", {"dsr_bp": None}, "debt_service_within_limit"),
        ("eligibility", {"price_above_cap": True}, "above_cap_refused"),
        ("eligibility", {"limit_cents": 50_000_100}, "exposure_within_limit"),
        ("eligibility", {"line_cents": 1_000_000, "line_next_cents": 1_200_001}, "line_raised_slowly"),
        ("profile", {"automated_decision_opt_out": True}, "automation_not_refused"),
        ("profile", {"is_student": True}, "student_seen_by_a_person"),
        ("profile", {"consent_credit_bureau": None}, "bureau_consented"),
        ("profile", {"income_source": "stated"}, "income_proven"),
        ("profile", {"income_source": None}, "income_proven"),
    ],
)
def test_a_decision_that_breaks_a_rule_keeps_its_offers_back(frame: str, values: dict[str, object], rule: str) -> None:
    found = checked(**{frame: first_row(made()[frame], **values)})
    assert found.compliance_check.filter(subject="decision", passed=False)["rules_failed"].to_list() == [[rule]]
    assert token(0) not in found.installment_offer["customer_token"]
    assert token(1) in found.installment_offer["customer_token"]
    held = found.compliance_check.filter(subject="withheld_offer")
    assert held["customer_token"].unique().to_list() == [token(0)]
    assert held["rules_failed"].list.contains("on_a_sound_decision").all()


def test_a_refusal_without_a_reason_or_with_too_many_is_found() -> None:
    for told in ([], ["a", "b", "c", "d", "e"]):
        declined = made()["eligibility"].with_columns(
            principal_reasons=pl.when(pl.col("decision") == "declined")
            .then(pl.lit(pl.Series([told], dtype=pl.List(pl.String))).first())
            .otherwise("principal_reasons")
        )
        failed = checked(eligibility=declined).compliance_check.filter(passed=False)
        assert failed["rules_failed"].to_list() == [["reasons_given"]]


def test_a_notice_is_due_where_the_law_sets_days_and_its_lack_is_found() -> None:
    """Reg B: thirty days."""
    changed = document()
    changed["version"][0]["notices"]["adverse_days"] = 30
    of = book(changed).in_force(NIGHT)
    profile, risk = customers(*PEOPLE)
    eligibility = customer_eligibility(profile, risk, of, rate_card(of), NIGHT)
    assert eligibility["notice_due_on"].to_list() == [None, None, NIGHT + timedelta(days=30), None]
    assert checked(of, eligibility=eligibility, offers=made()["offers"].clear()).compliance_check["passed"].all()
    without = eligibility.with_columns(notice_due_on=pl.lit(None, dtype=pl.Date))
    failed = checked(of, eligibility=without, offers=made()["offers"].clear()).compliance_check.filter(passed=False)
    assert failed["rules_failed"].to_list() == [["notice_dated"]]


def test_rules_are_checked_from_the_day_their_basis_is_in_force() -> None:
    """Replaying a night before the automated decision rule of 2021-11-01 does not ask for it."""
    codes = {r.code for r in RULES}
    assert len(codes) == len(RULES)
    before, after = (book().in_force(NIGHT.replace(year=y)) for y in (2021, 2022))
    assert "student_seen_by_a_person" not in {r.code for r in in_force(before)}
    assert "automation_not_refused" not in {r.code for r in in_force(before)}
    assert {"student_seen_by_a_person", "automation_not_refused"} <= {r.code for r in in_force(after)}
    assert "cost_is_interest" not in {r.code for r in in_force(after)}
    assert codes - {r.code for r in in_force(policy())} == {"notice_dated"}


_CENTS = st.integers(0, 5_000_000)
_PERSON = st.fixed_dictionaries(
    {
        "risk_grade": st.sampled_from("ABCDEFG"),
        "behaviour_segment": st.sampled_from(["standard", "transactor", "thin_file", "high_potential"]),
        "income_cents": _CENTS,
        "debt_service_cents": st.integers(0, 1_000_000),
        "free_cash_flow_cents": _CENTS,
        "line_cents": st.one_of(st.none(), _CENTS),
        "line_used_cents": _CENTS,
        "age_years": st.integers(17, 71),
    }
)


@settings(max_examples=12, deadline=None)
@given(
    cap=st.fixed_dictionaries(
        {"rate_bp": st.integers(900, 4_000), "method": st.sampled_from(["simple_irr", "compound_irr"])}
    ),
    dsr=st.integers(1_000, 5_500),
    longest=st.sampled_from([6, 12, 36, 60]),
    most=st.integers(10, 300).map(lambda steps: steps * 100_000),
    own_most=st.integers(10, 500).map(lambda steps: steps * 100_000),
    people=st.lists(_PERSON, min_size=10, max_size=20),
)
def test_caps_hold_on_every_published_row_whatever_the_policy(
    cap: dict[str, Any], dsr: int, longest: int, most: int, own_most: int, people: list[dict[str, Any]]
) -> None:
    """Cost, term, amount, exposure, debt service: no offer is above any cap, and none had to be withheld for it."""
    changed = document()
    changed["version"] = changed["version"][:1]
    first = changed["version"][0]
    first["cap"].update(cap)
    first["affordability"]["dsr_limit_bp"] = dsr
    first["kinds"]["card_installment"].update(max_term_m=longest, max_amount_cents=most)
    first["exposure"]["own_max_cents"] = own_most
    of = book(changed).versions[0]
    rich = {"income_cents": 5_000_000, "free_cash_flow_cents": 3_000_000, "debt_service_cents": 0}
    profile, risk = customers(*({**rich, "risk_grade": grade} for grade in "ABCDE"), *people)
    sold, cells = catalogue().under(of), rate_card(of)
    eligibility = customer_eligibility(profile, risk, of, cells, NIGHT, products=sold)
    offers = installment_offer(eligibility, cells, catalogue(), requests(), merchants(), NIGHT, of)
    found = compliance_check(offers, eligibility, profile, of, sold, cap["rate_bp"], NIGHT)
    assert found.compliance_check.filter(passed=False).is_empty()
    assert found.installment_offer.height == offers.height
    assert offers.height > 0 or cap["rate_bp"] < 1_200, "somebody good is offered something unless nothing may be sold"
    cost = offers["apr_simple" if cap["method"] == "simple_irr" else "apr_irr"].cast(pl.Float64)
    assert (cost * 10_000 <= cap["rate_bp"] + 1e-6).all()
    cards = offers.filter(pl.col("product_code") == "card_general")
    assert (cards["term_m"] <= longest).all()
    assert (cards["max_amount_cents"] <= most).all()
    assert (eligibility["limit_cents"] <= own_most).all()
    after = offers.join(eligibility.select("customer_token", "income_cents", "debt_service_cents"), on="customer_token")
    paid = pl.col("debt_service_cents") + pl.max_horizontal("payment_cents", "last_payment_cents")
    assert after.filter(paid * 10_000 > pl.col("income_cents") * dsr).is_empty()
