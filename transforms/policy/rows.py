"""The policy in force as rows: figures, decision rules and what compliance is checked by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transforms.policy.compliance_rules import in_force

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.policy import Policy
    from transforms.policy.rules import Value


def policy(policy: Policy, as_of: date) -> list[dict[str, Any]]:
    """`reference.policy`: a row per figure, per decision rule and per compliance rule that the policy asks for."""
    reasons = policy.reasons.in_force(as_of)
    items: list[dict[str, Any]] = [
        {
            "kind": "figure",
            "item_key": key,
            "item_value": _text(figure.value),
            "effective_from": figure.since,
            "citation": figure.citation,
            "verified": figure.verified,
        }
        for key, figure in policy.figures.items()
    ]
    items += [
        {
            "kind": "rule",
            "item_key": rule.code,
            "item_value": rule.when,
            "decision": rule.decision,
            "reason_en": reasons.reason("decision", rule.code).en,
            "reason_zh": reasons.reason("decision", rule.code).zh,
            "documents": list(rule.documents),
            "effective_from": rule.effective_from,
            "citation": rule.citation,
            "verified": rule.verified,
        }
        for rule in policy.rules
    ]
    for check in in_force(policy):
        since, citation, verified = _basis(policy, check.basis)
        reason = reasons.reason("compliance", check.code)
        items.append(
            {
                "kind": "compliance",
                "item_key": check.code,
                "item_value": check.basis,
                "reason_en": reason.en,
                "reason_zh": reason.zh,
                "effective_from": since,
                "citation": citation,
                "verified": verified,
            }
        )
    stamp = {"as_of_date": as_of, "policy_id": policy.policy_id}
    stamp |= {"policy_version": policy.version, "policy_digest": policy.digest}
    none = dict.fromkeys(("decision", "reason_en", "reason_zh", "documents"))
    return [stamp | none | item for item in items]


def _basis(policy: Policy, name: str) -> tuple[date, str, bool]:
    """Since when, by what and whether read in a primary text: of a figure, or of the decision rule of that code."""
    if (figure := policy.figures.get(name)) is not None:
        return figure.since, figure.citation, figure.verified
    rule = next(r for r in policy.rules if r.code == name)
    return rule.effective_from, rule.citation, rule.verified


def _text(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(v) for v in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
