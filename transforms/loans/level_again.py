"""Installments to come recomputed over the outstanding principal, by the plan's method, or level where it has none."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from transforms.loans.annuity import equal_parts
from transforms.loans.plan import RepayMethod
from transforms.loans.rounding import round_cents, round_ratio
from transforms.loans.schedule import level_over, level_principals, settled_level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.loans.running import Running

_ANY = 2**62


def level_again(running: Running, index: int, moved_cents: int = 0) -> Running:
    """`running` with its open installments from position `index` on computed anew.

    `moved_cents` of what they repay were lent besides, or repaid where it is negative, by the change before this.
    What is outstanding and what moves later is repaid in equal parts of the principal (EQ_PRIN, FLAT), with the last
    (INT_FIRST), before a balloon that stays (BALLOON), or in level installments.
    """
    targets = [k for k in range(index, len(running.periods)) if running.periods[k].is_open]
    waiting = sum(running.periods[k].carried_cents for k in targets)
    waiting += running.roll()[targets[0] - 1].waiting if targets[0] else 0
    plan = running.plan
    match plan.method:
        case RepayMethod.FLAT:
            return _flat(running, targets, waiting, moved_cents)
        case RepayMethod.EQ_PRIN:
            owed = _owed(running, targets)
            return by_principal(
                running, targets, equal_parts(owed, len(targets), plan.payment_rounding, plan.payment_unit_cents)
            )
        case RepayMethod.INT_FIRST:
            return by_principal(running, targets, [0] * (len(targets) - 1) + [_owed(running, targets)])
        case _:
            return _level(running, targets, waiting)


def by_principal(running: Running, targets: Sequence[int], parts: Sequence[int]) -> Running:
    """`running` with the installments at `targets` repaying `parts` of the principal, and all interest on top."""
    anew = running
    for k, part in zip(targets, parts, strict=True):
        # An installment that asks for more than there is shows how much interest there is.
        most = anew.changed(k, partial(replace, payment_cents=_ANY)).roll()[k].part
        asked = part + most.interest - anew.periods[k].besides_cents
        anew = anew.changed(k, partial(replace, payment_cents=asked))
    return anew


def _owed(running: Running, targets: Sequence[int]) -> int:
    """Principal that the installments at `targets` are to repay, but for what is due again beside them."""
    last = running.periods[targets[-1]].due_on
    since = running.due_before(targets[0])
    drawn = sum(cents for day, cents in running.changes_of_balance() if since < day <= last)
    return running.balance_before(targets[0]) + drawn - sum(running.periods[k].due_again[0] for k in targets)


def _level(running: Running, targets: Sequence[int], waiting: int) -> Running:
    plan, first = running.plan, running.periods[targets[0]]
    usual = replace(first, regular=first.regular or plan.bears_odd_days(first.start))
    factors = [running.accrual(usual), *(running.accrual(running.periods[k]) for k in targets[1:])]
    balloon = 0
    if plan.method == RepayMethod.BALLOON and len(targets) > 1:
        balloon = max(running.periods[targets[-1]].payment_cents - running.periods[targets[-2]].payment_cents, 0)
    value = _value_at(running, targets, factors, balloon)
    rounding = plan.interest_rounding
    more = round_cents(value * running.accrual(first), rounding) - round_cents(value * factors[0], rounding)

    def paying(payment: int) -> Running:
        periods = list(running.periods)
        for k in targets:
            periods[k] = replace(periods[k], payment_cents=payment)
        periods[targets[0]] = replace(periods[targets[0]], payment_cents=max(payment + more, 0))
        periods[targets[-1]] = replace(periods[targets[-1]], payment_cents=payment + balloon)
        return replace(running, periods=tuple(periods))

    def difference(payment: int) -> int:
        part = paying(payment).parts()[targets[-1]]
        return part.principal + part.interest - running.periods[targets[-1]].besides_cents - payment

    level = level_over(plan, value, factors, waiting)
    return paying(settled_level(plan, level, len(targets), difference))


def _value_at(running: Running, targets: Sequence[int], factors: Sequence[Fraction], balloon: int) -> Fraction:
    """Balance before the first of `targets`, with every later move at its value then, by the periods' interest.

    What is due again besides an installment, and the balloon, are repaid beside the level one, which does not bear
    them.
    """
    value, grown = Fraction(running.balance_before(targets[0])), Fraction(1)
    for k, factor in zip(targets, factors, strict=True):
        period = running.periods[k]
        grown *= 1 + factor
        for day, cents in running.changes_of_balance():
            if running.due_before(k) < day <= period.due_on:
                value += cents * (1 + running.accrual(period, None, day)) / grown
        value -= period.due_again[0] / grown
    return value - balloon / grown


def flat_base(base_cents: int, owed_cents: int, moved_cents: int) -> int:
    """The principal that flat interest is on once `moved_cents` were lent besides or repaid, `owed_cents` being left.

    It falls in the proportion in which the debt does, half up, and grows by what is lent besides.
    """
    if moved_cents >= 0:
        return base_cents + moved_cents
    return round_ratio(base_cents * owed_cents, owed_cents - moved_cents)


def _flat(running: Running, targets: Sequence[int], waiting: int, moved_cents: int) -> Running:
    """Equal principal from the first of `targets` on, flat interest on the principal as lent less its part repaid.

    Fineract: level installments, flat interest on all that was advanced.
    """
    owed = _owed(running, targets)
    # Installments made after the end are on what is left then.
    lent = running.periods[targets[0]].flat_on_cents
    base = flat_base(lent, owed, moved_cents) if lent else owed
    plan, fineract = running.plan, running.plan.payment_basis == "least_residual"
    periods = list(running.periods)
    for k in targets:
        periods[k] = replace(periods[k], flat_on_cents=running.flat_on(periods[k]) if fineract else base)
    anew = replace(running, periods=tuple(periods))
    interests = [anew.earned(periods[k].start, periods[k].ends_on, ()) for k in targets]
    parts = equal_parts(owed, len(targets), plan.payment_rounding, plan.payment_unit_cents)
    if fineract:
        parts = level_principals(plan, owed, interests)
    more = round_ratio(waiting, len(targets), plan.payment_rounding)
    for k, part, interest in zip(targets, parts, interests, strict=True):
        periods[k] = replace(periods[k], payment_cents=part + interest + more)
    return replace(running, periods=tuple(periods))
