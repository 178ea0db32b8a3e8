"""The books of many plans side by side while money is allocated: arrays of (plan, installment, component), cents."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from transforms.loans.rules import COMPONENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from transforms.policy.sections import Servicing

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

PAYMENT, WAIVER, EARLY, SNAPSHOT = range(4)
NEVER = np.int64(2**40)
_INTEREST, _FEE, _PRINCIPAL = range(3)


class Ledger:
    """The books of a chunk of plans; days are days since 1970.

    `cells` are number, start and due date of each installment, `amounts` its components, `earning` what had been earned
    before its start, what is earned a day, numerator and denominator, and what is earned in all. What is found is in
    `positions`, `peaks`, `settled` and `prepaid` (:class:`transforms.loans.allocation.Replay`).
    """

    def __init__(
        self,
        first: int,
        counts: Ints,
        cells: tuple[Ints, Ints, Ints],
        amounts: Ints,
        earning: tuple[Ints, Ints, Ints, Ints],
        rules: Servicing,
    ) -> None:
        n, longest = counts.size, int(counts.max())
        row = np.repeat(np.arange(n), counts)
        column = np.arange(row.size) - np.repeat(np.cumsum(counts) - counts, counts)
        self.first, self.rules, self.settlement_fee_bp = first, rules, 0
        self.number, self.start = (np.zeros((n, longest), np.int64) for _ in range(2))
        self.due = np.full((n, longest), NEVER)
        for target, values in zip((self.number, self.start, self.due), cells, strict=True):
            target[row, column] = values
        self.total = np.zeros((n, longest, len(COMPONENTS)), np.int64)
        self.total[row, column] = amounts
        self.brought, self.numerator, self.own = (np.zeros((n, longest), np.int64) for _ in range(3))
        self.denominator = np.ones((n, longest), np.int64)
        for target, values in zip((self.brought, self.numerator, self.denominator, self.own), earning, strict=True):
            target[row, column] = values
        self.rests_to = _due_before(self.start, self.due)
        self.open = self.total.copy()
        self.ahead, self.ahead_principal = (np.zeros((n, longest), np.int64) for _ in range(2))
        self.paid, self.waived, self.over = (np.zeros(n, np.int64) for _ in range(3))
        self.last_paid = np.full(n, -NEVER)
        self.late, self.late_to = np.zeros(n, np.int64), np.full(n, -NEVER)
        self.settled_day = np.full((n, longest), NEVER)
        self.last_due = np.where(self.due < NEVER, self.due, -NEVER).max(axis=1)
        self.positions: list[tuple[Ints, ...]] = []
        self.peaks: list[tuple[Ints, ...]] = []
        self.settled: list[tuple[Ints, ...]] = []
        self.prepaid: list[tuple[Ints, ...]] = []

    def play(self, plan: Ints, day: Ints, kind: Ints, cents: Ints, use: Ints) -> None:
        """Go through all events; `plan` is ascending.

        `use` has two columns for an early settlement: interest earned by then, and interest capitalised for days still
        to come; NEVER: as the installments say.
        """
        row = plan - self.first
        rank = np.arange(row.size) - np.searchsorted(row, row, side="left")
        order = np.argsort(rank, kind="stable")
        steps = np.searchsorted(rank[order], np.arange(int(rank.max(initial=-1)) + 2))
        for low, high in itertools.pairwise(steps):
            now = order[low:high]
            looks = kind[now] == SNAPSHOT
            if looks.any():
                self._look(row[now[looks]], day[now[looks]])
            if not looks.all():
                money = now[~looks]
                self._allocate(row[money], day[money], kind[money], cents[money], use[money])
        at, column = np.nonzero(self.settled_day < NEVER)
        self.settled.append(
            (at + self.first, self.number[at, column], self.due[at, column], self.settled_day[at, column])
        )

    def _oldest(self, left: Ints, due: Ints, reached: Bools) -> Ints:
        """Due date of the first installment, among those `reached`, short by more than the tolerance; NEVER: none."""
        short = np.cumsum(np.where(reached, left, 0), axis=1) > self.rules.shortfall_tolerance_cents
        return np.where(short.any(axis=1), due[np.arange(due.shape[0]), short.argmax(axis=1)], NEVER)

    def _late(self, row: Ints, day: Ints) -> Ints:
        """Cent-days of overdue principal up to a day: those counted so far and those since."""
        due, to = self.due[row], self.late_to[row][:, None]
        settled = due + self.rules.grace_days
        begun = np.where(to > settled, to, due)
        days = np.where(settled < day[:, None], np.maximum(day[:, None] - begun, 0), 0)
        return np.asarray(self.late[row] + (self.open[row][:, :, _PRINCIPAL] * days).sum(axis=1))

    def _allocate(self, row: Ints, day: Ints, kind: Ints, cents: Ints, use: Ints) -> None:
        self.late[row], self.late_to[row] = self._late(row, day), day
        left, due = self.open[row], self.due[row]
        oldest = self._oldest(left.sum(axis=2), due, due < day[:, None])
        behind = np.maximum(day - 1 - oldest, 0)
        late = np.flatnonzero(behind)
        self.peaks.append((row[late] + self.first, day[late] - 1, behind[late]))
        reached = due <= day[:, None]
        taken = self._pour_due(np.where(reached[:, :, None], left, 0), cents, day - oldest)
        left = left - taken
        rest = cents - taken.sum(axis=(1, 2))
        early, money = kind == EARLY, kind != WAIVER
        plain = np.where(early, 0, rest)
        ahead = _pour(np.where(reached[:, :, None], 0, left), plain, "installment", self.rules.allocation_order)
        left = left - ahead
        self.ahead[row] += ahead.sum(axis=2)
        self.ahead_principal[row] += ahead[:, :, _PRINCIPAL]
        self.over[row] += plain - ahead.sum(axis=(1, 2))
        self.paid[row] += np.where(money, cents, 0)
        self.waived[row] += np.where(money, 0, cents)
        self.last_paid[row] = np.where(money, day, self.last_paid[row])
        self.open[row] = left
        some = np.flatnonzero(early)
        if some.size:
            self._repay_early(row[some], day[some], rest[some], use[some])
        left = self.open[row]
        whole = self.total[row].sum(axis=2) > 0
        done = whole & (left.sum(axis=2) <= self.rules.shortfall_tolerance_cents) & (self.settled_day[row] == NEVER)
        self.settled_day[row] = np.where(done, day[:, None], self.settled_day[row])

    def _pour_due(self, left: Ints, cents: Ints, dpd: Ints) -> Ints:
        """What a movement settles of the installments due, in the order of its days past due."""
        r = self.rules
        taken = _pour(left, cents, r.allocation_by, r.allocation_order)
        late = np.flatnonzero(dpd > r.late_allocation_dpd) if r.late_allocation_dpd else np.zeros(0, np.int64)
        if late.size:
            taken[late] = _pour(left[late], cents[late], r.late_allocation_by, r.late_allocation_order)
        return taken

    def _repay_early(self, row: Ints, day: Ints, rest: Ints, use: Ints) -> None:
        """Apply what is left of an early settlement after dues: it ends the plan or prepays a part of the principal.

        Together with what was paid ahead, it ends the plan where it covers the principal not due yet. Interest is then
        owed by actual use only, and a shortfall within the tolerance is waived.
        """
        coming = (self.due[row] > day[:, None]) & (self.due[row] < NEVER)
        pool = rest + np.where(coming, self.ahead[row], 0).sum(axis=1)
        principal = np.where(coming, self._unrepaid(row), 0).sum(axis=1)
        stated = use < NEVER
        earned = np.where(stated[:, 0], use[:, 0], self._earned(row, day, coming))
        unearned = np.where(stated[:, 1], np.minimum(use[:, 1], principal), 0)
        ends = pool >= principal - unearned - self.rules.settlement_tolerance_cents
        part = np.flatnonzero(~ends)
        if part.size:
            left = np.where(coming[part][:, :, None], self.open[row[part]], 0)
            taken = _pour(left, rest[part], "component", ("principal", "interest", "fee"))
            self.open[row[part]] -= taken
            repaid = taken.sum(axis=(1, 2))
            self.over[row[part]] += rest[part] - repaid
            given = part[repaid > 0]
            self.prepaid.append((row[given] + self.first, day[given], repaid[repaid > 0]))
        whole = np.flatnonzero(ends & (principal > 0))
        if whole.size:
            self._end(row[whole], pool[whole], coming[whole], earned[whole], unearned[whole])
        nothing = np.flatnonzero(ends & (principal == 0))
        if nothing.size:
            left = np.where(coming[nothing][:, :, None], self.open[row[nothing]], 0)
            taken = _pour(left, rest[nothing], "installment", self.rules.allocation_order)
            self.open[row[nothing]] -= taken
            self.over[row[nothing]] += rest[nothing] - taken.sum(axis=(1, 2))

    def _end(self, row: Ints, pool: Ints, coming: Bools, earned: Ints, unearned: Ints) -> None:
        """A whole early settlement: principal, interest by actual use, the fee; what is over was paid too much.

        Interest capitalised for days still to come is taken off the principal it has become part of.
        """
        total, left = self.total[row], self.open[row]
        owed = np.where(coming, self._unrepaid(row), 0)
        before = np.cumsum(owed, axis=1) - owed
        total[:, :, _PRINCIPAL] -= np.clip(unearned[:, None] - before, 0, owed)
        principal = owed.sum(axis=1) - unearned
        beyond, forgiven = np.maximum(pool - principal, 0), np.maximum(principal - pool, 0)
        paid = np.minimum(beyond, earned)
        let_go = forgiven + earned - paid <= self.rules.settlement_tolerance_cents
        charged = np.where(let_go, paid, earned)
        fee = np.minimum(principal * self.settlement_fee_bp // 10_000, beyond - paid)
        first, at = coming.argmax(axis=1), np.arange(row.size)
        for part, amount, unpaid in ((_INTEREST, charged, charged - paid), (_FEE, fee, np.zeros_like(fee))):
            total[:, :, part] = np.where(coming, 0, total[:, :, part])
            left[:, :, part] = np.where(coming, 0, left[:, :, part])
            total[at, first, part], left[at, first, part] = amount, unpaid
        left[:, :, _PRINCIPAL] = np.where(coming, 0, left[:, :, _PRINCIPAL])
        self.total[row], self.open[row] = total, left
        self.ahead[row], self.ahead_principal[row] = 0, 0
        self.waived[row] += forgiven
        self.over[row] += beyond - paid - fee

    def _unrepaid(self, row: Ints) -> Ints:
        """Principal by installment that nothing but what is carried ahead has repaid."""
        return np.asarray(self.open[row][:, :, _PRINCIPAL] + self.ahead_principal[row])

    def _earned(self, row: Ints, day: Ints, coming: Bools) -> Ints:
        """Interest accrued by a day and not yet charged by an installment due, rounded half up; none after the last.

        The days by which a roll put a due date off earn nothing: neither on the installment itself nor, up to that due
        date, on the next one.
        """
        at, first = np.arange(row.size), coming.argmax(axis=1)
        cells = (self.start, self.due, self.rests_to, self.brought, self.numerator, self.denominator, self.own)
        start, due, rests_to, brought, top, bottom, own = (field[row, first] for field in cells)
        days = np.where(day > rests_to, np.clip(day - start, 0, np.maximum(due - start, 0)), 0)
        earned = np.minimum((2 * top * days + bottom) // (2 * bottom), own)
        return np.where(coming[at, first], brought + earned, 0)

    def _look(self, row: Ints, day: Ints) -> None:
        left, due, total = self.open[row], self.due[row], self.total[row]
        each, reached = left.sum(axis=2), due <= day[:, None]
        oldest = self._oldest(each, due, reached)
        behind = oldest < NEVER
        charged = total.sum(axis=2)
        owing = each.sum(axis=1) > 0
        coming = ~reached & (due < NEVER) & (charged > 0) & owing[:, None]
        following = coming.any(axis=1)
        first = coming.argmax(axis=1)
        at = np.arange(row.size)
        overdue = np.where(reached[:, :, None], left, 0).sum(axis=1)
        earned = self._earned(row, day, coming)
        held = ~reached & owing[:, None]
        self.positions.append(
            (
                row + self.first,
                day,
                np.where(reached, charged, 0).sum(axis=1),
                self.paid[row],
                self.waived[row],
                overdue.sum(axis=1),
                overdue[:, _INTEREST],
                overdue[:, _PRINCIPAL],
                left[:, :, _PRINCIPAL].sum(axis=1) + np.where(held, self.ahead_principal[row], 0).sum(axis=1),
                each.sum(axis=1),
                charged.sum(axis=1),
                total[:, :, _PRINCIPAL].sum(axis=1),
                np.where(held, self.ahead[row], 0).sum(axis=1),
                self.over[row],
                oldest,
                np.where(behind, day - oldest, 0),
                np.where(behind, (reached & (each > 0)).sum(axis=1), 0),
                coming.sum(axis=1),
                np.where(reached, due, -NEVER).max(axis=1),
                np.where(following, due[at, first], NEVER),
                np.where(following, charged[at, first], 0),
                np.where(following, each[at, first], 0),
                np.where(following, earned, 0),
                self.last_paid[row],
                self.last_due[row],
                self._late(row, day),
            )
        )


def _due_before(start: Ints, due: Ints) -> Ints:
    """The latest due date before each installment, of those with days of their own; -NEVER for none."""
    dues = np.where((start < due) & (due < NEVER), due, -NEVER)
    none = np.full((due.shape[0], 1), -NEVER)
    return np.asarray(np.concatenate([none, np.maximum.accumulate(dues, axis=1)[:, :-1]], axis=1))


def _pour(left: Ints, cents: Ints, by: str, order: Sequence[str]) -> Ints:
    """How much of each cell `cents` settle, filling the cells by installment or by component, in `order`."""
    places = [COMPONENTS.index(name) for name in order]
    axes = (0, 1, 2) if by == "installment" else (0, 2, 1)
    queue = left[:, :, places].transpose(axes)
    flat = queue.reshape(left.shape[0], -1)
    before = np.cumsum(flat, axis=1) - flat
    taken = np.clip(cents[:, None] - before, 0, flat).reshape(queue.shape).transpose(axes)
    return np.asarray(taken[:, :, np.argsort(places)])
