"""The kind `schedule`: Fineract's progressive loans and what happens to them, run through the product's engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.vectors.answers import NotUnderstoodError, Outcome, Vector, cents, number
from tests.vectors.commands import ReAge
from tests.vectors.keys import as_list, canonical, percent, plain_key
from tests.vectors.ledger import Ledger
from tests.vectors.loan_terms import NAMES, RATE, plan_of, what_happens
from tests.vectors.published import published_vectors
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
        ledger = Ledger(Running.of(plan, build_schedule(plan)), _ahead(inputs), down_payment=plan.down_payment_cents)
        for command in commands:
            command.run(ledger)
        result = ledger.running.schedule()
    return _compare(result, vector["expected"])


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
    "nr": lambda row: row.installment_no,
    "no": lambda row: row.installment_no,
}
_NOT_MONEY = {"date", "due_date", "nr", "no"}


def _table(expected: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Names and rows, given as a table or as an object a row."""
    rows = expected["rows"]
    if isinstance(rows[0], dict):
        names = list(rows[0])
        return [plain_key(name) for name in names], [[row[name] for name in names] for row in rows]
    return [plain_key(str(name)) for name in expected["columns"]], rows


def _compare(result: Schedule, expected: dict[str, Any]) -> Outcome:
    unread = set(expected) - {"columns", "rows", "totals", "note", "decimals"}
    if unread:
        raise NotUnderstoodError(f"expected {', '.join(sorted(unread))}")
    names, rows = _table(expected)
    if unknown := [name for name in names if name not in _COLUMNS]:
        raise NotUnderstoodError(f"column {', '.join(unknown)}")
    wrong = []
    if len(rows) != len(result.rows):
        wrong.append(f"{len(result.rows)} rows for {len(rows)}")
    for number_, (row, wanted) in enumerate(zip(result.rows, rows, strict=False), start=1):
        for name, value in zip(names, wanted, strict=True):
            got = _COLUMNS[name](row)
            target = value if name in _NOT_MONEY else cents(number(value, name))
            if got != target:
                shown = got if name in _NOT_MONEY else f"{int(str(got)) / 100:.2f}"
                wrong.append(f"row {number_} {name} {shown} for {value}")
    totals = {"principal": result.principal_cents, "interest": result.interest_cents, "due": result.total_cents}
    totals |= {"fees": result.fee_cents, "payment": result.total_cents, "total": result.total_cents}
    for name, value in expected.get("totals", {}).items():
        if plain_key(name) not in totals or totals[plain_key(name)] != cents(number(value, name)):
            wrong.append(f"total {name} {totals.get(plain_key(name), 0) / 100:.2f} for {value}")
    summary = f"{len(rows)} rows, totals {expected.get('totals', {})}"
    return Outcome(summary, "; ".join(wrong) if wrong else "the same to the cent", not wrong)
