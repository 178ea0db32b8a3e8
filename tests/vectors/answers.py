"""What a check hands back, and how published numbers are compared with ours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Vector = dict[str, Any]


class NotUnderstoodError(ValueError):
    """The input says something this runner cannot read: a fail, never a guess."""


@dataclass(frozen=True)
class Outcome:
    """One line of the report."""

    expected: str
    got: str
    passed: bool


def number(value: object, what: str = "number") -> float:
    """A float from a number or from text such as "0.08/12", "6/15", "5%" or "1,000"."""
    if isinstance(value, bool) or value is None:
        raise NotUnderstoodError(f"{what} {value!r} is not a number")
    if isinstance(value, int | float):
        return float(value)
    text = str(value).replace(",", "").replace(" ", "")
    share = text.endswith("%")
    parts = text.removesuffix("%").split("/")
    try:
        figure = float(parts[0])
        for divisor in parts[1:]:
            figure /= float(divisor)
    except (ValueError, ZeroDivisionError) as error:
        raise NotUnderstoodError(f"{what} {value!r} is not a number") from error
    return figure / 100 if share else figure


def known_keys(inputs: Mapping[str, Any], *known: str) -> None:
    """Refuse inputs with a key nobody reads: ignoring one would be a silent pass."""
    unknown = sorted(set(inputs) - set(known) - {"note", "notes", "currency", "description", "contract"})
    if unknown:
        raise NotUnderstoodError(f"input {', '.join(unknown)} is not understood for this kind")


def cents(value: object) -> int:
    """Whole cents of an amount in currency units."""
    return int((Decimal(str(value)) * 100).to_integral_value(ROUND_HALF_UP))


def decimals_of(expected: float, given: int | None) -> int:
    """Stated decimals, otherwise those the number is written with."""
    if given is not None:
        return given
    exponent = Decimal(repr(expected)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def same_rounded(got: float, expected: float, decimals: int) -> bool:
    """Whether `got` rounds (half up) to the published figure at its decimals."""
    step = Decimal(1).scaleb(-decimals)
    return Decimal(repr(got)).quantize(step, ROUND_HALF_UP) == Decimal(repr(expected)).quantize(step, ROUND_HALF_UP)


def same_number(got: float, expected: float | None, decimals: int | None = None) -> bool:
    """Equal to the digits published, at most ten significant ones; no number is expected where theirs is NaN.

    A figure counts as published rounded when it says so by `decimals`, has four decimals or five digits and two
    decimals; any other is compared as it stands.
    """
    if expected is None or (isinstance(expected, float) and math.isnan(expected)):
        return math.isnan(got)
    if math.isinf(expected):
        return got == expected
    if math.isnan(got):
        return False
    if decimals is not None:
        return abs(got - expected) <= 0.5000001 * 10.0**-decimals
    if math.isclose(got, expected, rel_tol=1e-9, abs_tol=1e-12):
        return True
    places = decimals_of(float(expected), None)
    digits = len(str(abs(Decimal(repr(float(expected))))).replace(".", "").lstrip("0"))
    rounded = places >= 4 or (places >= 2 and digits >= 5)
    return rounded and abs(got - expected) <= 0.5000001 * 10.0**-places


def same_all(got: object, expected: object, decimals: int | None = None) -> bool:
    """Compare numbers or equally long lists of them, nested as they are."""
    if isinstance(expected, list):
        return (
            isinstance(got, list)
            and len(got) == len(expected)
            and all(same_all(g, e, decimals) for g, e in zip(got, expected, strict=True))
        )
    if isinstance(expected, str) and expected.lower() in {"nan", "none", "null"}:
        expected = None
    if isinstance(expected, str) and expected.lower() in {"inf", "infinity"}:
        expected = math.inf
    if isinstance(expected, str):
        expected = number(expected)
    return isinstance(got, int | float) and same_number(float(got), expected, decimals)  # type: ignore[arg-type]


def compare_named(got: Mapping[str, Any], expected: Mapping[str, Any]) -> Outcome:
    """Every name expected must have been computed and agree, at the decimals stated where there are any."""
    wanted = {name: value for name, value in expected.items() if name not in {"decimals", "note"}}
    places = expected.get("decimals")
    passed = bool(wanted) and all(name in got and same_all(got[name], value, places) for name, value in wanted.items())
    shown = {name: got.get(name, "not computed") for name in wanted}
    return Outcome(brief(wanted), brief(shown), passed)


def percent_outcome(rate: float, expected: Mapping[str, Any], name: str) -> Outcome:
    """A rate against the one published, in percent unless it is told as a share (`apr`, not `apr_pct`).

    At the decimals it is written with; at one decimal too where that is published beside it.
    """
    places, coarse = expected.get("decimals"), expected.get("rounded_1dp")
    told = {key: value for key, value in expected.items() if key not in {"decimals", "rounded_1dp", "note"}}
    if len(told) != 1 or (key := next(iter(told))) not in {name, f"{name}_pct", f"{name}_percent"}:
        raise NotUnderstoodError(f"expected {', '.join(told)} is not the {name}")
    value = told[key]
    in_percent = key != name or str(value).strip().endswith("%")
    figure = float(str(value).strip().removesuffix("%"))
    got = rate * 100 if in_percent else rate
    decimals = decimals_of(figure, places)
    passed = same_rounded(got, figure, decimals)
    if coarse is not None:
        passed = passed and same_rounded(got, float(coarse), 1)
    unit = " %" if in_percent else ""
    return Outcome(f"{figure}{unit}", f"{got:.{decimals + 3}f}{unit}", passed)


def brief(value: object) -> str:
    """Text for one line."""
    if isinstance(value, dict):
        return " ".join(f"{name}={brief(item)}" for name, item in value.items())
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, list):
        items = [brief(item) for item in value]
        return "[" + ", ".join(items[:4] + (["..."] if len(items) > 4 else [])) + "]"
    return str(value)
