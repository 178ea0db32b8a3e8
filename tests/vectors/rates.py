"""Kinds about rates: the European rate and the spreadsheets' functions."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.vectors import textbook
from tests.vectors.answers import NotUnderstoodError, Outcome, Vector, compare_named, number, percent_outcome
from tests.vectors.keys import canonical, pairs
from tests.vectors.series import amounts
from tests.vectors.streams import SERIES, drawdown_flows, payment_flows
from transforms.dates.day_count import DayCount, parse_day_count
from transforms.pricing.annual_cost import aprc
from transforms.pricing.roots import NoRateError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_EU = {
    "drawdown": ("drawdowns", "amount", "loan_amount", "credit", "principal", "amount_of_credit", "advances"),
    "drawdown_date": ("start", "start_date", "drawn_on", "drawdown_on"),
    "upfront_cost": (
        "upfront_costs",
        "upfront_fee",
        "initial_cost",
        "initial_costs",
        "costs",
        "fee",
        "arrangement_fee",
    ),
    "streams": ("stream", "payments", "repayments", "installments"),
    "every": ("frequency", "payment_frequency"),
    "odd_days": (),
    "nominal_pct": ("borrowing_rate_pct", "nominal_rate_pct"),
    **SERIES,
}


def aprc_eu(vector: Vector, others: Mapping[str, Vector]) -> Outcome:
    """The European effective rate of streams of payments."""
    inputs = canonical(vector["inputs"], _EU)
    costs = inputs.get("upfront_cost", 0)
    upfront = sum(number(cost) for cost in costs) if isinstance(costs, list) else number(costs)
    drawn, paid = drawdown_flows(inputs), payment_flows(inputs, others)
    return percent_outcome(aprc(drawn, [(0.0, upfront), *paid]), vector["expected"], "aprc")


_FLOWS = ("cash_flows", "cashflows", "values", "flows", "payments")
_DATED = {
    "dates": ("days",),
    "amounts": _FLOWS,
    "day_count": ("basis", "day_count_convention"),
    "rate": ("discount_rate",),
    "guess": (),
}


def _dates_and_amounts(inputs: dict[str, Any]) -> tuple[list[date], list[float], DayCount]:
    if "dates" in inputs:
        dates, values = inputs["dates"], amounts(inputs["amounts"])
    else:
        rows = pairs(inputs["amounts"], ("date", "on", "day"), ("amount", "value", "flow"))
        dates, values = [day for day, _ in rows], [number(amount) for _, amount in rows]
    return [date.fromisoformat(day) for day in dates], values, parse_day_count(inputs.get("day_count", "actual/365F"))


def xirr(vector: Vector) -> Outcome:
    """Dated internal rate of return, and net present values at a rate where they are asked for."""
    expected = vector["expected"]
    dates, values, day_count = _dates_and_amounts(canonical(vector["inputs"], _DATED))
    got: dict[str, float] = {}
    for name in expected:
        if name == "xirr":
            got[name] = _or_nan(lambda: textbook.xirr(dates, values, day_count))
        elif name.startswith("xnpv_at_"):
            rate = number(name.removeprefix("xnpv_at_").replace("pct", "%").replace("_", "."))
            got[name] = textbook.xnpv(rate, dates, values, day_count)
    return compare_named(got, expected)


def xnpv(vector: Vector) -> Outcome:
    """Net present value of dated amounts."""
    inputs = canonical(vector["inputs"], _DATED)
    value = textbook.xnpv(number(inputs["rate"]), *_dates_and_amounts(inputs))
    return compare_named({"xnpv": value}, vector["expected"])


_SERIES = ("first", "then", "rest", "regular", "last", "times", "count", "n", "repeat")


def _cash_flows(inputs: dict[str, Any], **others: Sequence[str]) -> tuple[list[float], dict[str, Any]]:
    """The amounts a period, listed, in runs or told, and the other inputs."""
    found = canonical(inputs, {"amounts": _FLOWS, "guess": (), **others, **dict.fromkeys(_SERIES, ())})
    series = {name: found.pop(name) for name in _SERIES if name in found}
    if ("amounts" in found) == bool(series):
        raise NotUnderstoodError(f"amounts of {sorted(inputs)}")
    return amounts(found.pop("amounts", series)), found


def irr(vector: Vector) -> Outcome:
    """Periodic internal rate of return."""
    flows, _ = _cash_flows(vector["inputs"])
    return compare_named({"irr": _or_nan(lambda: textbook.irr(flows))}, vector["expected"])


def npv(vector: Vector) -> Outcome:
    """Net present value of even amounts, the first undiscounted unless it says otherwise."""
    flows, others = _cash_flows(vector["inputs"], rate=("discount_rate",), start_from_zero=())
    rate = number(others["rate"])
    value = textbook.npv(rate, flows)
    late = not others.get("start_from_zero", True)
    return compare_named({"npv": value / (1 + rate) if late else value}, vector["expected"])


def mirr(vector: Vector) -> Outcome:
    """Modified internal rate of return."""
    names = {"finance_rate": ("finance",), "reinvest_rate": ("reinvestment_rate", "reinvest")}
    flows, others = _cash_flows(vector["inputs"], **names)
    rates = number(others["finance_rate"]), number(others["reinvest_rate"])
    return compare_named({"mirr": _or_nan(lambda: textbook.mirr(flows, *rates))}, vector["expected"])


def _or_nan(compute: Callable[[], float]) -> float:
    try:
        return compute()
    except NoRateError:
        return math.nan


_WHEN = {"0": False, "end": False, "false": False, "none": False, "1": True, "begin": True, "start": True}
_WHEN |= {"beginning": True, "true": True, "1.0": True, "0.0": False}
_ARGUMENTS = {
    "rate": ("rate_per_period", "periodic_rate", "interest_rate"),
    "per": ("period",),
    "nper": ("n", "periods", "number_of_periods", "term"),
    "pmt": ("payment",),
    "pv": ("present_value", "principal"),
    "fv": ("future_value",),
    "when": ("pmt_at_beginning", "pmt_at_begining", "begin", "type", "due"),
    "guess": (),
}


def _begin(value: object) -> bool:
    if (text := str(value).lower()) not in _WHEN:
        raise NotUnderstoodError(f"payment time {value!r}")
    return _WHEN[text]


def _function(name: str, arguments: tuple[str, ...]) -> Callable[[Vector], Outcome]:
    """A spreadsheet function over scalars or lists nested to one depth or another, which broadcast as arrays do."""
    function = getattr(textbook, name)
    columns = (*arguments, *(key for key in ("fv", "pv") if key != name and key not in arguments))
    names = {key: _ARGUMENTS[key] for key in (*columns, "when", "guess")}

    def check(vector: Vector) -> Outcome:
        inputs = canonical(vector["inputs"], names)
        given = [inputs[key] if key in arguments else inputs.get(key, 0) for key in columns]
        arrays = np.broadcast_arrays(*(np.array(item, dtype=object) for item in (*given, inputs.get("when", "end"))))
        values = np.empty(arrays[0].shape, dtype=np.float64)
        for at in np.ndindex(values.shape):
            *figures, begin = (array[at] for array in arrays)
            values[at] = _or_nan(lambda f=figures, b=begin: function(*map(number, f), begin=_begin(b)))
        return compare_named({name: values.tolist()}, vector["expected"])

    return check


KINDS: dict[str, Callable[[Vector], Outcome]] = {
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
