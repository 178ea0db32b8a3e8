"""The kind `schedule`: Fineract's progressive loans and what happens to them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.vectors.answers import NotUnderstoodError, Outcome, Vector, cents, known_keys, number
from transforms.pricing import changes
from transforms.pricing.calendar import Frequency
from transforms.pricing.daycount import DayCount, parse_day_count
from transforms.pricing.plan import Plan
from transforms.pricing.running import Running
from transforms.pricing.schedule import build_schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from transforms.pricing.schedule import Installment, Schedule

_DAY = r"\d{4}-\d{2}-\d{2}"
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
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "twelve": 12}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}


def schedule(vector: Vector, others: Mapping[str, Vector]) -> Outcome:
    """Rows and totals to the cent."""
    inputs = _with_base(vector["inputs"], others)
    known_keys(
        inputs, "principal", "annual_rate_pct", "n", "every", "disbursed", "day_count", "down_payment", "month_end",
        "instalment_multiple_of", "installment_multiple_of", "paid", "unpaid", "interest_pause", "event", "events",
        "first_due", "first_repayment", "down_payment_pct", "rate_change", "due_date_change",
    )  # fmt: skip
    events = [event for key in ("event", "events") for event in _as_list(inputs.get(key))]
    if "disbursed" not in inputs and len(events) == 1 and "re-ag" in str(events[0]):
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


def _day_count(inputs: dict[str, Any]) -> DayCount:
    text = str(inputs.get("day_count", "30/360"))
    if re.fullmatch(r"act(ual)?/act(ual)?( fineract)?", text.lower()):
        # Fineract cuts a period that crosses the year at 31 December, ISDA at 1 January.
        return DayCount.ACT_ACT_YEAR_END
    return parse_day_count(text)


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
    return Plan(
        amount,
        Decimal(str(inputs.get("annual_rate_pct", 0))) / 100,
        int(inputs["n"]),
        date.fromisoformat(inputs["disbursed"]),
        frequency=Frequency.parse(inputs.get("every", "1 month")),
        first_due_on=date.fromisoformat(first) if first else None,
        interest_basis=_day_count(inputs),
        payment_basis="least_residual",
        payment_rounding="half_even",
        interest_rounding="half_even",
        payment_unit_cents=cents(multiple) if multiple else 1,
        down_payment_cents=down,
        month_end="last_day" if month_end == "LAST_DAY_OF_MONTH" else "first_of_next",
    )


def _loan(inputs: dict[str, Any], events: list[Any]) -> Schedule:
    plan = _plan(inputs)
    before = build_schedule(plan)
    _paid_on_schedule(inputs, before)
    running = Running.of(plan, before)
    if "interest_pause" in inputs:
        pauses = inputs["interest_pause"]
        for first, last in pauses if isinstance(pauses[0], list) else [pauses]:
            running = changes.pause_interest(running, date.fromisoformat(first), date.fromisoformat(last))
    if "rate_change" in inputs:
        first, percent = inputs["rate_change"]
        running = changes.change_rate(running, date.fromisoformat(first), Decimal(str(percent)) / 100)
    if "due_date_change" in inputs:
        old, new = inputs["due_date_change"]
        running = changes.change_due_date(running, date.fromisoformat(old), date.fromisoformat(new))
    for event in events:
        running = _apply(running, str(event), inputs)
    return running.schedule()


def _paid_on_schedule(inputs: dict[str, Any], before: Schedule) -> None:
    """Payments on their due date change nothing; any other would, and is not understood here."""
    due = {row.due_on: row.payment_cents for row in before.rows}
    for day, amount in inputs.get("paid", []):
        if due.get(date.fromisoformat(day)) != cents(amount):
            raise NotUnderstoodError(f"payment of {amount} on {day} is not the installment due that day")


def _paid_days(inputs: dict[str, Any]) -> set[date]:
    return {date.fromisoformat(day) for day, _ in inputs.get("paid", [])}


def _unpaid(running: Running, text: str, inputs: dict[str, Any]) -> set[date]:
    """Installments said to be unpaid by their ordinal; otherwise all that no payment is given for."""
    said = re.findall(r"(\d+)(?:st|nd|rd|th)|\b(" + "|".join(_ORDINALS) + r")\b", text)
    rows = running.schedule().rows
    if said and "unpaid" in text:
        positions = [int(digits) if digits else _ORDINALS[word] for digits, word in said]
        return {rows[position - 1].due_on for position in positions}
    return {row.due_on for row in rows if row.installment_no} - _paid_days(inputs)


def _apply(running: Running, event: str, inputs: dict[str, Any]) -> Running:
    """One event in words; every pattern takes the whole sentence in, an unknown one is refused."""
    text = " ".join(event.lower().replace("→", "->").replace("–", "-").split())
    for pattern, act in _EVENTS:
        found = re.fullmatch(pattern, text)
        if found is not None:
            return act(running, found, text, inputs)
    raise NotUnderstoodError(f"event {event!r} is not understood")


def _rate_event(running: Running, found: re.Match[str], text: str, inputs: dict[str, Any]) -> Running:
    old, new, day, rest = found["old"], found["new"], found["day"], found["rest"] or ""
    if old is not None and Decimal(old) != Decimal(str(inputs.get("annual_rate_pct", 0))):
        raise NotUnderstoodError(f"event {text!r} starts from another rate than the loan's")
    keeps = re.search(r"(?:emi|instal+ments?|payments?) (?:is |are )?(?:kept|unchanged|fixed)", rest) is not None
    again = (
        re.search(r"(?:emi|instal+ments?|payments?) (?:is |are )?(?:re-?comput|re-?calculat|adjust)", rest) is not None
    )
    if rest and not (keeps or again):
        raise NotUnderstoodError(f"event {text!r}: {rest!r} is not understood")
    return changes.change_rate(running, date.fromisoformat(day), Decimal(new) / 100, recompute=not keeps)


def _pause_event(running: Running, found: re.Match[str], text: str, inputs: dict[str, Any]) -> Running:
    del text, inputs
    return changes.pause_interest(running, date.fromisoformat(found["first"]), date.fromisoformat(found["last"]))


def _due_event(running: Running, found: re.Match[str], text: str, inputs: dict[str, Any]) -> Running:
    del text, inputs
    return changes.change_due_date(running, date.fromisoformat(found["old"]), date.fromisoformat(found["new"]))


def _amortise_event(running: Running, found: re.Match[str], text: str, inputs: dict[str, Any]) -> Running:
    return changes.re_amortise(running, date.fromisoformat(found["day"]), unpaid=_unpaid(running, text, inputs))


def _age_event(running: Running, found: re.Match[str], text: str, inputs: dict[str, Any]) -> Running:
    on, count, frequency, first = _age_terms(found)
    return changes.re_age(running, on, count, frequency, first, unpaid=_unpaid(running, text, inputs))


def _age_terms(found: re.Match[str]) -> tuple[date, int, Frequency, date]:
    count = _WORDS.get(found["count"]) or int(found["count"])
    frequency = Frequency.parse(found["often"] or found["every"] or "monthly")
    on = date.fromisoformat(found["day"])
    return on, count, frequency, date.fromisoformat(found["first"]) if found["first"] else on


_RE_AGE = (
    rf"re-?ag(?:e|ed|ing)(?: on)? (?P<day>{_DAY})(?: in)?to (?P<count>\d+|[a-z]+)"
    r"(?: (?P<often>(?:bi-?|semi-?)?(?:monthly|weekly|annual\w*)|quarterly|daily|fortnightly|yearly))?"
    r"(?: (?:equal )?(?:instal+ments?|payments?))?(?: (?P<every>every (?:\d+ )?[a-z]+))?"
    rf",?(?: (?:start|beginn?|first due)(?:ing|s)?(?: on| from)? (?P<first>{_DAY}))?(?: \([^)]*unpaid[^)]*\))?"
)
_RATE = (
    r"(?:interest )?rate(?: change[sd]?)?(?: from| to)? ?(?:(?P<old>[\d.]+) ?%? ?(?:->|to) ?)?(?P<new>[\d.]+) ?%"
    rf"(?: effective)?(?: from| on| as of) (?P<day>{_DAY})[,;]?(?: ?(?P<rest>.+))?"
)
_PAUSE = (
    rf"(?:interest )?paused?(?: interest)?(?: from| between)? ?(?P<first>{_DAY}) ?(?:to|until|->|-|\.\.|and) ?"
    rf"(?P<last>{_DAY})"
)
_DUE = (
    r"(?:reschedule|due[- ]date(?: changed?)?|(?:instal+ment )?due|first due date)(?: moved)?[: ]+(?:from )?"
    rf"(?P<old>{_DAY}) ?(?:->|to|moved to) ?(?P<new>{_DAY})(?:,? (?:emi|instal+ments?) kept)?"
)
_RE_AMORTISE = rf"re-?amorti[sz](?:e|ed|ation)(?: on)? (?P<day>{_DAY})(?: \([^)]*unpaid[^)]*\))?"
_EVENTS: list[tuple[str, Callable[[Running, re.Match[str], str, dict[str, Any]], Running]]] = [
    (_RATE, _rate_event),
    (_PAUSE, _pause_event),
    (_DUE, _due_event),
    (_RE_AMORTISE, _amortise_event),
    (_RE_AGE, _age_event),
]


def _aged_only(inputs: dict[str, Any], event: str) -> Schedule:
    """A re-age of which only the outstanding is known: a new plan over it, from the day of the re-age."""
    found = re.fullmatch(_RE_AGE, " ".join(event.lower().split()))
    if found is None:
        raise NotUnderstoodError(f"event {event!r} is not understood")
    on, count, frequency, first = _age_terms(found)
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
