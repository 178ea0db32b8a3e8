"""The lender's own credit cards, cycle by cycle: transactors, revolvers, minimum payers and the late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warehouse.simulator import templates as t
from warehouse.simulator.draws import cents
from warehouse.simulator.latent import DEFAULTED, FORGETS, TROUBLE
from warehouse.simulator.lines import Counterparty, Lines
from warehouse.simulator.population import LATE, MINIMUM, REVOLVER, STUDENT, TRANSACTOR, UNEMPLOYED
from warehouse.simulator.seasons import season
from warehouse.simulator.timeline import day_in_month, month_of

if TYPE_CHECKING:
    from warehouse.simulator.draws import Bools, Ints, Streams
    from warehouse.simulator.latent import Latent
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

#: Interest a day on what is carried over (0.05 %), in parts of ten thousand, and days of a cycle.
_DAILY_BP, _CYCLE_DAYS = 5, 30
_DUE_DAYS = 20
_WARM_UP = 6
OWN_LENDER = 0


@dataclass(frozen=True)
class Statements:
    """Card cycles; `customer` is the position in the block, days are epoch days, amounts cents."""

    customer: Ints
    cycle_end: Ints
    due: Ints
    limit: Ints
    balance: Ints
    min_due: Ints
    paid: Ints
    purchases: Ints
    cash: Ints
    interest: Ints
    past_due: Ints


@dataclass(frozen=True)
class Cards:
    """Own cards of a block: who holds one, since when, with which limit, and its statements."""

    holds: Bools
    opened: Ints
    limit: Ints
    statements: Statements
    lines: Lines


def cards(streams: Streams, people: Population, timeline: Timeline, hidden: Latent) -> Cards:
    """Play the block's own cards from half a year before the history on."""
    rng, n = streams.at("card"), people.size
    holds = (rng.random(n) < 0.62) & ~people.thin_file & (people.kind != STUDENT) & (people.kind != UNEMPLOYED)
    limit = 100_000 * np.maximum(np.round(people.base_income * (1.0 + 2.5 * rng.random(n)) / 1000.0), 2).astype(
        np.int64
    )
    cycle_day = rng.integers(1, 29, n)
    appetite = 0.10 + 0.16 * rng.random(n)
    opened = np.maximum(people.onboarded, timeline.first_day - 200 - (1800 * rng.random(n)).astype(np.int64))
    carry = np.where(people.card_type == TRANSACTOR, 0.0, limit * np.array([0, 0.35, 0.6, 0.5])[people.card_type])
    carry = np.rint(carry).astype(np.int64)
    past_due = np.zeros(n, np.int64)
    lines, parts = Lines(), []
    for month in range(timeline.months.start - _WARM_UP, timeline.months.stop):
        u = streams.at("card_month", month).random((7, n))
        cycle_end = day_in_month(month, cycle_day)
        due = cycle_end + _DUE_DAYS
        active = holds & (opened < cycle_end - 25)
        state = hidden.state[timeline.latent_index(month_of(due)), np.arange(n)]
        room = np.maximum(limit - carry, 0) * (past_due < 2)
        wanted = cents(people.base_income * appetite * season(month) * (0.6 + 0.8 * u[0]))
        cash = np.where((people.card_type >= MINIMUM) & (u[1] < 0.2), 50_000 + 10_000 * (10 * u[2]).astype(np.int64), 0)
        cash = np.minimum(cash, room)
        purchases = np.minimum(wanted, room - cash)
        interest = np.where(carry > 0, carry * _DAILY_BP * _CYCLE_DAYS // 10_000, 0)
        balance = carry + purchases + cash + interest
        min_due = np.minimum(np.maximum(balance // 10, 1000), balance)
        share = np.where(people.card_type == REVOLVER, 0.15 + 0.55 * u[3], 0.10)
        paid = np.where(people.card_type == TRANSACTOR, balance, np.maximum(np.rint(balance * share), min_due))
        paid = np.minimum(paid.astype(np.int64), balance)
        fails = (state == DEFAULTED) | ((state == TROUBLE) & (u[4] < 0.8))
        tardy = ~fails & (((state == FORGETS) & (u[4] < 0.7)) | ((people.card_type == LATE) & (u[4] < 0.22)))
        in_time = np.where(fails | tardy, 0, paid)
        after = np.where(tardy, paid, 0)
        past_due = np.where(balance <= 0, 0, np.where(in_time >= min_due, 0, past_due + 1))
        keep = np.flatnonzero(active & (due >= timeline.first_day))
        fields = (keep, cycle_end, due, limit, balance, min_due, in_time, purchases, cash, interest, past_due)
        parts.append(Statements(keep, *(f[keep] for f in fields[1:])))
        early = (np.minimum(11, _DUE_DAYS) * u[5]).astype(np.int64)
        day = np.where(tardy, due + 2 + (12 * u[5]).astype(np.int64), due - early)
        payer = np.flatnonzero(active & (in_time + after > 0))
        code = np.full(payer.size, t.CARD_REPAYMENT)
        other = (Counterparty.LENDER, np.full(payer.size, OWN_LENDER))
        clock = streams.at("card_time", month)
        lines.add(payer, day[payer], (in_time + after)[payer], code, other, clock, hours=(8, 22))
        past_due = np.where(tardy, 0, np.minimum(past_due, 60))
        carry = np.where(active, balance - in_time - after, carry)
    names = Statements.__dataclass_fields__
    return Cards(
        holds, opened, limit, Statements(**{f: np.concatenate([getattr(p, f) for p in parts]) for f in names}), lines
    )
