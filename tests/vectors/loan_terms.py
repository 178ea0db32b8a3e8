"""The terms of a loan as sources give them, and what is said to happen to it, in the order of its days."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from tests.vectors import commands
from tests.vectors.answers import NotUnderstoodError, cents, number
from tests.vectors.events import command_of
from tests.vectors.keys import as_list, day_of, pairs, plain_key
from transforms.dates.calendar import Frequency
from transforms.dates.day_count import EQUAL_PERIODS, DayCount, parse_day_count
from transforms.loans.plan import Fee, Plan, RepayMethod

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from tests.vectors.commands import Command
    from transforms.loans.plan import FeeTiming

_RATES = (
    "rate_pct",
    "interest_rate_pct",
    "annual_interest_rate_pct",
    "nominal_rate_pct",
    "annual_rate",
    "interest_rate",
)
RATE = ("annual_rate_pct", _RATES)
#: Name of an input: its other spellings (see :func:`tests.vectors.keys.plain_key`).
NAMES: Mapping[str, tuple[str, ...]] = {
    "principal": ("amount", "loan_amount", "disbursed_amount", "principal_amount", "with_principal"),
    RATE[0]: RATE[1],
    "n": (
        "installments", "number_of_installments", "number_of_repayments", "periods", "repayments", "term",
        "no_of_installments", "terms",
    ),
    "every": ("frequency", "repayment_every", "period", "repayment_frequency"),
    "disbursed": ("disbursed_on", "disbursement_date", "start", "start_date", "disbursement_on", "drawn_on"),
    "day_count": ("day_count_convention", "days", "days_in_month_and_year"),
    "days_in_month": ("days_in_month_type",),
    "days_in_year": ("days_in_year_type",),
    "days_in_year_custom_strategy": ("days_in_year_strategy", "leap_year_strategy"),
    "down_payment": ("downpayment",),
    "down_payment_pct": ("down_payment_percent", "down_payment_percentage", "downpayment_pct"),
    "month_end": ("month_end_strategy", "month_end_due_date_strategy"),
    "installment_multiple_of": (
        "installments_multiple_of", "multiple_of", "in_multiples_of", "installment_amount_in_multiples_of",
    ),
    "paid": ("payments", "repaid", "payments_made", "transactions"),
    "future_allocation": ("in_advance", "future_installment_allocation", "future_installment_allocation_rule"),
    "allocation": ("payment_allocation", "allocation_order", "payment_order"),
    "unpaid": ("outstanding", "unpaid_installments"),
    "interest_pause": ("interest_pauses", "pause", "paused"),
    "event": ("happens", "change", "then"),
    "events": ("changes",),
    "first_due": ("first_repayment", "first_due_date", "first_repayment_on", "first_due_on", "first_repayment_date"),
    "due_day": ("due_on_day", "day_of_month"),
    "rate_change": ("rate_changes", "interest_rate_change", "interest_rate_changes"),
    "due_date_change": ("due_date_changes",),
    "disbursements": ("further_disbursements", "tranches", "second_disbursement"),
    "chargeback": ("chargebacks",),
    "prepayment": ("prepayments", "part_prepayment"),
    "extra_terms": ("extra_installments", "extra_term"),
    "amortization": ("method", "amortization_type", "repay_method"),
    "interest_type": ("interest_method", "interest_rate_type"),
    "interest_calculation": ("interest_calculation_period", "interest_calculation_period_type"),
    "rounding": ("rounding_mode",),
    "as_of": ("today", "business_date", "on_date"),
    "grace_on_principal": ("grace_on_principal_payment", "principal_grace", "interest_only", "interest_only_periods"),
    "grace_on_interest": ("grace_on_interest_payment",),
    "interest_free_period": ("interest_free_periods",),
    "balloon": ("balloon_amount", "balloon_payment"),
    "upfront_fee": (),
    "disbursement_fee": (),
    "installment_fee": (),
    "financed_fee": (),
    "base": ("base_loan", "as", "same_as"),
}  # fmt: skip
_FEES: dict[str, FeeTiming] = {
    "upfront_fee": "upfront",
    "disbursement_fee": "upfront",
    "installment_fee": "periodic",
    "financed_fee": "financed",
}
_MONTH_ENDS = {"last_day_of_month": "last_day", "first_day_of_next_month": "first_of_next"}


def day_count(inputs: Mapping[str, Any]) -> DayCount:
    """The day count, said in one or as days of month and year; 30/360 unless it is said."""
    text = str(inputs.get("day_count", "30/360"))
    if "days_in_month" in inputs or "days_in_year" in inputs:
        month, year = (
            str(inputs.get(key, "actual")).lower().removeprefix("days_") for key in ("days_in_month", "days_in_year")
        )
        text = f"{month}/{year}"
    strategy = str(inputs.get("days_in_year_custom_strategy") or "")
    if strategy and strategy.upper() != "FULL_LEAP_YEAR":
        text = f"{text} {strategy}"
    text = text.lower().replace("actual", "act")
    if re.fullmatch(r"act/act( fineract)?", text):
        # Fineract cuts a period that crosses the year at 31 December, ISDA at 1 January.
        return DayCount.ACT_ACT_YEAR_END
    if (year_first := re.fullmatch(r"(\d{3})/(act|30)", text)) is not None:
        text = f"{year_first[2]}/{year_first[1]}"
    return parse_day_count(text)


def _method(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Method and its figures as arguments of a plan."""
    named = plain_key(str(inputs.get("amortization", "EQUAL_INSTALLMENTS")))
    interest = plain_key(str(inputs.get("interest_type", "DECLINING_BALANCE")))
    grace = int(inputs.get("grace_on_principal", 0))
    for key in ("grace_on_interest", "interest_free_period"):
        if number(inputs.get(key, 0), key):
            raise NotUnderstoodError(f"{key} of {inputs[key]}")
    if not re.fullmatch(r"(declining|reducing|diminishing)(_balance)?|flat(_rate|_interest)?", interest):
        raise NotUnderstoodError(f"interest type {interest}")
    free = not number(inputs.get(RATE[0], 0) or 0)
    if "flat" in named or (interest.startswith("flat") and not free):
        return {"method": RepayMethod.FLAT}
    if re.fullmatch(r"eq_prin|(equal|level|constant)_(principal|capital)(_[a-z]+)*", named) and not grace:
        return {"method": RepayMethod.EQ_PRIN}
    if re.fullmatch(r"int_first|interest_only|bullet", named):
        return {"method": RepayMethod.INT_FIRST, "interest_only": grace or None}
    if not re.fullmatch(r"annuity|emi|balloon|(equal|level)_(installments?|payments?)|equated_[a-z_]+", named):
        raise NotUnderstoodError(f"amortization {named}")
    if grace:
        return {"method": RepayMethod.INT_FIRST, "interest_only": grace}
    if "balloon" in inputs:
        return {"method": RepayMethod.BALLOON, "balloon_cents": cents(inputs["balloon"])}
    return {}


