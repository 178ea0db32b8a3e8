"""The policy in force as rows: figures, decision rules and what compliance is checked by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.policy.compliance_rules import in_force

if TYPE_CHECKING:
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.policy.policy import Policy
    from transforms.policy.rules import Value

#: Columns of `reference.policy`, in the contract's order.
_ROWS: dict[str, DataType | DataTypeClass] = {
    "as_of_date": pl.Date,
    "policy_id": pl.String,
    "kind": pl.String,
    "item_key": pl.String,
    "item_value": pl.String,
    "decision": pl.String,
    "reason_en": pl.String,
    "reason_zh": pl.String,
    "documents": pl.List(pl.String),
    "effective_from": pl.Date,
    "citation": pl.String,
    "verified": pl.Boolean,
    "policy_version": pl.String,
    "policy_digest": pl.String,
}


def policy_rows(policy: Policy, as_of: date) -> pl.DataFrame:
    """`reference.policy`: a row per figure, per decision rule and per compliance rule that the policy asks for."""
    items: list[tuple[object, ...]] = [
        ("figure", key, _text(f.value), None, None, None, None, f.since, f.citation, f.verified)
        for key, f in policy.figures.items()
    ]
    items += [
        (
            *("rule", r.code, r.when, r.decision, r.reason_en, r.reason_zh, list(r.documents)),
            *(r.effective_from, r.citation, r.verified),
        )
        for r in policy.rules
    ]
    for check in in_force(policy):
        since, citation, verified = _basis(policy, check.basis)
        items.append(
            ("compliance", check.code, check.basis, None, check.text_en, check.text_zh, None, since, citation, verified)
        )
    rows = [(as_of, policy.policy_id, *item, policy.version, policy.digest) for item in items]
    return pl.DataFrame(rows, schema=_ROWS, orient="row")


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
