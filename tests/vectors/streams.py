"""Payment streams of the European examples, as lists of runs or as the short sentences they are described with."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.vectors.answers import NotUnderstoodError, Vector, cents, number
from transforms.pricing.annuity import amortise, stepped_amounts, weighted_payments
from transforms.pricing.plan import Plan, RepayMethod
from transforms.pricing.rounding import round_ratio
from transforms.pricing.schedule import build_schedule, step_weights
from transforms.pricing.time_value import nper

_NUMBER = r"-?\d[\d,]*(?:\.\d+)?"
_FIGURE = f"({_NUMBER})"
_EXAMPLE_RATE = Decimal("0.06")
"""Borrowing rate of the Commission's examples, where a sentence names none."""

_MICRO = 1_000_000
# The Commission's own wording of the examples that others refer to.
_EXAMPLES = {
    "1": [{"amount": 1432.86, "count": 240, "first_month": 1}],
    "4": [{"amount": 1599.53, "count": 240, "first_month": 1}],
    "6": [{"amount": 1432.86, "count": 240, "first_month": 1}, {"amount": 100, "count": 1, "first_month": 240}],
    "8": [{"amount": 1166.67, "count": 240, "first_month": 1}, {"amount": 200000, "count": 1, "first_month": 240}],
    "9": "240 monthly, first-year 1130.33, +3% each year",
    "11": [{"amount": 1500, "count": 220, "first_month": 1}, {"amount": 407.7, "count": 1, "first_month": 221}],
    "13": "equal principal 200000/240 + 6%/12 interest on balance",
    "14": "interest + max(2% of balance,100); 233 payments, first 5000",
}


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
            flows += _run({"count": 1, "first_month": item.get("month", 0), **item})
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


def payment_flows(vector: Vector) -> list[tuple[float, float]]:
    """(years, amount) of what the borrower pays after the first day; odd days move every payment back."""
    inputs = vector["inputs"]
    odd = number(inputs.get("odd_days", 0), "odd_days")
    streams = inputs.get("streams")
    principal = sum(amount for _, amount in drawdown_flows(inputs))
    return [(years + odd, amount) for years, amount in _streams(streams, principal)]


def _streams(streams: object, principal: float) -> list[tuple[float, float]]:
    if isinstance(streams, list):
        return [flow for item in streams for flow in _run(item)]
    if not isinstance(streams, str):
        raise NotUnderstoodError(f"streams {streams!r}")
    text = " ".join(streams.lower().split())
    if (found := re.match(r"(?:same )?as (?:in )?(?:ec_mcd_)?ex(?:ample)?[ _]?(\w+?)\b(.*)", text)) is not None:
        # The directive assumes the earliest dates: an option the borrower may use changes nothing.
        optional = re.search(r"\b(may|can|option|optional|optionally|right to)\b", found[2])
        if found[1] not in _EXAMPLES or (found[2].strip(" ,.;") and optional is None):
            raise NotUnderstoodError(f"streams {streams!r}")
        return _streams(_EXAMPLES[found[1]], principal)
    for read in (_equal_principal, _minimum_payment, _stepped, _fixed, _plain):
        amounts = read(text, principal)
        if amounts is not None:
            _agrees(text, amounts)
            return [(k / 12, amount / 100) for k, amount in enumerate(amounts, start=1)]
    raise NotUnderstoodError(f"streams {streams!r}")


def _agrees(text: str, amounts: list[int]) -> None:
    """First and last figures the sentence states must be those computed, to two cents."""
    for name, got in (("first", amounts[0]), ("last", amounts[-1])):
        found = re.search(rf"\b{name}(?:[- ]year)?(?: payment)?(?: of)? {_FIGURE}", text)
        if found is not None and abs(cents(number(found[1])) - got) > 2:
            raise NotUnderstoodError(f"{name} payment stated {found[1]}, computed {got / 100:.2f}")
    found = re.search(r"(\d+) payments", text)
    if found is not None and int(found[1]) != len(amounts):
        raise NotUnderstoodError(f"{found[1]} payments stated, {len(amounts)} computed")


def _rate(text: str) -> Decimal:
    found = re.search(r"(\d+(?:\.\d+)?)%\s*(?:/\s*12|nominal|p\.a\.|interest|a year)", text)
    return Decimal(found[1]) / 100 if found else _EXAMPLE_RATE


def _unrounded(plan: Plan) -> list[int]:
    """Payments in cents of a plan in millionths of a cent: the examples carry no rounding, they only show it."""
    return [round_ratio(row.payment_cents, _MICRO) for row in build_schedule(plan).installments]


