"""What happens to a loan, as commands that run the product's changes; sentences and objects are read into them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.vectors.answers import NotUnderstoodError
from transforms.loans import changes, restructuring

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from tests.vectors.ledger import Ledger
    from transforms.dates.calendar import Frequency
    from transforms.loans.restructuring import AgedInterest, PauseInterest

_ONE_DAY = timedelta(days=1)


@dataclass
class Command:
    """Something on a day; of several on a day the lower rank comes first."""

    on: date
    rank: int = field(default=2, kw_only=True)

    def run(self, ledger: Ledger) -> None:
        """Change the loan."""
        raise NotImplementedError


@dataclass
class Pay(Command):
    """A payment, cents."""

    cents: int

    def run(self, ledger: Ledger) -> None:
        ledger.pay(self.on, self.cents)


@dataclass
class Draw(Command):
    """A further drawdown, cents."""

    cents: int

    def run(self, ledger: Ledger) -> None:
        ledger.running = changes.draw_more(ledger.running, self.on, self.cents)


@dataclass
class ChangeRate(Command):
    """A new rate from the day on."""

    rate: Decimal
    recompute: bool = True
    before: Decimal | None = None

    def run(self, ledger: Ledger) -> None:
        if self.before is not None and self.before != ledger.running.rate_on(self.on - _ONE_DAY):
            raise NotUnderstoodError("it starts from another rate than the loan's")
        ledger.running = changes.change_rate(ledger.running, self.on, self.rate, recompute=self.recompute)


@dataclass
class PauseInterestDays(Command):
    """No interest to a day, both included."""

    last: date

    def run(self, ledger: Ledger) -> None:
        ledger.running = changes.pause_interest(ledger.running, self.on, self.last)


@dataclass
class MoveDue(Command):
    """The installment due on the day moves, later ones follow."""

    to: date

    def run(self, ledger: Ledger) -> None:
        ledger.running = changes.change_due_date(ledger.running, self.on, self.to)


@dataclass
class Prepay(Command):
    """Principal repaid besides the installments."""

    cents: int
    keep_term: bool = True

    def run(self, ledger: Ledger) -> None:
        ledger.running = changes.repay_in_part(ledger.running, self.on, self.cents, keep_term=self.keep_term)


@dataclass
class _OfArrears(Command):
    """Something about installments unpaid: by their place in the schedule, or those that were not paid."""

    unpaid: list[int] | None = field(default=None, kw_only=True)

    def owed(self, ledger: Ledger) -> dict[date, tuple[int, int]]:
        """Principal and interest not paid by the day."""
        rows = ledger.running.schedule().rows
        said = None if self.unpaid is None else {rows[place - 1].due_on for place in self.unpaid}
        return ledger.arrears(self.on, said)


@dataclass
class Unpaid(_OfArrears):
    """What is overdue on the day is outstanding until then."""

    def run(self, ledger: Ledger) -> None:
        self.owed(ledger)


@dataclass
class ReAmortise(_OfArrears):
    """Arrears spread over the installments still to come."""

    split: bool = False
    waive: bool = False

    def run(self, ledger: Ledger) -> None:
        owed = self.owed(ledger)
        waived = sum(interest for _, interest in owed.values()) if self.waive else 0
        ledger.running = restructuring.re_amortise(
            ledger.running, self.on, unpaid=owed, waived_cents=waived, split_interest=self.split
        )


@dataclass
class ReAge(_OfArrears):
    """All that is outstanding in new installments."""

    count: int
    frequency: Frequency
    first: date
    interest: AgedInterest = "runs"

    def run(self, ledger: Ledger) -> None:
        owed = self.owed(ledger)
        ledger.running = restructuring.re_age(
            ledger.running, self.on, self.count, self.frequency, self.first, unpaid=owed, interest=self.interest
        )


@dataclass
class ChangeTerm(_OfArrears):
    """So many installments more, or that many from the next due date on."""

    extra: int | None = None
    total: int | None = None

    def run(self, ledger: Ledger) -> None:
        coming = sum(p.due_on > self.on and not p.pause for p in ledger.running.periods)
        count = coming + self.extra if self.extra is not None else self.total
        owed = self.owed(ledger) if self.unpaid else {}
        ledger.running = restructuring.change_term(ledger.running, self.on, count or 0, unpaid=owed)


@dataclass
class PausePayments(_OfArrears):
    """Due dates move by whole months."""

    months: int
    interest: PauseInterest

    def run(self, ledger: Ledger) -> None:
        owed = self.owed(ledger) if self.unpaid else {}
        ledger.running = restructuring.pause_payments(ledger.running, self.on, self.months, self.interest, unpaid=owed)


@dataclass
class TakeBack(Command):
    """A payment taken back, whole or in part; of which one, and whether its interest comes first.

    Where nothing is said of either it is all principal.
    """

    cents: int
    payment: int | None = None
    interest_first: bool = False

    def run(self, ledger: Ledger) -> None:
        had = ledger.payments[self.payment - 1] if self.payment else None
        if had is None and self.interest_first and ledger.payments:
            had = ledger.payments[-1]
        interest = 0
        if had is not None:
            whole = self.cents >= had.principal + had.interest
            first = min(self.cents, had.interest) if self.interest_first else max(self.cents - had.principal, 0)
            interest = had.interest if whole else first
        ledger.running = restructuring.take_back(ledger.running, self.on, self.cents - interest, interest)


@dataclass
class ChargeOff(Command):
    """Written off: as it stands, all due at once, or without interest from the day after."""

    how: str = "regular"

    def run(self, ledger: Ledger) -> None:
        if self.how == "accelerate":
            ledger.running = changes.accelerate(ledger.running, self.on)
        elif self.how == "zero_interest":
            last = ledger.running.periods[-1].due_on
            ledger.running = changes.pause_interest(ledger.running, self.on + _ONE_DAY, last)
