"""A policy that extends another: which of the two gives a figure from which date on.

`extends` makes a policy of its own versions and those of the policy it names, each on its date. **Whatever a policy has
said itself stays until it says otherwise**: a later change of that figure or rule in the policy underneath does not
reach it. The other way round a company's cap of 20 % would silently become the bank's 24 % on the day the bank's file
restates its own. Changes so held back are reported (:class:`Overlay`), for one can be a law that binds both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


class OverlayError(ValueError):
    """A policy cannot be laid over the one it extends; the message says what to change."""


@dataclass(frozen=True)
class Overlay:
    """The document that results, and each change underneath that did not reach it, as (date, figure or rule)."""

    body: dict[str, Any]
    held_back: tuple[tuple[date, str], ...]


def overlaid(base: dict[str, Any], own: dict[str, Any]) -> Overlay:
    """Lay a policy's document over that of the one it extends.

    Tables are merged, figures and rules of one code replaced, repeals added up. OverlayError where the versions of
    `own` are not in order or begin before those of `base`.
    """
    under = _dated(base.get("version"), date.min)
    over = _dated(own.get("version", []), min(under))
    said: set[str] = set()
    held: list[tuple[date, str]] = []
    versions = []
    for since in sorted({*under, *over}):
        mine = over.get(since, {})
        said |= _said(mine)
        kept, back = _without(under.get(since, {"effective_from": since}), said)
        held += [(since, name) for name in sorted(back) if name not in _said(mine)]
        versions.append(_merged(kept, _needed_repeals(mine, back)))
    identity = {k: v for k, v in own.items() if k not in ("extends", "version")}
    return Overlay({**base, **identity, **_reworded(base, own), "version": versions}, tuple(held))


def _reworded(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The `[[reason]]` tables of both; a code that `own` words is not worded by `base` any more."""
    mine, under = (body.get("reason", []) for body in (own, base))
    if not isinstance(mine, list) or not isinstance(under, list):
        return {}
    said = {_code(table) for table in mine}
    tables = [*(table for table in under if _code(table) not in said), *mine]
    return {"reason": tables} if tables else {}


def _dated(blocks: object, first: date) -> dict[date, dict[str, Any]]:
    if not isinstance(blocks, list):
        raise OverlayError("[version] is a list of blocks: write [[version]]")
    dated: dict[date, dict[str, Any]] = {}
    for block in blocks:
        since = block.get("effective_from")
        if not isinstance(since, date) or isinstance(since, datetime):
            raise OverlayError("a [[version]] block has no effective_from date (effective_from = 2024-07-01)")
        if dated and since <= max(dated):
            raise OverlayError(f"version {since} stands after {max(dated)}; versions go from old to new")
        if since < first:
            raise OverlayError(f"version {since} begins before the policy it extends, whose first is of {first}")
        dated[since] = block
    return dated


def _is_table(item: object) -> bool:
    return isinstance(item, dict) and "value" not in item


def _code(rule: object) -> str:
    """`rule <code>` of a rule, or of a code that is repealed."""
    return f"rule {rule.get('code') if isinstance(rule, dict) else rule}"


def _said(block: dict[str, Any], prefix: str = "") -> set[str]:
    """What a block sets: paths of figures, and `rule <code>` for rules given or repealed."""
    names: set[str] = set()
    for key, item in block.items():
        if not prefix and key == "effective_from":
            continue
        if not prefix and key in ("rules", "repeal") and isinstance(item, list):
            names |= {_code(rule) for rule in item}
        elif _is_table(item):
            names |= _said(item, f"{prefix}{key}.")
        else:
            names.add(f"{prefix}{key}")
    return names


def _without(block: dict[str, Any], said: set[str], prefix: str = "") -> tuple[dict[str, Any], set[str]]:
    """`block` without what has been set already, and the names of what was left out."""
    kept: dict[str, Any] = {}
    back: set[str] = set()
    for key, item in block.items():
        path = f"{prefix}{key}"
        if not prefix and key in ("rules", "repeal") and isinstance(item, list):
            back |= {_code(rule) for rule in item} & said
            kept[key] = [rule for rule in item if _code(rule) not in said]
        elif _is_table(item):
            kept[key], below = _without(item, said, f"{path}.")
            back |= below
        elif path in said:
            back.add(path)
        else:
            kept[key] = item
    return kept, back


def _needed_repeals(block: dict[str, Any], left_out: set[str]) -> dict[str, Any]:
    """`block` without repeals of rules that the version underneath brings on the same day: they never come in."""
    if not isinstance(block.get("repeal"), list):
        return block
    return {**block, "repeal": [code for code in block["repeal"] if _code(code) not in left_out]}


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, item in over.items():
        standing = merged.get(key)
        if key in ("rules", "repeal") and isinstance(standing, list):
            merged[key] = [*standing, *item]
        elif _is_table(item) and _is_table(standing):
            merged[key] = _merged(standing, item)  # type: ignore[arg-type]  # both are tables
        else:
            merged[key] = item
    return merged