def _equal_principal(text: str, principal: float) -> list[int] | None:
    found = re.search(rf"equal (?:principal|capital)(?: of)? {_FIGURE}\s*/\s*(\d+)", text)
    if found is None:
        return None
    amount = cents(number(found[1]) or principal) * _MICRO
    start = date(2000, 1, 1)
    return _unrounded(Plan(amount, _rate(text), int(found[2]), start, method=RepayMethod.EQ_PRIN))


def _minimum_payment(text: str, principal: float) -> list[int] | None:
    found = re.search(rf"max\(\s*(\d+(?:\.\d+)?)%(?: of (?:the )?balance)?\s*,\s*{_FIGURE}\s*\)", text)
    if found is None or "interest" not in text:
        return None
    share, floor = Decimal(found[1]) / 100, cents(number(found[2]))
    rate = _rate(text.replace(found[0], ""))
    first = re.search(rf"\bfirst(?: payment)? {_FIGURE}", text)
    if first is not None:
        balance = Decimal(str(principal))
        interest = Decimal(str(number(first[1]))) - max(balance * share, Decimal(floor) / 100)
        rate = (interest * 12 / balance).quantize(Decimal("0.0001"))
    plan = Plan(
        cents(principal) * _MICRO,
        rate,
        1200,
        date(2000, 1, 1),
        method=RepayMethod.MIN_PAYMENT,
        min_share=share,
        min_principal_cents=floor * _MICRO,
    )
    return _unrounded(plan)


def _stepped(text: str, principal: float) -> list[int] | None:
    found = re.search(
        rf"(\d+) (?:monthly|months)\b.*?first[- ]year(?: payment)?(?: of)? {_FIGURE}.*?([+-]\s?\d+(?:\.\d+)?)\s?%"
        r" (?:each|every|per|a) (?:(\d+) )?years?",
        text,
    )
    if found is None or principal <= 0:
        return None
    share, first = Decimal(found[3].replace(" ", "")) / 100, cents(number(found[2]))
    count, every = int(found[1]), 12 * int(found[4] or 1)
    plan = Plan(
        cents(principal),
        _rate(text.replace(found[3], "")),
        count,
        date(2000, 1, 1),
        method=RepayMethod.STEP,
        step_every=every,
        step_share=share,
    )
    # The examples step the exact first payment; a first payment of another loan is stepped as it stands.
    exact = weighted_payments(plan.principal_cents, plan.factors(plan.dues()), step_weights(plan), "half_up")
    return exact if exact[0] == first else stepped_amounts(first, count, every, share)


def _fixed(text: str, principal: float) -> list[int] | None:
    """A fixed payment until the loan is repaid, the last one being what is left."""
    found = re.search(
        rf"fixed (?:monthly )?(?:payments?|instal+ments?)(?: of)? {_FIGURE}.*until (?:it is )?repaid", text
    )
    if found is None:
        return None
    balance, payment = cents(principal) * _MICRO, cents(number(found[1])) * _MICRO
    rate = Fraction(_rate(text)) / 12
    count = math.ceil(nper(float(rate), -payment, balance) - 1e-9)
    parts = amortise(balance, [rate] * count, [payment] * count, "half_up")
    return [round_ratio(part.principal + part.interest, _MICRO) for part in parts]


_WORD = r"(?:(?:payment|instal+ment)s? )?"
_RUNS = (
    rf"(?P<count>\d+)(?: ?[x×*] ?| )(?:equal )?(?:monthly )?{_WORD}(?:of |at )?(?P<amount>{_NUMBER})",
    rf"(?P<amount>{_NUMBER}) ?(?:x|×|\*) ?(?P<count>\d+)",
    rf"(?P<amount>{_NUMBER}) (?:a month|monthly|per month|each month) for (?P<count>\d+) months",
)
_ONCE = (
    r"(?:(?:final|last|balloon|exit|principal|capital) ?(?:payment|cost|repayment)?)?(?: of)? ?"
    rf"(?P<amount>{_NUMBER})(?: repaid)? (?:at|in|on) (?:the )?(?:(?P<end>end)|month (?P<month>\d+))"
)


def _plain(text: str, principal: float) -> list[int] | None:
    """Runs of equal monthly payments one after another, and single ones at the end or in a month."""
    paid: list[int] = []
    singles: list[tuple[int | None, int]] = []
    for part in re.split(r" ?(?:;|\+|, then| then| and) ", text):
        if (once := re.fullmatch(_ONCE, part.strip())) is not None:
            singles.append((int(once["month"]) if once["month"] else None, cents(number(once["amount"]))))
            continue
        runs = (re.fullmatch(pattern, part.strip()) for pattern in _RUNS)
        run = next((found for found in runs if found is not None), None)
        if run is None or "." in run["count"]:
            return None
        paid += [cents(number(run["amount"]))] * int(run["count"])
    for month, amount in singles:
        at = len(paid) if month is None else month
        paid += [0] * (at - len(paid))
        paid[at - 1] += amount
    return paid if paid and principal > 0 else None
