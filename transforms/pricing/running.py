"""A running plan as its periods: dates, rates in force, pauses, installments; what every change works on.

Conventions: day d is the day that ends on d, so interest from a day on covers that day. A period's interest is the sum
over its pieces of rate times years of the piece; under a nominal period length a piece takes its share by days.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from transforms.pricing.annuity import Part
from transforms.pricing.rounding import round_cents
from transforms.pricing.schedule import Installment, Schedule, level_payment

if TYPE_CHECKING:
    from transforms.pricing.plan import Plan


@dataclass(frozen=True)
class Period:
    """One period: first day exclusive, due date, its installment; `regular` where its length is the nominal one.

    `emptied` marks an installment whose unpaid amount was moved to later ones: nothing is due in it.
    `carried_cents` is interest moved here from emptied ones.
    """

    start: date
    due_on: date
    payment_cents: int
    regular: bool = True
    emptied: bool = False
    carried_cents: int = 0


@dataclass(frozen=True)
class Running:
    """A plan under way: its periods, rates as (first day, rate) ascending, pauses as (first, last day) inclusive."""

    plan: Plan
    periods: tuple[Period, ...]
    rates: tuple[tuple[date, Fraction], ...]
    pauses: tuple[tuple[date, date], ...] = ()

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

    def accrual(self, period: Period, until: date | None = None) -> Fraction:
        """Interest on one unit of balance from the period's start to `until` (default: its due date)."""
        end = period.due_on if until is None else min(until, period.due_on)
        if end <= period.start:
            return Fraction(0)
        one = timedelta(days=1)
        cuts = {first - one for first, _ in self.rates} | {first - one for first, _ in self.pauses}
        cuts |= {last for _, last in self.pauses}
        days = [period.start, *sorted(cut for cut in cuts if period.start < cut < end), end]
        nominal = self.plan.nominal_years() if period.regular else None
        total = Fraction(0)
        for low, high in itertools.pairwise(days):
            if nominal is None:
                years = self.plan.period_years(low, high, regular=False)
            else:
                years = nominal * Fraction((high - low).days, (period.due_on - period.start).days)
            total += self.rate_on(high) * years
        return self.plan.settled(total)

    def parts(self) -> list[Part]:
        """Principal, interest and balance of every period; the last one that is due repays what is left."""
        factors = [self.accrual(period) for period in self.periods]
        balance, parts, waiting = self.plan.principal_cents, [], 0
        last = max(k for k, period in enumerate(self.periods) if not period.emptied)
        for number, (period, factor) in enumerate(zip(self.periods, factors, strict=True)):
            if period.emptied:
                parts.append(Part(0, 0, balance))
                continue
            earned = round_cents(balance * factor, self.plan.interest_rounding) + waiting + period.carried_cents
            interest = earned if number == last else min(earned, period.payment_cents)
            waiting = earned - interest
            principal = balance if number == last else min(period.payment_cents - interest, balance)
            balance -= principal
            parts.append(Part(principal, interest, balance))
        return parts

    def balance_before(self, index: int) -> int:
        """Principal outstanding at the start of period `index` (from 0)."""
        return self.plan.principal_cents if index == 0 else self.parts()[index - 1].balance

    def recomputed_from(self, index: int) -> Running:
        """Level installments again from period `index` on, over the outstanding principal."""
        targets = [k for k in range(index, len(self.periods)) if not self.periods[k].emptied]
        factors = [self.accrual(self.periods[k]) for k in targets]
        waiting = self.periods[targets[0]].carried_cents
        payment = level_payment(self.plan, self.balance_before(targets[0]), factors, waiting)
        periods = list(self.periods)
        for k in targets:
            periods[k] = replace(periods[k], payment_cents=payment)
        return replace(self, periods=tuple(periods))

    def index_of(self, due_on: date) -> int:
        """Position of the installment due on a day; ValueError names the ones there are."""
        for index, period in enumerate(self.periods):
            if period.due_on == due_on:
                return index
        dues = ", ".join(str(period.due_on) for period in self.periods)
        raise ValueError(f"no installment is due on {due_on}; due dates are {dues}")

    def schedule(self) -> Schedule:
        """The whole schedule as it now stands, past rows included."""
        plan = self.plan
        rows = []
        upfront = plan.fee_cents("upfront")
        if plan.down_payment_cents or upfront:
            paid = plan.down_payment_cents + upfront
            rows.append(Installment(0, plan.start_on, plan.down_payment_cents, 0, upfront, paid, plan.principal_cents))
        parts = self.parts()
        for number, (period, part) in enumerate(zip(self.periods, parts, strict=True), start=1):
            fee = 0 if period.emptied else plan.fee_cents("periodic")
            fee += plan.fee_cents("final") if number == len(parts) else 0
            paid = part.principal + part.interest + fee
            rows.append(Installment(number, period.due_on, part.principal, part.interest, fee, paid, part.balance))
        return Schedule(plan.amount_cents, plan.fee_cents("financed"), plan.start_on, tuple(rows))
