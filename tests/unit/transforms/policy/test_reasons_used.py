"""Every code that a contract lists, or that code or a rule can raise, has its words; and no words are for nothing."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache

import pytest

from tests.unit.transforms.support import REFERENCE, policy, reason_book
from transforms.policy.compliance_rules import RULES
from transforms.policy.reasons import KINDS
from transforms.risk.intervention import LADDER, _causes
from transforms.risk.market_overlay import INDICATORS
from transforms.risk.over_indebtedness import _factors
from transforms.servicing.book_reasons import REASONS as BOOK_REASONS
from warehouse.contract import contract_names, load_contract

ROOT = REFERENCE.parents[1]
#: Kind → the columns whose values are exactly its codes, together.
COLUMNS = {
    "alert": [("risk.risk_alert", "alert_code")],
    "action": [("risk.intervention", "action")],
    "debt_action": [("risk.over_indebtedness", "action"), ("risk.risk_assessment", "over_debt_action")],
    "note_opinion": [("bank.analyst_note", "opinion"), ("risk.analyst_override", "opinion")],
    "note_ground": [("bank.analyst_note", "reason_code")],
    "note_outcome": [("risk.analyst_override", "outcome")],
    "market_regime": [("reference.market_overlay", "regime")],
    "gate": [("eligibility.customer_eligibility", "second_plan_gate")],
    "override": [("eligibility.second_installment", "override_reason")],
    "book_difference": [("servicing.plan_reconciliation", "reason")],
    "hardship_cause": [("credit.hardship_case", "cause"), ("eligibility.payment_holiday", "cause")],
    "inquiry_reason": [("credit.credit_inquiry", "inquiry_reason")],
    "refund_reason": [("commerce.order_refund", "reason_code")],
    "verdict": [("eligibility.customer_eligibility", "decision")],
    "decides": [("reference.policy", "decision")],
    "limit_bound": [("eligibility.customer_eligibility", "limit_bound_by")],
    "income_source": [("profile.income_estimate", "income_source")],
    "pay_behaviour": [("profile.customer_profile", "pay_behaviour")],
    "segment": [("profile.customer_profile", "behaviour_segment")],
    "bureau_status": [("profile.customer_profile", "bureau_status")],
    "capacity": [("risk.risk_assessment", "capacity_band")],
    "need": [("risk.risk_assessment", "need_class")],
    "repay_method": [("eligibility.installment_offer", "repay_method")],
    "purpose": [("eligibility.installment_offer", "purpose_code")],
    "preference": [("eligibility.installment_offer", "preference_tag")],
    "route": [("eligibility.second_installment", "route")],
    "pause_interest": [("eligibility.second_installment", "interest_mode")],
    "severity": [("risk.risk_alert", "severity"), ("profile.risk_point", "severity")],
    "subsidy_payer": [("eligibility.installment_offer", "subsidy_payer")],
}
#: Columns of codes whose values no contract lists, and the kind of the codes.
UNLISTED = {
    ("eligibility.customer_eligibility", "reasons"): "decision",
    ("eligibility.customer_eligibility", "principal_reasons"): "decision",
    ("eligibility.eligibility_change", "reasons_gained"): "decision",
    ("eligibility.eligibility_change", "reasons_lost"): "decision",
    ("eligibility.second_installment", "reasons"): "refusal",
    ("eligibility.payment_holiday", "reasons"): "refusal",
    ("servicing.change_request", "reasons"): "refusal",
    ("servicing.contact_queue", "alert"): "contact",
    ("risk.intervention", "causes"): "cause",
    ("risk.over_indebtedness", "over_factors"): "debt_factor",
    ("risk.risk_assessment", "review_reasons"): "decision",
}
#: Columns named like a code that hold something else.
NO_CODES = {
    ("risk.risk_reason", "reason_code"): "the scorecard's own codes, whose words stand in the scorecard",
    ("reference.scorecard", "reason_code"): "the same",
    ("risk.analyst_override", "reason_code"): "the ground as the feed gives it",
    ("reference.model", "reason"): "what a person wrote",
    ("risk.intervention", "outcome"): "whether it is done",
    ("monitoring.portfolio", "alert"): "yes or no",
}
_CODES = re.compile(r"(^|_)(reasons?|causes?|alert|outcome|opinion|over_factors)(_|$)")


def listed(table: str, column: str) -> set[str]:
    """The values a contract allows in a column."""
    rules = load_contract(table).rules
    return {v for r in rules if (r.column, r.kind) == (column, "in_set") for v in r.arguments["value_set"]}


def codes(kind: str) -> set[str]:
    return {r.code for r in reason_book().shipped if r.kind == kind}


@cache
def policy_rules() -> tuple[dict[str, object], ...]:
    """The rules of every shipped policy and version."""
    files = (tomllib.loads(p.read_text(encoding="utf-8")) for p in (REFERENCE / "policies").rglob("*.toml"))
    return tuple(rule for file in files for version in file["version"] for rule in version.get("rules", []))


@cache
def texts_in(*folders: str) -> frozenset[str]:
    """Every text constant in the code of some folders of `transforms`."""
    paths = [p for folder in folders for p in (ROOT / "transforms" / folder).rglob("*.py")]
    nodes = (node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return frozenset(n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))


@pytest.mark.parametrize("kind", COLUMNS)
def test_the_values_a_contract_allows_are_the_codes_of_the_catalogue(kind: str) -> None:
    assert set().union(*(listed(table, column) for table, column in COLUMNS[kind])) == codes(kind)


def raised(kind: str) -> set[str]:
    """The codes of a kind that rules and code can raise, where no contract lists them."""
    view = (ROOT / "warehouse/contracts/eligibility/eligibility_change.sql").read_text(encoding="utf-8")
    changed, why = (set(re.findall(r"THEN \['(\w+)'\]", part)) for part in view.split("END AS changed"))
    risk_points = tomllib.loads((REFERENCE / "risk_points.toml").read_text(encoding="utf-8"))
    return {
        "decision": lambda: {str(r["code"]) for r in policy_rules()},
        "document": lambda: {d for r in policy_rules() for d in r.get("documents", ())},  # type: ignore[attr-defined]
        "compliance": lambda: {r.code for r in RULES},
        "risk_point": lambda: {r["code"] for v in risk_points["version"] for r in v["rules"]},
        "cause": lambda: set(_causes(policy().interventions)),
        "debt_factor": lambda: set(_factors(policy().over_indebtedness)),
        "market_indicator": lambda: set(INDICATORS),
        "changed": lambda: changed,
        "change_cause": lambda: why,
    }[kind]()


@pytest.mark.parametrize(
    "kind",
    [
        *("decision", "document", "compliance", "risk_point", "cause", "debt_factor", "market_indicator"),
        *("changed", "change_cause"),
    ],
)
def test_what_rules_and_code_can_raise_are_the_codes_of_the_catalogue(kind: str) -> None:
    assert raised(kind) == codes(kind)


def test_the_codes_in_the_order_of_the_code_are_those_of_the_catalogue() -> None:
    assert set(LADDER) == codes("action")
    assert set(BOOK_REASONS) == codes("book_difference")


def test_a_refusal_is_raised_somewhere_in_the_code_of_plans() -> None:
    """The other way round, a refusal without words stops the night: see the tests of `citation_of`."""
    assert codes("refusal") <= texts_in("loans", "second_installment", "servicing")


def test_a_contact_s_kind_is_one_the_contract_lists_and_its_sign_one_the_code_gives() -> None:
    kinds = {code.partition(":")[0] for code in codes("contact")}
    signs = {code.partition(":")[2] for code in codes("contact")} - {""}
    assert kinds == listed("servicing.contact_queue", "kind") == {c for c in codes("contact") if ":" not in c}
    assert signs <= texts_in("servicing")


def test_a_review_s_reasons_are_rules_of_the_policy() -> None:
    source = (ROOT / "transforms/risk/risk_assessment.py").read_text(encoding="utf-8")
    told = next(
        n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef) and n.name == "_review_reasons"
    )
    given = {k.value for n in ast.walk(told) if isinstance(n, ast.Dict) for k in n.keys if isinstance(k, ast.Constant)}
    assert given
    assert given <= codes("decision")


def test_every_column_that_looks_like_one_of_codes_has_its_kind() -> None:
    named = {pair for pairs in COLUMNS.values() for pair in pairs} | set(UNLISTED) | set(NO_CODES)
    found = {
        (table, column)
        for kind in ("feed", "output", "view")
        for table in contract_names(kind)
        for column, _ in load_contract(table).lake_columns()
        if _CODES.search(column) and not column.endswith(("_en", "_zh", "_rank", "_cnt", "_score", "_3m"))
    }
    assert found <= named
    assert set(UNLISTED.values()) <= set(KINDS)
    assert set(UNLISTED) | set(NO_CODES) <= {(t, c) for t in _tables() for c, _ in load_contract(t).lake_columns()}


def _tables() -> list[str]:
    return [name for kind in ("feed", "output", "view") for name in contract_names(kind)]


def test_every_kind_is_tested_here() -> None:
    others = {"refusal", "contact"}
    assert {*COLUMNS, *others} | {
        *("decision", "document", "compliance", "risk_point", "cause", "debt_factor", "market_indicator"),
        *("changed", "change_cause"),
    } == set(KINDS)


def test_what_a_reason_rests_on_is_a_figure_of_the_policy() -> None:
    known = set(policy().figures)
    kinds = policy().kinds
    for reason in reason_book().shipped:
        named = [*reason.rests_on, *(n for names in reason.rests_on_by_route.values() for n in names)]
        assert {n.format(kind=k) for n in named for k in kinds} <= known, reason.code


def test_no_words_in_two_languages_stand_in_the_code_of_reasons() -> None:
    """A Chinese text in the code of these rooms would be words beside a code."""
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for path in (
        *("risk/risk_alert.py", "risk/intervention.py", "risk/over_indebtedness.py", "risk/analyst_override.py"),
        *("servicing/contact_queue.py", "servicing/book_reasons.py", "second_installment/reasons.py"),
        *("policy/compliance_rules.py", "profile/risk_point.py"),
    ):
        tree = ast.parse((ROOT / "transforms" / path).read_text(encoding="utf-8"))
        assert not [
            n.value
            for n in ast.walk(tree)
            if isinstance(n, ast.Constant) and isinstance(n.value, str) and chinese.search(n.value)
        ], path
