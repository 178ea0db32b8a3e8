"""What differs between two policies or two versions of one, and what was not read in a primary text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.policy.policy import Policy, PolicyBook
    from transforms.policy.read import Figure
    from transforms.policy.rules import Rule


@dataclass(frozen=True)
class Difference:
    """One figure or rule that differs; `before` or `after` is None where it is not there."""

    kind: str
    key: str
    before: str | None
    after: str | None
    citation: str


def unverified(book: PolicyBook) -> list[str]:
    """Figures and rules, in any version, whose primary text was not read."""
    figures = {name for policy in book.versions for name, figure in policy.figures.items() if not figure.verified}
    rules = {f"rule {rule.code}" for policy in book.versions for rule in policy.rules if not rule.verified}
    return sorted(figures) + sorted(rules)


def policy_differences(before: Policy, after: Policy) -> list[Difference]:
    """Figures, then rules, that differ between two policies or two versions of one, by key."""
    changed = [
        Difference("figure", key, _figure(old), _figure(new), (new or old).citation)  # type: ignore[union-attr]  # one is
        for key in sorted({*before.figures, *after.figures})
        if _figure(old := before.figures.get(key)) != _figure(new := after.figures.get(key))
    ]
    old_rules, new_rules = ({r.code: r for r in p.rules} for p in (before, after))
    for code in sorted({*old_rules, *new_rules}):
        was, now = (_rule(r) if r else None for r in (old_rules.get(code), new_rules.get(code)))
        if was != now:
            changed.append(Difference("rule", code, was, now, (new_rules.get(code) or old_rules[code]).citation))
    return changed


def _rule(rule: Rule) -> str:
    asked = f", asking for {', '.join(rule.documents)}" if rule.documents else ""
    return f"{rule.decision} when {' '.join(rule.when.split())}{asked}"


def _figure(figure: Figure | None) -> str | None:
    if figure is None:
        return None
    return ", ".join(map(str, figure.value)) if isinstance(figure.value, tuple) else str(figure.value)
