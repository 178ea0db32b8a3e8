"""Every mistake of a policy file at once, and what differs between two versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from transforms.policy.policy import (
    POLICY_KEYS,
    SECTIONS,
    TABLES,
    VERSION_KEYS,
    check_together,
    effective_from,
    parse_policy,
    read_identity,
)
from transforms.policy.read import (
    Figure,
    figure,
    leaves,
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
    Value,
    compiled_rule,
    overlaid_rules,
    resolve,
    rule_columns,
    rule_mistakes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from polars.datatypes import DataType, DataTypeClass

    from transforms.policy.policy import Policy, PolicyBook
    from transforms.policy.rules import Rule

T = TypeVar("T")


@dataclass(frozen=True)
class Difference:
    """One figure or rule that differs; `before` or `after` is None where it is not there."""

    kind: str
    key: str
    before: str | None
    after: str | None
    citation: str


def policy_mistakes(
    document: Mapping[str, Any], *, source: str, columns: Mapping[str, DataType | DataTypeClass]
) -> list[str]:
    """What :func:`parse_policy` would refuse, piece by piece, each mistake once and the earliest version first.

    Empty exactly when the policy can be used.
    """
    check = _Check(source, Compiler(rule_columns(columns)))
    check.tried(partial(refuse_unknown, document, POLICY_KEYS, source))
    check.tried(partial(read_identity, document, source))
    blocks = document.get("version")
    previous = None
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, dict):
            check.found.setdefault(text := f"{source}: a version must be a table: write [[version]]", text)
            continue
        previous = check.tried(partial(effective_from, block, previous, source)) or previous
        check.version(block, str(document.get("jurisdiction")))
    if not check.found:
        check.tried(partial(parse_policy, document, source=source, columns=columns))
    return list(check.found.values())


class _Check:
    """The mistakes found so far; figures and rules stand as in :func:`parse_policy`, without those that are wrong."""

    def __init__(self, source: str, compiler: Compiler) -> None:
        self.source, self.compiler = source, compiler
        self.found: dict[str, str] = {}
        self.figures: dict[str, Figure] = {}
        self.rules: RawRules = {}
        self._wrong: set[str] = set()

    def tried(self, read: Callable[[], T], version: str = "") -> T | None:
        """The answer of `read`, or None and its mistakes kept."""
        try:
            return read()
        except PolicyError as error:
            for text in error.mistakes:
                if not any(said in text for said in self._follows()):
                    # A mistake stands in every later version too: tell it where it first occurs.
                    self.found.setdefault(text.replace(version, "", 1) if version else text, text)
            return None

    def _follows(self) -> list[str]:
        """How mistakes begin that only follow from a figure that is there and wrong."""
        sections = [f"[{section}] lacks {field}" for section, _, field in (p.rpartition(".") for p in self._wrong)]
        sections += [f"[{path}]" for path in self._wrong if "." not in path]
        return [*sections, *(f"there is no figure {path!r}" for path in self._wrong)]

    def version(self, block: Mapping[str, Any], jurisdiction: str) -> None:
        """Add one version's mistakes."""
        since = block.get("effective_from")
        version = f"version {since}"
        where = f"{self.source}: {version}"
        stands = since if isinstance(since, date) else date.max
        self.tried(partial(refuse_unknown, block, VERSION_KEYS, where))
        for path, item in leaves({k: v for k, v in block.items() if k in (*SECTIONS, *TABLES)}):
            self._wrong.discard(path)
            if (made := self.tried(partial(figure, item, path, stands, where))) is not None:
                self.figures[path] = made
            else:
                self._wrong.add(path)
        values = {name: each.value for name, each in self.figures.items() if name not in self._wrong}
        for name, cls in SECTIONS.items():
            self.tried(partial(read_section, values, name, cls, where), version)
        for read_table in (read_kinds, read_grades, read_treatments):
            self.tried(partial(read_table, values, where), version)
        self.tried(partial(check_together, values, jurisdiction, where), version)
        self._rules(block, stands, where, values)

    def _rules(self, block: Mapping[str, Any], since: date, where: str, values: Mapping[str, Value]) -> None:
        banned = values.get("attributes.prohibited")
        prohibited = frozenset(map(str, banned)) if isinstance(banned, tuple) else frozenset[str]()
        version = where.removeprefix(f"{self.source}: ")
        whole = self.tried(partial(overlaid_rules, self.rules, block, since, where))
        if whole is None:
            listed = block.get("rules")
            given = [r for r in listed if isinstance(r, dict)] if isinstance(listed, list) else []
            unsound = [r for r in given if rule_mistakes(r, 0, "")]
            for rule in unsound:
                self._condition(rule, values, prohibited, f"{where}: rule {rule.get('code')}")
            sound = {str(r["code"]): (since, r) for r in given if r not in unsound}
            whole = {**self.rules, **sound}
        self.rules = whole
        for code, (given_on, raw) in self.rules.items():
            at = f"{where}: rule {code}"
            self.tried(partial(compiled_rule, raw, given_on, values, self.compiler, prohibited, at), version)

    def _condition(
        self, rule: dict[str, Any], values: Mapping[str, Value], prohibited: frozenset[str], at: str
    ) -> None:
        """The condition of a rule whose form is wrong can be wrong too."""
        if isinstance(rule.get("when"), str):
            sql = self.tried(partial(resolve, rule["when"], values, at))
            if sql is not None:
                self.tried(partial(self.compiler.condition, sql, prohibited, at))


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
