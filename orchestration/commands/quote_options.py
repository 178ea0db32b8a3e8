"""What the options of `fenqi quote` mean, read from their text; a mistake names the option and what it expects."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, get_args

import typer

from transforms.dates.business_days import parse_calendar
from transforms.dates.calendar import Frequency, MonthEnd, Roll
from transforms.dates.day_count import EQUAL_PERIODS, DayCount, parse_day_count
from transforms.loans.plan import Fee
from transforms.loans.rounding import ROUNDINGS
from transforms.policy.conventions import FIRST_PERIODS, INTEREST_ROUNDED
from warehouse.reference import load_document

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMINGS = ("upfront", "financed", "periodic", "final")
_EVERY = {"2weeks": "2 weeks"}


def decimal(option: str, text: str) -> Decimal:
    """A number."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{option} {text!r} is not a number") from None


def cents(option: str, text: str) -> int:
    """An amount in currency units with at most two decimals."""
    amount = decimal(option, text) * 100
    if amount != amount.to_integral_value():
        raise typer.BadParameter(f"{option} {text!r} has more than two decimals")
    return int(amount)


def among(option: str, text: str, known: Sequence[str]) -> str:
    """One of the words an option takes."""
    if text not in known:
        raise typer.BadParameter(f"{option} is one of {', '.join(known)}, got {text!r}")
    return text


def frequency(text: str) -> Frequency:
    """The rhythm of the installments."""
    try:
        return Frequency.parse(_EVERY.get(text, text))
    except ValueError as error:
        raise typer.BadParameter(f"--every: {error}") from None


def interest_basis(text: str) -> DayCount | str:
    """A day count, or equal periods."""
    if text == EQUAL_PERIODS:
        return EQUAL_PERIODS
    try:
        return parse_day_count(text)
    except ValueError as error:
        raise typer.BadParameter(f"--day-count: {error}, {EQUAL_PERIODS}") from None


def fee(text: str) -> Fee:
    """code:timing:amount[:collector], the amount in currency units or as a percentage of what is lent."""
    parts = text.split(":")
    if len(parts) not in {3, 4} or parts[1] not in TIMINGS:
        raise typer.BadParameter(
            f"--fee {text!r}: expected code:timing:amount[:collector], timing {', '.join(TIMINGS)}"
        )
    code, timing, value, *collector = parts
    taken_by: dict[str, Any] = {"collector": collector[0]} if collector else {}
    if value.endswith("%"):
        share = {"rate_ppm": int(decimal("--fee", value[:-1]) * 10_000)}
        return Fee(code, timing, **share, **taken_by)  # type: ignore[arg-type]  # a timing, checked above
    return Fee(code, timing, amount_cents=cents("--fee", value), **taken_by)  # type: ignore[arg-type]


def dated(option: str, text: str) -> tuple[date, str]:
    """DATE:VALUE."""
    day, _, value = text.partition(":")
    try:
        return date.fromisoformat(day), value
    except ValueError:
        raise typer.BadParameter(f"{option} {text!r}: expected YYYY-MM-DD:value") from None


def day_pairs(option: str, texts: Sequence[str] | None) -> tuple[tuple[date, date], ...]:
    """DUE:DAY, each a date."""
    found = []
    for text in texts or []:
        first, second = dated(option, text)
        try:
            found.append((first, date.fromisoformat(second)))
        except ValueError:
            raise typer.BadParameter(f"{option} {text!r}: expected YYYY-MM-DD:YYYY-MM-DD") from None
    return tuple(found)


def allowed_days(option: str, start: date, first_due: date | None, days: tuple[int | None, int | None]) -> None:
    """Refuse a first due date on which the product's cost cap is not held; nights before there was one name none."""
    if first_due is None or days[0] is None or days[1] is None:
        return
    if not days[0] <= (first_due - start).days <= days[1]:
        raise typer.BadParameter(
            f"{option} {first_due} is {(first_due - start).days} days after the start {start}; the product allows"
            f" {days[0]} to {days[1]}"
        )


def reckoning(first_period: str, rounded: str, day_count: str) -> dict[str, Any]:
    """How interest is reckoned, as arguments of a plan."""
    return {
        "first_period": among("--first-period", first_period, FIRST_PERIODS),
        "interest_rounded": among("--interest-rounded", rounded, INTEREST_ROUNDED),
        "interest_basis": interest_basis(day_count),
    }


def due_conventions(month_end: str, roll: str, calendar: str, start: date) -> dict[str, Any]:
    """Month end, roll and the calendar's closed and open days known at the start, as arguments of a plan."""
    among("--month-end", month_end, get_args(MonthEnd))
    among("--roll", roll, get_args(Roll))
    if roll == "none":
        return {"month_end": month_end}
    document = load_document("calendars", calendar)
    days = parse_calendar(document.body, source=document.path.name)
    return {
        "month_end": month_end,
        "roll": roll,
        "holidays": days.closed_days(start),
        "workdays": days.open_days(start),
    }


def roundings(payment: str, interest: str) -> dict[str, Any]:
    """The lender's rounding of installments and of interest."""
    return {
        "payment_rounding": among("--rounding", payment, ROUNDINGS),
        "interest_rounding": among("--interest-rounding", interest, ROUNDINGS),
    }
