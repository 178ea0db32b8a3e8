"""Every mistake of a policy file at once, and what differs between two versions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from transforms.eligibility.policy import RULE_KEYS, SECTIONS, VERSION_KEYS, compiled_rule, parse_policy
from transforms.eligibility.policy_read import (
    Figure,
    flatten,
    read_grades,
    read_kinds,
    read_section,
    read_treatments,
    refuse_unknown,
)
from transforms.eligibility.policy_rules import PolicyError, rule_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from polars.datatypes import DataType, DataTypeClass

    from transforms.eligibility.policy import Policy


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
    found: dict[str, str] = {}

    def tried(read: Callable[[], Any], version: str = "") -> Any:
        try:
            return read()
        except PolicyError as error:
            text = str(error)
            # A mistake stands in every later version too: tell it where it first occurs.
            found.setdefault(text.replace(version, "", 1) if version else text, text)
            return None

    figures: dict[str, Figure] = {}
    rules: dict[str, Mapping[str, Any]] = {}
    known = rule_columns(columns)
    blocks = document.get("version")
    for block in blocks if isinstance(blocks, list) else []:
        version = f"version {block.get('effective_from')}"
        where = f"{source}: {version}"
        since = block.get("effective_from")
        tried(partial(refuse_unknown, block, VERSION_KEYS, where))
        for name, table in block.items():
            if name in SECTIONS or name in ("kinds", "grades", "treatments"):
                figures |= tried(partial(flatten, {name: table}, since, where)) or {}
        values = {name: figure.value for name, figure in figures.items()}
        for name, cls in SECTIONS.items():
            tried(partial(read_section, values, name, cls, where), version)
        for read_table in (read_kinds, read_grades, read_treatments):
            tried(partial(read_table, values, where), version)
        rules |= {str(raw.get("code", "")): raw for raw in block.get("rules", ())}
        listed = values.get("attributes.prohibited")
        prohibited = frozenset(str(name) for name in listed) if isinstance(listed, tuple) else frozenset[str]()
        for code, raw in rules.items():
            at = f"{where}: rule {code}"
            tried(partial(refuse_unknown, raw, RULE_KEYS, at), version)
            tried(partial(compiled_rule, raw, since, values, known, prohibited, at), version)
    if not found:
        tried(partial(parse_policy, document, source=source, columns=columns))
    return list(found.values())


def policy_differences(before: Policy, after: Policy) -> list[Difference]:
    """Figures, then rules, that differ between two policies or two versions of one, by key."""
    changed = [
        Difference("figure", key, _figure(old), _figure(new), (new or old).citation)  # type: ignore[union-attr]  # one is
        for key in sorted({*before.figures, *after.figures})
        if _figure(old := before.figures.get(key)) != _figure(new := after.figures.get(key))
    ]
    old_rules, new_rules = ({r.code: r for r in p.rules} for p in (before, after))
    for code in sorted({*old_rules, *new_rules}):
        was, now = (
            f"{r.decision} when {' '.join(r.when.split())}" if r else None
            for r in (old_rules.get(code), new_rules.get(code))
        )
        if was != now:
            changed.append(Difference("rule", code, was, now, (new_rules.get(code) or old_rules[code]).citation))
    return changed


def _figure(figure: Figure | None) -> str | None:
    if figure is None:
        return None
    return ", ".join(map(str, figure.value)) if isinstance(figure.value, tuple) else str(figure.value)
