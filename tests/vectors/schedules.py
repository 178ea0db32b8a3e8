"""The kind `schedule`: Fineract's progressive loans and what happens to them, run through the product's engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.vectors.answers import NotUnderstoodError, Outcome, Vector, cents, number
from tests.vectors.commands import Draw, ReAge
from tests.vectors.keys import as_list, canonical, day_of, percent, plain_key
from tests.vectors.ledger import Ledger
from tests.vectors.loan_terms import NAMES, RATE, plan_of, what_happens
from tests.vectors.published import published_vectors
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from transforms.loans.schedule import Installment, Schedule

#: What happens adds up over a base and its change; everything else is said anew by the change.
_ADDED = ("paid", "interest_pause", "event", "events", "rate_change", "due_date_change", "disbursements", "chargeback")


def schedule(vector: Vector, others: Mapping[str, Vector]) -> Outcome:
    """Rows and totals to the cent."""
    inputs = _with_base(vector["inputs"], others, ())
    commands = sorted(what_happens(inputs), key=lambda command: (command.on, command.rank))
    if "disbursed" not in inputs and len(commands) == 1 and isinstance(commands[0], ReAge):
        result = _aged_only(inputs, commands[0])
    else:
        if "disbursed" not in inputs:
            raise NotUnderstoodError("the day of disbursement is not given")
        plan = plan_of(inputs)
        ledger = Ledger(
            Running.of(plan, build_schedule(plan)),
            _ahead(inputs),
            down_payment=plan.down_payment_cents,
            interest_first=_interest_first(inputs),
        )
        for command in commands:
            command.run(ledger)
        result = ledger.running.schedule()
    drawn = {command.on: command.cents for command in commands if isinstance(command, Draw)}
    return _compare(result, vector["expected"], drawn)


def _with_base(inputs: Mapping[str, Any], others: Mapping[str, Vector], seen: tuple[str, ...]) -> dict[str, Any]:
    """Inputs under their names, laid over those of the loan they are a change of, and that over its own."""
    own = canonical(inputs, NAMES)
    if RATE[0] in own:
        own[RATE[0]] = percent(inputs, *RATE)
    base = own.pop("base", None)
    if base is None:
        return own
    if isinstance(base, dict):
        laid = _with_base(base, others, seen)
    else:
        name = str(base)
        if name in seen:
            raise NotUnderstoodError(f"base {name!r} is a change of itself")
        laid = _with_base(_find(name, others)["inputs"], others, (*seen, name))
    for key, value in own.items():
        laid[key] = _both(laid[key], value) if key in _ADDED and key in laid else value
    return laid


def _find(name: str, others: Mapping[str, Vector]) -> Vector:
    """A vector by its id, or by how it ends; of the same file, otherwise of the published ones."""
    for vectors in (others, published_vectors()):
        found = [v for key, v in vectors.items() if key == name] or [
            v for key, v in vectors.items() if key.endswith((f"_{name}", f".{name}"))
        ]
        if found:
            return found[0]
    raise NotUnderstoodError(f"base {name!r} is not a vector of this file")


def _both(before: Any, after: Any) -> list[Any]:
    """What happens to the base, then what the change adds; a pair is one of the list."""
    joined: list[Any] = []
    for value in (before, after):
        one = isinstance(value, list) and value and not isinstance(value[0], list | dict) and len(value) == 2
        events = isinstance(value, list) and value and all(isinstance(item, str) and " " in item for item in value)
        for item in [value] if one and not events else as_list(value):
            joined += [item] if item not in joined else []
    return joined


def _ahead(inputs: Mapping[str, Any]) -> Any:
    said = str(inputs.get("future_allocation", "next")).lower()
    found = next((way for way in ("next", "last") if way in said), None)
    if found is None:
        raise NotUnderstoodError(f"future allocation {said!r}")
    return found


def _interest_first(inputs: Mapping[str, Any]) -> bool:
    """Whether an installment's interest is paid before its principal, where the order is told."""
    said = inputs.get("allocation", "principal, interest")
    told = " ".join(map(str, as_list(said))).lower()
    places = [told.find(word) for word in ("interest", "principal")]
    if min(places) < 0:
        raise NotUnderstoodError(f"allocation {said!r}")
    return places[0] < places[1]


def _aged_only(inputs: Mapping[str, Any], aged: ReAge) -> Schedule:
    """A re-age of which only the outstanding is known: a new plan over it, from the day of the re-age."""
    outstanding = inputs.get("unpaid", inputs.get("principal"))
    plan = plan_of(
        {**inputs, "principal": outstanding},
        installments=aged.count,
        start_on=aged.on,
        frequency=aged.frequency,
        first_due_on=aged.first,
    )
    return build_schedule(plan)


