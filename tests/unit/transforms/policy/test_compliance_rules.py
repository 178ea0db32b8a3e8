"""Each compliance rule keeps to the figure of the policy it rests on, to the unit, and holds nothing unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from tests.unit.transforms.support import NIGHT, policy
from transforms.policy.compliance_rules import RULES, in_force

if TYPE_CHECKING:
    from transforms.policy.policy import Policy

RULE = {rule.code: rule for rule in RULES}
_DATES = ("as_of_date", "prequalified_until", "notice_due_on")

#: An eligible customer, and an offer to one, that no rule objects to under `under()`.
ROW: dict[str, Any] = {
    "as_of_date": NIGHT,
    "decision": "eligible",
    "decision_sound": True,
    "human_review": False,
    "age_gate": "passed",
    "dsr_bp": 1_000,
    "automated_decision_opt_out": False,
    "is_student": False,
    "employment_type": "employee",
    "consent_credit_bureau": True,
    "income_source": "payroll",
    "income_cents": 1_000_000,
    "debt_service_cents": 100_000,
    "limit_cents": 500_000,
    "plan_outstanding_cents": 100_000,
    "price_above_cap": False,
    "line_cents": None,
    "line_next_cents": None,
    "principal_reasons": [],
    "notice_due_on": None,
    "prequalified_until": NIGHT + timedelta(days=1),
    "apr_simple": 0.1,
    "apr_irr": 0.1,
    "cap_bp": 2_400,
    "term_m": 6,
    "max_term_m": 24,
    "product_kind": "card_installment",
    "max_amount_cents": 400_000,
    "amount_cents": 300_000,
    "sold": True,
    "purpose_code": "travel",
    "plan_type": "standard",
    "total_interest_cents": 1_000,
    "total_fee_cents": 0,
    "merchant_id": "m1",
    "payment_cents": 50_000,
    "last_payment_cents": 50_001,
    "max_payment_cents": 60_000,
    "repay_method": "ANNUITY",
    "has_other_method": True,
}
_KINDS = {bool: pl.Boolean, int: pl.Int64, float: pl.Float64, str: pl.String, list: pl.List(pl.String)}
_TYPES = {name: pl.Date if name in _DATES else _KINDS.get(type(value), pl.Int64) for name, value in ROW.items()}


def under(**sections: dict[str, Any]) -> Policy:
    """The shipped policy with round figures, and with those of a test."""
    figures: dict[str, dict[str, Any]] = {
        "affordability": {"dsr_limit_bp": 4_000},
        "exposure": {"own_max_cents": 1_000_000},
        "line": {"max_rise_bp": 2_000},
        "notices": {"max_reasons": 3, "adverse_days": 10},
        "offers": {"prequalified_days": 5},
        "amounts": {"minimum_cents": 20_000},
        "purposes": {"barred": ("education",)},
        "interest_free": {"max_term_m": 12},
        "cap": {"method": "simple_irr"},
        "disclosure": {"show_annual_cost": True, "show_cost_as_interest": True},
    }
    for name, changes in sections.items():
        figures[name] = figures.get(name, {}) | changes
    of = policy()
    of = replace(of, **{name: replace(getattr(of, name), **changes) for name, changes in figures.items()})
    card = replace(of.kinds["card_installment"], max_term_m=36, max_amount_cents=450_000)
    return replace(of, kinds={**of.kinds, "card_installment": card})


def holds(rule: str, row: dict[str, Any], **sections: dict[str, Any]) -> bool:
    """Whether a row keeps a rule; an unknown answer is none."""
    frame = pl.DataFrame([ROW | row], schema=_TYPES)
    return frame.select(RULE[rule].holds(under(**sections))).item() is True


@pytest.mark.parametrize("rule", RULE)
def test_a_good_decision_and_a_good_offer_keep_every_rule(rule: str) -> None:
    assert holds(rule, {})


_FREE = {"plan_type": "interest_free", "total_interest_cents": 0}
_DECLINED = {"decision": "declined"}


@pytest.mark.parametrize(
    ("rule", "column", "most", "beside"),
    [
        ("debt_service_within_limit", "dsr_bp", 4_000, {}),
        ("exposure_within_limit", "limit_cents", 900_000, {}),
        ("exposure_within_limit", "plan_outstanding_cents", 500_000, {}),
        ("exposure_within_limit", "limit_cents", 1_000_000, {"plan_outstanding_cents": None}),
        ("exposure_within_limit", "plan_outstanding_cents", 999_999, {"limit_cents": 1}),
        ("line_raised_slowly", "line_next_cents", 1_200_000, {"line_cents": 1_000_000}),
        ("annual_cost_within_cap", "apr_simple", 0.24, {}),
        ("annual_cost_within_cap", "apr_simple", 0.25, {"cap_bp": 2_500}),
        ("annual_cost_within_cap", "apr_simple", 1.0, {"cap_bp": 10_000}),
        ("term_allowed", "term_m", 36, {"max_term_m": 60}),
        ("term_allowed", "term_m", 24, {}),
        ("amount_allowed", "max_amount_cents", 450_000, {}),
        ("amount_allowed", "max_amount_cents", 400_000, {"limit_cents": 400_000}),
        ("amount_allowed", "amount_cents", 400_000, {}),
        ("interest_free_is_free", "term_m", 12, _FREE),
        ("interest_free_is_free", "total_interest_cents", 0, {"plan_type": "interest_free"}),
        ("interest_free_is_free", "total_fee_cents", 0, _FREE),
        ("payment_affordable", "payment_cents", 60_000, {}),
        ("payment_affordable", "last_payment_cents", 60_000, {}),
        ("debt_service_after_within_limit", "payment_cents", 300_000, {}),
        ("debt_service_after_within_limit", "last_payment_cents", 300_000, {}),
        ("debt_service_after_within_limit", "debt_service_cents", 349_999, {}),
        ("debt_service_after_within_limit", "payment_cents", 400_000, {"debt_service_cents": None}),
        ("cost_is_interest", "total_fee_cents", 0, {}),
    ],
)
def test_a_rule_holds_up_to_its_figure_and_no_further(
    rule: str, column: str, most: float, beside: dict[str, Any]
) -> None:
    """A cent, a month, a basis point or a millionth more breaks it, and so does a figure that is not known."""
    step = 0.000_001 if isinstance(most, float) else 1
    kept = [holds(rule, {**beside, column: value}) for value in (most, most + step)]
    assert kept == [True, False]


@pytest.mark.parametrize(
    ("rule", "column"),
    [
        ("age_permits", "age_gate"),
        ("debt_service_within_limit", "dsr_bp"),
        ("bureau_consented", "consent_credit_bureau"),
        ("income_proven", "income_source"),
        ("exposure_within_limit", "limit_cents"),
        ("on_a_sound_decision", "decision"),
        ("on_a_sound_decision", "decision_sound"),
        ("on_a_sound_decision", "human_review"),
        ("on_a_sound_decision", "prequalified_until"),
        ("annual_cost_within_cap", "apr_simple"),
        ("term_allowed", "max_term_m"),
        ("amount_allowed", "limit_cents"),
        ("purpose_allowed", "sold"),
        ("payment_affordable", "max_payment_cents"),
        ("debt_service_after_within_limit", "income_cents"),
        ("annual_cost_shown", "apr_irr"),
    ],
)
def test_what_is_not_known_keeps_no_rule(rule: str, column: str) -> None:
    assert not holds(rule, {column: None})


@pytest.mark.parametrize(
    ("rule", "row", "kept"),
    [
        ("age_permits", {"age_gate": "under_age"}, False),
        ("age_permits", {"age_gate": "under_age", "decision": "review"}, True),
        ("debt_service_within_limit", {"dsr_bp": 9_000, **_DECLINED}, True),
        ("automation_not_refused", {"automated_decision_opt_out": True}, False),
        ("automation_not_refused", {"automated_decision_opt_out": True, "decision": "review"}, True),
        ("automation_not_refused", {"automated_decision_opt_out": None}, True),
        ("student_seen_by_a_person", {"is_student": True}, False),
        ("student_seen_by_a_person", {"employment_type": "student"}, False),
        ("student_seen_by_a_person", {"is_student": True, "decision": "review"}, True),
        ("student_seen_by_a_person", {"is_student": None, "employment_type": None}, True),
        ("bureau_consented", {"consent_credit_bureau": False}, False),
        ("bureau_consented", {"consent_credit_bureau": False, "decision": "review"}, True),
        ("income_proven", {"income_source": "stated"}, False),
        ("exposure_within_limit", {"limit_cents": 0, "plan_outstanding_cents": 9_000_000}, True),
        ("above_cap_refused", {"price_above_cap": True}, False),
        ("above_cap_refused", {"price_above_cap": True, "decision": "review"}, False),
        ("above_cap_refused", {"price_above_cap": True, **_DECLINED}, True),
        ("above_cap_refused", _DECLINED, True),
        ("line_raised_slowly", {"line_cents": None, "line_next_cents": 9_000_000}, True),
        ("line_raised_slowly", {"line_cents": 1_000_000, "line_next_cents": 1}, True),
        ("annual_cost_within_cap", {"apr_irr": 0.9}, True),
        ("interest_free_is_free", {"total_fee_cents": 9, "term_m": 13, "merchant_id": None}, True),
        ("interest_free_is_free", _FREE, True),
        ("interest_free_is_free", {**_FREE, "merchant_id": None}, False),
        ("purpose_allowed", {"purpose_code": "education"}, False),
        ("purpose_allowed", {"sold": False}, False),
        ("annual_cost_shown", {"apr_simple": 0.100_001}, False),
        ("annual_cost_shown", {"apr_irr": 0.100_001}, True),
        ("cost_is_interest", {"product_kind": "cash_advance", "total_fee_cents": 9}, True),
        ("not_interest_first_only", {"repay_method": "INT_FIRST"}, True),
        ("not_interest_first_only", {"repay_method": "INT_FIRST", "has_other_method": False}, False),
        ("not_interest_first_only", {"has_other_method": False}, True),
        ("on_a_sound_decision", {"decision": "review"}, False),
        ("on_a_sound_decision", {"decision_sound": False}, False),
        ("on_a_sound_decision", {"human_review": True}, False),
    ],
)
def test_whom_a_rule_is_about_and_what_breaks_it(rule: str, row: dict[str, Any], *, kept: bool) -> None:
    assert holds(rule, row) is kept


@pytest.mark.parametrize(("cents", "kept"), [(19_999, False), (20_000, True)])
def test_no_offer_is_below_the_smallest_plan(cents: int, *, kept: bool) -> None:
    assert holds("amount_not_too_small", {"amount_cents": cents}) is kept


@pytest.mark.parametrize("rule", ["term_allowed", "amount_allowed"])
@pytest.mark.parametrize("kind", [None, "mortgage"])
def test_of_a_kind_the_policy_does_not_know_nothing_may_be_sold(rule: str, kind: str | None) -> None:
    smallest = {"term_m": 1, "amount_cents": 1, "max_amount_cents": 1}
    assert holds(rule, {**smallest, "product_kind": "cash_advance"})
    assert not holds(rule, {**smallest, "product_kind": kind})


@pytest.mark.parametrize(("method", "cost"), [("simple_irr", "apr_simple"), ("compound_irr", "apr_irr")])
def test_the_cap_is_on_the_annual_cost_by_the_policys_method(method: str, cost: str) -> None:
    assert not holds("annual_cost_within_cap", {cost: 0.241}, cap={"method": method})
    other = {"apr_simple", "apr_irr"} - {cost}
    assert holds("annual_cost_within_cap", {other.pop(): 0.241}, cap={"method": method})


@pytest.mark.parametrize(("days", "kept"), [(-1, False), (0, True), (5, True), (6, False)])
def test_a_pre_qualification_holds_from_tonight_for_the_policys_days(days: int, *, kept: bool) -> None:
    assert holds("on_a_sound_decision", {"prequalified_until": NIGHT + timedelta(days=days)}) is kept


@pytest.mark.parametrize("decision", ["declined", "review"])
@pytest.mark.parametrize(("reasons", "kept"), [(0, False), (1, True), (3, True), (4, False)])
def test_whoever_is_not_eligible_is_told_at_least_one_reason_and_at_most_the_policys_number(
    decision: str, reasons: int, *, kept: bool
) -> None:
    assert holds("reasons_given", {"decision": decision, "principal_reasons": list("abcd"[:reasons])}) is kept


@pytest.mark.parametrize(
    ("due", "kept"), [(NIGHT + timedelta(days=10), True), (NIGHT + timedelta(days=11), False), (None, False)]
)
def test_a_refusal_is_notified_within_the_policys_days(due: date | None, *, kept: bool) -> None:
    assert holds("notice_dated", {**_DECLINED, "notice_due_on": due}) is kept
    assert holds("notice_dated", {"decision": "review", "notice_due_on": due})


@pytest.mark.parametrize(
    ("section", "off", "on", "rules"),
    [
        ("notices", {"adverse_days": 0}, {"adverse_days": 1}, {"notice_dated"}),
        ("disclosure", {"show_annual_cost": False}, {"show_annual_cost": True}, {"annual_cost_shown"}),
        (
            "disclosure",
            {"show_cost_as_interest": False},
            {"show_cost_as_interest": True},
            {"cost_is_interest", "not_interest_first_only"},
        ),
    ],
)
def test_what_the_policy_does_not_ask_for_is_not_checked(
    section: str, off: dict[str, Any], on: dict[str, Any], rules: set[str]
) -> None:
    asked = {rule.code for rule in in_force(under(**{section: on}))}
    assert asked == set(RULE)
    assert asked - {rule.code for rule in in_force(under(**{section: off}))} == rules


def test_a_rule_is_cited_by_the_figure_or_the_decision_rule_it_rests_on() -> None:
    of = under()
    decided = {rule.code: rule.citation for rule in of.rules}
    for rule in RULES:
        on = of.figures[rule.basis].citation if rule.basis in of.figures else decided[rule.basis]
        assert rule.citation(of) == on
    assert RULE["student_seen_by_a_person"].citation(of) != RULE["automation_not_refused"].citation(of)


def test_without_the_decision_rule_it_rests_on_nothing_is_checked() -> None:
    of = under()
    left = in_force(replace(of, rules=()))
    assert {r.code for r in in_force(of)} - {r.code for r in left} == {
        r.code for r in RULES if r.basis not in of.figures
    }
    assert all(r.basis in of.figures for r in left)


def test_rules_of_decisions_and_of_offers_are_all_the_rules() -> None:
    of = under()
    decisions, offers = in_force(of, "decision"), in_force(of, "offer")
    assert {r.subject for r in decisions} == {"decision"}
    assert {r.subject for r in offers} == {"offer"}
    assert (*decisions, *offers) == in_force(of) == RULES