def _interest_basis(inputs: Mapping[str, Any]) -> DayCount | Literal["equal_periods"]:
    """The day count; equal periods where flat interest is calculated as the installments fall due."""
    basis, period = day_count(inputs), plain_key(str(inputs.get("interest_calculation", "DAILY")))
    if period == "daily" or basis == DayCount.THIRTY_360:
        return basis
    if period != "same_as_repayment_period" or _method(inputs).get("method") != RepayMethod.FLAT:
        raise NotUnderstoodError(f"interest calculated {period} by {basis}")
    return EQUAL_PERIODS


def plan_of(inputs: Mapping[str, Any], **own: Any) -> Plan:
    """The plan of canonical inputs; `own` are arguments of :class:`Plan` that go before."""
    amount = cents(number(inputs["principal"], "principal"))
    down = cents(inputs.get("down_payment", 0))
    if "down_payment_pct" in inputs:
        down = round(amount * number(inputs["down_payment_pct"]) / 100)
    multiple = inputs.get("installment_multiple_of")
    month_end = str(inputs.get("month_end", "LAST_DAY_OF_MONTH")).lower()
    if month_end not in _MONTH_ENDS:
        raise NotUnderstoodError(f"month end strategy {month_end!r}")
    first = inputs.get("first_due")
    rounding = str(inputs.get("rounding", "half_even")).lower()
    terms: dict[str, Any] = {
        "amount_cents": amount,
        "annual_rate": Decimal(str(inputs.get(RATE[0], 0) or 0)) / 100,
        "installments": int(inputs.get("n", 1)),
        "frequency": Frequency.parse(str(inputs.get("every", "1 month"))),
        "first_due_on": day_of(first) if first else None,
        "due_day": int(inputs["due_day"]) if "due_day" in inputs else None,
        "interest_basis": _interest_basis(inputs),
        "payment_basis": "least_residual",
        "payment_rounding": rounding,
        "interest_rounding": rounding,
        "payment_unit_cents": cents(multiple) if multiple else 1,
        "down_payment_cents": down,
        "fees": tuple(Fee(key, timing, cents(inputs[key])) for key, timing in _FEES.items() if inputs.get(key)),
        "month_end": _MONTH_ENDS[month_end],
        **_method(inputs),
        **own,
    }
    terms.setdefault("start_on", day_of(inputs["disbursed"]) if "disbursed" in inputs else None)
    return Plan(**terms)


