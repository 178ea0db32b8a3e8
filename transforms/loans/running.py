"""A running plan as its periods: dates, rates in force, pauses, installments; what every change works on.

Conventions: day d is the day that ends on d, so interest from a day on covers that day. A period's interest is the sum
over its pieces of balance times rate times years of the piece; under a nominal period length a piece takes its share
by days. An installment paid early stops its interest on the day it is paid, and what its period earns after that is
due with the next one; an installment paid late leaves its principal earning until then.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from transforms.loans.annuity import Part
from transforms.loans.rounding import round_cents
from transforms.loans.schedule import Installment, Schedule, level_over, settled_level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.loans.plan import Plan


@dataclass(frozen=True)
class Period:
    """One period: first day exclusive, due date, its installment; `regular` where its length is the nominal one.

    `emptied` marks an installment whose unpaid amount was moved to later ones: nothing is due in it.
    `carried_cents` is interest moved here from emptied ones. `paid_on`: the day it was paid, where that was not its
    due date. `fee_free`: it ends before its fee would be due.
    """

    start: date
    due_on: date
    payment_cents: int
    regular: bool = True
    emptied: bool = False
    carried_cents: int = 0
    paid_on: date | None = None
    fee_free: bool = False

    @property
    def settles_on(self) -> date:
        """The day from which its principal no longer earns."""
        return self.paid_on or self.due_on


@dataclass(frozen=True)
class Running:
    """A plan under way: its periods, rates as (first day, rate) ascending, pauses as (first, last day) inclusive.

    `moves` are (day, cents) of principal outside the installments: drawn besides the first advance (positive) or
    repaid besides the installments (negative); they bear on the balance from that day on.
    """

    plan: Plan
    periods: tuple[Period, ...]
    rates: tuple[tuple[date, Fraction], ...]
    pauses: tuple[tuple[date, date], ...] = ()
    moves: tuple[tuple[date, int], ...] = ()

    @classmethod
    def of(cls, plan: Plan, schedule: Schedule) -> Running:
        """The plan as its schedule stands, before any change."""
        starts = [plan.start_on, *(row.due_on for row in schedule.installments)]
        regular_first = plan.first_due_on is None or plan.interest_basis == "equal_periods"
        periods = tuple(
            Period(
                start,
                row.due_on,
                row.principal_cents + row.interest_cents,
                regular=row.installment_no > 1 or regular_first,
            )
            for start, row in zip(starts, schedule.installments, strict=False)
        )
        return cls(plan, periods, ((plan.start_on, Fraction(plan.annual_rate)),))

    def rate_on(self, day: date) -> Fraction:
        """The rate of the day that ends on `day`; none in a pause."""
        if any(first <= day <= last for first, last in self.pauses):
            return Fraction(0)
        standing = [rate for first, rate in self.rates if first <= day]
        return standing[-1] if standing else self.rates[0][1]

    def accrual(self, period: Period, until: date | None = None, since: date | None = None) -> Fraction:
        """Interest on one unit of balance from `since` (default: the period's start) to `until` (its due date)."""
        low = period.start if since is None else max(since, period.start)
        end = period.due_on if until is None else min(until, period.due_on)
        if end <= low:
            return Fraction(0)
        one = timedelta(days=1)
        cuts = {first - one for first, _ in self.rates} | {first - one for first, _ in self.pauses}
        cuts |= {last for _, last in self.pauses}
        days = [low, *sorted(cut for cut in cuts if low < cut < end), end]
        nominal = self.plan.nominal_years() if period.regular else None
        total = Fraction(0)
        for first, last in itertools.pairwise(days):
            if nominal is None:
                years = self.plan.period_years(first, last, regular=False)
            else:
                years = nominal * Fraction((last - first).days, (period.due_on - period.start).days)
            total += self.rate_on(last) * years
        return self.plan.settled(total)

    def _earned(self, since: date, until: date, repaid: Sequence[tuple[date, int]]) -> Fraction:
        """Interest between two days on what was outstanding on each: drawn so far less what was `repaid` so far."""
        changes = [*self.moves, *((day, -cents) for day, cents in repaid)]
        total = Fraction(0)
        for period in self.periods:
            low, high = max(since, period.start), min(until, period.due_on)
            if high <= low:
                continue
            days = [low, *sorted({day for day, _ in changes if low < day < high}), high]
            for first, last in itertools.pairwise(days):
                balance = self.plan.principal_cents + sum(cents for day, cents in changes if day <= first)
                total += balance * self.accrual(period, last, first)
        return total

    def parts(self) -> list[Part]:
        """Principal, interest and balance of every period; the last one that is due repays what is left."""
        balance, parts, waiting = self.plan.principal_cents, [], 0
        last = max(k for k, period in enumerate(self.periods) if not period.emptied)
        earned_to, repaid = self.periods[0].start, list[tuple[date, int]]()
        for number, period in enumerate(self.periods):
            balance += sum(cents for day, cents in self.moves if period.start < day <= period.due_on)
            if period.emptied:
                parts.append(Part(0, 0, balance))
                earned_to = max(earned_to, period.due_on)
                continue
            until = max(earned_to, min(period.settles_on, period.due_on))
            fresh = round_cents(self._earned(earned_to, until, repaid), self.plan.interest_rounding)
            earned, earned_to = fresh + waiting + period.carried_cents, until
            interest = earned if number == last else min(earned, period.payment_cents)
            waiting = earned - interest
            principal = balance if number == last else min(period.payment_cents - interest, balance)
            balance -= principal
            repaid.append((period.settles_on, principal))
            parts.append(Part(principal, interest, balance))
        return parts

    def balance_before(self, index: int) -> int:
        """Principal outstanding at the start of period `index` (from 0)."""
        return self.plan.principal_cents if index == 0 else self.parts()[index - 1].balance

    def recomputed_from(self, index: int) -> Running:
        """Level installments again from period `index` on, over the outstanding principal and what moves later."""
        targets = [k for k in range(index, len(self.periods)) if not self.periods[k].emptied]
        factors = [self.accrual(self.periods[k]) for k in targets]
        waiting = self.periods[targets[0]].carried_cents

        def paying(payment: int) -> Running:
            periods = list(self.periods)
            for k in targets:
                periods[k] = replace(periods[k], payment_cents=payment)
            return replace(self, periods=tuple(periods))

        def difference(payment: int) -> int:
            part = paying(payment).parts()[targets[-1]]
            return part.principal + part.interest - payment

        level = level_over(self.plan, self._value_at(targets), factors, waiting)
        return paying(settled_level(self.plan, level, len(targets), difference))

    def _value_at(self, targets: Sequence[int]) -> Fraction:
        """Balance before the first of `targets`, with every later move at its value then, by the periods' interest."""
        value, grown = Fraction(self.balance_before(targets[0])), Fraction(1)
        for period in (self.periods[k] for k in targets):
            factor = self.accrual(period)
            for day, cents in self.moves:
                if period.start < day <= period.due_on:
                    value += cents * (1 + self.accrual(period, None, day)) / (grown * (1 + factor))
            grown *= 1 + factor
        return value

    def index_of(self, due_on: date) -> int:
        """Position of the installment due on a day; ValueError names the ones there are."""
        for index, period in enumerate(self.periods):
            if period.due_on == due_on:
                return index
        dues = ", ".join(str(period.due_on) for period in self.periods)
        raise ValueError(f"no installment is due on {due_on}; due dates are {dues}")

    def schedule(self) -> Schedule:
        """The whole schedule as it now stands, past rows included; its amount counts what moved besides."""
        plan = self.plan
        rows = []
        upfront = plan.fee_cents("upfront")
        if plan.down_payment_cents or upfront:
            paid = plan.down_payment_cents + upfront
            rows.append(Installment(0, plan.start_on, plan.down_payment_cents, 0, upfront, paid, plan.principal_cents))
        parts = self.parts()
        for number, (period, part) in enumerate(zip(self.periods, parts, strict=True), start=1):
            fee = 0 if period.emptied or period.fee_free else plan.fee_cents("periodic")
            fee += plan.fee_cents("final") if number == len(parts) and not period.fee_free else 0
            paid = part.principal + part.interest + fee
            rows.append(Installment(number, period.due_on, part.principal, part.interest, fee, paid, part.balance))
        amount = plan.amount_cents + sum(cents for _, cents in self.moves)
        return Schedule(amount, plan.fee_cents("financed"), plan.start_on, tuple(rows))
