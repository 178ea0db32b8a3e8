"""A running plan as its periods: dates, rates in force, pauses, installments; what every change works on.

Conventions: day d is the day that ends on d, so interest from a day on covers that day. A period's interest is the sum
over its pieces of balance times rate times years of the piece; under a nominal period length a piece takes its share
by days. An installment paid early stops its interest on the day it is paid, and what its period earns after that is
due with the next one; an installment paid late leaves its principal earning until then. A roll moves the day an
installment falls due, never a day of interest: periods follow each other by their ends, the due dates before any roll.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from transforms.loans.annuity import Part
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.rounding import round_cents
from transforms.loans.schedule import Installment, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Period:
    """One period: first day exclusive, due date, its installment; `regular` where its length is the nominal one.

    `unrolled_on`: the due date before its roll, where that is the end of its interest.
    `fixed`: principal and interest of an installment that no longer follow from the balance: what was settled of it,
    the rest having been moved to later ones, or what of it is overdue. `carried_cents` is interest earned before that
    is due in it, without interest on it; `share` an exact part of such interest, rounded with its own (Fineract).
    `due_again`: principal and interest due besides the installment, of payments taken back or of arrears. `paid_on`:
    the day it was paid, where that was not its due date; `paid_in_part`: principal of it paid on other days, (day,
    cents). `fee_free`: it ends before its fee would be due. `pause`: nothing falls due in it, so that it is no row of
    the schedule. `flat_on_cents`: the principal that flat interest is on.
    """

    start: date
    due_on: date
    payment_cents: int
    regular: bool = True
    fixed: tuple[int, int] | None = None
    carried_cents: int = 0
    due_again: tuple[int, int] = (0, 0)
    share: Fraction = Fraction(0)
    paid_on: date | None = None
    paid_in_part: tuple[tuple[date, int], ...] = ()
    fee_free: bool = False
    pause: bool = False
    flat_on_cents: int = 0
    unrolled_on: date | None = None

    @property
    def ends_on(self) -> date:
        """The day to which its interest runs."""
        return self.unrolled_on or self.due_on

    @property
    def settles_on(self) -> date:
        """The day its installment is paid."""
        return self.paid_on or self.due_on

    @property
    def earns_to(self) -> date:
        """The day from which its principal no longer earns."""
        return self.counts_on(self.settles_on)

    def counts_on(self, day: date) -> date:
        """The day from which what is paid of it on another one no longer earns: the days of a roll cost nothing."""
        low, high = sorted((self.ends_on, self.due_on))
        return self.ends_on if low <= day <= high else day

    def cut(self, on: date) -> Period:
        """The period ended on a day."""
        ends_on = self.ends_on if on == self.due_on else min(self.ends_on, on)
        return replace(self, start=min(self.start, on), due_on=on, unrolled_on=ends_on)

    @property
    def is_open(self) -> bool:
        """Whether its installment follows from the balance."""
        return self.fixed is None and not self.pause

    @property
    def besides_cents(self) -> int:
        """What is due besides the installment, its share of earlier interest in whole cents."""
        return sum(self.due_again) + round_cents(self.share)

    def settled_by(self, on: date) -> bool:
        """Whether nothing of it is to be paid after a day."""
        return self.pause or (self.due_on if self.fixed else self.settles_on) <= on

    def rest_repaid(self, principal: int) -> tuple[date, int]:
        """The day on which what is left of its `principal`, beside the parts paid, no longer earns."""
        return self.earns_to, principal - sum(cents for _, cents in self.paid_in_part)

    def parts_repaid(self) -> list[tuple[date, int]]:
        """The parts paid, each with the day from which it no longer earns."""
        return [(self.counts_on(day), cents) for day, cents in self.paid_in_part]


class Rolled(NamedTuple):
    """A period rolled: its amounts, the interest that waits after it, and the day to which interest is charged."""

    part: Part
    waiting: int
    earned_to: date


@dataclass(frozen=True)
class Running:
    """A plan under way: its periods, rates as (first day, rate) ascending, pauses as (first, last day) inclusive.

    `moves` are (day, cents) of principal outside the installments: drawn besides the first advance (positive) or
    repaid besides the installments (negative); `capitalised` is interest added to the principal on a day; both bear on
    the balance from that day on. `taken_back` are (day, principal, interest) of payments taken back: the principal is
    owed again from that day.
    """

    plan: Plan
    periods: tuple[Period, ...]
    rates: tuple[tuple[date, Fraction], ...]
    pauses: tuple[tuple[date, date], ...] = ()
    moves: tuple[tuple[date, int], ...] = ()
    capitalised: tuple[tuple[date, int], ...] = ()
    taken_back: tuple[tuple[date, int, int], ...] = ()

    @classmethod
    def of(cls, plan: Plan, schedule: Schedule) -> Running:
        """The plan as scheduled, before any change."""
        ends = plan.ends(len(schedule.installments))
        flat = plan.principal_cents if plan.method == RepayMethod.FLAT else 0
        periods = tuple(
            Period(
                start,
                row.due_on,
                row.principal_cents + row.interest_cents,
                regular=row.installment_no > 1 or plan.first_is_regular,
                flat_on_cents=flat,
                unrolled_on=end,
            )
            for start, end, row in zip([plan.start_on, *ends[:-1]], ends, schedule.installments, strict=True)
        )
        return cls(plan, periods, ((plan.start_on, Fraction(plan.annual_rate)),))

    def rate_on(self, day: date) -> Fraction:
        """The rate of the day that ends on `day`; none in a pause."""
        if any(first <= day <= last for first, last in self.pauses):
            return Fraction(0)
        standing = [rate for first, rate in self.rates if first <= day]
        return standing[-1] if standing else self.rates[0][1]

    @property
    def is_free(self) -> bool:
        """Whether no rate was ever charged."""
        return all(rate == 0 for _, rate in self.rates)

    def accrual(self, period: Period, until: date | None = None, since: date | None = None) -> Fraction:
        """Interest on one unit of balance from `since` (default: the period's start) to `until` (its end)."""
        low = period.start if since is None else max(since, period.start)
        end = period.ends_on if until is None else min(until, period.ends_on)
        if end <= low:
            return Fraction(0)
        one = timedelta(days=1)
        cuts = {first - one for first, _ in self.rates} | {first - one for first, _ in self.pauses}
        cuts |= {last for _, last in self.pauses}
        days = [low, *sorted(cut for cut in cuts if low < cut < end), end]
        total = Fraction(0)
        for first, last in itertools.pairwise(days):
            total += self.rate_on(last) * self._years(period, first, last)
        return self.plan.settled(total)

    def _years(self, period: Period, first: date, last: date) -> Fraction:
        """Years of a piece of a period; a pause counts whole months by the calendar, a piece its share of the days."""
        start, end = period.start, period.ends_on
        if period.pause and self.plan.nominal_years() is not None:
            return self.plan.calendar_years(start, end) * Fraction((last - first).days, (end - start).days)
        return self.plan.piece_years((start, end), first, last, regular=period.regular)

    def changes_of_balance(self) -> list[tuple[date, int]]:
        """(day, cents) by which principal changed outside the installments."""
        return [*self.moves, *self.capitalised, *((day, principal) for day, principal, _ in self.taken_back)]

    def accrued_to(self, on: date) -> date:
        """The day to which interest has run by another: on the days by which a roll puts a due date off it rests."""
        return next((p.ends_on for p in self.periods if p.ends_on < on <= p.due_on), on)

    def _earns_from(self, day: date, cents: int) -> date:
        """The day from which a change of balance bears on interest; what is repaid on the days of a roll, from before.

        An installment that fell due before its period's end has borne all of its interest, so nothing changes that.
        """
        ahead = next((p.ends_on for p in self.periods if p.due_on < day < p.ends_on), day)
        return self.accrued_to(day) if cents < 0 and ahead == day else ahead

    def moved_within(self, period: Period) -> bool:
        """Whether the balance that bears interest changes within a period."""
        return any(period.start < self._earns_from(*move) < period.ends_on for move in self.changes_of_balance())

    def due_before(self, index: int) -> date:
        """The due date before period `index`, or the start of the plan."""
        return self.periods[index - 1].due_on if index else self.plan.start_on

    def earned(
        self, since: date, until: date, repaid: Sequence[tuple[date, int]], *, share: Fraction = Fraction(0)
    ) -> int:
        """Interest between two days on what was outstanding on each, less what was `repaid` so far, in cents.

        Flat interest is on the principal that each period names. Rounded once, with a `share` of earlier interest, or
        each piece between two movements for itself, by the plan's convention.
        """
        changes = [(self._earns_from(day, cents), cents) for day, cents in self.changes_of_balance()]
        changes += [(day, -cents) for day, cents in repaid]
        pieces = list[Fraction]()
        for period in self.periods:
            low, high = max(since, period.start), min(until, period.ends_on)
            if high <= low:
                continue
            days = [low, *sorted({day for day, _ in changes if low < day < high}), high]
            for first, last in itertools.pairwise(days):
                balance = self.plan.principal_cents + sum(cents for day, cents in changes if day <= first)
                if self.plan.method == RepayMethod.FLAT:
                    balance = period.flat_on_cents + self._flat_drawn(period, first)
                pieces.append(balance * self.accrual(period, last, first))
        rounding = self.plan.interest_rounding
        if self.plan.interest_rounded == "segment":
            return sum(round_cents(piece, rounding) for piece in (*pieces, share))
        return round_cents(sum(pieces, share), rounding)

    def _entering(self) -> dict[int, int]:
        """Principal that moved outside the installments, by the period after which it first shows in the balance."""
        entering, last = dict[int, int](), len(self.periods) - 1
        for day, cents in (*self.moves, *self.capitalised):
            at = next((k for k, period in enumerate(self.periods) if day <= period.due_on), last)
            entering[at] = entering.get(at, 0) + cents
        for day, principal, _ in self.taken_back:
            # A payment taken back on a due date is owed with the next installment, after the last with one of its own.
            own = (p.due_on == day and p.payment_cents == 0 and p.due_again != (0, 0) for p in self.periods)
            at = next(
                (k for k, (p, mine) in enumerate(zip(self.periods, own, strict=True)) if mine or day < p.due_on), last
            )
            entering[at] = entering.get(at, 0) + principal
        return entering

    def roll(self) -> list[Rolled]:
        """Amounts of every period in order; the last one repays what is left, unless it is fixed.

        Interest of a pause waits for the next installment, less what is capitalised when it ends.
        """
        balance, waiting, rows = self.plan.principal_cents, 0, list[Rolled]()
        last = len(self.periods) - 1
        earned_to, repaid = self.periods[0].start, [part for period in self.periods for part in period.parts_repaid()]
        entering = self._entering()
        for number, period in enumerate(self.periods):
            balance += entering.get(number, 0)
            principal, interest = period.fixed or (0, 0)
            until = max(earned_to, period.ends_on)
            if period.is_open:
                until = max(earned_to, min(period.earns_to, period.ends_on))
                charged = self.earned(earned_to, until, repaid, share=period.share)
                charged += waiting + period.carried_cents + period.due_again[1]
                payment = period.payment_cents + period.besides_cents
                interest = charged if number == last else min(charged, payment)
                waiting = charged - interest
                principal = balance if number == last else min(payment - interest, balance)
            elif period.pause:
                added = sum(cents for day, cents in self.capitalised if day == period.due_on)
                waiting += self.earned(earned_to, until, repaid) - added
            earned_to = until
            balance -= principal
            repaid.append(period.rest_repaid(principal))
            rows.append(Rolled(Part(principal, interest, balance), waiting, earned_to))
        return rows

    def parts(self) -> list[Part]:
        """Principal, interest and balance of every period."""
        return [row.part for row in self.roll()]

    def _repaid_by(self, on: date) -> list[tuple[date, int]]:
        """Principal repaid with the installments by a day, each with the day from which it no longer earns."""
        items = [(day, (p.counts_on(day), cents)) for p in self.periods for day, cents in p.paid_in_part]
        rows = zip(self.periods, self.parts(), strict=True)
        items += [(p.settles_on, p.rest_repaid(part.principal)) for p, part in rows]
        return [item for day, item in items if day <= on]

    def outstanding_on(self, on: date) -> int:
        """Principal outstanding on a day where every installment is paid on the day it settles."""
        moved = sum(cents for day, cents in self.changes_of_balance() if day <= on)
        return self.plan.principal_cents + moved - sum(cents for _, cents in self._repaid_by(on))

    def owed_interest(self, on: date) -> int:
        """Interest earned by a day and in no installment settled by then: by use, waiting, or carried to later ones."""
        rows = list(zip(self.periods, self.roll(), strict=True))
        charged = [row for period, row in rows if period.due_on <= on or (period.is_open and period.settles_on <= on)]
        since, waiting = (charged[-1].earned_to, charged[-1].waiting) if charged else (self.periods[0].start, 0)
        late = sum(row.part.interest for p, row in rows if p.is_open and p.due_on <= on < p.settles_on)
        ahead = [p for p in self.periods if p.due_on > on and not p.pause and not p.settled_by(on)]
        carried = sum(p.fixed[1] if p.fixed else p.carried_cents + p.besides_cents - p.due_again[0] for p in ahead)
        return waiting + late + carried + self.earned(since, self.accrued_to(on), self._repaid_by(on))

    def capitalised_after(self, on: date) -> int:
        """Interest that is added to the principal after a day."""
        return sum(cents for day, cents in self.capitalised if day > on)

    def earned_in_pause(self, on: date) -> int:
        """Interest earned so far in a pause under way that is added to the principal when it ends."""
        pause = next((p for p in self.periods if p.pause and p.due_on > on), None)
        if pause is None or not self.capitalised_after(on):
            return 0
        return self.earned(pause.start, self.accrued_to(on), self._repaid_by(on))

    def balance_before(self, index: int) -> int:
        """Principal outstanding at the start of period `index` (from 0)."""
        return self.plan.principal_cents if index == 0 else self.parts()[index - 1].balance

    def daily_interest(self, index: int, before: int) -> Fraction | None:
        """Interest of each day of a period, `before` being the principal before it; None where days differ."""
        period, since = self.periods[index], self.due_before(index)
        even = self.plan.earns_evenly(period.start, regular=period.regular) and period.ends_on > period.start
        if self.moved_within(period) or not even:
            return None
        entered = sum(cents for day, cents in self.changes_of_balance() if since < day <= period.start)
        flat = self.plan.method == RepayMethod.FLAT
        on_cents = period.flat_on_cents if flat else before + entered
        return self.accrual(period) * on_cents / (period.ends_on - period.start).days

    def _flat_drawn(self, period: Period, on: date) -> int:
        """What was drawn or repaid within a period by a day, which bears flat interest where days count (Fineract)."""
        if self.plan.payment_basis == "formula" or self.plan.nominal_years() is not None:
            return 0
        return sum(cents for day, cents in self.moves if period.start < day <= on)

    def flat_on(self, period: Period) -> int:
        """The principal of Fineract's flat interest: all advanced by a period, by its start where days count."""
        days_count = self.plan.nominal_years() is None
        moved = sum(c for day, c in self.moves if (day <= period.start if days_count else day < period.due_on))
        return self.plan.principal_cents + moved

    def nominal_due(self, period: Period) -> date:
        """The due date of a period before any roll."""
        return period.ends_on if self.plan.nominal_years() is not None else self.plan.nominal_due(period.due_on)

    def index_of(self, due_on: date) -> int:
        """Position of the installment due on a day, the last of several; ValueError names the ones there are."""
        for index in reversed(range(len(self.periods))):
            if self.periods[index].due_on == due_on and not self.periods[index].pause:
                return index
        dues = ", ".join(str(period.due_on) for period in self.periods)
        raise ValueError(f"no installment is due on {due_on}; due dates are {dues}")

    def changed(self, index: int, change: Callable[[Period], Period]) -> Running:
        """The plan with one period changed."""
        return replace(self, periods=(*self.periods[:index], change(self.periods[index]), *self.periods[index + 1 :]))

    def schedule(self) -> Schedule:
        """The whole schedule as it now stands, past rows included; its amount counts what moved besides."""
        plan = self.plan
        rows = []
        upfront = plan.fee_cents("upfront")
        if plan.down_payment_cents or upfront:
            paid = plan.down_payment_cents + upfront
            rows.append(Installment(0, plan.start_on, plan.down_payment_cents, 0, upfront, paid, plan.principal_cents))
        due = [(p, part) for p, part in zip(self.periods, self.parts(), strict=True) if not p.pause]
        for number, (period, part) in enumerate(due, start=1):
            fee = 0 if period.fee_free else plan.fee_cents("periodic")
            fee += plan.fee_cents("final") if number == len(due) and not period.fee_free else 0
            paid = part.principal + part.interest + fee
            rows.append(Installment(number, period.due_on, part.principal, part.interest, fee, paid, part.balance))
        given = sum(cents for _, cents in self.moves) + sum(p + i for _, p, i in self.taken_back)
        return Schedule(plan.amount_cents + given, plan.fee_cents("financed"), plan.start_on, tuple(rows))