def what_happens(inputs: Mapping[str, Any]) -> Iterator[Command]:
    """Everything that is said to happen, from its own keys and from sentences."""
    for key, first, second, command in _HAPPENINGS:
        for one, other in pairs(inputs.get(key), first, second):
            yield command(day_of(one), other)
    for item in _chargebacks(inputs.get("chargeback")):
        yield command_of({"type": "chargeback", **item})
    for key in ("event", "events"):
        for event in as_list(inputs.get(key)):
            yield from _standing(command_of(event))
    if "as_of" in inputs:
        yield commands.Unpaid(day_of(inputs["as_of"]), rank=3)


def _standing(command: Command) -> Iterator[Command]:
    """A re-age agreed after its first installment stands from that on; what fell due by the agreement is overdue."""
    if isinstance(command, commands.ReAge) and command.first < command.on:
        yield replace(command, on=command.first)
        yield commands.Unpaid(command.on, rank=3)
    else:
        yield command


def _chargebacks(said: Any) -> list[dict[str, Any]]:
    """Day and amount of each payment taken back, with whatever else is said of it."""
    if isinstance(said, dict) or (isinstance(said, list) and said and isinstance(said[0], dict)):
        return as_list(said)
    return [{"on": day, "amount": amount} for day, amount in pairs(said, _DAYS, ("amount",))]


_DAYS = ("on", "date", "day")
_HAPPENINGS: list[tuple[str, tuple[str, ...], tuple[str, ...], Callable[[date, Any], Command]]] = [
    ("disbursements", _DAYS, ("amount",), lambda on, amount: commands.Draw(on, cents(amount), rank=0)),
    ("paid", _DAYS, ("amount",), lambda on, amount: commands.Pay(on, cents(amount), rank=1)),
    (
        "interest_pause",
        ("from", "start", "first"),
        ("to", "end", "last"),
        lambda on, last: commands.PauseInterestDays(on, day_of(last)),
    ),
    (
        "rate_change",
        ("from", *_DAYS),
        (RATE[0], *_RATES),
        lambda on, rate: commands.ChangeRate(on, Decimal(str(rate)) / 100),
    ),
    (
        "due_date_change",
        ("from", "old"),
        ("to", "new"),
        lambda old, new: commands.MoveDue(old, day_of(new)),
    ),
    ("prepayment", _DAYS, ("amount",), lambda on, amount: commands.Prepay(on, cents(amount))),
    (
        "extra_terms",
        _DAYS,
        ("extra_terms", "installments", "terms"),
        lambda on, extra: commands.ChangeTerm(on, int(extra)),
    ),
]
"""Name of an input, names of the two of a pair, and the command of one."""
