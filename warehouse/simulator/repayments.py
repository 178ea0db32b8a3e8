"""How plans are paid: month by month what falls due, what is collected, what fails, and what becomes of the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warehouse.simulator import templates as t
from warehouse.simulator.bureau import FEE_CENTS
from warehouse.simulator.cards import OWN_LENDER
from warehouse.simulator.draws import serial_within
from warehouse.simulator.latent import DEFAULTED, FORGETS, TROUBLE
from warehouse.simulator.lines import Counterparty, Lines
from warehouse.simulator.timeline import day_in_month

if TYPE_CHECKING:
    from warehouse.simulator.draws import Bools, Floats, Ints, Streams
    from warehouse.simulator.latent import Latent
    from warehouse.simulator.plans import Plans
    from warehouse.simulator.timeline import Timeline

KINDS = ("payment", "failed_debit", "reversal", "waiver", "early_settlement")
PAYMENT, FAILED, REVERSAL, WAIVER, EARLY = range(5)
STATUSES = ("running", "settled", "broken", "cancelled", "written_off")
RUNNING, SETTLED, BROKEN, CANCELLED, WRITTEN_OFF = range(5)
#: Due dates missed in a row that break a plan, and months broken after which it is written off.
BREAKS, _WRITES_OFF = 3, 9


@dataclass(frozen=True)
class Movements:
    """Movements on plans; `plan` is the plan's position, `reverses` the serial within the plan it takes back or -1."""

    plan: Ints
    received: Ints
    value: Ints
    kind: Ints
    amount: Ints
    serial: Ints
    reverses: Ints


@dataclass(frozen=True)
class Changes:
    """States of plans from a day on."""

    plan: Ints
    day: Ints
    status: Ints


@dataclass(frozen=True)
class Servicing:
    """What came of the plans of a block; the matrices are (month of the timeline, plan).

    `outstanding` is the principal at the month's end, `behind` the due dates then unpaid; `owed` are the arrears
    before the month's due date, `due` what fell due, `missed` whether it was missed. Amounts in cents.
    """

    movements: Movements
    changes: Changes
    outstanding: Ints
    behind: Ints
    owed: Ints
    due: Ints
    missed: Bools
    lines: Lines


@dataclass(frozen=True)
class Relief:
    """Schedules agreed since; matrices are (month of `latent_months`, plan).

    `due` is what falls due that month in cents, 0 in a pause, -1 where the booked schedule holds; `moved` marks the
    first month of a new schedule, into which what was owed before has gone.
    """

    due: Ints
    moved: Bools


class _Book:
    """Collects movements and changes."""

    def __init__(self) -> None:
        self.rows: list[tuple[Ints, Ints, Ints, Ints, Ints, Ints]] = []
        self.changes: list[Changes] = []
        self.written = 0

    def move(self, plan: Ints, received: Ints, kind: int, amount: Ints, *, value: Ints | None = None) -> Ints:
        """Append movements; gives their positions."""
        at = np.arange(self.written, self.written + plan.size)
        self.written += plan.size
        counts_from = received if value is None else value
        self.rows.append((plan, received, counts_from, np.full(plan.size, kind), amount, np.full(plan.size, -1)))
        return at

    def reverse(self, plan: Ints, received: Ints, amount: Ints, taken_back: Ints) -> None:
        """Append reversals of movements given by position."""
        self.move(plan, received, REVERSAL, amount)
        self.rows[-1] = (*self.rows[-1][:5], taken_back)

    def change(self, plan: Ints, day: Ints, status: int) -> None:
        """Append changes of state."""
        self.changes.append(Changes(plan, day, np.full(plan.size, status)))

    def movements(self) -> Movements:
        """All movements, numbered within their plan in the order they were written."""
        plan, received, value, kind, amount, back = (np.concatenate(c) for c in zip(*self.rows, strict=True))
        serial = serial_within(plan)
        return Movements(plan, received, value, kind, amount, serial, np.where(back >= 0, serial[back], -1))


@dataclass(frozen=True)
class _Collection:
    """One month's collection: what goes to the book, and the lines the bank account shows."""

    rng: np.random.Generator
    booked: Plans
    book: _Book
    lines: Lines

    def pays(self, who: Bools, day: Ints, amount: Ints, draw: Floats) -> None:
        """Payments on their due date; few are taken back and made again, some are booked late and count back."""
        slow = np.where((draw >= 0.004) & (draw < 0.03), 2, 0)
        plan = np.flatnonzero(who & (amount > 0))
        at = self.book.move(plan, (day + slow)[plan], PAYMENT, amount[plan], value=day[plan])
        self._line(plan, day, amount, t.PLAN_REPAYMENT)
        back = draw[plan] < 0.004
        again = plan[back]
        self.book.reverse(again, day[again] + 2, amount[again], at[back])
        self.book.move(again, day[again] + 4, PAYMENT, amount[again])

    def pays_late(self, who: Bools, day: Ints, amount: Ints, late: Ints) -> None:
        """A failed debit, then the payment some days later."""
        self.fails(who, day, amount, np.ones(day.size))
        self.once(who, day + late, PAYMENT, amount)

    def fails(self, who: Bools, day: Ints, amount: Ints, draw: Floats) -> None:
        """Failed debits on the due date, half of them tried once more."""
        plan = np.flatnonzero(who & (amount > 0))
        self.book.move(plan, day[plan], FAILED, amount[plan])
        self._line(plan, day, np.full(day.size, FEE_CENTS), t.FAILED_DEBIT)
        again = plan[draw[plan] < 0.5]
        self.book.move(again, day[again] + 3, FAILED, amount[again])

    def once(self, who: Bools, day: Ints, kind: int, amount: Ints) -> None:
        """Movements of one kind that the bank account shows as paid."""
        plan = np.flatnonzero(who & (amount > 0))
        self.book.move(plan, day[plan], kind, amount[plan])
        self._line(plan, day, amount, t.PLAN_REPAYMENT)

    def _line(self, plan: Ints, day: Ints, amount: Ints, template: int) -> None:
        other = (Counterparty.LENDER, np.full(plan.size, OWN_LENDER))
        code = np.full(plan.size, template)
        self.lines.add(self.booked.customer[plan], day[plan], amount[plan], code, other, self.rng, hours=(6, 9))


