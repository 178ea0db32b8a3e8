"""From the nested tables of a policy file to flat figures, and from flat figures to typed sections."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from transforms.eligibility.policy_rules import PolicyError, Value, nearest
from transforms.eligibility.policy_sections import (
    CAP_METHODS,
    GRADES,
    PRODUCT_KINDS,
    ROUNDINGS,
    Grade,
    KindLimit,
    Treatment,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

OWN_FIGURE = "lender's own figure"
_FIGURE_KEYS = ("value", "citation", "verified")
_CHOICES = {
    "cap.method": CAP_METHODS,
    "pricing.payment_rounding": ROUNDINGS,
    "gates.worst_grade": GRADES,
    "gates.worst_automatic_grade": GRADES,
    "gates.worst_thin_file_grade": GRADES,
}
_SIGNED = ("grade_notch",)

T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """One figure: value, where it comes from, whether the primary text was read, since when it stands so."""

    value: Value
    citation: str
    verified: bool
    since: date


def refuse_unknown(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """PolicyError for a key of `table` that means nothing."""
    known = tuple(known)
    for key in table:
        if key not in known:
            raise PolicyError(f"{where}: {key!r} is not known{nearest(key, known)}")


def flatten(tables: Mapping[str, Any], since: date, where: str, prefix: str = "") -> dict[str, Figure]:
    """Nested tables as `{"section.field": Figure}`; a table with `value` is a figure with its citation."""
    figures: dict[str, Figure] = {}
    for key, item in tables.items():
        path = f"{prefix}{key}"
        if isinstance(item, dict) and "value" in item:
            refuse_unknown(item, _FIGURE_KEYS, f"{where}: {path}")
            citation = item.get("citation", OWN_FIGURE)
            figures[path] = Figure(
                _value(item["value"], path, where), str(citation), bool(item.get("verified", True)), since
            )
        elif isinstance(item, dict):
            figures |= flatten(item, since, where, f"{path}.")
        else:
            figures[path] = Figure(_value(item, path, where), OWN_FIGURE, verified=True, since=since)
    return figures


def _value(value: object, path: str, where: str) -> Value:
    if isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(str(v) for v in value)
    if isinstance(value, list) and all(isinstance(v, int) for v in value):
        return tuple(int(v) for v in value)
    raise PolicyError(
        f"{where}: {path} = {value!r}: a figure is a whole number (cents, basis points, months, days), text, true or"
        " false, or a list; fractions are given in basis points"
    )


def read_section(values: Mapping[str, Value], name: str, cls: type[T], where: str) -> T:
    """The section `name` as its dataclass: every field given, of its type, and nothing else."""
    prefix = f"{name}."
    own = {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}
    names = [f.name for f in fields(cls)]  # type: ignore[arg-type]  # every section is a dataclass
    refuse_unknown(own, names, f"{where}: [{name}]")
    hints = get_type_hints(cls)
    for field in names:
        if field not in own:
            raise PolicyError(f"{where}: [{name}] lacks {field}")
        _check_type(own[field], hints[field], f"{where}: {prefix}{field}", signed=field in _SIGNED)
        choices = _CHOICES.get(f"{prefix}{field}")
        if choices and own[field] not in choices:
            raise PolicyError(f"{where}: {prefix}{field} {own[field]!r} is not one of {', '.join(choices)}")
    return cls(**own)


def _check_type(value: Value, hint: Any, where: str, *, signed: bool) -> None:
    plain = {int: "a whole number", bool: "true or false", str: "text"}
    if hint in plain:
        if type(value) is not hint:
            raise PolicyError(f"{where} must be {plain[hint]}, got {value!r}")
        if isinstance(value, int) and value < 0 and not signed:
            raise PolicyError(f"{where} must not be negative, got {value}")
    elif not isinstance(value, tuple):
        raise PolicyError(f"{where} must be a list, got {value!r}")


def _members(values: Mapping[str, Value], table: str) -> list[str]:
    return sorted({key.split(".")[1] for key in values if key.startswith(f"{table}.")})


def read_kinds(values: Mapping[str, Value], where: str) -> dict[str, KindLimit]:
    """`[kinds.<kind>]` for each kind of product."""
    refuse_unknown(dict.fromkeys(_members(values, "kinds")), PRODUCT_KINDS, f"{where}: [kinds]")
    return {kind: read_section(values, f"kinds.{kind}", KindLimit, where) for kind in PRODUCT_KINDS}


def read_grades(values: Mapping[str, Value], where: str) -> dict[str, Grade]:
    """`[grades.A]` … `[grades.G]`; a better grade must not have a lower limit, a shorter term or a higher price."""
    refuse_unknown(dict.fromkeys(_members(values, "grades")), GRADES, f"{where}: [grades]")
    grades = {grade: read_section(values, f"grades.{grade}", Grade, where) for grade in GRADES}
    for better, worse in pairwise(GRADES):
        b, w = grades[better], grades[worse]
        if b.limit_cents < w.limit_cents or b.max_term_m < w.max_term_m:
            raise PolicyError(f"{where}: grade {better} has a lower limit or a shorter term than grade {worse}")
        if b.loss_bp > w.loss_bp or b.loss_bp + b.margin_bp > w.loss_bp + w.margin_bp:
            raise PolicyError(f"{where}: grade {better} is dearer than grade {worse}")
    return grades


def read_treatments(values: Mapping[str, Value], where: str) -> dict[str, Treatment]:
    """`[treatments.<segment>]`; `standard` must be among them and stands for every segment not named."""
    names = _members(values, "treatments")
    if "standard" not in names:
        raise PolicyError(f"{where}: [treatments.standard] is needed: it stands for every segment not named")
    return {name: read_section(values, f"treatments.{name}", Treatment, where) for name in names}
