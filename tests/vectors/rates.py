"""Kinds about rates: Regulation Z, the European rate, and the textbook functions."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.vectors.answers import (
    NotUnderstoodError,
    Outcome,
    Vector,
    compare_named,
    decimals_of,
    known_keys,
    number,
    same_rounded,
)
from tests.vectors.streams import drawdown_flows, payment_flows
from transforms.loans.calendar import Frequency
from transforms.loans.day_count import DayCount, parse_day_count
from transforms.pricing import time_value
from transforms.pricing.annual_cost import UnitFlow, actuarial_apr, aprc, single_payment_apr, unit_periods
from transforms.pricing.roots import NoRateError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_UNITS = {
    1: Frequency("month", 12),
    2: Frequency("month", 6),
    3: Frequency("month", 4),
    4: Frequency("month", 3),
    6: Frequency("month", 2),
    12: Frequency("month", 1),
    13: Frequency("week", 4),
    24: Frequency("semimonth", 1),
    26: Frequency("week", 2),
    52: Frequency("week", 1),
    365: Frequency("day", 1),
}


def _percent(value: float, expected: dict[str, Any], name: str) -> Outcome:
    figure = float(expected[name])
    got = value * 100
    decimals = decimals_of(figure, expected.get("decimals"))
    passed = same_rounded(got, figure, decimals)
    if (coarse := expected.get("rounded_1dp")) is not None:
        passed = passed and same_rounded(got, float(coarse), 1)
    return Outcome(f"{figure} %", f"{got:.{decimals + 3}f} %", passed)


def _unit_flow(amount: float, offset: dict[str, Any] | None, start: date, unit: Frequency, steps: int) -> UnitFlow:
    """An amount `steps` unit-periods after the offset, which gives t and f or a date to count them from."""
    if offset is None:
        return UnitFlow(amount, steps)
    if "t" in offset:
        t, f = int(offset["t"]), Fraction(str(offset.get("f", "0")))
    elif "date" in offset:
        t, f = unit_periods(start, date.fromisoformat(offset["date"]), unit)
    else:
        raise NotUnderstoodError(f"first payment {offset} has neither t and f nor a date")
    return UnitFlow(amount, t + steps, f)


def apr_us_actuarial(vector: Vector) -> Outcome:
    """Regulation Z, one advance or several, payments in runs of equal ones."""
    inputs = vector["inputs"]
    known_keys(
        inputs, "amount_advanced", "advances", "advance_date", "payments", "unit_periods_per_year", "first_payment",
        "first_payment_date",
    )  # fmt: skip
    per_year = int(number(inputs["unit_periods_per_year"]))
    if per_year not in _UNITS:
        raise NotUnderstoodError(f"{per_year} unit-periods a year")
    unit = _UNITS[per_year]
    start = date.fromisoformat(inputs["advance_date"]) if "advance_date" in inputs else date(2000, 1, 1)
    if "advances" in inputs:
        advances = [_advance(item, start, unit) for item in inputs["advances"]]
    else:
        advances = [UnitFlow(number(inputs["amount_advanced"]), 0)]
    first = inputs.get("first_payment")
    if first is None and "first_payment_date" in inputs:
        first = {"date": inputs["first_payment_date"]}
    if first is None:
        first = {"t": 1, "f": "0"}
    payments, at = [], 0
    for item in inputs["payments"]:
        amount, count, own = _payment_run(item)
        steps = 0 if own else at
        payments += [_unit_flow(amount, own or first, start, unit, steps + k) for k in range(count)]
        at += count
    return _percent(actuarial_apr(advances, payments, per_year), vector["expected"], "apr_pct")


def _payment_run(item: Any) -> tuple[float, int, dict[str, Any] | None]:
    """Amount, count and, where a run does not follow the one before, its own start as t and f or a date."""
    if isinstance(item, dict):
        own = {key: value for key, value in item.items() if key not in {"amount", "count"}}
        return number(item["amount"]), int(item.get("count", 1)), own or None
    amount, count, *begin = item
    if not begin:
        return number(amount), int(count), None
    when = begin[0]
    if isinstance(when, dict):
        return number(amount), int(count), when
    if isinstance(when, str) and "-" in when:
        return number(amount), int(count), {"date": when}
    return number(amount), int(count), {"t": int(when), "f": begin[1] if len(begin) > 1 else "0"}


def _advance(item: Any, start: date, unit: Frequency) -> UnitFlow:
    if isinstance(item, dict):
        offset = {key: value for key, value in item.items() if key != "amount"}
        return _unit_flow(number(item["amount"]), offset, start, unit, 0)
    amount, when = item
    if isinstance(when, str) and "-" in when:
        return _unit_flow(number(amount), {"date": when}, start, unit, 0)
    return UnitFlow(number(amount), int(when))


def apr_us_actuarial_single(vector: Vector) -> Outcome:
    """Regulation Z, one advance and one payment."""
    inputs = vector["inputs"]
    known_keys(
        inputs, "amount_advanced", "advance_date", "payment", "payment_date", "days", "months", "years", "t", "f",
        "unit_periods_per_year", "unit_period", "term_years", "first_payment",
    )  # fmt: skip
    start, end = date.fromisoformat(inputs["advance_date"]), date.fromisoformat(inputs["payment_date"])
    if "days" in inputs and (end - start).days != int(inputs["days"]):
        raise NotUnderstoodError(f"{inputs['days']} days stated, {(end - start).days} between the dates")
    rate = single_payment_apr(number(inputs["amount_advanced"]), start, number(inputs["payment"]), end)
    return _percent(rate, vector["expected"], "apr_pct")


def aprc_eu(vector: Vector, others: Mapping[str, Vector]) -> Outcome:
    """The European effective rate of streams of payments."""
    inputs = vector["inputs"]
    known_keys(inputs, "drawdown", "drawdowns", "upfront_cost", "upfront_costs", "streams", "odd_days", "nominal_pct")
    drawn = drawdown_flows(inputs)
    costs = inputs.get("upfront_cost", inputs.get("upfront_costs", 0))
    upfront = sum(number(cost) for cost in costs) if isinstance(costs, list) else number(costs)
    paid = [(0.0, upfront), *payment_flows(vector, others)]
    return _percent(aprc(drawn, paid), vector["expected"], "aprc_pct")


def _dates_and_amounts(inputs: dict[str, Any]) -> tuple[list[date], list[float], DayCount]:
    dates = [date.fromisoformat(day) for day in inputs["dates"]]
    amounts = [number(amount) for amount in inputs["amounts"]]
    return dates, amounts, parse_day_count(inputs.get("day_count", "actual/365F"))


def xirr(vector: Vector) -> Outcome:
    """Dated internal rate of return, and net present values at a rate where they are asked for."""
    inputs, expected = vector["inputs"], vector["expected"]
    known_keys(inputs, "dates", "amounts", "day_count", "guess")
    dates, amounts, day_count = _dates_and_amounts(inputs)
    got: dict[str, float] = {}
    for name in expected:
        if name == "xirr":
            got[name] = _or_nan(lambda: time_value.xirr(dates, amounts, day_count))
        elif name.startswith("xnpv_at_"):
            rate = number(name.removeprefix("xnpv_at_").replace("pct", "%").replace("_", "."))
            got[name] = time_value.xnpv(rate, dates, amounts, day_count)
    return compare_named(got, expected)


def xnpv(vector: Vector) -> Outcome:
    """Net present value of dated amounts."""
    inputs = vector["inputs"]
    known_keys(inputs, "dates", "amounts", "day_count", "rate")
    dates, amounts, day_count = _dates_and_amounts(inputs)
    value = time_value.xnpv(number(inputs["rate"]), dates, amounts, day_count)
    return compare_named({"xnpv": value}, vector["expected"])


def _cash_flows(inputs: dict[str, Any]) -> list[float]:
    return [number(amount) for amount in inputs.get("cashflows", inputs.get("values", inputs.get("amounts")))]


def irr(vector: Vector) -> Outcome:
    """Periodic internal rate of return."""
    known_keys(vector["inputs"], "cashflows", "values", "amounts", "guess")
    flows = _cash_flows(vector["inputs"])
    return compare_named({"irr": _or_nan(lambda: time_value.irr(flows))}, vector["expected"])


def npv(vector: Vector) -> Outcome:
    """Net present value of even amounts, the first undiscounted unless it says otherwise."""
    inputs = vector["inputs"]
    known_keys(inputs, "cashflows", "values", "amounts", "rate", "start_from_zero")
    rate = number(inputs["rate"])
    value = time_value.npv(rate, _cash_flows(inputs))
    late = not inputs.get("start_from_zero", True)
    return compare_named({"npv": value / (1 + rate) if late else value}, vector["expected"])


def mirr(vector: Vector) -> Outcome:
    """Modified internal rate of return."""
    inputs = vector["inputs"]
    known_keys(inputs, "cashflows", "values", "amounts", "finance_rate", "reinvest_rate")
    rates = number(inputs["finance_rate"]), number(inputs["reinvest_rate"])
    got = _or_nan(lambda: time_value.mirr(_cash_flows(inputs), *rates))
    return compare_named({"mirr": got}, vector["expected"])


def _or_nan(compute: Callable[[], float]) -> float:
    try:
        return compute()
    except NoRateError:
        return math.nan


_WHEN = {"0": False, "end": False, "false": False, "none": False, "1": True, "begin": True, "start": True}
_WHEN |= {"beginning": True, "true": True, "1.0": True, "0.0": False}
_WHEN_KEYS = ("when", "pmt_at_beginning", "pmt_at_begining", "begin")


def _begin(value: object) -> bool:
    if (text := str(value).lower()) not in _WHEN:
        raise NotUnderstoodError(f"payment time {value!r}")
    return _WHEN[text]


def _function(name: str, arguments: tuple[str, ...]) -> Callable[[Vector], Outcome]:
    """A textbook function over scalars or lists nested to one depth or another, which broadcast as arrays do."""
    function = getattr(time_value, name)
    columns = (*arguments, *(key for key in ("fv", "pv") if key != name and key not in arguments))

    def check(vector: Vector) -> Outcome:
        inputs = vector["inputs"]
        known_keys(inputs, *columns, *_WHEN_KEYS, "guess")
        when = next((inputs[key] for key in _WHEN_KEYS if key in inputs), "end")
        given = [inputs[key] if key in arguments else inputs.get(key, 0) for key in columns]
        arrays = np.broadcast_arrays(*(np.array(item, dtype=object) for item in (*given, when)))
        values = np.empty(arrays[0].shape, dtype=np.float64)
        for at in np.ndindex(values.shape):
            *figures, begin = (array[at] for array in arrays)
            values[at] = _or_nan(lambda f=figures, b=begin: function(*map(number, f), begin=_begin(b)))
        return compare_named({name: values.tolist()}, vector["expected"])

    return check


KINDS: dict[str, Callable[[Vector], Outcome]] = {
    "apr_us_actuarial": apr_us_actuarial,
    "apr_us_actuarial_single": apr_us_actuarial_single,
    "irr": irr,
    "xirr": xirr,
    "xnpv": xnpv,
    "npv": npv,
    "mirr": mirr,
    "fv": _function("fv", ("rate", "nper", "pmt")),
    "pv": _function("pv", ("rate", "nper", "pmt")),
    "pmt": _function("pmt", ("rate", "nper", "pv")),
    "ppmt": _function("ppmt", ("rate", "per", "nper", "pv")),
    "ipmt": _function("ipmt", ("rate", "per", "nper", "pv")),
    "nper": _function("nper", ("rate", "pmt", "pv")),
    "rate": _function("rate", ("nper", "pmt", "pv")),
}
