"""Payment streams of the European examples, as lists of runs or as the short sentences they are described with."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.vectors.answers import NotUnderstoodError, Vector, number
from tests.vectors.sentences import monthly_amounts, without_figures

if TYPE_CHECKING:
    from collections.abc import Mapping

PUBLISHED = Path(__file__).with_name("published.json")


def drawdown_flows(inputs: dict[str, Any]) -> list[tuple[float, float]]:
    """(years, amount) of what the borrower receives."""
    drawn = inputs.get("drawdowns", inputs.get("drawdown"))
    if drawn is None:
        raise NotUnderstoodError("neither drawdown nor drawdowns is given")
    if not isinstance(drawn, list):
        return [(0.0, number(drawn))]
    flows = []
    for item in drawn:
        if isinstance(item, dict):
            flows += _run(item if set(item) - {"amount"} else {**item, "month": 0})
        elif isinstance(item, list):
            month, amount = item
            flows.append((number(month) / 12, number(amount)))
        else:
            raise NotUnderstoodError(f"drawdown {item!r}")
    return flows


def _run(item: dict[str, Any]) -> list[tuple[float, float]]:
    """A run of equal payments: first at, then every, so many months (or weeks, days, quarters, years)."""
    lengths = {"month": Fraction(1, 12), "week": Fraction(1, 52), "day": Fraction(1, 365), "quarter": Fraction(1, 4)}
    lengths["year"] = Fraction(1)
    first = [(key, unit) for unit in lengths for key in (f"first_{unit}", f"start_{unit}", unit) if key in item]
    known = {"amount", "count", "every", "step_months", *(key for key, _ in first)}
    every = [(key, unit) for unit in lengths for key in (f"every_{unit}s", f"interval_{unit}s") if key in item]
    unread = set(item) - known - {key for key, _ in every}
    if len(first) != 1 or len(every) > 1 or unread:
        raise NotUnderstoodError(f"payment run {item}")
    key, unit = first[0]
    gap, gap_unit = 1.0, unit
    if every:
        gap, gap_unit = number(item[every[0][0]]), every[0][1]
    elif "step_months" in item:
        gap, gap_unit = number(item["step_months"]), "month"
    elif "every" in item:
        gap, gap_unit = _every(item["every"], unit)
    start, step = number(item[key]) * float(lengths[unit]), gap * float(lengths[gap_unit])
    amount = number(item["amount"])
    return [(start + k * step, amount) for k in range(int(item.get("count", 1)))]


def _every(text: object, unit: str) -> tuple[float, str]:
    if isinstance(text, int | float):
        return float(text), unit
    found = re.fullmatch(r"(\d+)?\s*(month|week|day|quarter|year)s?", str(text).strip())
    if found is None:
        raise NotUnderstoodError(f"interval {text!r}")
    return float(found[1] or 1), found[2]


def payment_flows(vector: Vector, others: Mapping[str, Vector]) -> list[tuple[float, float]]:
    """(years, amount) of what the borrower pays after the first day; odd days move every payment back."""
    inputs = vector["inputs"]
    odd = number(inputs.get("odd_days", 0), "odd_days")
    if odd >= 1:
        raise NotUnderstoodError(f"odd_days {inputs['odd_days']!r} is not a share of a year")
    principal = sum(amount for _, amount in drawdown_flows(inputs))
    return [(years + odd, amount) for years, amount in _streams(inputs.get("streams"), principal, others)]


def _streams(streams: object, principal: float, others: Mapping[str, Vector]) -> list[tuple[float, float]]:
    if isinstance(streams, dict):
        streams = [streams]
    if isinstance(streams, list):
        flows: list[tuple[float, float]] = []
        for item in streams:
            flows += _run(_named(item, len(flows)) if isinstance(item, list) else item)
        return flows
    if not isinstance(streams, str):
        raise NotUnderstoodError(f"streams {streams!r}")
    found = re.match(
        r"(?:the )?(?:same )?as (?:in )?(?:ec_mcd_)?ex(?:ample)?[ _.]?(\w+?)\b(.*)", streams.strip().lower()
    )
    if found is not None:
        return _as_example(found[1], found[2].strip(" ,.;"), streams, principal, others)
    return [(k / 12, amount / 100) for k, amount in enumerate(monthly_amounts(streams, principal), start=1)]


def _as_example(
    name: str, rest: str, streams: str, principal: float, others: Mapping[str, Vector]
) -> list[tuple[float, float]]:
    """Another example's payments, changed by the rest of the sentence.

    The directive assumes the earliest dates: an option the borrower may use changes nothing.
    """
    base = _example(name, others)
    if base is None:
        raise NotUnderstoodError(f"streams {streams!r}")
    if not rest or re.search(r"\b(may|can|option|optional|optionally|right to)\b", rest):
        return _streams(base["streams"], principal, others)
    if not isinstance(base["streams"], str):
        raise NotUnderstoodError(f"streams {streams!r}: example {name} is not told in words to be changed")
    amounts = monthly_amounts(f"{without_figures(base['streams'])}, {rest}", principal)
    if amounts == monthly_amounts(base["streams"], principal):
        raise NotUnderstoodError(f"streams {streams!r}: {rest!r} changes nothing")
    return [(k / 12, amount / 100) for k, amount in enumerate(amounts, start=1)]


def _named(item: list[Any], paid: int) -> dict[str, Any]:
    """A run written [amount, count] after the ones before it, or [amount, count, first month]."""
    first = item[2] if len(item) > 2 else paid + 1
    return {"amount": item[0], "count": item[1], "first_month": first}


def _example(name: str, others: Mapping[str, Vector]) -> dict[str, Any] | None:
    """Inputs of the Commission's example of that number: of the same file, otherwise of the published ones."""
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))["vectors"]
    for vector in (*others.values(), *published):
        if re.fullmatch(rf"ec_mcd_ex{name}(_[a-z_]+)?", str(vector.get("id"))):
            inputs: dict[str, Any] = vector["inputs"]
            return inputs
    return None
