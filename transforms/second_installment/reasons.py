"""Why a route is refused: the figures of the policy a refusal rests on, and what they cite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.policy.read import OWN_FIGURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.policy.policy import Policy
    from transforms.policy.reasons import Reasons

OVERRIDE = "hardship_term_over_grade"
#: How citations of the lender's own figures and rules begin.
_OWN = OWN_FIGURE.rpartition(" ")[0]


def figures_of(code: str, route: str, kind: str, reasons: Reasons) -> tuple[str, ...]:
    """Names of the policy's figures a refusal rests on, for a plan of that kind; none for a plain fact."""
    refusal = reasons.reason("refusal", code)
    return tuple(name.format(kind=kind) for name in refusal.rests_on_by_route.get(route, refusal.rests_on))


def citation_of(codes: Sequence[str], route: str, kind: str, policy: Policy, reasons: Reasons) -> str | None:
    """Where a refusal comes from: the first reason that rests on a rule of law, else on a figure of the lender's own.

    The decision's own reasons are rules of the policy and cite what those cite. None for plain facts;
    UnknownReasonError for a code that is neither a refusal of the catalogue nor such a rule.
    """
    found = [citation for code in codes if (citation := _citation(code, route, kind, policy, reasons))]
    return next((c for c in found if not c.startswith(_OWN)), found[0] if found else None)


def _citation(code: str, route: str, kind: str, policy: Policy, reasons: Reasons) -> str | None:
    rule = next((r for r in policy.rules if r.code == code), None)
    if route == "new_purchase" and rule is not None:
        return rule.citation
    named = figures_of(code, route, kind, reasons)
    return "; ".join(dict.fromkeys(policy.figures[n].citation for n in named if n in policy.figures)) or None
