"""Credit at other lenders as a bureau reports it month by month, and who asked the bureau.

Loans amortise as annuities; what is overdue grows with the customer's state of payment, account by account, and is paid
when the state clears (the bank account shows three payments at most; the rest was settled elsewhere). Other lenders'
figures are made up, so plain floating point sets them, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warehouse.simulator import templates as t
from warehouse.simulator.draws import cents, serial_within
from warehouse.simulator.latent import DEFAULTED, FORGETS, PAYS, TROUBLE
from warehouse.simulator.lines import Counterparty, Lines
from warehouse.simulator.population import CARD_TYPES, MORTGAGOR, PAYROLL, STUDENT, UNEMPLOYED
from warehouse.simulator.timeline import day_in_month, days_in_month, month_start

if TYPE_CHECKING:
    from warehouse.simulator.draws import Bools, Floats, Ints, Streams
    from warehouse.simulator.latent import Latent
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

KINDS = ("credit_card", "consumer_loan", "installment_plan", "mortgage", "car_loan", "micro_loan", "guarantee")
CARD, CONSUMER, PLAN, MORTGAGE, CAR, MICRO, GUARANTEE = range(7)
LENDERS = 40
#: What the bank charges for a failed debit.
FEE_CENTS = 2000
_TEMPLATE = {MORTGAGE: t.MORTGAGE, CAR: t.CAR_LOAN, CONSUMER: t.CONSUMER_LOAN, MICRO: t.MICRO_LOAN}
#: Use of a card's limit by the holder's way of paying.
_USE = np.array([0.14, 0.52, 0.82, 0.70])


@dataclass(frozen=True)
class Accounts:
    """Accounts at other lenders, those of before the history first, then month by month; amounts in cents."""

    customer: Ints
    kind: Ints
    lender: Ints
    opened_month: Ints
    due_day: Ints
    limit: Ints
    rate: Floats
    term: Ints
    payment: Ints
    serial: Ints
    new: Bools

    def known_in(self, month: int) -> int:
        """How many accounts are there by the end of a month: the first so many."""
        return int(np.count_nonzero(~self.new | (self.opened_month <= month)))


def annuity(principal: Floats, monthly: Floats, term: Ints) -> Floats:
    """Level payment that repays `principal` in `term` payments at a monthly rate above zero."""
    return np.asarray(principal * monthly / (1.0 - (1.0 + monthly) ** -term.astype(np.float64)))


def remaining(principal: Ints, monthly: Floats, term: Ints, paid: Ints) -> Ints:
    """Principal left of an annuity after `paid` payments, in whole cents."""
    full = (1.0 + monthly) ** term
    left = principal * (full - (1.0 + monthly) ** np.minimum(paid, term)) / (full - 1.0)
    return np.rint(left).astype(np.int64)


def accounts(streams: Streams, people: Population, timeline: Timeline) -> Accounts:
    """Draw the accounts open at the beginning and those opened in the simulated months."""
    parts = [_stock(streams.at("credit_stock"), people, timeline)]
    parts += [_opened(streams.at("credit_new", month), people, month) for month in timeline.months]
    customer, kind, opened, day, new = (np.concatenate([p[i] for p in parts]) for i in range(5))
    u = np.concatenate([p[5] for p in parts], axis=1)
    income = people.base_income[customer]
    term = np.select(
        [kind == MORTGAGE, kind == CAR, kind == CONSUMER],
        [np.where(u[0] < 0.5, 240, 360), np.where(u[0] < 0.5, 36, 60), np.array([12, 24, 36])[(u[0] * 3).astype(int)]],
        np.array([3, 6, 12])[(u[0] * 3).astype(int)],
    )
    rate = np.select([kind == MORTGAGE, kind == CAR, kind == CONSUMER], [0.033, 0.055, 0.06 + 0.09 * u[1]], 0.24)
    burden = np.select([kind == MORTGAGE, kind == CAR], [0.16 + 0.18 * u[2], 0.05 + 0.06 * u[2]], 0.0)
    factor = (1.0 - (1.0 + rate / 12.0) ** -term.astype(np.float64)) / (rate / 12.0)
    sized = np.select([kind == CONSUMER, kind == MICRO], [0.8 + 2.7 * u[2], 0.15 + 0.6 * u[2]], 0.8 + 2.5 * u[2])
    principal = np.where(burden > 0, burden * factor * income, sized * income)
    principal = np.maximum(np.round(principal, -2), 500.0)
    payment = np.where(kind == CARD, 0.0, annuity(principal, rate / 12.0, term))
    lender = np.where(kind == MICRO, 25 + (15 * u[3]).astype(np.int64), 1 + (24 * u[3]).astype(np.int64))
    return Accounts(
        customer, kind, lender, opened, day, cents(principal), rate, term, cents(payment), serial_within(customer), new
    )


_Batch = tuple["Ints", "Ints", "Ints", "Ints", "Bools", "Floats"]


def _stock(rng: np.random.Generator, people: Population, timeline: Timeline) -> _Batch:
    n, first = people.size, timeline.months.start
    active = ~people.thin_file & (people.kind != STUDENT)
    weak = np.exp(-0.25 * people.ability - 0.35 * people.willingness)
    car = active & (rng.random(n) < 0.10) & (people.kind != UNEMPLOYED)
    wanted = (
        (MORTGAGE, active & (people.home == MORTGAGOR) & (people.kind == PAYROLL), 12, 180),
        (CAR, car, 1, 32),
    )
    parts = [(np.flatnonzero(who), code, low, high) for code, who, low, high in wanted]
    for code, rate, high in ((CONSUMER, 0.28 * weak, 14), (MICRO, 0.16 * weak**2, 5), (CARD, 0.9 * np.ones(n), 90)):
        count = np.minimum(rng.poisson(rate), 5) * active
        parts.append((np.repeat(np.arange(n), count), code, 1, high))
    customer = np.concatenate([p[0] for p in parts])
    kind = np.concatenate([np.full(p[0].size, p[1]) for p in parts])
    age = np.concatenate([rng.integers(p[2], p[3], p[0].size) for p in parts])
    day, u = rng.integers(1, 29, customer.size), rng.random((4, customer.size))
    return customer, kind, first - age, day, np.zeros(customer.size, bool), u


def _opened(rng: np.random.Generator, people: Population, month: int) -> _Batch:
    active = (people.onboarded <= month_start(month)) & (people.kind != STUDENT)
    weak = np.exp(-0.25 * people.ability - 0.35 * people.willingness)
    drawn = rng.random((3, people.size))
    rates = ((CONSUMER, 0.011 * weak), (MICRO, 0.012 * weak**2), (CARD, 0.006 * np.ones(people.size)))
    parts = [np.flatnonzero(active & (drawn[i] < rate)) for i, (_, rate) in enumerate(rates)]
    customer = np.concatenate(parts)
    kind = np.concatenate([np.full(p.size, k) for p, (k, _) in zip(parts, rates, strict=True)])
    day, u = rng.integers(1, 29, customer.size), rng.random((4, customer.size))
    return customer, kind, np.full(customer.size, month), day, np.ones(customer.size, bool), u


def burden(people: Population, held: Accounts) -> Floats:
    """Monthly payments of the accounts of before the history over monthly income."""
    stock = ~held.new
    due = np.bincount(held.customer[stock], weights=held.payment[stock], minlength=people.size)
    return np.asarray(due / (100.0 * people.base_income))


@dataclass(frozen=True)
class Reports:
    """Monthly reports: `account` is the position in the accounts; amounts in cents, days are epoch days."""

    account: Ints
    reported: Ints
    arrival: Ints
    balance: Ints
    left: Ints
    dpd: Ints
    overdue: Ints
    status: Ints


STATUSES = ("open", "closed", "settled", "written_off")
_OPEN, _CLOSED, _SETTLED, _WRITTEN_OFF = range(4)


def reports(
    streams: Streams, people: Population, timeline: Timeline, hidden: Latent, held: Accounts
) -> tuple[Reports, Lines]:
    """Play the accounts month by month: what the bureau hears at each month's end and what the bank account pays."""
    lines, parts = Lines(), []
    n = held.customer.size
    streak, over = np.zeros(n, np.int64), np.zeros(n, bool)
    monthly = held.rate / 12.0
    lag = 2 + held.lender % 7
    for month in timeline.latent_months:
        known = held.known_in(month)
        u = np.ones((3, n))
        u[:, :known] = streams.at("credit_month", month).random((3, known))
        state = hidden.state[month - timeline.latent_months.start][held.customer]
        elapsed = month - held.opened_month
        alive = (elapsed >= 0) & ~over
        loan = held.kind != CARD
        due = alive & (elapsed >= 1) & ~(loan & (elapsed - streak > held.term))
        missed = due & ((state == DEFAULTED) | ((state == TROUBLE) & (u[0] < 0.75)))
        cleared = np.where(due & ~missed, streak, 0)
        streak = np.where(missed, streak + 1, np.where(due, 0, streak))
        due_on = day_in_month(month, held.due_day)
        month_end = int(month_start(month) + days_in_month(month) - 1)
        forgot = due & (state == FORGETS) & (u[0] < 0.5)
        wait = np.where(forgot, 3 + (14 * u[1]).astype(np.int64), 0)
        use = np.clip(_USE[people.card_type[held.customer]] + 0.25 * (u[2] - 0.5) + 0.12 * (state >= TROUBLE), 0.0, 1.0)
        card_balance = np.rint(held.limit * use).astype(np.int64)
        card_share = np.where(people.card_type[held.customer] == CARD_TYPES.index("transactor"), 0.95, 0.18)
        card_payment = np.rint(card_balance * card_share).astype(np.int64)
        payment = np.where(loan, held.payment, card_payment)
        if month < timeline.months.start:
            continue
        paid = np.clip(elapsed - streak, 0, held.term)
        balance = np.where(loan, remaining(held.limit, monthly, held.term, paid), card_balance)
        behind = (due_on + wait > month_end) & forgot
        dpd = np.where(streak > 0, (streak - 1) * 30 + np.maximum(month_end - due_on, 1), 0)
        dpd = np.where(behind, np.maximum(month_end - due_on, 1), dpd)
        arrears = np.where(loan, payment, np.maximum(card_balance // 10, 1000))
        overdue = np.where(dpd > 0, np.minimum(arrears * np.maximum(streak, 1), np.maximum(balance, arrears)), 0)
        settled = loan & alive & (balance == 0)
        status = np.select([settled, streak > 12], [_SETTLED, _WRITTEN_OFF], _OPEN)
        told = np.flatnonzero(alive)
        parts.append(
            Reports(
                told,
                np.full(told.size, month_end),
                month_end + lag[told],
                balance[told],
                np.maximum(held.term - paid, 0)[told],
                np.where(settled, 0, dpd)[told],
                np.where(settled, 0, overdue)[told],
                status[told],
            )
        )
        over |= settled
        _pay(streams, held, month, due & ~missed, (due_on, wait, payment * (1 + np.minimum(cleared, 2) * loan)), lines)
        _fail(streams, held, month, missed & loan & (u[1] < 0.5), due_on, lines)
    _borrow(streams, held, timeline, lines)
    names = Reports.__dataclass_fields__
    return Reports(**{f: np.concatenate([getattr(p, f) for p in parts]) for f in names}), lines


def _pay(
    streams: Streams, held: Accounts, month: int, pays: Bools, when: tuple[Ints, Ints, Ints], lines: Lines
) -> None:
    due_on, wait, payment = when
    who = np.flatnonzero(pays & (payment > 0))
    template = np.full(held.kind.size, t.CARD_REPAYMENT)
    for kind, code in _TEMPLATE.items():
        template[held.kind == kind] = code
    rng = streams.at("time", month)
    day = due_on[who] + wait[who]
    other = (Counterparty.LENDER, held.lender[who])
    lines.add(held.customer[who], day, payment[who], template[who], other, rng, hours=(6, 9))


def _fail(streams: Streams, held: Accounts, month: int, missed: Bools, due_on: Ints, lines: Lines) -> None:
    """The bank charges for a debit it could not pay."""
    who = np.flatnonzero(missed)
    other, fee = (Counterparty.LENDER, held.lender[who]), np.full(who.size, FEE_CENTS)
    code, rng = np.full(who.size, t.FAILED_DEBIT), streams.at("failed", month)
    lines.add(held.customer[who], due_on[who], fee, code, other, rng, hours=(6, 9))


def _borrow(streams: Streams, held: Accounts, timeline: Timeline, lines: Lines) -> None:
    """A new loan is paid out on the account."""
    for month in timeline.months:
        who = np.flatnonzero(held.new & (held.opened_month == month) & (held.kind != CARD))
        rng = streams.at("borrow", month)
        other = (Counterparty.LENDER, held.lender[who])
        day = day_in_month(month, held.due_day[who])
        lines.add(held.customer[who], day, held.limit[who], np.full(who.size, t.LOAN_IN), other, rng, hours=(9, 18))


REASONS = ("loan_approval", "card_approval", "post_loan", "guarantee", "self")


@dataclass(frozen=True)
class Inquiries:
    """Inquiries at the bureau."""

    customer: Ints
    day: Ints
    lender: Ints
    reason: Ints


def inquiries(streams: Streams, people: Population, timeline: Timeline, hidden: Latent, held: Accounts) -> Inquiries:
    """Draw inquiries: for each account opened, from shopping around, from post-loan checks, and before a default."""
    parts: list[Inquiries] = []
    for month in timeline.months:
        rng = streams.at("inquiry", month)
        k = month - timeline.latent_months.start
        strained = np.isin(hidden.state[k], (TROUBLE,)) | (hidden.shock[k] > 0) & (hidden.state[k] == PAYS)
        shop = 0.10 * np.exp(-0.45 * people.willingness - 0.2 * people.ability) * np.where(strained, 4.0, 1.0)
        counts = np.stack([rng.poisson(np.minimum(shop, 2.0)), rng.poisson(0.05, people.size)])
        counts[1] = np.minimum(counts[1], 1)
        opened = np.flatnonzero(held.new & (held.opened_month == month))
        customer = np.concatenate([np.repeat(np.arange(people.size), c) for c in counts])
        reason = np.concatenate(
            [np.where(rng.random(counts[0].sum()) < 0.7, 0, 1), np.where(rng.random(counts[1].sum()) < 0.85, 2, 4)]
        )
        day = month_start(month) + (days_in_month(month) * rng.random(customer.size)).astype(np.int64)
        lender = 1 + (LENDERS * rng.random(customer.size)).astype(np.int64) % LENDERS
        before = np.maximum(day_in_month(month, held.due_day[opened]) - 1, month_start(month))
        parts.append(Inquiries(customer, day, lender, reason))
        why = np.where(held.kind[opened] == CARD, 1, 0)
        parts.append(Inquiries(held.customer[opened], before, held.lender[opened], why))
    fields = Inquiries.__dataclass_fields__
    return Inquiries(**{f: np.concatenate([getattr(p, f) for p in parts]).astype(np.int64) for f in fields})
