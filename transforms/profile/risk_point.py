"""Risk points of a customer: findings of rules over the profile, each with its evidence.

The rules are data: a code, SQL over the profile's columns, a severity and the column that shows it. What a code says
stands in the catalogue of reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.policy.reasons import UnknownReasonError
from transforms.profile.declared.tables import CUSTOMER_PROFILE, published

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transforms.policy.reasons import Reason, Reasons

SEVERITIES = ("info", "watch", "high")
#: Columns no risk point may look at.
_BARRED = {d.name for d in CUSTOMER_PROFILE if d.consent == "social"}


class RiskPointError(ValueError):
    """A rule is wrong; the message names file and code."""


@dataclass(frozen=True)
class RiskPointRule:
    """One rule: `when` holds for its customers; `evidence_key` is the column that shows it, `reason` its words."""

    code: str
    when: str
    severity: str
    evidence_key: str
    reason: Reason


def parse_risk_points(body: Mapping[str, Any], as_of: date, source: str, reasons: Reasons) -> tuple[RiskPointRule, ...]:
    """The rules of the version in force, by code.

    RiskPointError for an unknown column, severity, a doubled code or one that the catalogue of reasons does not have.
    """
    versions = [v for v in body.get("version", ()) if v["effective_from"] <= as_of]
    if not versions:
        raise RiskPointError(f"{source}: no version is in force on {as_of}")
    version = max(versions, key=lambda v: v["effective_from"])
    rules = sorted((_rule(rule, reasons, source) for rule in version["rules"]), key=lambda r: r.code)
    codes = [r.code for r in rules]
    if twice := sorted({c for c in codes if codes.count(c) > 1}):
        raise RiskPointError(f"{source}: {twice[0]} is there twice")
    for rule in rules:
        _check(rule, source)
    return tuple(rules)


def _rule(rule: Mapping[str, Any], reasons: Reasons, source: str) -> RiskPointRule:
    try:
        return RiskPointRule(**rule, reason=reasons.reason("risk_point", rule["code"]))
    except UnknownReasonError as error:
        raise RiskPointError(f"{source}: {error}") from None


def _check(rule: RiskPointRule, source: str) -> None:
    where = f"{source}: {rule.code}"
    known = set(published("profile.customer_profile"))
    read = set(pl.sql_expr(rule.when).meta.root_names()) | {rule.evidence_key}
    if unknown := sorted(read - known):
        raise RiskPointError(f"{where}: profile.customer_profile has no column {', '.join(unknown)}")
    if barred := sorted(read & _BARRED):
        raise RiskPointError(f"{where}: {', '.join(barred)} is for fraud alerts only")
    if rule.severity not in SEVERITIES:
        raise RiskPointError(f"{where}: severity {rule.severity!r} is none of {', '.join(SEVERITIES)}")


def risk_point(customer_profile: pl.DataFrame, risk_point_rules: tuple[RiskPointRule, ...]) -> pl.DataFrame:
    """`profile.risk_point`: one row per customer and rule that holds; an unknown value never holds."""
    found = [
        customer_profile.filter(pl.sql_expr(rule.when).fill_null(value=False)).select(
            "as_of_date",
            "customer_token",
            "shard",
            risk_code=pl.lit(rule.code),
            severity=pl.lit(rule.severity),
            evidence_key=pl.lit(rule.evidence_key),
            evidence_value=_as_text(customer_profile.schema[rule.evidence_key], rule.evidence_key),
            text_en=pl.lit(rule.reason.en),
            text_zh=pl.lit(rule.reason.zh),
        )
        for rule in risk_point_rules
    ]
    return pl.concat(found)


def _as_text(type_: pl.DataType, column: str) -> pl.Expr:
    """A value as text, fractions to four places."""
    value = pl.col(column)
    return (value.round(4) if type_.is_float() else value).cast(pl.String)
