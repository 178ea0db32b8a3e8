"""The bank's view: what is spent, what is put aside, every posted line with its balance, and balances struck.

Fixed obligations come first; what is left of the month's target is spent, more in some months of the year. Thrift sets
the target, and a thin account cuts it, so that balances neither run away nor sink without end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warehouse.simulator import templates as t
from warehouse.simulator.draws import cents
from warehouse.simulator.latent import DEFAULTED, MEDICAL, TROUBLE
from warehouse.simulator.lines import Counterparty, LineArrays, Lines
from warehouse.simulator.population import MORTGAGOR, RENTER, SELF_EMPLOYED
from warehouse.simulator.seasons import season
from warehouse.simulator.timeline import day_in_month, days_in_month, month_of, month_start

if TYPE_CHECKING:
    from warehouse.simulator.draws import Floats, Ints, Streams
    from warehouse.simulator.income import Income
    from warehouse.simulator.latent import Latent
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

#: What the free budget goes to: templates, times a month, share of the budget, other side, how many of those there are.
_SPENDING: tuple[tuple[tuple[int, ...], float, float, Counterparty, int], ...] = (
    (t.GROCERIES, 1.9, 0.26, Counterparty.SHOP, 400),
    (t.PURCHASES, 1.2, 0.28, Counterparty.SHOP, 900),
    (t.MEALS, 1.0, 0.13, Counterparty.SHOP, 700),
    (t.FUEL, 0.25, 0.06, Counterparty.SHOP, 60),
    (t.TRAVEL, 0.12, 0.08, Counterparty.SHOP, 50),
    ((t.MEDICAL,), 0.15, 0.02, Counterparty.HOSPITAL, 80),
    ((t.EDUCATION,), 0.04, 0.05, Counterparty.SHOP, 90),
    ((t.FRIEND_OUT,), 0.4, 0.06, Counterparty.FRIEND, 100_000),
    ((t.CASH_OUT,), 0.3, 0.10, Counterparty.NONE, 1),
)
#: Money that comes in now and then, times a month and size in currency units.
_EXTRA: tuple[tuple[int, float, float, Counterparty], ...] = (
    (t.FRIEND_IN, 0.25, 180.0, Counterparty.FRIEND),
    (t.REFUND_IN, 0.10, 120.0, Counterparty.SHOP),
    (t.CASH_IN, 0.03, 1500.0, Counterparty.NONE),
)


@dataclass(frozen=True)
class Bank:
    """Posted lines of a block in order of account and time, with balances, and the balances struck.

    `serial` numbers a customer's lines within their month; an account is (customer, savings).
    """

    lines: LineArrays
    balance: Ints
    serial: Ints
    opening_current: Ints
    opening_savings: Ints
    struck_customer: Ints
    struck_savings: Ints
    struck_day: Ints
    struck_balance: Ints


def bank(
    streams: Streams,
    people: Population,
    timeline: Timeline,
    hidden: Latent,
    earned: Income,
    obligations: Lines,
    odd: LineArrays,
) -> Bank:
    """Spend what is earned, put every line in order and strike balances every week (savings: every four).

    `odd` lines are posted with the others, and no one's spending follows them.
    """
    n, months = people.size, timeline.months
    rng = streams.at("home")
    rent = cents(np.round(people.base_income * (0.14 + 0.12 * rng.random(n)), -2)) * (people.home == RENTER)
    rent_day = rng.integers(1, 9, n)
    insured = rng.random(n) < 0.25
    premium = cents(np.round(people.base_income * 0.03))
    support = cents(np.round(people.base_income * 0.06, -2)) * people.supports_family
    target = np.clip(0.90 - 0.05 * people.thrift - 0.03 * people.ability + 0.02 * rng.standard_normal(n), 0.55, 1.02)
    opening = cents(people.base_income * np.exp(0.25 + 0.35 * people.thrift + 0.3 * people.ability) * 1.1)
    opening = np.maximum(opening, cents(0.8 * people.base_income))
    savings = cents(people.base_income * 2.0 * np.exp(0.5 * people.thrift + 0.4 * people.ability)) * people.saver
    lines = Lines()
    fixed_lines = obligations.arrays()
    lines.extend(earned.lines.arrays())
    lines.extend(fixed_lines)
    owed, borrowed = _by_month(fixed_lines, timeline, n)
    balance, put_aside = opening.copy(), savings.copy()
    for k, month in enumerate(months):
        draw = streams.at("spending", month)
        at = hidden.shock[month - timeline.latent_months.start], hidden.state[month - timeline.latent_months.start]
        housing = _household(draw, people, month, (rent, rent_day, premium * insured, support), lines)
        ill = (at[0] == MEDICAL) * cents(people.base_income * (0.3 + 0.7 * draw.random(n)))
        _hospital(draw, people, month, ill, lines)
        free = earned.regular[k] * target - housing - owed[k]
        strapped = (at[1] >= TROUBLE) * 0.06 + (at[1] == DEFAULTED) * 0.05
        # Spending follows what is there: cut to the bone on an empty account, freer on a full one.
        held = balance / np.maximum(earned.regular[k], 1)
        thin = np.interp(held, (0.1, 0.6, 1.4, 3.0, 6.0), (0.12, 0.5, 1.0, 1.2, 1.8))
        budget = np.maximum(free + earned.regular[k] * strapped, 0.16 * earned.regular[k]) * thin * season(month)
        spent = _spend(draw, people, month, budget, lines)
        gained = _gain(draw, people, month, lines)
        balance = balance + earned.received[k] + borrowed[k] + gained - owed[k] - housing - ill - spent
        balance = balance + _helped(draw, people, month, balance, lines)
        moved = _save(draw, people, month, balance, put_aside, earned.regular[k], lines)
        balance, put_aside = balance - moved, put_aside + moved
    lines.extend(odd)
    return _post(people, timeline, lines.arrays(), opening, savings)


def _by_month(lines: LineArrays, timeline: Timeline, n: int) -> tuple[Ints, Ints]:
    """Sums of the given debits and credits by month of the timeline and customer."""
    month = month_of(lines.day) - timeline.months.start
    credit = np.asarray([x.direction == "credit" for x in t.TEMPLATES])[lines.template]
    sums = []
    for wanted in (~credit, credit):
        inside = wanted & (month >= 0) & (month < len(timeline.months))
        cell = month[inside] * n + lines.customer[inside]
        sums.append(np.bincount(cell, weights=lines.amount[inside], minlength=n * len(timeline.months)))
    return sums[0].reshape(-1, n).astype(np.int64), sums[1].reshape(-1, n).astype(np.int64)


def _household(
    rng: np.random.Generator, people: Population, month: int, fixed: tuple[Ints, Ints, Ints, Ints], lines: Lines
) -> Ints:
    """Rent, utilities, insurance and support of the family; gives their sum."""
    rent, rent_day, premium, support = fixed
    n = people.size
    utility = cents(
        np.round(np.where(people.home == MORTGAGOR, 220.0, 150.0) * np.exp(0.4 * rng.standard_normal(n)), 2)
    )
    code = np.asarray(t.UTILITIES)[rng.integers(0, len(t.UTILITIES), n)]
    utility = np.where(rng.random(n) < 0.75, utility, 0)
    anchor = 10 + people.number % 15
    taxed = (people.kind == SELF_EMPLOYED) & (month % 3 == 0)
    tax = cents(np.round(people.base_income * 0.03)) * taxed
    for amount, template, day, other in (
        (rent, np.full(n, t.RENT), rent_day, (Counterparty.LANDLORD, people.number)),
        (utility, code, anchor, (Counterparty.UTILITY, people.number % 37)),
        (premium, np.full(n, t.INSURANCE), anchor % 7 + 20, (Counterparty.INSURER, people.number % 9)),
        (support, np.full(n, t.FAMILY_OUT), people.payday + 1, (Counterparty.FAMILY, people.number)),
        (tax, np.full(n, t.TAX), np.full(n, 15), (Counterparty.STATE, np.zeros(n, np.int64))),
    ):
        who = np.flatnonzero(amount)
        days = day_in_month(month, day)
        lines.add(who, days[who], amount[who], template[who], (other[0], other[1][who]), rng, hours=(7, 21))
    return np.asarray(rent + utility + premium + support + tax)


def _hospital(rng: np.random.Generator, people: Population, month: int, bill: Ints, lines: Lines) -> None:
    who = np.flatnonzero(bill)
    day = month_start(month) + (days_in_month(month) * rng.random(who.size)).astype(np.int64)
    other = (Counterparty.HOSPITAL, people.number[who] % 80)
    lines.add(who, day, bill[who], np.full(who.size, t.HOSPITAL), other, rng, hours=(8, 18))


def _spend(rng: np.random.Generator, people: Population, month: int, budget: Floats, lines: Lines) -> Ints:
    """Everyday spending out of the month's free budget; gives what was spent."""
    n, spent, length = people.size, np.zeros(people.size, np.int64), int(days_in_month(month))
    for texts, rate, share, other, others in _SPENDING:
        row = np.repeat(np.arange(n), rng.poisson(rate, n))
        size = budget[row] * share / rate * np.exp(0.5 * rng.standard_normal(row.size) - 0.125)
        amount = np.maximum(size.astype(np.int64), 200)
        if texts == (t.CASH_OUT,):
            amount = np.maximum(amount // 10_000, 1) * 10_000
        template = np.asarray(texts)[rng.integers(0, len(texts), row.size)]
        day = month_start(month) + (length * rng.random(row.size)).astype(np.int64)
        lines.add(row, day, amount, template, (other, rng.integers(0, others, row.size)), rng)
        spent += np.bincount(row, weights=amount, minlength=n).astype(np.int64)
    players = np.flatnonzero(people.gambler)
    row = players[np.repeat(np.arange(players.size), rng.poisson(2.5, players.size))]
    amount = np.maximum((budget[row] * 0.08 * rng.random(row.size) * 2).astype(np.int64) // 1000, 1) * 1000
    template = np.asarray(t.GAMBLING)[rng.integers(0, len(t.GAMBLING), row.size)]
    day = month_start(month) + (length * rng.random(row.size)).astype(np.int64)
    lines.add(row, day, amount, template, (Counterparty.BETTING, row % 5), rng, hours=(10, 24))
    return np.asarray(spent + np.bincount(row, weights=amount, minlength=n).astype(np.int64))


def _gain(rng: np.random.Generator, people: Population, month: int, lines: Lines) -> Ints:
    """What comes in beside income: from friends, refunds, cash, interest; gives the sum."""
    n, gained = people.size, np.zeros(people.size, np.int64)
    for template, rate, size, other in _EXTRA:
        row = np.flatnonzero(rng.random(n) < rate)
        amount = cents(np.round(size * np.exp(0.8 * rng.standard_normal(row.size)), 2)) + 100
        day = month_start(month) + (days_in_month(month) * rng.random(row.size)).astype(np.int64)
        lines.add(row, day, amount, np.full(row.size, template), (other, rng.integers(0, 900, row.size)), rng)
        gained += np.bincount(row, weights=amount, minlength=n).astype(np.int64)
    if month % 12 in (2, 5, 8, 11):
        row = np.arange(n)
        amount = np.maximum(cents(people.base_income) // 2000, 1)
        day = np.full(n, int(month_start(month)) + 20)
        nobody = (Counterparty.NONE, np.zeros(n, np.int64))
        lines.add(row, day, amount, np.full(n, t.INTEREST_IN), nobody, rng, hours=(1, 3))
        gained += amount
    return gained


def _helped(rng: np.random.Generator, people: Population, month: int, balance: Ints, lines: Lines) -> Ints:
    """Relatives lend what a month ends short of, to most; gives what they lent."""
    who = np.flatnonzero((balance < 0) & (rng.random(people.size) < 0.85))
    amount = (-balance[who] // 10_000 + 1) * 10_000
    day = day_in_month(month, 10 + people.number[who] % 12)
    other = (Counterparty.FAMILY, people.number[who])
    lines.add(who, day, amount, np.full(who.size, t.FAMILY_IN), other, rng)
    return np.bincount(who, weights=amount, minlength=people.size).astype(np.int64)


def _save(
    rng: np.random.Generator, people: Population, month: int, balance: Ints, put_aside: Ints, income: Ints, lines: Lines
) -> Ints:
    """Savers move what is above two months' income aside, and fetch it back when the account is thin.

    Gives what went aside (negative: came back); both accounts show a line.
    """
    surplus = people.saver & (balance > 2 * income)
    short = people.saver & (balance < income // 3) & (put_aside > income // 2)
    out = np.where(surplus, (balance - 2 * income) // 10_000 * 10_000, 0)
    back = np.where(short, np.minimum(put_aside, income) // 10_000 * 10_000, 0)
    day = int(month_start(month) + days_in_month(month) - 1)
    for amount, current, saved in ((out, t.TO_SAVINGS, t.SAVINGS_IN), (back, t.FROM_SAVINGS, t.SAVINGS_OUT)):
        who = np.flatnonzero(amount > 0)
        days, number = np.full(who.size, day), people.number[who]
        lines.add(who, days, amount[who], np.full(who.size, current), (Counterparty.OWN_SAVINGS, number), rng)
        other = (Counterparty.OWN_CURRENT, number)
        lines.add(who, days, amount[who], np.full(who.size, saved), other, rng, savings=True)
    return np.asarray(out - back)


def _post(people: Population, timeline: Timeline, lines: LineArrays, current: Ints, savings: Ints) -> Bank:
    """Order the lines, cut them to the time simulated, add balances."""
    posted = (
        (lines.day >= np.maximum(timeline.first_day, people.onboarded[lines.customer]))
        & (lines.day <= timeline.last_day)
        & (lines.amount > 0)
    )
    lines = LineArrays(**{f: getattr(lines, f)[posted] for f in LineArrays.__dataclass_fields__})
    account = lines.customer * 2 + lines.savings
    time = (lines.day - timeline.first_day) * 86_400 + np.minimum(lines.second, 86_399)
    order = np.argsort(account * (1 << 40) + time, kind="stable")
    lines = LineArrays(**{f: getattr(lines, f)[order] for f in LineArrays.__dataclass_fields__})
    account = account[order]
    credit = np.asarray([x.direction == "credit" for x in t.TEMPLATES])[lines.template]
    signed = np.where(credit, lines.amount, -lines.amount)
    opening = np.stack([current, savings], axis=1).reshape(-1)
    running = np.cumsum(signed)
    first = np.searchsorted(account, account, side="left")
    balance = running - np.where(first > 0, running[first - 1], 0) + opening[account]
    month = month_of(lines.day)
    group = account * 100_000 + month
    start = np.searchsorted(group, group, side="left")
    return Bank(
        lines,
        balance,
        np.arange(group.size) - start,
        current,
        savings,
        *_strike(people, timeline, lines, balance, opening),
    )


def _strike(
    people: Population, timeline: Timeline, lines: LineArrays, balance: Ints, opening: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Balances at the end of every seventh day (savings: every 28th), each account on its own day."""
    days = np.arange(timeline.first_day, timeline.last_day + 1)
    key = (lines.customer * 2 + lines.savings) * 1_000_000 + lines.day
    parts = []
    for saved, every, who in ((0, 7, np.arange(people.size)), (1, 28, np.flatnonzero(people.saver))):
        for phase in range(every):
            mine = who[people.number[who] % every == phase]
            on = days[days % every == phase]
            customer, day = np.repeat(mine, on.size), np.tile(on, mine.size)
            there = day >= people.onboarded[customer]
            customer, day = customer[there], day[there]
            account = customer * 2 + saved
            at = np.searchsorted(key, account * 1_000_000 + day, side="right") - 1
            known = (
                (at >= 0) & (key[np.maximum(at, 0)] // 1_000_000 == account) if key.size else np.zeros(at.size, bool)
            )
            struck = np.where(known, balance[np.maximum(at, 0)], opening[account]) if key.size else opening[account]
            parts.append((customer, np.full(customer.size, saved), day, struck))
    customer, flag, day, struck = (np.concatenate(c) for c in zip(*parts, strict=True))
    return customer, flag, day, struck
