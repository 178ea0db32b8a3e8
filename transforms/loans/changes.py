"""What may happen to a running plan, from a rate change to early settlement.

Rate change, interest pause, re-amortisation, re-age, another due date, drawing more, paying an installment early or
late, repaying a part beforehand, everything falling due, early settlement. Each takes the plan as it stands and gives
the new one; the schedule before and after are both at hand, nothing is booked. Interest is never charged twice: what
was due and unpaid is moved, not earned again. The arithmetic follows Apache Fineract's progressive loans where they
define it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from transforms.loans.annuity import equal_parts
from transforms.loans.calendar import due_dates
from transforms.loans.rounding import round_cents, round_ratio
from transforms.loans.running import Period, Running

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from decimal import Decimal

    from transforms.loans.calendar import Frequency


def change_rate(running: Running, first_day: date, annual_rate: Decimal, *, recompute: bool = True) -> Running:
    """A new nominal rate from `first_day` on, that day included.

    With `recompute` the installments become level again from the period that holds the day; otherwise they stay and
    the last one takes the difference. Raises ValueError for a negative rate or a day after the last due date.
    """
    if annual_rate < 0:
        raise ValueError(f"rate {annual_rate} is negative")
    standing = [item for item in running.rates if item[0] < first_day] or [(running.plan.start_on, running.rates[0][1])]
    changed = replace(running, rates=(*standing, (first_day, Fraction(annual_rate))))
    index = next((k for k, p in enumerate(running.periods) if first_day <= p.due_on and not p.emptied), None)
    if index is None:
        raise ValueError(f"the plan has ended before {first_day}")
    return changed.recomputed_from(index) if recompute else changed


def pause_interest(running: Running, first_day: date, last_day: date) -> Running:
    """No interest on the days `first_day` to `last_day`, both included; installments stay, the last one falls."""
    if last_day < first_day:
        raise ValueError(f"interest pause ends on {last_day}, before it starts on {first_day}")
    return replace(running, pauses=(*running.pauses, (first_day, last_day)))


def change_due_date(running: Running, due_on: date, new_due_on: date) -> Running:
    """Move one installment to another day; the later ones follow from that day on, the last takes the difference.

    Raises ValueError where no installment is due then or the new day is not after the one before.
    """
    index = running.index_of(due_on)
    if new_due_on <= running.periods[index].start:
        raise ValueError(f"new due date {new_due_on} is not after {running.periods[index].start}")
    plan = running.plan
    rest = len(running.periods) - index
    dues = due_dates(
        new_due_on,
        rest,
        plan.frequency,
        first_due_on=new_due_on,
        month_end=plan.month_end,
        roll=plan.roll,
        holidays=plan.holidays,
        workdays=plan.workdays,
    )
    periods = list(running.periods)
    start = periods[index].start
    for k, due in zip(range(index, len(periods)), dues, strict=True):
        regular = periods[k].regular and k > index
        periods[k] = replace(periods[k], start=start, due_on=due, regular=regular)
        start = due
    return replace(running, periods=tuple(periods))


def _index_at(running: Running, on: date) -> int:
    """Position of the period that holds the day; ValueError outside the plan."""
    index = next((k for k, p in enumerate(running.periods) if p.start < on <= p.due_on and not p.emptied), None)
    if index is None:
        raise ValueError(f"{on} is in no period of the plan with an installment due")
    return index


def draw_more(running: Running, on: date, amount_cents: int) -> Running:
    """A further drawdown on a day; installments become level again from the period it falls into.

    One on a due date bears interest from that day and changes the installments after it.
    """
    if amount_cents <= 0:
        raise ValueError(f"drawdown of {amount_cents} cents is not positive")
    index = _index_at(running, on)
    moved = replace(running, moves=(*running.moves, (on, amount_cents)))
    return moved.recomputed_from(index + (on == running.periods[index].due_on))


def repay_in_part(running: Running, on: date, amount_cents: int, *, keep_term: bool = True) -> Running:
    """Principal repaid beforehand on a day; interest follows the lower balance from that day on.

    With `keep_term` the installments become level again over the same due dates; otherwise they stay and the plan
    ends sooner. Raises ValueError where nothing would be left: that is :func:`settle_early`.
    """
    index = _index_at(running, on)
    left = running.balance_before(index) if on < running.periods[index].due_on else running.parts()[index].balance
    if not 0 < amount_cents < left:
        raise ValueError(f"a part of the {left} cents outstanding is repaid early, got {amount_cents}")
    moved = replace(running, moves=(*running.moves, (on, -amount_cents)))
    if keep_term:
        return moved.recomputed_from(index + (on == running.periods[index].due_on))
    ends = next(k for k, part in enumerate(moved.parts()) if k >= index and part.balance == 0)
    return replace(moved, periods=moved.periods[: ends + 1])


def paid(running: Running, due_on: date, paid_on: date) -> Running:
    """An installment paid in full on another day than its own; interest follows what was in fact outstanding.

    Paid early, it bears interest to that day only and the rest of its period's is due with the next one; paid late,
    its principal goes on earning until then. Installments stay, the last one takes the difference.
    """
    index = running.index_of(due_on)
    if paid_on < running.periods[0].start:
        raise ValueError(f"payment on {paid_on} is before the plan starts on {running.periods[0].start}")
    periods = list(running.periods)
    periods[index] = replace(periods[index], paid_on=paid_on)
    return replace(running, periods=tuple(periods))


def accelerate(running: Running, on: date) -> Running:
    """Everything falls due on a day (提前到期): the period that holds it ends there and repays all that is left."""
    index = _index_at(running, on)
    period = running.periods[index]
    whole = on == period.due_on
    ending = replace(period, due_on=on, regular=period.regular and whole, paid_on=None, fee_free=not whole)
    return replace(running, periods=(*running.periods[:index], ending))


def _empty_unpaid(running: Running, on: date, unpaid: Collection[date] | None) -> tuple[Running, int, int]:
    """Empty the installments due on or before `on` that are unpaid (default: all); their principal and interest."""
    parts = running.parts()
    late = [
        k
        for k, period in enumerate(running.periods)
        if period.due_on <= on and not period.emptied and (unpaid is None or period.due_on in unpaid)
    ]
    principal = sum(parts[k].principal for k in late)
    interest = sum(parts[k].interest for k in late)
    periods = tuple(replace(p, emptied=True) if k in late else p for k, p in enumerate(running.periods))
    return replace(running, periods=periods), principal, interest


def re_amortise(running: Running, on: date, *, unpaid: Collection[date] | None = None) -> Running:
    """Spread what was due by `on` and unpaid over the installments still to come; the end stays where it is.

    `unpaid`: the due dates not paid (default: every one up to `on`). Without interest each later installment grows by
    an equal part of the arrears, in the plan's payment unit, the residual on the last; with interest they become
    level again over the outstanding principal and the unpaid interest is due with the next one.
    Raises ValueError where nothing is left to spread over.
    """
    emptied, arrears, interest = _empty_unpaid(running, on, unpaid)
    coming = [k for k, period in enumerate(running.periods) if period.due_on > on and not period.emptied]
    if not coming:
        raise ValueError(f"no installment falls due after {on}; the arrears can only be re-aged")
    periods = list(emptied.periods)
    if all(rate == 0 for _, rate in running.rates):
        plan = running.plan
        part = round_ratio(arrears, len(coming), plan.payment_rounding, plan.payment_unit_cents)
        for k in coming:
            periods[k] = replace(periods[k], payment_cents=periods[k].payment_cents + part)
        return replace(emptied, periods=tuple(periods))
    first = coming[0]
    periods[first] = replace(periods[first], carried_cents=periods[first].carried_cents + interest)
    return replace(emptied, periods=tuple(periods)).recomputed_from(first)


def re_age(
    running: Running,
    on: date,
    installments: int,
    frequency: Frequency,
    first_due_on: date,
    *,
    unpaid: Collection[date] | None = None,
) -> Running:
    """Put the whole outstanding into new installments from `first_due_on`; own days past due are not touched by this.

    Installments due after `on` fall away, unpaid ones up to `on` are emptied. Interest unpaid and earned up to `on`
    is due with the first new installment, without interest on it.
    """
    if first_due_on < on:
        raise ValueError(f"first due date {first_due_on} is before the re-age on {on}")
    emptied, _, interest = _empty_unpaid(running, on, unpaid)
    kept = [period for period in emptied.periods if period.due_on <= on]
    plan = running.plan
    dues = due_dates(on, installments, frequency, first_due_on=first_due_on, month_end=plan.month_end)
    added = [
        Period(start, due, 0, regular=frequency == plan.frequency and k > 0)
        for k, (start, due) in enumerate(zip([on, *dues[:-1]], dues, strict=True))
    ]
    aged = replace(emptied, periods=(*kept, *added))
    balance = aged.balance_before(len(kept))
    open_days = Period(kept[-1].due_on if kept else plan.start_on, on, 0, regular=False)
    whole = next((period for period in emptied.periods if period.start < on < period.due_on), open_days)
    interest += round_cents(balance * running.accrual(whole, on), plan.interest_rounding)
    parts = equal_parts(balance, installments, plan.payment_rounding, plan.payment_unit_cents)
    added = [replace(period, payment_cents=part) for period, part in zip(added, parts, strict=True)]
    added[0] = replace(added[0], carried_cents=interest)
    aged = replace(aged, periods=(*kept, *added))
    return aged if all(rate == 0 for _, rate in running.rates) else aged.recomputed_from(len(kept))


@dataclass(frozen=True)
class Settlement:
    """What settles a plan on a day, cents: principal left, interest earned by use, installments overdue, the sum."""

    on: date
    principal_cents: int
    interest_cents: int
    fee_cents: int
    saved_interest_cents: int
    total_cents: int


def settle_early(running: Running, on: date, *, fee_cents: int = 0, paid_up_to: date | None = None) -> Settlement:
    """Early settlement on actual use: interest runs to the day and no further, fees not yet due are not charged.

    `paid_up_to`: last due date that was paid (default: every one on or before `on`). `fee_cents`: an early
    settlement fee where the contract has one.
    """
    paid = on if paid_up_to is None else min(paid_up_to, on)
    parts = running.parts()
    done = [k for k, period in enumerate(running.periods) if period.due_on <= paid]
    late = [k for k, period in enumerate(running.periods) if paid < period.due_on <= on]
    principal = parts[done[-1]].balance if done else running.plan.principal_cents
    interest = sum(parts[k].interest for k in late)
    fees = running.plan.fee_cents("periodic") * len(late) + fee_cents
    current = next((k for k, period in enumerate(running.periods) if period.start < on < period.due_on), None)
    if current is not None:
        owed = running.balance_before(current)
        earned = round_cents(owed * running.accrual(running.periods[current], on), running.plan.interest_rounding)
        interest += earned
    whole = sum(part.interest for k, part in enumerate(parts) if k not in done)
    return Settlement(on, principal, interest, fees, whole - interest, principal + interest + fees)
