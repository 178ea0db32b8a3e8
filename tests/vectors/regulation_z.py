"""The American kinds: the actuarial rate of advances and payments, in runs, with dates or in unit-periods."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.vectors.answers import NotUnderstoodError, Outcome, Vector, number, percent_outcome
from tests.vectors.keys import canonical, plain_key
from tests.vectors.series import amounts, is_series
from transforms.dates.calendar import Frequency, add_months
from transforms.pricing.annual_cost import UnitFlow, actuarial_apr, single_payment_apr, unit_periods

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
_NAMES = {
    "amount_advanced": ("advance", "amount", "loan_amount", "amount_financed", "principal"),
    "advances": ("advance_schedule", "drawdowns", "disbursements"),
    "advance_date": ("start", "start_date", "advanced_on", "date_of_advance", "advance_on", "term_begins"),
    "payments": ("payment_schedule", "payment_stream", "streams", "installments"),
    "unit_periods_per_year": ("periods_per_year", "payments_per_year"),
    "unit_period": ("unit", "every", "frequency", "payment_frequency"),
    "first_payment": ("odd_first_period", "first_period", "first_interval"),
    "first_payment_date": ("first_due", "first_due_on", "first_payment_on", "first_due_date"),
    "t": (),
    "f": (),
    "odd_days": (),
}
_SINGLE_NAMES = {
    "amount_advanced": _NAMES["amount_advanced"],
    "advance_date": _NAMES["advance_date"],
    "payment": ("amount_paid", "single_payment", "repayment", "total_payment"),
    "payment_date": ("due_date", "paid_on", "maturity", "maturity_date"),
    "days": ("term_days",),
    "months": ("term_months",),
    "years": ("term_years",),
    "t": (),
    "f": (),
    "unit_periods_per_year": (),
    "unit_period": (),
    "first_payment": (),
}
_ANY_DAY = date(2001, 1, 3)
_Offset = dict[str, Any]


def _unit(inputs: dict[str, Any]) -> tuple[Frequency, int]:
    if "unit_periods_per_year" in inputs:
        per_year = int(number(inputs["unit_periods_per_year"]))
    elif "unit_period" in inputs:
        unit = Frequency.parse(str(inputs["unit_period"]))
        per_year = next((n for n, known in _UNITS.items() if known == unit), 0)
    else:
        raise NotUnderstoodError("the unit-period is not given")
    if per_year not in _UNITS:
        raise NotUnderstoodError(f"{inputs} is no unit-period")
    return _UNITS[per_year], per_year


def _offset(said: Any) -> _Offset | None:
    """What is said of when: as t and f, or as a date."""
    if said is None:
        return None
    if isinstance(said, str):
        return {"date": said}
    if isinstance(said, int | float):
        return {"t": said}
    names = {"whole": "t", "unit_periods": "t", "fraction": "f", "odd": "f", "on": "date", "at": "t"}
    found = {names.get(plain_key(key), plain_key(key)): value for key, value in said.items()}
    if set(found) - {"t", "f", "date"} or not set(found) & {"t", "date"}:
        raise NotUnderstoodError(f"{said} has neither t and f nor a date")
    return found


def _flow(amount: float, offset: _Offset | None, start: date, unit: Frequency, steps: int) -> UnitFlow:
    """An amount `steps` unit-periods after the offset, which gives t and f or a date to count them from."""
    if offset is None:
        return UnitFlow(amount, steps)
    if "t" in offset:
        t, f = int(offset["t"]), Fraction(str(offset.get("f", "0")).replace(" ", ""))
    else:
        t, f = unit_periods(start, date.fromisoformat(offset["date"]), unit)
    return UnitFlow(amount, t + steps, f)


def _is_day(value: object) -> bool:
    return isinstance(value, str) and value[4:5] == "-"


def _run(item: Any) -> tuple[float, int, _Offset | None]:
    """Amount, count and, where it does not follow what is before, its own place."""
    if isinstance(item, dict):
        plain = {plain_key(key): value for key, value in item.items()}
        own = {key: value for key, value in plain.items() if key not in {"amount", "payment", "count", "n", "times"}}
        count = plain.get("count", plain.get("n", plain.get("times", 1)))
        return number(plain.get("amount", plain.get("payment"))), int(count), _offset(own or None)
    if not isinstance(item, list):
        return number(item), 1, None
    if _is_day(item[0]):
        day, amount = item
        return number(amount), 1, {"date": day}
    amount, count, *begin = item
    if _is_day(count):
        return number(amount), 1, {"date": count}
    if len(begin) < 2:
        return number(amount), int(count), _offset(begin[0]) if begin else None
    return number(amount), int(count), {"t": int(begin[0]), "f": begin[1]}


def _payments(inputs: dict[str, Any], start: date, unit: Frequency) -> list[UnitFlow]:
    first = _offset(inputs.get("first_payment", inputs.get("first_payment_date")))
    if first is None:
        odd = Fraction(int(inputs.get("odd_days", 0)), {"week": 7, "month": 30, "semimonth": 15}.get(unit.unit, 1))
        first = {"t": inputs.get("t", 1), "f": inputs.get("f", odd / unit.every)}
    said = inputs["payments"]
    if isinstance(said, str) or is_series(said):
        said = [[amount, 1] for amount in amounts(said)]
    elif isinstance(said, dict):
        said = [said]
    payments, at = [], 0
    for item in said:
        amount, count, own = _run(item)
        steps = 0 if own else at
        payments += [_flow(amount, own or first, start, unit, steps + k) for k in range(count)]
        at += count
    return payments


def _advances(inputs: dict[str, Any], start: date, unit: Frequency) -> list[UnitFlow]:
    if "advances" not in inputs:
        return [UnitFlow(number(inputs["amount_advanced"]), 0)]
    if isinstance(inputs["advances"], str) or is_series(inputs["advances"]):
        return [UnitFlow(amount, k) for k, amount in enumerate(amounts(inputs["advances"]))]
    return [_advance(item, start, unit) for item in inputs["advances"]]


def _advance(item: Any, start: date, unit: Frequency) -> UnitFlow:
    """An advance as an object, or as amount and date, amount and unit-periods, or amount, unit-periods and fraction."""
    if isinstance(item, list) and not _is_day(item[0]) and not _is_day(item[1]):
        amount, t, *f = item
        return _flow(number(amount), {"t": t, "f": f[0] if f else "0"}, start, unit, 0)
    amount, count, own = _run(item)
    if count != 1:
        raise NotUnderstoodError(f"advance {item} comes {count} times")
    return _flow(amount, own, start, unit, 0)


def _start(inputs: dict[str, Any]) -> date:
    """The day the term begins: as said, or the first dated advance."""
    if "advance_date" in inputs:
        return date.fromisoformat(inputs["advance_date"])
    said = inputs.get("advances", [])
    dated = [value for item in said if isinstance(item, dict | list) for value in _values(item) if _is_day(value)]
    if isinstance(said, str) or not dated:
        return _ANY_DAY
    return min(date.fromisoformat(day) for day in dated)


def _values(item: dict[str, Any] | list[Any]) -> list[Any]:
    return list(item.values()) if isinstance(item, dict) else item


def apr_us_actuarial(vector: Vector) -> Outcome:
    """Regulation Z, one advance or several, payments in runs of equal ones."""
    inputs = canonical(vector["inputs"], _NAMES)
    unit, per_year = _unit(inputs)
    start = _start(inputs)
    rate = actuarial_apr(_advances(inputs, start, unit), _payments(inputs, start, unit), per_year)
    return percent_outcome(rate, vector["expected"], "apr")


def apr_us_actuarial_single(vector: Vector) -> Outcome:
    """Regulation Z, one advance and one payment, by their dates or by the days, months or years between them."""
    inputs = canonical(vector["inputs"], _SINGLE_NAMES)
    start = date.fromisoformat(inputs.get("advance_date", _ANY_DAY.isoformat()))
    if "payment_date" in inputs:
        end = date.fromisoformat(inputs["payment_date"])
    elif "days" in inputs:
        end = start + timedelta(days=int(inputs["days"]))
    elif "months" in inputs or "years" in inputs:
        end = add_months(start, int(inputs.get("months", 0)) + 12 * int(inputs.get("years", 0)))
    else:
        raise NotUnderstoodError("neither a payment date nor a term is given")
    if "days" in inputs and (end - start).days != int(inputs["days"]):
        raise NotUnderstoodError(f"{inputs['days']} days stated, {(end - start).days} between the dates")
    rate = single_payment_apr(number(inputs["amount_advanced"]), start, number(inputs["payment"]), end)
    return percent_outcome(rate, vector["expected"], "apr")