class _Run:
    """The plans' state while they are played: arrears, due dates missed in a row, months since broken, status."""

    def __init__(self, booked: Plans) -> None:
        n = booked.customer.size
        self.booked, self.book, self.lines = booked, _Book(), Lines()
        self.owed, self.misses, self.broken_for = (np.zeros(n, np.int64) for _ in range(3))
        self.status = np.where(booked.cancelled > 0, CANCELLED, RUNNING)
        self.book.change(np.arange(n), booked.started, RUNNING)
        gone = np.flatnonzero(booked.cancelled)
        self.book.change(gone, (booked.started + booked.cancelled)[gone], CANCELLED)

    def month(
        self, month: int, state: Ints, u: Floats, rng: np.random.Generator, agreed: tuple[Ints, Bools] | None
    ) -> tuple[Ints, Ints, Bools]:
        """Play one month; gives arrears before, what fell due, and whether it was missed."""
        number, day = month - self.booked.start_month, day_in_month(month, self.booked.anchor)
        live = (self.status == RUNNING) & (number >= 1)
        due, booked_holds = np.where(live, self.booked.due_cents(number), 0), np.ones(number.size, bool)
        if agreed is not None:
            booked_holds = agreed[0] < 0
            due = np.where(live & ~booked_holds, agreed[0], due)
            self.owed, self.misses = (np.where(agreed[1], 0, what) for what in (self.owed, self.misses))
        before, asked = self.owed, self.owed + due
        called = live & (asked > 0)
        fails = called & ((state == DEFAULTED) | ((state == TROUBLE) & (u[0] < 0.85)))
        paid = called & ~fails
        forgot = paid & (state == FORGETS) & (u[0] < 0.7)
        late = np.where(forgot, 3 + (12 * u[3]).astype(np.int64), 0)
        collection = _Collection(rng, self.booked, self.book, self.lines)
        waived = np.where(paid & (before > 0) & (u[2] > 0.9), before // 50, 0)
        collection.fails(fails, day, asked, u[3])
        collection.pays_late(forgot, day, asked - waived, late)
        collection.pays(paid & ~forgot, day, asked - waived, u[4])
        some = np.flatnonzero(waived)
        self.book.move(some, (day + late)[some], WAIVER, waived[some])
        part = fails & (state == TROUBLE) & (u[1] < 0.15)
        collection.once(part, day + 9, PAYMENT, asked * 2 // 5)
        self.owed = np.where(paid, 0, np.where(fails, asked - np.where(part, asked * 2 // 5, 0), before))
        self.misses = np.where(fails, self.misses + 1, np.where(paid, 0, self.misses))
        early = paid & ~forgot & booked_holds & (number >= 2) & (number < self.booked.term) & (u[2] < 0.012)
        collection.once(early, day, EARLY, self.booked.left_after(number))
        self._become(SETTLED, early | (paid & booked_holds & (number >= self.booked.term)), day + late)
        self._become(BROKEN, fails & (self.misses == BREAKS), day + 1)
        self.broken_for = np.where(np.isin(self.status, (BROKEN, WRITTEN_OFF)), self.broken_for + 1, 0)
        self._become(WRITTEN_OFF, (self.status == BROKEN) & (self.broken_for > _WRITES_OFF), day + 1)
        return before, due, fails

    def _become(self, status: int, which: Bools, day: Ints) -> None:
        plan = np.flatnonzero(which)
        self.book.change(plan, day[plan], status)
        self.status[plan] = status

    def behind(self) -> Ints:
        """Due dates unpaid by now, those after the break included."""
        return np.asarray(self.misses + np.maximum(self.broken_for - 1, 0))

    def outstanding(self, month: int) -> Ints:
        """Principal at the end of the month, of plans running or broken."""
        number = month - self.booked.start_month
        kept = np.maximum(np.minimum(number, self.booked.term) - self.behind(), 0)
        there = np.isin(self.status, (RUNNING, BROKEN)) & (number >= 0)
        return np.where(there, self.booked.left_after(kept), 0)


def service(
    streams: Streams, timeline: Timeline, hidden: Latent, booked: Plans, *, relief: Relief | None = None
) -> Servicing:
    """Play every plan from its start to the last month; `relief` are schedules agreed meanwhile."""
    n = booked.customer.size
    run, kept = _Run(booked), []
    for k, month in enumerate(timeline.latent_months):
        known = booked.known_in(month)
        u = np.ones((5, n))
        u[:, :known] = streams.at("plan_month", month).random((5, known))
        agreed = None if relief is None else (relief.due[k], relief.moved[k])
        rng = streams.at("plan_time", month)
        owed, due, missed = run.month(month, hidden.state[k][booked.customer], u, rng, agreed)
        if month in timeline.months:
            kept.append((run.outstanding(month), run.behind(), owed, due, missed))
    outstanding, behind, owed, due, missed = (np.stack(column) for column in zip(*kept, strict=True))
    names = Changes.__dataclass_fields__
    changes = Changes(**{f: np.concatenate([getattr(c, f) for c in run.book.changes]) for f in names})
    return Servicing(run.book.movements(), changes, outstanding, behind, owed, due, missed, run.lines)
