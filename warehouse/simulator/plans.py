"""The lender's own installment plans: booked, paid, missed, settled early, broken; and the customers' lines.

A plan's first payment falls due a month after its start on the same day. Payments, failed debits and reversals follow
the customer's state of payment; three due dates missed in a row break a plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warehouse.simulator.draws import cents, pick
from warehouse.simulator.latent import PAYS
from warehouse.simulator.population import STUDENT, UNEMPLOYED
from warehouse.simulator.timeline import day_in_month, days_in_month, month_start

if TYPE_CHECKING:
    from warehouse.simulator.draws import Bools, Floats, Ints, Streams
    from warehouse.simulator.latent import Latent
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

PURPOSES = ("general", "appliance", "education", "medical", "travel", "car")
_PURPOSE_SHARES = (0.42, 0.30, 0.09, 0.08, 0.09, 0.02)
#: Product by purpose; an interest-free plan is the merchant's product whatever the purpose.
PRODUCTS = ("card_general", "appliance", "education", "medical", "travel", "car", "merchant_zero")
INTEREST_FREE_PRODUCT = 6
METHODS = ("ANNUITY", "EQ_PRIN", "INTEREST_FREE")
ANNUITY, EQ_PRIN, FREE = range(3)
_TERMS = np.array([[3, 6, 12, 24], [3, 6, 12, 24], [6, 12, 12, 12], [3, 6, 12, 24], [3, 6, 12, 12], [12, 24, 36, 36]])
_SCALE = np.array([0.9, 0.7, 0.9, 1.0, 0.6, 4.0])
_MAX_PLANS = 6


@dataclass(frozen=True)
class Plans:
    """Plans in the order they were booked; amounts in cents, days are epoch days."""

    customer: Ints
    seq: Ints
    start_month: Ints
    started: Ints
    anchor: Ints
    purpose: Ints
    product: Ints
    method: Ints
    principal: Ints
    rate: Floats
    term: Ints
    installment: Ints
    cancelled: Ints
    merchant: Ints
    channel: Ints

    def known_in(self, month: int) -> int:
        """How many plans are booked by the end of a month of the run-up or later: the first so many."""
        return int(np.count_nonzero(self.start_month <= month))

    def due_cents(self, number: Ints) -> Ints:
        """Amount of the installments with these numbers (1 …); 0 beyond the term. The last takes the residual."""
        i = np.clip(number, 1, self.term)
        flat = self.principal // self.term
        monthly = self.rate / 12.0
        share = np.where(i == self.term, self.principal - flat * (self.term - 1), flat)
        interest = np.rint((self.principal - flat * (i - 1)) * monthly).astype(np.int64)
        last = self.installment + self._residual()
        annuity = np.where(i == self.term, last, self.installment)
        due = np.select([self.method == ANNUITY, self.method == EQ_PRIN], [annuity, share + interest], share)
        return np.where((number >= 1) & (number <= self.term), due, 0)

    def first_due(self) -> Ints:
        """Day the first installment falls due."""
        return day_in_month(self.start_month + 1, self.anchor)

    def left_after(self, number: Ints) -> Ints:
        """Principal left after so many installments."""
        i, monthly = np.clip(number, 0, self.term), np.maximum(self.rate / 12.0, 1e-9)
        full = (1.0 + monthly) ** self.term
        left = np.rint(self.principal * (full - (1.0 + monthly) ** i) / (full - 1.0)).astype(np.int64)
        flat = self.principal - (self.principal // self.term) * i
        return np.where(i == self.term, 0, np.where(self.method == ANNUITY, left, flat))

    def _residual(self) -> Ints:
        """What the last annuity payment differs by, when interest is rounded to the cent each month."""
        left, monthly = self.principal.copy(), self.rate / 12.0
        for i in range(1, int(self.term.max(initial=1)) + 1):
            interest = np.rint(left * monthly).astype(np.int64)
            left = np.where(i <= self.term, left + interest - self.installment, left)
        return left


def line_draw(streams: Streams, people: Population) -> tuple[Bools, Floats]:
    """Who has a line with the lender, and a draw for its size; plans are for those with a line."""
    draw = streams.at("line").random(people.size)
    return ~np.isin(people.kind, (STUDENT, UNEMPLOYED)) & (draw < 0.9), draw


def plans(streams: Streams, people: Population, timeline: Timeline, hidden: Latent, merchants: Ints) -> Plans:
    """Draw the plans booked from the run-up to the last month; `merchants` maps (purpose, draw) to a merchant number.

    Only who has paid well for three months gets one, as a lender would have it.
    """
    held = np.zeros(people.size, np.int64)
    parts = []
    eager = 0.035 * np.exp(-0.35 * people.thrift) * line_draw(streams, people)[0]
    for k, month in enumerate(timeline.latent_months):
        rng = streams.at("plan_new", month)
        wants = rng.random(people.size) < eager
        sound = (hidden.state[max(k - 3, 0) : k + 1] == PAYS).all(axis=0)
        there = people.onboarded <= month_start(month)
        who = np.flatnonzero(wants & sound & there & (held < _MAX_PLANS))
        parts.append(_terms(rng, people, who, month, held[who] + 1, merchants))
        held[who] += 1
    fields = Plans.__dataclass_fields__
    return Plans(**{f: np.concatenate([getattr(p, f) for p in parts]) for f in fields})


def _terms(rng: np.random.Generator, people: Population, who: Ints, month: int, seq: Ints, merchants: Ints) -> Plans:
    n = who.size
    purpose = pick(rng, _PURPOSE_SHARES, n)
    u = rng.random((7, n))
    free = (u[0] < 0.12) & (purpose != 0) & (purpose != len(PURPOSES) - 1)
    term = _TERMS[purpose, (4 * u[1]).astype(np.int64)]
    term = np.where(free, np.minimum(term, 12), term)
    size = people.base_income[who] * _SCALE[purpose] * np.exp(0.5 * rng.standard_normal(n))
    ceiling = np.where(purpose == len(PURPOSES) - 1, 200_000.0, np.where(free, 20_000.0, 50_000.0))
    principal = cents(np.clip(np.round(size, -2), 600.0, ceiling))
    strength = np.clip(0.5 * people.ability[who] + 0.4 * people.willingness[who], -2.0, 2.0)
    rate = np.where(free, 0.0, np.round(np.clip(0.125 - 0.018 * strength + 0.02 * (u[2] - 0.5), 0.06, 0.20), 4))
    method = np.where(free, FREE, np.where((u[3] < 0.12) & (purpose != 4), EQ_PRIN, ANNUITY))
    monthly = np.maximum(rate / 12.0, 1e-9)
    level = np.rint(principal * monthly / (1.0 - (1.0 + monthly) ** -term.astype(np.float64))).astype(np.int64)
    flat = principal // term
    first = np.where(method == EQ_PRIN, flat + np.rint(principal * rate / 12.0).astype(np.int64), flat)
    anchor = 1 + (days_in_month(month) * u[4]).astype(np.int64)
    needs_shop = (purpose != 0) | free
    merchant = np.where(needs_shop, merchants[purpose, (merchants.shape[1] * u[5]).astype(np.int64)], -1)
    return Plans(
        customer=who,
        seq=seq,
        start_month=np.full(n, month),
        started=month_start(month) + anchor - 1,
        anchor=anchor,
        purpose=purpose,
        product=np.where(free, INTEREST_FREE_PRODUCT, purpose),
        method=method,
        principal=principal,
        rate=rate,
        term=term,
        installment=np.where(method == ANNUITY, level, first),
        cancelled=np.where(u[6] < 0.012, 1 + (3 * u[6] / 0.012).astype(np.int64), 0),
        merchant=merchant,
        channel=rng.integers(0, 4, n),
    )
