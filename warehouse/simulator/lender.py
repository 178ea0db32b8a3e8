"""One block of customers played from end to end: people, their money, their credit, of which the feeds are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.simulator import (
    bank,
    bureau,
    cards,
    commerce,
    feeds_credit,
    income,
    plans,
    repayments,
    truth,
)
from warehouse.simulator.arrivals import Post
from warehouse.simulator.draws import BLOCK, Floats, Ints, Streams
from warehouse.simulator.latent import Latent, latent
from warehouse.simulator.lines import Lines
from warehouse.simulator.population import Population, population
from warehouse.simulator.unusual import UNUSUAL, Unusual, unusual

if TYPE_CHECKING:
    import polars as pl

    from warehouse.simulator.timeline import Timeline


@dataclass(frozen=True)
class Everyone:
    """What there is once for all customers: draws that belong to none of them, dates, the shops they buy in."""

    streams: Streams
    timeline: Timeline
    shops: commerce.Merchants


@dataclass(frozen=True)
class Played:
    """What was played of one block of customers; a feed's function names of it what its rows are made of."""

    streams: Streams
    post: Post
    timeline: Timeline
    shops: commerce.Merchants
    people: Population
    held: bureau.Accounts
    burden: Floats
    hidden: Latent
    earned: income.Income
    reports: bureau.Reports
    inquiries: bureau.Inquiries
    carded: cards.Cards
    booked: plans.Plans
    served: repayments.Servicing
    odd: Unusual
    posted: bank.Bank
    placed: commerce.Orders
    refunds: commerce.Refunds
    requests: commerce.Requests
    own: pl.DataFrame

    def truth(self) -> dict[str, pl.DataFrame]:
        """What really was, which no feed says: tables by name."""
        known = (self.hidden, self.earned, self.burden, self.booked, self.served)
        return truth.tables(self.people, self.timeline, *known) | {UNUSUAL: self.odd.frame(self.people)}


def play(seed: int, block: int, numbers: Ints, everyone: Everyone, *, shocks: bool, late: bool) -> Played:
    """Play the customers of one block, `numbers` being their customer numbers."""
    streams, post = Streams(seed, block), Post(seed, late=late)
    timeline, shops = everyone.timeline, everyone.shops
    people = population(streams, numbers, timeline, employers=max(10, BLOCK // 40))
    held = bureau.accounts(streams, people, timeline)
    burden = bureau.burden(people, held)
    hidden = latent(streams, people, timeline, burden, shocks=shocks)
    earned = income.income(streams, people, timeline, hidden)
    reports, loan_lines = bureau.reports(streams, people, timeline, hidden, held)
    carded = cards.cards(streams, people, timeline, hidden)
    booked = plans.plans(streams, people, timeline, hidden, shops.by_purpose)
    served = repayments.service(streams, timeline, hidden, booked)
    obligations = Lines()
    for part in (loan_lines, carded.lines, served.lines):
        obligations.extend(part.arrays())
    odd = unusual(streams, people, timeline)
    placed = commerce.orders(streams, people, timeline, shops, booked)
    return Played(
        streams=streams,
        post=post,
        timeline=timeline,
        shops=shops,
        people=people,
        held=held,
        burden=burden,
        hidden=hidden,
        earned=earned,
        reports=reports,
        inquiries=bureau.inquiries(streams, people, timeline, hidden, held),
        carded=carded,
        booked=booked,
        served=served,
        odd=odd,
        posted=bank.bank(streams, people, timeline, hidden, earned, obligations, odd.lines),
        placed=placed,
        refunds=commerce.refunds(people, placed),
        requests=commerce.requests(streams, people, timeline, shops, booked),
        own=feeds_credit.own_accounts(people, timeline, carded, booked, served),
    )
