"""Policies: effective-dated figures and rules read from a mapping (a TOML file), refused whole when anything is wrong.

The file: `policy_id`, `jurisdiction`, `lender_type`, `currency`, then `[[version]]` blocks with `effective_from` in
ascending order. A block **overlays** the one before it: it says only what changes. A figure is a plain value (the
lender's own) or `{ value = …, citation = "…", verified = true|false }`; `[[version.rules]]` with a code already
known replaces that rule, `repeal = ["code"]` takes rules out. The first block must be complete. Every state so
reached is parsed and its rules compiled, so a mistake in a rule of next year is found today.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from transforms.policy import sections_risk as judging
from transforms.policy.read import (
    OWN_FIGURE,
    Figure,
    flatten,
    read_grades,
    read_kinds,
    read_section,
    read_treatments,
    refuse_unknown,
)
from transforms.policy.rules import (
    Compiler,
    PolicyError,
    RawRules,
    Rule,
    Value,
    compiled_rule,
    overlaid_rules,
    rule_columns,
)
from transforms.policy.sections import (
    GRADES,
    LENDER_TYPES,
    Affordability,
    Age,
    Amounts,
    Attributes,
    Cap,
    Changes,
    Classification,
    Contact,
    DefaultCosts,
    Disclosure,
    Exposure,
    Gates,
    Grade,
    Holiday,
    Hysteresis,
    InterestFree,
    KindLimit,
    Line,
    Notices,
    Offers,
    Payout,
    Plans,
    Pricing,
    Purposes,
    Restructure,
    SecondPlan,
    Servicing,
    Subsidy,
    Sustainability,
    Treatment,
)
from transforms.policy.sections_monitoring import WATCHABLE, Monitoring
from transforms.policy.sections_pricing import Methods, PriceOverlay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars.datatypes import DataType, DataTypeClass

#: Sections that are one dataclass each; `kinds`, `grades` and `treatments` are tables of them.
SECTIONS: dict[str, type[Any]] = {
    "cap": Cap,
    "amounts": Amounts,
    "age": Age,
    "gates": Gates,
    "affordability": Affordability,
    "exposure": Exposure,
    "pricing": Pricing,
    "price_overlay": PriceOverlay,
    "methods": Methods,
    "subsidy": Subsidy,
    "line": Line,
    "second_plan": SecondPlan,
    "interest_free": InterestFree,
    "purposes": Purposes,
    "notices": Notices,
    "offers": Offers,
    "payout": Payout,
    "sustainability": Sustainability,
    "default_costs": DefaultCosts,
    "plans": Plans,
    "hysteresis": Hysteresis,
    "attributes": Attributes,
    "disclosure": Disclosure,
    "classification": Classification,
    "contact": Contact,
    "servicing": Servicing,
    "changes": Changes,
    "restructure": Restructure,
    "holiday": Holiday,
    "monitoring": Monitoring,
    "market_overlay": judging.MarketOverlay,
    "analyst_notes": judging.AnalystNotes,
    "co_obligors": judging.CoObligors,
    "over_indebtedness": judging.OverIndebtedness,
    "strategy": judging.Strategy,
    "alerts": judging.Alerts,
    "interventions": judging.Interventions,
}
TABLES = ("kinds", "grades", "treatments")
VERSION_KEYS = ("effective_from", "rules", "repeal", *TABLES, *SECTIONS)
POLICY_KEYS = ("policy_id", "jurisdiction", "lender_type", "currency", "version")


@dataclass(frozen=True)
class Policy:
    """A policy as it stands from `effective_from`: typed sections, compiled rules sorted by code, and its digest.

    `digest` is the SHA-256 of the canonical content (identity, figures with citations, rules as written);
    `version` is the effective date and the digest's first twelve digits.
    """

    policy_id: str
    jurisdiction: str
    lender_type: str
    currency: str
    effective_from: date
    digest: str
    figures: Mapping[str, Figure]
    rules: tuple[Rule, ...]
    cap: Cap
    amounts: Amounts
    age: Age
    gates: Gates
    affordability: Affordability
    exposure: Exposure
    pricing: Pricing
    price_overlay: PriceOverlay
    methods: Methods
    subsidy: Subsidy
    line: Line
    second_plan: SecondPlan
    interest_free: InterestFree
    purposes: Purposes
    notices: Notices
    offers: Offers
    payout: Payout
    sustainability: Sustainability
    default_costs: DefaultCosts
    plans: Plans
    hysteresis: Hysteresis
    attributes: Attributes
    disclosure: Disclosure
    classification: Classification
    contact: Contact
    servicing: Servicing
    changes: Changes
    restructure: Restructure
    holiday: Holiday
    monitoring: Monitoring
    market_overlay: judging.MarketOverlay
    analyst_notes: judging.AnalystNotes
    co_obligors: judging.CoObligors
    over_indebtedness: judging.OverIndebtedness
    strategy: judging.Strategy
    alerts: judging.Alerts
    interventions: judging.Interventions
    kinds: Mapping[str, KindLimit]
    grades: Mapping[str, Grade]
    treatments: Mapping[str, Treatment]

    @property
    def version(self) -> str:
        """Version id: effective date and the first twelve digits of the digest."""
        return f"{self.effective_from.isoformat()}.{self.digest[:12]}"


@dataclass(frozen=True)
class PolicyBook:
    """All versions of one policy, oldest first."""

    policy_id: str
    source: str
    versions: tuple[Policy, ...]

    def in_force(self, on: date) -> Policy:
        """The version in force on `on`; PolicyError naming the earliest date when there is none yet."""
        standing = [p for p in self.versions if p.effective_from <= on]
        if not standing:
            earliest = self.versions[0].effective_from
            raise PolicyError(
                f"{self.source}: no version of {self.policy_id} is in force on {on}; the earliest is of {earliest}"
            )
        return standing[-1]


def parse_policy(
    document: Mapping[str, Any], *, source: str, columns: Mapping[str, DataType | DataTypeClass]
) -> PolicyBook:
    """Every version of a policy, checked and compiled.

    `source` names the file in messages; `columns` are the columns rules may read (profile, risk and the facts of
    :mod:`transforms.decision.facts`) with their types. PolicyError names file, version, rule, column or figure,
    and what exists instead.
    """
    refuse_unknown(document, POLICY_KEYS, source)
    identity = read_identity(document, source)
    blocks = document.get("version")
    if not isinstance(blocks, list) or not blocks:
        raise PolicyError(f"{source}: at least one [[version]] block is needed")
    compiler = Compiler(rule_columns(columns))
    figures: dict[str, Figure] = {}
    rules: RawRules = {}
    versions: list[Policy] = []
    for block in blocks:
        since = effective_from(block, versions[-1].effective_from if versions else None, source)
        where = f"{source}: version {since}"
        refuse_unknown(block, VERSION_KEYS, where)
        tables = {k: v for k, v in block.items() if k not in ("effective_from", "rules", "repeal")}
        figures = {**figures, **flatten(tables, since, where)}
        rules = overlaid_rules(rules, block, since, where)
        versions.append(_policy(identity, since, figures, rules, compiler, where))
    return PolicyBook(versions[0].policy_id, source, tuple(versions))


def read_identity(document: Mapping[str, Any], source: str) -> dict[str, str]:
    """Whose policy it is: id, jurisdiction, lender type and currency, each given as text."""
    identity = {key: document.get(key) for key in POLICY_KEYS[:-1]}
    wrong = [f"{source}: {key} must be given as text" for key, v in identity.items() if not isinstance(v, str) or not v]
    lender = identity["lender_type"]
    if isinstance(lender, str) and lender and lender not in LENDER_TYPES:
        wrong.append(f"{source}: lender_type {lender!r} is not one of {', '.join(LENDER_TYPES)}")
    if wrong:
        raise PolicyError(*wrong)
    return {key: str(value) for key, value in identity.items()}


def effective_from(block: Mapping[str, Any], previous: date | None, source: str) -> date:
    """Since when a version stands; it must be later than `previous`, the version before it."""
    since = block.get("effective_from")
    if not isinstance(since, date) or isinstance(since, datetime):
        raise PolicyError(f"{source}: a [[version]] block has no effective_from date (effective_from = 2024-07-01)")
    if previous is not None and since <= previous:
        raise PolicyError(f"{source}: version {since} stands after {previous}; versions go from old to new")
    return since


def _policy(
    identity: Mapping[str, str],
    since: date,
    figures: Mapping[str, Figure],
    raw_rules: RawRules,
    compiler: Compiler,
    where: str,
) -> Policy:
    values = {name: figure.value for name, figure in figures.items()}
    sections = {name: read_section(values, name, cls, where) for name, cls in SECTIONS.items()}
    kinds = read_kinds(values, where)
    grades = read_grades(values, where)
    treatments = read_treatments(values, where)
    prohibited = frozenset(sections["attributes"].prohibited)
    rules = tuple(
        compiled_rule(raw, rule_since, values, compiler, prohibited, f"{where}: rule {code}")
        for code, (rule_since, raw) in sorted(raw_rules.items())
    )
    check_together(values, identity["jurisdiction"], where)
    return Policy(
        policy_id=identity["policy_id"],
        jurisdiction=identity["jurisdiction"],
        lender_type=identity["lender_type"],
        currency=identity["currency"],
        effective_from=since,
        digest=_digest(identity, since, figures, rules),
        figures=dict(sorted(figures.items())),
        rules=rules,
        kinds=kinds,
        grades=grades,
        treatments=treatments,
        **sections,
    )


def check_together(values: Mapping[str, Value], jurisdiction: str | None, where: str) -> None:
    """PolicyError where figures, each right by itself, cannot stand together; missing figures say nothing."""
    known = {name: value for name, value in values.items() if type(value) is int}

    def given(*names: str) -> bool:
        return all(name in known for name in names)

    mistakes = []
    weights = [f"offers.weight_{name}_bp" for name in ("cost", "payment", "preference", "margin", "market")]
    cost, margin = weights[0], weights[3]
    if given(*weights) and (sum(known[w] for w in weights) != 10_000 or known[margin] > known[cost]):
        mistakes.append(f"{where}: offers: weights sum to 10000 and the margin weighs no more than the cost")
    steady = [f"sustainability.{name}" for name in ("plan_break_max_bp", "income_cv_floor_bp", "income_cv_cap_bp")]
    if given(*steady):
        most, floor, cap = (known[name] for name in steady)
        if not 0 < most < 10_000 or not 0 < floor <= cap:
            mistakes.append(
                f"{where}: sustainability: plan_break_max_bp lies between 0 and 10000, income_cv_floor_bp above 0 and"
                " not above income_cv_cap_bp"
            )
    for name in ("servicing.allocation_order", "servicing.late_allocation_order"):
        order = values.get(name)
        if isinstance(order, tuple) and sorted(map(str, order)) != ["fee", "interest", "principal"]:
            mistakes.append(f"{where}: {name} names interest, fee and principal, each once")
    for name, allowed in (("watched_attributes", WATCHABLE), ("price_tiers", GRADES)):
        listed = values.get(f"monitoring.{name}", ())
        mistakes += [
            f"{where}: monitoring.{name}: {item!r} is not one of {', '.join(allowed)}"
            for item in (listed if isinstance(listed, tuple) else ())
            if item not in allowed
        ]
    law, dsr = 5_500, known.get("affordability.dsr_limit_bp", 0)
    if jurisdiction == "CN" and dsr > law:
        mistakes.append(
            f"{where}: affordability.dsr_limit_bp {dsr} is above {law}: a lender's own debt service limit may be lower"
            " than 55 %, never higher"
        )
    if mistakes:
        raise PolicyError(*mistakes)


def _digest(identity: Mapping[str, str], since: date, figures: Mapping[str, Figure], rules: tuple[Rule, ...]) -> str:
    content = {
        **identity,
        "effective_from": since.isoformat(),
        "figures": {k: [f.value, f.citation, f.verified] for k, f in figures.items()},
        "rules": [
            [r.code, r.when, r.decision, r.reason_en, r.reason_zh, r.citation, r.verified, r.documents] for r in rules
        ],
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


__all__ = ["OWN_FIGURE", "Figure", "Policy", "PolicyBook", "PolicyError", "Rule", "parse_policy"]
