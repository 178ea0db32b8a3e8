"""Payment streams of the European examples, as lists of runs or as the short sentences they are described with."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.vectors.answers import NotUnderstoodError, Vector, number
from tests.vectors.published import published_vectors
from tests.vectors.sentences import monthly_amounts, without_figures
from tests.vectors.series import amounts, is_series
from transforms.dates.calendar import Frequency
from transforms.pricing.annual_cost import aprc_years

if TYPE_CHECKING:
    from collections.abc import Mapping


#: Parts of a series told in the inputs themselves.
SERIES = {
    "first_payment": ("first_installment", "first_amount"),
    "payment": ("regular_payment", "installment", "regular", "then"),
    "last_payment": ("last_installment", "final_payment", "last_amount"),
    "n": ("count", "number_of_payments", "term", "months", "number_of_installments"),
    "times": (),
}
_LENGTHS = {
    "month": Fraction(1, 12), "week": Fraction(1, 52), "day": Fraction(1, 365), "quarter": Fraction(1, 4),
    "semimonth": Fraction(1, 24), "year": Fraction(1),
}  # fmt: skip


def drawdown_flows(inputs: dict[str, Any]) -> list[tuple[float, float]]:
    """(years, amount) of what the borrower receives."""
    drawn = inputs.get("drawdown")
    if drawn is None:
        raise NotUnderstoodError("neither drawdown nor drawdowns is given")
    if isinstance(drawn, dict):
        drawn = [drawn]
    if not isinstance(drawn, list):
        return [(0.0, number(drawn))]
    flows = []
    for item in drawn:
        if isinstance(item, dict):
            flows += _run(item if set(item) - {"amount"} else {**item, "month": 0}, _started(inputs))
        elif isinstance(item, list):
            month, amount = item
            flows.append((number(month) / 12, number(amount)))
        else:
            raise NotUnderstoodError(f"drawdown {item!r}")
    return flows


def _started(inputs: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(inputs["drawdown_date"]) if "drawdown_date" in inputs else None


def _run(item: dict[str, Any], start: date | None) -> list[tuple[float, float]]:
    """A run of equal payments: first at, then every, so many months (or weeks, days, quarters, years); or one dated."""
    if "date" in item:
        if start is None or set(item) != {"date", "amount"}:
            raise NotUnderstoodError(f"payment {item} without a date of the drawdown")
        return [(float(aprc_years(start, date.fromisoformat(item["date"]))), number(item["amount"]))]
    first = [(key, unit) for unit in _LENGTHS for key in (f"first_{unit}", f"start_{unit}", unit) if key in item]
    known = {"amount", "count", "every", "step_months", *(key for key, _ in first)}
    every = [(key, unit) for unit in _LENGTHS for key in (f"every_{unit}s", f"interval_{unit}s") if key in item]
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
    at, step = number(item[key]) * float(_LENGTHS[unit]), gap * float(_LENGTHS[gap_unit])
    amount = number(item["amount"])
    return [(at + k * step, amount) for k in range(int(item.get("count", 1)))]


def _every(text: object, unit: str) -> tuple[float, str]:
    if isinstance(text, int | float):
        return float(text), unit
    found = re.fullmatch(r"(\d+)?\s*(month|week|day|quarter|year)s?", str(text).strip())
    if found is None:
        raise NotUnderstoodError(f"interval {text!r}")
    return float(found[1] or 1), found[2]


def payment_flows(inputs: dict[str, Any], others: Mapping[str, Vector]) -> list[tuple[float, float]]:
    """(years, amount) of what the borrower pays after the first day; odd days move every payment back."""
    odd = number(inputs.get("odd_days", 0), "odd_days")
    if odd >= 1:
        raise NotUnderstoodError(f"odd_days {inputs['odd_days']!r} is not a share of a year")
    told = {name: inputs[name] for name in SERIES if name in inputs}
    if ("streams" in inputs) == bool(told):
        raise NotUnderstoodError("payments are given twice or not at all")
    period = Frequency.parse(str(inputs.get("every", "1 month")))
    principal = sum(amount for _, amount in drawdown_flows(inputs))
    if "every" not in inputs and "streams" in inputs:
        flows = _streams(inputs["streams"], principal, others, _started(inputs))
    else:
        step = period.every * _LENGTHS[period.unit]
        flows = [(float(k * step), amount) for k, amount in enumerate(amounts(told or inputs["streams"]), start=1)]
    return [(years + odd, amount) for years, amount in flows]


def _streams(
    streams: object, principal: float, others: Mapping[str, Vector], start: date | None = None
) -> list[tuple[float, float]]:
    if is_series(streams):
        return _monthly(amounts(streams))
    if isinstance(streams, dict):
        streams = [streams]
    if isinstance(streams, list):
        return _runs(streams, start)
    if not isinstance(streams, str):
        raise NotUnderstoodError(f"streams {streams!r}")
    found = re.match(
        r"(?:the )?(?:same )?as (?:in )?(?:ec_mcd_)?ex(?:ample)?[ _.]?(\w+?)\b(.*)", streams.strip().lower()
    )
    if found is not None:
        return _as_example(found[1], found[2].strip(" ,.;"), streams, principal, others)
    try:
        return [(k / 12, amount / 100) for k, amount in enumerate(monthly_amounts(streams, principal), start=1)]
    except NotUnderstoodError as unread:
        try:
            return _monthly(amounts(streams))
        except NotUnderstoodError:
            raise unread from None


def _monthly(paid: list[float]) -> list[tuple[float, float]]:
    return [(k / 12, amount) for k, amount in enumerate(paid, start=1)]


def _runs(streams: list[Any], start: date | None) -> list[tuple[float, float]]:
    """Runs one after another, each where it says or after those before."""
    flows: list[tuple[float, float]] = []
    for item in streams:
        if isinstance(item, list):
            flows += _run(_placed(item, len(flows)), start)
        elif isinstance(item, dict) and (is_series(item) or set(item) <= {"amount", "count"}):
            following = amounts([item])
            flows += [(k / 12, amount) for k, amount in enumerate(following, start=len(flows) + 1)]
        elif isinstance(item, dict):
            flows += _run(item, start)
        else:
            flows.append(((len(flows) + 1) / 12, number(item)))
    return flows


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


def _placed(item: list[Any], paid: int) -> dict[str, Any]:
    """A run written [amount, count] after the ones before it, [amount, count, first month], or [date, amount]."""
    if isinstance(item[0], str) and "-" in item[0]:
        return {"date": item[0], "amount": item[1]}
    if isinstance(item[1], str):
        return {"amount": item[0], "date": item[1]}
    first = item[2] if len(item) > 2 else paid + 1
    return {"amount": item[0], "count": item[1], "first_month": first}


def _example(name: str, others: Mapping[str, Vector]) -> dict[str, Any] | None:
    """Inputs of the Commission's example of that number: of the same file, otherwise of the published ones."""
    for vector in (*others.values(), *published_vectors().values()):
        if re.fullmatch(rf"ec_mcd_ex{name}(_[a-z_]+)?", str(vector.get("id"))):
            inputs: dict[str, Any] = vector["inputs"]
            return inputs
    return None
