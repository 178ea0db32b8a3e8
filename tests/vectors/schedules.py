"""The kind `schedule`: Fineract's progressive loans and what happens to them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.vectors.answers import NotUnderstoodError, Outcome, Vector, cents, known_keys, number
from tests.vectors.events import after, is_re_age, re_age_terms
from transforms.loans import changes
from transforms.loans.calendar import Frequency
from transforms.loans.day_count import DayCount, parse_day_count
from transforms.loans.plan import Fee, Plan, RepayMethod
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from transforms.loans.plan import FeeTiming
    from transforms.loans.schedule import Installment, Schedule

_KEYS = (
    "principal", "annual_rate_pct", "n", "every", "disbursed", "day_count", "down_payment", "down_payment_pct",
    "month_end", "instalment_multiple_of", "installment_multiple_of", "paid", "unpaid", "interest_pause", "event",
    "events", "first_due", "first_repayment", "rate_change", "due_date_change", "disbursements", "amortization",
    "method", "grace_on_principal", "balloon", "upfront_fee", "disbursement_fee", "installment_fee", "instalment_fee",
    "financed_fee", "rounding",
)  # fmt: skip
# The loan that Fineract's pause and rate change scenarios start from, where a file refers to it without holding it.
_BASES: dict[str, dict[str, Any]] = {
    "base_7pct": {
        "principal": 100,
        "annual_rate_pct": 7,
        "n": 6,
        "every": "1 month",
        "disbursed": "2024-01-01",
        "day_count": "30/360",
    }
}


def schedule(vector: Vector, others: Mapping[str, Vector]) -> Outcome:
    """Rows and totals to the cent."""
    inputs = _with_base(vector["inputs"], others)
    known_keys(inputs, *_KEYS)
    events = [event for key in ("event", "events") for event in _as_list(inputs.get(key))]
    if "disbursed" not in inputs and len(events) == 1 and is_re_age(str(events[0])):
        result = _aged_only(inputs, str(events[0]))
    else:
        result = _loan(inputs, events)
    return _compare(result, vector["expected"])


def _with_base(inputs: dict[str, Any], others: Mapping[str, Vector]) -> dict[str, Any]:
    if "base" not in inputs:
        return inputs
    name = str(inputs["base"])
    found = [v["inputs"] for key, v in others.items() if key == name or key.endswith(f"_{name}")]
    base = found[0] if found else _BASES.get(name)
    if base is None:
        raise NotUnderstoodError(f"base {name!r} is not a vector of this file")
    return {**_with_base(base, others), **{key: value for key, value in inputs.items() if key != "base"}}


def _as_list(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _pairs(value: Any, first: tuple[str, ...], second: tuple[str, ...]) -> list[tuple[Any, Any]]:
    """(first, second) of one pair, a list of pairs, or objects with one of the names of each."""
    if value is None:
        return []
    items = [value] if isinstance(value, dict) or not isinstance(value[0], list | dict) else value
    pairs = []
    for item in items:
        if isinstance(item, dict):
            a, b = ([key for key in names if key in item] for names in (first, second))
            if len(a) != 1 or len(b) != 1 or len(item) != 2:
                raise NotUnderstoodError(f"{item} is not a pair of {first[0]} and {second[0]}")
            pairs.append((item[a[0]], item[b[0]]))
        else:
            pairs.append((item[0], item[1]))
    return pairs


def _day_count(inputs: dict[str, Any]) -> DayCount:
    text = str(inputs.get("day_count", "30/360")).lower().replace("actual", "act")
    if re.fullmatch(r"act/act( fineract)?", text):
        # Fineract cuts a period that crosses the year at 31 December, ISDA at 1 January.
        return DayCount.ACT_ACT_YEAR_END
    if (year_first := re.fullmatch(r"(\d{3})/(act|30)", text)) is not None:
        text = f"{year_first[2]}/{year_first[1]}"
    return parse_day_count(text)


def _method(inputs: dict[str, Any]) -> dict[str, Any]:
    """Method and its figures as arguments of a plan."""
    named = str(inputs.get("amortization", inputs.get("method", "EQUAL_INSTALLMENTS"))).upper().replace(" ", "_")
    grace = int(inputs.get("grace_on_principal", 0))
    if named in {"EQUAL_PRINCIPAL", "EQ_PRIN"} and not grace:
        return {"method": RepayMethod.EQ_PRIN}
    if named not in {"EQUAL_INSTALLMENTS", "EQUAL_INSTALMENTS", "ANNUITY"}:
        raise NotUnderstoodError(f"amortization {named}")
    if grace:
        return {"method": RepayMethod.INT_FIRST, "interest_only": grace}
    if "balloon" in inputs:
        return {"method": RepayMethod.BALLOON, "balloon_cents": cents(inputs["balloon"])}
    return {}


def _fees(inputs: dict[str, Any]) -> tuple[Fee, ...]:
    timings: dict[str, FeeTiming] = {
        "upfront_fee": "upfront",
        "disbursement_fee": "upfront",
        "installment_fee": "periodic",
        "instalment_fee": "periodic",
        "financed_fee": "financed",
    }
    return tuple(
        Fee(key, timing, amount_cents=cents(inputs[key])) for key, timing in timings.items() if inputs.get(key)
    )


def _plan(inputs: dict[str, Any]) -> Plan:
    amount = cents(inputs["principal"])
    down = cents(inputs.get("down_payment", 0))
    if "down_payment_pct" in inputs:
        down = round(amount * number(inputs["down_payment_pct"]) / 100)
    multiple = inputs.get("instalment_multiple_of", inputs.get("installment_multiple_of"))
    month_end = str(inputs.get("month_end", "LAST_DAY_OF_MONTH"))
    if month_end not in {"LAST_DAY_OF_MONTH", "FIRST_DAY_OF_NEXT_MONTH"}:
        raise NotUnderstoodError(f"month end strategy {month_end!r}")
    first = inputs.get("first_due", inputs.get("first_repayment"))
    rounding = str(inputs.get("rounding", "half_even")).lower()
    return Plan(
        amount,
        Decimal(str(inputs.get("annual_rate_pct", 0))) / 100,
        int(inputs["n"]),
        date.fromisoformat(inputs["disbursed"]),
        frequency=Frequency.parse(inputs.get("every", "1 month")),
        first_due_on=date.fromisoformat(first) if first else None,
        interest_basis=_day_count(inputs),
        payment_basis="least_residual",
        payment_rounding=rounding,  # type: ignore[arg-type]  # checked by Plan
        interest_rounding=rounding,  # type: ignore[arg-type]
        payment_unit_cents=cents(multiple) if multiple else 1,
        down_payment_cents=down,
        fees=_fees(inputs),
        month_end="last_day" if month_end == "LAST_DAY_OF_MONTH" else "first_of_next",
        **_method(inputs),
    )


def _loan(inputs: dict[str, Any], events: list[Any]) -> Schedule:
    plan = _plan(inputs)
    running = Running.of(plan, build_schedule(plan))
    for day, amount in _pairs(inputs.get("disbursements"), ("date", "on"), ("amount",)):
        running = changes.draw_more(running, date.fromisoformat(day), cents(amount))
    running = _paid(inputs, running)
    for first, last in _pairs(inputs.get("interest_pause"), ("from", "start", "first"), ("to", "end", "last")):
        running = changes.pause_interest(running, date.fromisoformat(first), date.fromisoformat(last))
    for first, percent in _pairs(inputs.get("rate_change"), ("from", "date", "on"), ("annual_rate_pct", "rate_pct")):
        running = changes.change_rate(running, date.fromisoformat(first), Decimal(str(percent)) / 100)
    for old, new in _pairs(inputs.get("due_date_change"), ("from", "old"), ("to", "new")):
        running = changes.change_due_date(running, date.fromisoformat(old), date.fromisoformat(new))
    for event in events:
        running = after(running, str(event), inputs)
    return running.schedule()


def _paid(inputs: dict[str, Any], running: Running) -> Running:
    """Whole installments in their order, on time, early or late; any other payment is not understood here."""
    rows = [row for row in running.schedule().rows if row.payment_cents]
    for place, (day, amount) in enumerate(_pairs(inputs.get("paid"), ("date", "on"), ("amount",))):
        on = date.fromisoformat(day)
        at = next((k for k, row in enumerate(rows) if row.due_on == on), place)
        row = rows[at] if at < len(rows) else None
        if row is None or row.payment_cents != cents(amount):
            raise NotUnderstoodError(f"payment of {amount} on {day} is not the installment due")
        if row.due_on != on:
            running = changes.paid(running, row.due_on, on)
    return running


def _aged_only(inputs: dict[str, Any], event: str) -> Schedule:
    """A re-age of which only the outstanding is known: a new plan over it, from the day of the re-age."""
    on, count, frequency, first = re_age_terms(event)
    outstanding = inputs.get("unpaid", inputs["principal"])
    plan = Plan(
        cents(outstanding),
        Decimal(str(inputs.get("annual_rate_pct", 0))) / 100,
        count,
        on,
        frequency=frequency,
        first_due_on=first,
        interest_basis=_day_count(inputs),
        payment_basis="least_residual",
        payment_rounding="half_even",
        interest_rounding="half_even",
    )
    return build_schedule(plan)


_COLUMNS: dict[str, Callable[[Installment], object]] = {
    "date": lambda row: row.due_on.isoformat(),
    "balance": lambda row: row.balance_cents,
    "principal": lambda row: row.principal_cents,
    "interest": lambda row: row.interest_cents,
    "due": lambda row: row.payment_cents,
    "payment": lambda row: row.payment_cents,
    "fees": lambda row: row.fee_cents,
    "fee": lambda row: row.fee_cents,
    "nr": lambda row: row.installment_no,
}


def _compare(result: Schedule, expected: dict[str, Any]) -> Outcome:
    names, rows = expected["columns"], expected["rows"]
    unknown = [name for name in names if name not in _COLUMNS]
    if unknown:
        raise NotUnderstoodError(f"column {', '.join(unknown)}")
    wrong = []
    if len(rows) != len(result.rows):
        wrong.append(f"{len(result.rows)} rows for {len(rows)}")
    for number_, (row, wanted) in enumerate(zip(result.rows, rows, strict=False), start=1):
        for name, value in zip(names, wanted, strict=True):
            got = _COLUMNS[name](row)
            target = value if name in {"date", "nr"} else cents(value)
            if got != target:
                shown = got if name in {"date", "nr"} else f"{int(str(got)) / 100:.2f}"
                wrong.append(f"row {number_} {name} {shown} for {value}")
    totals = {"principal": result.principal_cents, "interest": result.interest_cents, "due": result.total_cents}
    totals |= {"fees": result.fee_cents, "payment": result.total_cents}
    for name, value in expected.get("totals", {}).items():
        if name not in totals or totals[name] != cents(value):
            wrong.append(f"total {name} {totals.get(name, 0) / 100:.2f} for {value}")
    summary = f"{len(rows)} rows, totals {expected.get('totals', {})}"
    return Outcome(summary, "; ".join(wrong) if wrong else "the same to the cent", not wrong)
