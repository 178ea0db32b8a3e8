"""The catalogue of reasons in force, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transforms.policy.compliance_rules import RULES

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.policy import Policy
    from transforms.policy.reasons import Reason, Reasons


def reason(reasons: Reasons, policy: Policy, as_of: date) -> list[dict[str, Any]]:
    """`reference.reason`: one row per kind and code in force, in the catalogue's order.

    The citation is the reason's own, or that of the policy's rule or figures it rests on; empty where nothing stands
    behind a code but the fact itself, or where the policy has no such rule. The reasons of a score are rows of
    `reference.scorecard`.
    """
    cited = {("decision", rule.code): rule.citation for rule in policy.rules}
    cited |= {("compliance", rule.code): citation for rule in RULES if (citation := rule.citation(policy))}
    return [
        {
            "as_of_date": as_of,
            "kind": kind,
            "code": code,
            "reason_en": reason.en,
            "reason_zh": reason.zh,
            "citation": cited.get((kind, code)) or _citation(reason, policy),
            "effective_from": reason.effective_from,
        }
        for kind, codes in reasons.by_kind.items()
        for code, reason in codes.items()
    ]


def _citation(reason: Reason, policy: Policy) -> str | None:
    figures = dict.fromkeys(name.format(kind=kind) for name in reason.rests_on for kind in policy.kinds)
    cited = dict.fromkeys(policy.figures[name].citation for name in figures if name in policy.figures)
    return reason.citation or "; ".join(cited) or None
