"""A loan and what was paid of it, allocated as Apache Fineract's progressive loans do it.

What is overdue comes first, the oldest installment before the next, in it fees, principal, then interest, or interest
before principal where that is said; what is more is paid ahead of the next installment (or of the last).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from tests.vectors.answers import NotUnderstoodError
from transforms.loans import changes

if TYPE_CHECKING:
    from datetime import date

    from transforms.loans.annuity import Part
    from transforms.loans.running import Running

Ahead = Literal["next", "last"]


@dataclass
class Payment:
    """One payment: its day, and what it paid."""

    on: date
    principal: int = 0
    interest: int = 0
    fees: int = 0


@dataclass
class Ledger:
    """The loan as it runs; paid of each installment by due date; the payments in their order."""

    running: Running
    ahead: Ahead = "next"
    paid: dict[tuple[date, int], Payment] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    down_payment: int = 0
    interest_first: bool = False

    def due(self, index: int) -> Part:
        """What an installment asks for, as the loan now runs."""
        return self.running.parts()[index]

    def _fee(self, index: int) -> int:
        period = self.running.periods[index]
        return 0 if period.fixed == (0, 0) or period.fee_free else self.running.plan.fee_cents("periodic")

    def left(self, index: int) -> Payment:
        """What is not paid yet of an installment."""
        part, had = self.due(index), self.of(index)
        return Payment(
            had.on, part.principal - had.principal, part.interest - had.interest, self._fee(index) - had.fees
        )

    def _key(self, index: int) -> tuple[date, int]:
        """An installment by its due date, and which of that day."""
        dues = [period.due_on for period in self.running.periods]
        return dues[index], dues[:index].count(dues[index])

    def of(self, index: int) -> Payment:
        """What was paid of an installment."""
        key = self._key(index)
        return self.paid.get(key, Payment(key[0]))

    def _unpaid(self) -> list[int]:
        """Installments with something left, in their order."""
        open_ones = [k for k, p in enumerate(self.running.periods) if not p.pause and p.is_open and p.paid_on is None]
        return [k for k in open_ones if any(v > 0 for v in self._amounts(self.left(k)))]

    @staticmethod
    def _amounts(payment: Payment) -> tuple[int, int, int]:
        return payment.interest, payment.fees, payment.principal

    def _book(self, index: int, on: date, interest: int, fees: int, principal: int) -> None:
        had = self.of(index)
        self.paid[self._key(index)] = Payment(on, had.principal + principal, had.interest + interest, had.fees + fees)
        booked = self.payments[-1]
        booked.principal += principal
        booked.interest += interest
        booked.fees += fees

    def pay(self, on: date, amount: int) -> None:
        """Allocate a payment; NotUnderstoodError where more is paid than is owed."""
        self.payments.append(Payment(on))
        # A down payment counts as made on the first day, unless one of its size is made before the first due date.
        early = on == self.running.plan.start_on or amount >= self.down_payment
        if early and on < self.running.periods[0].due_on:
            down = min(amount, self.down_payment)
            self.down_payment, amount = self.down_payment - down, amount - down
            self.payments[-1].principal += down
        while amount > 0:
            unpaid = self._unpaid()
            due = [k for k in unpaid if self.running.periods[k].due_on <= on]
            if not unpaid:
                raise NotUnderstoodError(f"payment on {on} is {amount / 100:.2f} more than is owed")
            if due:
                amount -= self._pay_due(due[0], on, amount)
            else:
                amount -= self._pay_ahead(unpaid[0 if self.ahead == "next" else -1], on, amount)

    def _pay_due(self, index: int, on: date, amount: int) -> int:
        due_on = self.running.periods[index].due_on
        if on > due_on and not self.of(index).principal:
            # Until today it was all outstanding: its interest follows that.
            self.running = changes.paid(self.running, due_on, on)
            self.running = self.running.changed(index, lambda period: replace(period, paid_on=None))
        left = self.left(index)
        fees = min(amount, left.fees)
        if self.interest_first:
            interest = min(amount - fees, left.interest)
            principal = min(amount - fees - interest, left.principal)
        else:
            principal = min(amount - fees, left.principal)
            interest = min(amount - fees - principal, left.interest)
        whole = (interest, fees, principal) == self._amounts(left)
        self._book(index, on, interest, fees, principal)
        if whole:
            if on != due_on:
                self.running = changes.paid(self.running, due_on, on)
        elif principal:
            self._in_part(index, on, principal)
        return interest + fees + principal

    def _pay_ahead(self, index: int, on: date, amount: int) -> int:
        period = self.running.periods[index]
        early = changes.paid(self.running, period.due_on, on)
        part, had, fee = early.parts()[index], self.of(index), self._fee(index)
        needed = part.principal + part.interest + fee - had.principal - had.interest - had.fees
        is_next = index == self._unpaid()[0]
        if is_next and amount >= needed:
            fees, interest = fee - had.fees, part.interest - had.interest
            self._book(index, on, interest, fees, needed - fees - interest)
            self.running = early
            return needed
        earned = max(self.running.owed_interest(on) - had.interest, 0) if is_next and self.interest_first else 0
        interest = min(amount, earned)
        self._book(index, on, interest, 0, amount - interest)
        self._in_part(index, on, amount - interest)
        return amount

    def _in_part(self, index: int, on: date, principal: int) -> None:
        parts = (*self.running.periods[index].paid_in_part, (on, principal))
        self.running = self.running.changed(index, lambda period: replace(period, paid_in_part=parts))

    def arrears(self, on: date, unpaid: set[date] | None = None) -> dict[date, tuple[int, int]]:
        """Principal and interest not paid of the installments due by a day; they stay outstanding until then.

        `unpaid`: the due dates said to be unpaid, of all others everything is taken for paid.
        """
        late = [
            k
            for k in self._unpaid()
            if self.running.periods[k].due_on <= on and (unpaid is None or self.running.periods[k].due_on in unpaid)
        ]
        for k in late:
            self.running = changes.paid(self.running, self.running.periods[k].due_on, on)
        owed = {}
        for k in late:
            part, had = self.due(k), self.of(k)
            owed[self.running.periods[k].due_on] = (part.principal - had.principal, part.interest - had.interest)
        return owed
