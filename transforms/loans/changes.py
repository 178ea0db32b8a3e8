"""Changes of a running plan: each takes the plan as it is and returns the new one.

Rate change, interest pause, another due date, drawing more, paying an installment early or late, repaying a part
beforehand, everything falling due. The schedule before and after are both at hand, nothing is booked. The arithmetic
follows Apache Fineract's progressive loans where they define it. What an agreement with a customer in arrears changes
is in :mod:`transforms.loans.restructuring`, settling early in :mod:`transforms.loans.settlement`.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from transforms.dates.calendar import due_dates
from transforms.loans.level_again import by_principal, level_again
from transforms.loans.plan import RepayMethod

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from transforms.loans.running import Running


def change_rate(running: Running, first_day: date, annual_rate: Decimal, *, recompute: bool = True) -> Running:
    """A new nominal rate from `first_day` on, that day included.

    With `recompute` the installments become level again from the period that holds the day; otherwise they stay and
    the last one takes the difference. Raises ValueError for a negative rate or a day after the last due date.
    """
    if annual_rate < 0:
        raise ValueError(f"rate {annual_rate} is negative")
    standing = [item for item in running.rates if item[0] < first_day] or [(running.plan.start_on, running.rates[0][1])]
    changed = replace(running, rates=(*standing, (first_day, Fraction(annual_rate))))
    index = next(
        (k for k, p in enumerate(running.periods) if first_day <= min(p.ends_on, p.due_on) and p.is_open), None
    )
    if index is None:
        raise ValueError(f"the plan has ended before {first_day}")
    return level_again(changed, index) if recompute else changed


def pause_interest(running: Running, first_day: date, last_day: date) -> Running:
    """No interest on the days `first_day` to `last_day`, both included; installments stay, the last one falls."""
    if last_day < first_day:
        raise ValueError(f"interest pause ends on {last_day}, before it starts on {first_day}")
    return replace(running, pauses=(*running.pauses, (first_day, last_day)))


def change_due_date(running: Running, due_on: date, new_due_on: date, *, due_day: int | None = None) -> Running:
    """Move one installment to another day; the later ones follow from that day on, the last takes the difference.

    `new_due_on` is a due date before any roll, so a move to the day that already was the due day changes nothing.
    `due_day` is the day of the month from then on where `new_due_on` is in a month that does not have it. Raises
    ValueError where no installment is due then or the new day is not after the one before.
    """
    index = running.index_of(due_on)
    if new_due_on <= running.periods[index].start:
        raise ValueError(f"new due date {new_due_on} is not after {running.periods[index].start}")
    plan = running.plan
    monthly = plan.frequency.unit == "month"
    day = due_day or new_due_on.day
    nominal = due_dates(
        new_due_on,
        len(running.periods) - index,
        plan.frequency,
        first_due_on=new_due_on,
        due_day=day if monthly else None,
        month_end=plan.month_end,
    )
    periods = list(running.periods)
    for k, (start, due, end) in enumerate(plan.spans(periods[index].start, nominal), start=index):
        regular = periods[k].regular and (k > index or end == periods[k].ends_on)
        periods[k] = replace(periods[k], start=start, due_on=due, unrolled_on=end, regular=regular)
    return replace(running, plan=replace(plan, due_day=day) if monthly else plan, periods=tuple(periods))


def _index_at(running: Running, on: date) -> int:
    """Position of the installment that is next on the day; ValueError outside the plan."""
    begun = on >= running.periods[0].start
    index = next((k for k, p in enumerate(running.periods) if on <= p.due_on and p.is_open), None)
    if index is None or not begun:
        raise ValueError(f"{on} is in no period of the plan with an installment due")
    return index


def draw_more(running: Running, on: date, amount_cents: int) -> Running:
    """A further drawdown on a day; installments become level again from the period it falls into.

    One on a due date bears interest from that day and changes the installments after it. Raises ValueError where none
    comes after it.
    """
    if amount_cents <= 0:
        raise ValueError(f"drawdown of {amount_cents} cents is not positive")
    index = _index_at(running, on)
    index += on == running.periods[index].due_on
    if all(not period.is_open for period in running.periods[index:]):
        raise ValueError(f"after {on} no installment is due that could repay {amount_cents} cents")
    drawn = replace(running, moves=(*running.moves, (on, amount_cents)))
    return level_again(_capitalised_anew(drawn, on), index, amount_cents)


def repay_in_part(running: Running, on: date, amount_cents: int, *, keep_term: bool = True) -> Running:
    """Principal repaid beforehand on a day; interest follows the lower balance from that day on.

    With `keep_term` the installments are computed anew over the same due dates; otherwise they stay and the plan ends
    sooner: those of equal principal keep their principal, those that bear interest only have none to keep and fall.
    Raises ValueError where nothing would be left: that is settling early.
    """
    index = _index_at(running, on)
    left = running.balance_before(index) if on < running.periods[index].due_on else running.parts()[index].balance
    if not 0 < amount_cents < left:
        raise ValueError(f"a part of the {left} cents outstanding is repaid early, got {amount_cents}")
    moved = _capitalised_anew(replace(running, moves=(*running.moves, (on, -amount_cents))), on)
    index += on == running.periods[index].due_on
    if keep_term or running.plan.method == RepayMethod.INT_FIRST:
        return level_again(moved, index, -amount_cents)
    if running.plan.method == RepayMethod.EQ_PRIN:
        moved = _parts_kept(running, moved, index)
    ends = next(k for k, part in enumerate(moved.parts()) if k >= index and part.balance == 0)
    return replace(moved, periods=moved.periods[: ends + 1])


def _capitalised_anew(running: Running, on: date) -> Running:
    """What pauses that end after a day add to the principal, by what they earn now that the balance has moved."""
    for k, period in enumerate(running.periods):
        if not (period.pause and on < period.due_on):
            continue
        rolled = running.roll()
        more = rolled[k].waiting - (rolled[k - 1].waiting if k else 0)
        added = tuple((day, cents + more * (day == period.due_on)) for day, cents in running.capitalised)
        running = replace(running, capitalised=added)
    return running


def _parts_kept(before: Running, moved: Running, index: int) -> Running:
    """`moved` with the principal of each installment as it was, as long as there is any."""
    targets = [k for k in range(index, len(moved.periods)) if moved.periods[k].is_open]
    scheduled, left, parts = before.parts(), moved.balance_before(targets[0]), list[int]()
    left += sum(cents for day, cents in moved.moves if moved.due_before(targets[0]) < day)
    for k in targets:
        parts.append(min(scheduled[k].principal, left))
        left -= parts[-1]
    return by_principal(moved, targets, parts)


def paid(running: Running, due_on: date, paid_on: date) -> Running:
    """An installment paid in full on another day than its own; interest follows what was in fact outstanding.

    Paid early, it bears interest to that day only and the rest of its period's is due with the next one; paid late,
    its principal goes on earning until then. Installments stay, the last one takes the difference.
    """
    if paid_on < running.periods[0].start:
        raise ValueError(f"payment on {paid_on} is before the plan starts on {running.periods[0].start}")
    return running.changed(running.index_of(due_on), lambda period: replace(period, paid_on=paid_on))


def accelerate(running: Running, on: date) -> Running:
    """Everything falls due on a day (提前到期): the period that holds it ends there and repays all that is left.

    Of installments whose principal and interest are agreed, all of both falls due.
    """
    agreed = [p for p in running.periods if p.due_on >= on and p.fixed is not None]
    if agreed and agreed[-1] is running.periods[-1]:
        sums = sum(p.fixed[0] for p in agreed if p.fixed), sum(p.fixed[1] for p in agreed if p.fixed)
        ending = replace(agreed[0].cut(on), fixed=sums)
        return replace(running, periods=(*(p for p in running.periods if p.due_on < on), ending))
    index = _index_at(running, on)
    period = running.periods[index]
    cut = period.cut(on)
    before = [replace(p, due_on=min(p.due_on, on)) if p.pause else p for p in running.periods[:index] if p.start < on]
    regular = period.regular and cut.ends_on == period.ends_on
    ending = replace(cut, regular=regular, paid_on=None, fee_free=on != period.due_on)
    capitalised = tuple((day, cents) for day, cents in running.capitalised if day <= on)
    return replace(running, periods=(*before, ending), capitalised=capitalised)
