"""One block of customers played from end to end: people, their money, their credit, and the frames of all feeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.simulator import (
    bank,
    bureau,
    cards,
    cases,
    commerce,
    feeds_bank,
    feeds_commerce,
    feeds_credit,
    feeds_plans,
    income,
    instruments,
    judgement,
    master,
    plans,
    repayments,
    truth,
)
from warehouse.simulator.arrivals import Post
from warehouse.simulator.draws import BLOCK, Ints, Streams
from warehouse.simulator.latent import latent
from warehouse.simulator.lines import Lines
from warehouse.simulator.population import population
from warehouse.simulator.unusual import UNUSUAL, unusual

if TYPE_CHECKING:
    import polars as pl

    from warehouse.simulator.commerce import Merchants
    from warehouse.simulator.timeline import Timeline


@dataclass(frozen=True)
class Block:
    """What one block gives: feeds by name, each with `_arrival`; truth tables by name."""

    feeds: dict[str, pl.DataFrame]
    truth: dict[str, pl.DataFrame]


def play(
    seed: int, block: int, numbers: Ints, timeline: Timeline, shops: Merchants, *, shocks: bool, late: bool
) -> Block:
    """Play the customers of one block, `numbers` being their customer numbers."""
    streams, post = Streams(seed, block), Post(seed, late=late)
    people = population(streams, numbers, timeline, employers=max(10, BLOCK // 40))
    held = bureau.accounts(streams, people, timeline)
    burden = bureau.burden(people, held)
    hidden = latent(streams, people, timeline, burden, shocks=shocks)
    earned = income.income(streams, people, timeline, hidden)
    told, loan_lines = bureau.reports(streams, people, timeline, hidden, held)
    carded = cards.cards(streams, people, timeline, hidden)
    booked = plans.plans(streams, people, timeline, hidden, shops.by_purpose)
    served = repayments.service(streams, timeline, hidden, booked)
    obligations = Lines()
    for part in (loan_lines, carded.lines, served.lines):
        obligations.extend(part.arrays())
    odd = unusual(streams, people, timeline)
    posted = bank.bank(streams, people, timeline, hidden, earned, obligations, odd.lines)
    placed = commerce.orders(streams, people, timeline, shops, booked)
    asked = commerce.requests(streams, people, timeline, shops, booked)
    own = feeds_credit.own_accounts(people, timeline, carded, booked, served)
    feeds = {
        "bank.customer": master.customers(streams, people, timeline),
        "bank.account": master.bank_accounts(people, timeline),
        "bank.account_balance": feeds_bank.account_balance(people, posted),
        "bank.bank_transaction": feeds_bank.bank_transaction(people, posted, post, odd),
        "bank.consent": master.consents(streams, people, timeline),
        "bank.analyst_note": judgement.analyst_notes(streams, people, timeline),
        "bank.co_obligor": judgement.co_obligors(streams, people),
        "commerce.commerce_order": feeds_commerce.commerce_order(people, placed, post),
        "commerce.order_refund": feeds_commerce.order_refund(people, placed, commerce.refunds(people, placed), post),
        "commerce.installment_request": feeds_commerce.installment_request(people, asked, booked),
        "commerce.payment_instrument": instruments.payment_instrument(streams, people, timeline, carded),
        "credit.credit_account": feeds_credit.credit_account(people, held, told, own),
        "credit.customer_line": feeds_plans.customer_line(streams, people, timeline, hidden, booked, served),
        "credit.card_statement": feeds_credit.card_statement(people, carded, post),
        "credit.credit_inquiry": feeds_credit.credit_inquiry(
            people, bureau.inquiries(streams, people, timeline, hidden, held)
        ),
        "credit.installment_plan": feeds_plans.installment_plan(people, timeline, booked, served),
        "credit.hardship_case": cases.hardship_case(streams, people, timeline, hidden, booked),
        "credit.service_case": cases.service_case(streams, people, timeline, hidden, booked),
        "credit.repayment": feeds_plans.repayment(people, booked, served, post),
    }
    tables = truth.tables(people, timeline, hidden, earned, burden, booked, served)
    return Block(feeds, tables | {UNUSUAL: odd.frame(people)})