_COLUMNS: dict[str, Callable[[Installment], object]] = {
    "date": lambda row: row.due_on.isoformat(),
    "due_date": lambda row: row.due_on.isoformat(),
    "balance": lambda row: row.balance_cents,
    "balance_of_loan": lambda row: row.balance_cents,
    "outstanding": lambda row: row.balance_cents,
    "principal": lambda row: row.principal_cents,
    "principal_due": lambda row: row.principal_cents,
    "interest": lambda row: row.interest_cents,
    "due": lambda row: row.payment_cents,
    "total": lambda row: row.payment_cents,
    "payment": lambda row: row.payment_cents,
    "installment": lambda row: row.payment_cents,
    "fees": lambda row: row.fee_cents,
    "fee": lambda row: row.fee_cents,
    "penalties": lambda _: 0,
    "nr": lambda row: row.installment_no,
    "no": lambda row: row.installment_no,
}
_DATES, _PLACES = {"date", "due_date"}, {"nr", "no"}


def _table(expected: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Names and rows, given as a table, as an object a row, or as the due dates alone."""
    if "due_dates" in expected:
        return ["date"], [[day] for day in expected["due_dates"]]
    rows = expected.get("rows", [])
    if rows and isinstance(rows[0], dict):
        names = list(rows[0])
        return [plain_key(name) for name in names], [[row[name] for name in names] for row in rows]
    return [plain_key(str(name)) for name in expected.get("columns", [])], rows


_BALANCES = {"balance", "balance_of_loan", "outstanding"}
_TOTALS: dict[str, Callable[[Schedule], int]] = {
    "principal": lambda result: result.principal_cents,
    "principal_due": lambda result: result.principal_cents,
    "interest": lambda result: result.interest_cents,
    "total_interest": lambda result: result.interest_cents,
    "fees": lambda result: result.fee_cents,
    "due": lambda result: result.total_cents,
    "total": lambda result: result.total_cents,
    "total_due": lambda result: result.total_cents,
    "payment": lambda result: result.total_cents,
}
_FIGURES: dict[str, Callable[[Schedule], int]] = {
    "emi": lambda result: result.payment_cents,
    "installment": lambda result: result.payment_cents,
    "first_installment": lambda result: result.payment_cents,
    "last_installment": lambda result: result.last_payment_cents,
    "total_interest": lambda result: result.interest_cents,
    "total_due": lambda result: result.total_cents,
}


def _compare(result: Schedule, expected: dict[str, Any], drawn: Mapping[date, int]) -> Outcome:
    """Every row, total and figure stated, to the cent."""
    told = {plain_key(key): value for key, value in expected.items() if key not in {"note", "decimals"}}
    unread = set(told) - {"columns", "rows", "totals", "due_dates"} - set(_FIGURES)
    if unread or not told:
        raise NotUnderstoodError(f"expected {', '.join(sorted(unread)) or 'nothing'}")
    wrong = _wrong_rows(result, *_table(told), drawn) if {"rows", "due_dates"} & set(told) else []
    figures = [(f"total {name}", _TOTALS.get(plain_key(name)), value) for name, value in told.get("totals", {}).items()]
    figures += [(name, _FIGURES[name], value) for name, value in told.items() if name in _FIGURES]
    for name, figure, value in figures:
        if figure is None:
            raise NotUnderstoodError(name)
        if figure(result) != cents(number(value, name)):
            wrong.append(f"{name} {figure(result) / 100:.2f} for {value}")
    summary = ", ".join(
        f"{len(value)} {key}" if isinstance(value, list) else f"{key} {value}"
        for key, value in told.items()
        if key != "columns"
    )
    return Outcome(summary, "; ".join(wrong) if wrong else "the same to the cent", not wrong)


def _wrong_rows(result: Schedule, names: list[str], rows: list[list[Any]], drawn: Mapping[date, int]) -> list[str]:
    """What differs in the rows; the balance of a day on which more is drawn may be told before it or with it."""
    unknown = [name for name in names if name not in _COLUMNS]
    if len(_BALANCES & set(names)) > 1:
        # Beside a balance, what is outstanding is that of the installment.
        unknown.append("outstanding")
    if unknown:
        raise NotUnderstoodError(f"column {', '.join(unknown)}")
    wrong = [] if len(rows) == len(result.rows) else [f"{len(result.rows)} rows for {len(rows)}"]
    for place, (row, wanted) in enumerate(zip(result.rows, rows, strict=False), start=1):
        before = row.balance_cents - drawn.get(row.due_on, 0)
        for name, value in zip(names, wanted, strict=True):
            got = _COLUMNS[name](row)
            if name in _DATES:
                same, shown = got == day_of(value).isoformat(), got
            elif name in _PLACES:
                same, shown = got == value, got
            else:
                target = cents(number(value, name))
                same, shown = got == target or (name in _BALANCES and target == before), f"{int(str(got)) / 100:.2f}"
            if not same:
                wrong.append(f"row {place} {name} {shown} for {value}")
    return wrong
