"""From the nested tables of a policy file to flat figures, and from flat figures to typed sections."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from transforms.policy.conventions import PART_PREPAYMENTS
from transforms.policy.rules import PolicyError, Value, nearest, together
from transforms.policy.sections import (
    ALLOCATIONS,
    ANNUAL_COSTS,
    CAP_METHODS,
    EVIDENCE,
    GRADES,
    HOLIDAY_INTEREST,
    PRODUCT_KINDS,
    PURPOSES,
    ROUNDINGS,
    Grade,
    KindLimit,
    Treatment,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

OWN_FIGURE = "lender's own figure"
_FIGURE_KEYS = ("value", "citation", "verified")
_CHOICES = {
    "restructure.evidence": EVIDENCE,
    "holiday.evidence": EVIDENCE,
    "holiday.medical_interest": HOLIDAY_INTEREST,
    "holiday.other_interest": HOLIDAY_INTEREST,
    "servicing.allocation_by": ALLOCATIONS,
    "servicing.late_allocation_by": ALLOCATIONS,
    "servicing.part_prepayment": PART_PREPAYMENTS,
    "cap.method": CAP_METHODS,
    "pricing.payment_rounding": ROUNDINGS,
    "disclosure.annual_cost": ANNUAL_COSTS,
    "gates.worst_grade": GRADES,
    "gates.worst_automatic_grade": GRADES,
    "gates.worst_thin_file_grade": GRADES,
    "purposes.barred": PURPOSES,
}
_SIGNED = ".grade_notch"

T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """One figure: value, where it comes from, whether the primary text was read, since when it stands so."""

    value: Value
    citation: str
    verified: bool
    since: date


def refuse_unknown(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """PolicyError for each key of `table` that means nothing."""
    known = tuple(known)
    if strange := [f"{where}: {key!r} is not known{nearest(key, known)}" for key in table if key not in known]:
        raise PolicyError(*strange)


def leaves(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each figure of nested tables as written, with its path `section.field`; a table with `value` is one figure."""
    for key, item in tables.items():
        if isinstance(item, dict) and "value" not in item:
            yield from leaves(item, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", item


def figure(item: Any, path: str, since: date, where: str) -> Figure:
    """One figure: a plain value, or a table of value, citation and whether the primary text was read."""
    if "." not in path:
        raise PolicyError(f"{where}: {path} must be a section: write [version.{path}]")
    if not isinstance(item, dict):
        return Figure(_value(item, path, where), OWN_FIGURE, verified=True, since=since)
    at = f"{where}: {path}"
    refuse_unknown(item, _FIGURE_KEYS, at)
    citation, verified = item.get("citation", OWN_FIGURE), item.get("verified", True)
    if not isinstance(citation, str) or not citation:
        raise PolicyError(f"{at}: citation must be given as text, got {citation!r}")
    if not isinstance(verified, bool):
        raise PolicyError(f"{at}: verified must be true or false, got {verified!r}")
    return Figure(_value(item["value"], path, where), citation, verified, since)


def flatten(tables: Mapping[str, Any], since: date, where: str) -> dict[str, Figure]:
    """Nested tables as `{"section.field": Figure}`."""
    found = list(leaves(tables))
    figures = together(partial(figure, item, path, since, where) for path, item in found)
    return {path: made for (path, _), made in zip(found, figures, strict=True)}


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
    hints = _hints(cls)  # type: ignore[arg-type]  # a class is hashable
    if not own:
        raise PolicyError(f"{where}: section [{name}] is missing")
    mistakes = [f"{where}: [{name}]: {key!r} is not known{nearest(key, hints)}" for key in own if key not in hints]
    for field, hint in hints.items():
        if field not in own:
            mistakes.append(f"{where}: [{name}] lacks {field}")
        elif wrong := _wrong(own[field], f"{prefix}{field}", hint):
            mistakes.append(f"{where}: {prefix}{field} {wrong}")
    if mistakes:
        raise PolicyError(*mistakes)
    return cls(**own)


@cache
def _hints(cls: type[Any]) -> dict[str, Any]:
    """Type of each field of a section, in order."""
    hints = get_type_hints(cls)
    return {f.name: hints[f.name] for f in fields(cls)}


def _wrong(value: Value, path: str, hint: Any) -> str | None:
    """What is wrong with a figure's value, after its name; None where nothing is."""
    plain = {int: "a whole number", bool: "true or false", str: "text"}
    if hint in plain:
        if type(value) is not hint:
            return f"must be {plain[hint]}, got {value!r}"
        if isinstance(value, int) and value < 0 and not path.endswith(_SIGNED):
            return f"must not be negative, got {value}"
    elif not isinstance(value, tuple):
        return f"must be a list, got {value!r}"
    choices = _CHOICES.get(path, ())
    listed = value if isinstance(value, tuple) else (value,)
    if choices and (strange := [v for v in listed if v not in choices]):
        return f"{strange[0]!r} is not one of {', '.join(choices)}"
    return None


def _members(values: Mapping[str, Value], table: str) -> list[str]:
    return sorted({key.split(".")[1] for key in values if key.startswith(f"{table}.")})


def _read_table(
    values: Mapping[str, Value], table: str, names: Iterable[str], cls: type[T], where: str
) -> dict[str, T]:
    """`[<table>.<name>]` for each of `names`."""
    names = tuple(names)
    refuse_unknown(dict.fromkeys(_members(values, table)), names, f"{where}: [{table}]")
    members = together(partial(read_section, values, f"{table}.{name}", cls, where) for name in names)
    return dict(zip(names, members, strict=True))


def read_kinds(values: Mapping[str, Value], where: str) -> dict[str, KindLimit]:
    """`[kinds.<kind>]` for each kind of product."""
    return _read_table(values, "kinds", PRODUCT_KINDS, KindLimit, where)


def read_grades(values: Mapping[str, Value], where: str) -> dict[str, Grade]:
    """`[grades.A]` … `[grades.G]`; a better grade must not have a lower limit, a shorter term or a higher price."""
    grades = _read_table(values, "grades", GRADES, Grade, where)
    mistakes = []
    for better, worse in pairwise(GRADES):
        b, w = grades[better], grades[worse]
        if b.limit_cents < w.limit_cents or b.max_term_m < w.max_term_m:
            mistakes.append(f"{where}: grade {better} has a lower limit or a shorter term than grade {worse}")
        if b.loss_bp > w.loss_bp or b.loss_bp + b.margin_bp > w.loss_bp + w.margin_bp:
            mistakes.append(f"{where}: grade {better} is dearer than grade {worse}")
    if mistakes:
        raise PolicyError(*mistakes)
    return grades


def read_treatments(values: Mapping[str, Value], where: str) -> dict[str, Treatment]:
    """`[treatments.<segment>]`; `standard` must be among them and stands for every segment not named.

    A step up must not lower a starter limit.
    """
    names = _members(values, "treatments")
    if "standard" not in names:
        raise PolicyError(f"{where}: [treatments.standard] is needed: it stands for every segment not named")
    treatments = _read_table(values, "treatments", names, Treatment, where)
    lowered = [n for n, t in treatments.items() if t.step_up_payments and t.step_up_limit_cents < t.limit_cents]
    if lowered:
        raise PolicyError(*(f"{where}: treatments.{n}: the step up is below the starter limit" for n in lowered))
    return treatments
