"""Policies: effective-dated figures and rules read from a mapping (a TOML file), refused whole when anything is wrong.

The file: `policy_id`, `jurisdiction`, `lender_type`, `currency`, then `[[version]]` blocks with `effective_from` in
ascending order. A block **overlays** the one before it: it says only what changes. A figure is a plain value (the
lender's own) or `{ value = …, citation = "…", verified = true|false }`; `[[version.rules]]` with a code already
known replaces that rule, `repeal = ["code"]` takes rules out. The first block must be complete. Every state so
reached is judged and its rules compiled, so a mistake in a rule of next year is found today.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from transforms.policy import sections_risk as judging
from transforms.policy import sections_servicing as running
from transforms.policy.mistakes import Day, Mistakes, PolicyError, Table, Text, nearest, verdict
from transforms.policy.read import OWN_FIGURE, Figure, nested, read_figures
from transforms.policy.reasons import own_reasons
from transforms.policy.rules import Compiler, Rule, RulesStanding, figures_named, overlaid_rules
from transforms.policy.sections import (
    Affordability,
    Age,
    Amounts,
    Attributes,
    Cap,
    Classification,
    DefaultCosts,
    Disclosure,
    Exposure,
    Gates,
    Grades,
    Hysteresis,
    InterestFree,
    Kinds,
    LenderType,
    Line,
    Notices,
    Payout,
    Plans,
    Pricing,
    Purposes,
    SecondPlan,
    Servicing,
    Subsidy,
    Sustainability,
    Treatments,
    WeighedOffers,
)
from transforms.policy.sections_monitoring import Monitoring
from transforms.policy.sections_pricing import Methods, PriceOverlay

if TYPE_CHECKING:
    import polars as pl
    from polars.datatypes import DataType, DataTypeClass

    from transforms.policy.reasons import Kind, ReasonBook


#: Keys of a `[[version]]` block that are no sections of figures.
_HEAD = ("effective_from", "rules", "repeal")


@dataclass(frozen=True)
class Identity(Table):
    """Whose policy a file is, its `[[version]]` blocks, and `[[reason]]` tables for what codes of its rules say."""

    policy_id: Text
    jurisdiction: Text
    lender_type: LenderType
    currency: Text
    version: Annotated[tuple[dict[str, Any], ...], Field(min_length=1)]
    reason: list[Any] | None = None


@dataclass(frozen=True)
class VersionHead(Table):
    """Keys of a `[[version]]` block other than figures."""

    effective_from: Day
    rules: list[Any] | None = None
    repeal: list[Any] | None = None


@dataclass(frozen=True)
class Sections(Table):
    """The figures of one version, section by section."""

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
    offers: WeighedOffers
    payout: Payout
    sustainability: Sustainability
    default_costs: DefaultCosts
    plans: Plans
    hysteresis: Hysteresis
    attributes: Attributes
    disclosure: Disclosure
    classification: Classification
    contact: running.Contact
    servicing: Servicing
    changes: running.Changes
    restructure: running.Restructure
    holiday: running.Holiday
    monitoring: Monitoring
    market_overlay: judging.MarketOverlay
    analyst_notes: judging.AnalystNotes
    co_obligors: judging.CoObligors
    over_indebtedness: judging.OverIndebtedness
    strategy: judging.Strategy
    alerts: judging.Alerts
    interventions: judging.Interventions
    kinds: Kinds
    grades: Grades
    treatments: Treatments


@dataclass(frozen=True)
class Policy(Sections):
    """A policy as in force from `effective_from`: typed sections, compiled rules sorted by code, and its digest.

    `digest` is the SHA-256 of the canonical content (identity, figures with citations, rules as written and what their
    codes say on that day); `version` is the effective date and the digest's first twelve digits; `reasons` is what all
    codes say on any day.
    """

    policy_id: str
    jurisdiction: str
    lender_type: str
    currency: str
    effective_from: date
    digest: str
    figures: Mapping[str, Figure]
    rules: tuple[Rule, ...]
    reasons: ReasonBook

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
    document: Mapping[str, Any],
    *,
    source: str,
    columns: Mapping[str, DataType | DataTypeClass],
    reasons: ReasonBook,
) -> PolicyBook:
    """Every version of a policy, checked and compiled.

    `source` names the file in messages; `columns` are the columns rules may read (profile, risk and the facts of
    :mod:`transforms.decision.facts`) with their types; `reasons` is the shipped catalogue of the words of codes.
    PolicyError holds every mistake of the file, each once, where it first occurs, with file, version, section or rule,
    and what exists instead; none that only follows from another.
    """
    mistakes = Mistakes(source)
    mistakes.read(Identity, document, "")
    identity = {key: document.get(key) for key in ("policy_id", "jurisdiction", "lender_type", "currency")}
    own, worded = own_reasons(document.get("reason"), mistakes)
    catalogue = reasons.of_policy(str(identity["jurisdiction"]), str(identity["lender_type"]), own)
    parser = _Parser(identity, Compiler(columns), catalogue, mistakes)
    parser.misworded = worded - {reason.code for reason in own}
    blocks = document.get("version")
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict):
            parser.version(block)
    for code in sorted(worded - parser.codes):
        mistakes.add("", f"reason {code}: no rule of this policy has that code{nearest(code, parser.codes)}")
    mistakes.refuse()
    return PolicyBook(str(identity["policy_id"]), source, tuple(parser.versions))


class _Parser:
    """The versions read so far, with the figures and rules in force after them."""

    def __init__(
        self, identity: Mapping[str, Any], compiler: Compiler, reasons: ReasonBook, mistakes: Mistakes
    ) -> None:
        self.versions: list[Policy] = []
        self._identity, self._compiler, self._mistakes = identity, compiler, mistakes
        #: Codes of all rules there have been, and those whose words in the file are wrong.
        self.codes, self.misworded = set[str](), frozenset[str]()
        self._reasons = reasons
        self._figures: dict[str, Figure] = {}
        self._rules: RulesStanding = {}
        self._latest: date | None = None

    def version(self, block: Mapping[str, Any]) -> None:
        """Overlay one `[[version]]` block on the state so far, and validate the whole."""
        where = f"version {block.get('effective_from')}"
        since = self._effective_from(block, where)
        tables = {key: item for key, item in block.items() if key not in _HEAD}
        self._figures = {**self._figures, **read_figures(tables, since, where, self._mistakes)}
        sections, wrong = verdict(Sections, nested(self._figures, tables), context=self._identity, also=_HEAD)
        for mistake in wrong:
            figure = self._figures.get(mistake.path)
            self._mistakes.add(where, mistake.text, since=("figure", figure and figure.since))
        self._rules, unsound = overlaid_rules(self._rules, block, since, where, self._mistakes)
        self.codes |= self._rules.keys() | unsound.keys()
        self._named(since, where)
        rules = self._compiled({m.path for m in wrong}, unsound, where)
        if sections is not None and not self._mistakes:
            identity = {key: str(value) for key, value in self._identity.items()}
            policy = Policy(
                **vars(sections),
                **identity,  # type: ignore[arg-type]  # four texts
                effective_from=since,
                digest=_digest(identity, since, self._figures, rules, self._reasons),
                figures=dict(sorted(self._figures.items())),
                rules=rules,
                reasons=self._reasons,
            )
            self.versions.append(policy)

    def _effective_from(self, block: Mapping[str, Any], where: str) -> date:
        """Effective date of a version, which must be later than the one before it."""
        head = {key: block[key] for key in _HEAD if key in block}
        _, wrong = verdict(VersionHead, head)
        self._mistakes.add(where, *(m.text for m in wrong))
        if any(m.path == "effective_from" for m in wrong):
            return self._latest or date.max
        since: date = block["effective_from"]
        if self._latest is not None and since <= self._latest:
            self._mistakes.add(where, f"stands after {self._latest}; versions go from old to new")
        self._latest = since
        return since

    def _compiled(self, wrong: set[str], unsound: Mapping[str, str], where: str) -> tuple[Rule, ...]:
        """The rules in force, compiled, without those that are wrong; `unsound` conditions are judged with them."""
        values = {name: figure.value for name, figure in self._figures.items()}
        banned = values.get("attributes.prohibited")
        prohibited = frozenset(map(str, banned)) if isinstance(banned, tuple) else frozenset[str]()

        def condition(code: str, when: str, since: object) -> tuple[pl.Expr, frozenset[str]] | None:
            if _rests_on(figures_named(when), wrong):
                return None
            try:
                return self._compiler.condition(when, values, prohibited)
            except PolicyError as error:
                self._mistakes.add(where, *(f"rule {code}: {text}" for text in error.mistakes), since=("rule", since))
                return None

        for code, when in unsound.items():
            condition(code, when, where)
        found = [
            (rule, since, condition(code, rule.when, since)) for code, (since, rule) in sorted(self._rules.items())
        ]
        documents = self._reasons.codes("document")
        return tuple(
            Rule(
                **vars(rule) | {"documents": tuple(d for d in documents if d in rule.documents)},
                effective_from=since,
                condition=made[0],
                columns=made[1],
            )
            for rule, since, made in found
            if made is not None
        )

    def _named(self, since: date, where: str) -> None:
        """Note the rules and documents of a version that the catalogue of reasons has no words for."""
        in_force = self._reasons.in_force(max((since, *(began for began, _ in self._rules.values()))))
        kinds: tuple[Kind, Kind] = ("decision", "document")
        known = {kind: (in_force.of(kind), self._reasons.codes(kind)) for kind in kinds}
        for code, (began, rule) in self._rules.items():
            wrong = [
                f"there is no document {document!r}{nearest(document, known['document'][1])}"
                for document in rule.documents
                if document not in known["document"][0]
            ]
            if code not in known["decision"][0] and code not in self.misworded:
                wrong.append(f"the code has no words: write a [[reason]]{nearest(code, known['decision'][1])}")
            self._mistakes.add(where, *(f"rule {code}: {text}" for text in wrong), since=("rule", began))


def _rests_on(names: set[str], wrong: set[str]) -> bool:
    """Whether one of the figures, or the section it belongs to, is wrong or missing."""
    return any(name == path or name.startswith(f"{path}.") for name in names for path in wrong)


def _digest(
    identity: Mapping[str, str],
    since: date,
    figures: Mapping[str, Figure],
    rules: tuple[Rule, ...],
    reasons: ReasonBook,
) -> str:
    told = reasons.in_force(since).of("decision")
    content = {
        **identity,
        "effective_from": since.isoformat(),
        "figures": {k: [f.value, f.citation, f.verified] for k, f in figures.items()},
        "rules": [[r.code, r.when, r.decision, *told[r.code].pair, r.citation, r.verified, r.documents] for r in rules],
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


__all__ = ["OWN_FIGURE", "Figure", "Policy", "PolicyBook", "PolicyError", "Rule", "parse_policy"]
