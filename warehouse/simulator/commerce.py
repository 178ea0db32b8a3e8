"""Merchants, orders with their seasons, refunds, and requests for installments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warehouse.simulator.draws import cents, pick
from warehouse.simulator.plans import PURPOSES
from warehouse.simulator.seasons import order_season
from warehouse.simulator.timeline import days_in_month, month_start

if TYPE_CHECKING:
    from warehouse.simulator.draws import Bools, Floats, Ints, Streams
    from warehouse.simulator.plans import Plans
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

#: Category, its ISO 18245 code, share of merchants, share of orders, median price, and the purpose of a plan for it.
CATEGORIES: tuple[tuple[str, str, float, float, float, str], ...] = (
    ("appliance", "5722", 0.12, 0.05, 1800.0, "appliance"),
    ("electronics", "5732", 0.12, 0.08, 1500.0, "appliance"),
    ("telephony", "4812", 0.06, 0.04, 2400.0, "appliance"),
    ("furniture_decor", "5712", 0.08, 0.04, 900.0, "appliance"),
    ("education", "8299", 0.08, 0.02, 1600.0, "education"),
    ("medical", "8062", 0.06, 0.01, 1900.0, "medical"),
    ("travel", "4722", 0.08, 0.04, 1300.0, "travel"),
    ("car", "5511", 0.03, 0.002, 30000.0, "car"),
    ("fashion", "5651", 0.12, 0.27, 190.0, "general"),
    ("grocery", "5411", 0.08, 0.23, 110.0, "general"),
    ("health_beauty", "5977", 0.08, 0.12, 160.0, "general"),
    ("sports_leisure", "5941", 0.05, 0.06, 240.0, "general"),
    ("toys", "5945", 0.04, 0.04, 140.0, "general"),
)
_PRICES = np.array([c[4] for c in CATEGORIES])
_ORDER_SHARES = tuple(c[3] for c in CATEGORIES)
PROVINCES = tuple(f"CN-{code}" for code in ("BJ", "SH", "GD", "ZJ", "JS", "SC", "HB", "HN", "SN", "FJ", "SD", "AH"))
METHODS = ("card", "debit_card", "wallet", "bank_transfer", "voucher", "installment", "cash_on_delivery")
INSTALLMENT = 5
STATUSES = ("delivered", "shipped", "canceled", "created")
DELIVERED, SHIPPED, CANCELED, CREATED = range(4)
REFUND_REASONS = ("returned", "canceled", "damaged", "not_delivered", "other")
CHANNELS = ("checkout", "app", "card", "wallet", "virtual_card", "branch")
REPAY_METHODS = ("ANNUITY", "EQ_PRIN", "INTEREST_FREE")
PREFERENCES = ("longest_term", "lowest_payment", "soonest_paid", "lowest_total_cost")


@dataclass(frozen=True)
class Merchants:
    """Partner merchants; `by_purpose[purpose, draw]` gives a merchant's number, `by_category` the same by category."""

    category: Ints
    province: Ints
    onboarded: Ints
    subsidy_bp: Ints
    suspended: Ints
    by_purpose: Ints
    by_category: Ints


@dataclass(frozen=True)
class Orders:
    """Orders of a block; `month` and `serial` number a customer's orders.

    `plan` is the plan that financed one, or -1; `luck` decides whether it comes back.
    """

    customer: Ints
    serial: Ints
    month: Ints
    day: Ints
    second: Ints
    merchant: Ints
    category: Ints
    items: Ints
    amount: Ints
    method: Ints
    count: Ints
    status: Ints
    plan: Ints
    luck: Ints


@dataclass(frozen=True)
class Refunds:
    """Refunds; `order` is the order's position."""

    order: Ints
    day: Ints
    amount: Ints
    reason: Ints


@dataclass(frozen=True)
class Requests:
    """Requests for an installment plan; `plan` is the plan that came of it, or -1."""

    customer: Ints
    month: Ints
    day: Ints
    channel: Ints
    purpose: Ints
    merchant: Ints
    amount: Ints
    term: Ints
    method: Ints
    preference: Ints
    plan: Ints


def merchants(streams: Streams, timeline: Timeline, customers: int) -> Merchants:
    """Draw the merchants: 60 for a small lender, 400 for a large one; those of plans were there before the run-up."""
    n = int(np.clip(customers // 150, 60, 400))
    rng = streams.at("merchant")
    category = pick(rng, tuple(c[2] for c in CATEGORIES), n)
    category[: len(CATEGORIES)] = np.arange(len(CATEGORIES))
    onboarded = timeline.first_day - 700 - (1500 * rng.random(n)).astype(np.int64)
    subsidised = rng.random(n) < 0.4
    purposes = np.array([PURPOSES.index(c[5]) for c in CATEGORIES])[category]
    return Merchants(
        category=category,
        province=rng.integers(0, len(PROVINCES), n),
        onboarded=onboarded,
        subsidy_bp=np.where(subsidised, rng.integers(4, 13, n) * 50, 0),
        suspended=np.where(rng.random(n) < 0.03, timeline.first_day + rng.integers(20, 400, n), 0),
        by_purpose=_lookup(purposes, len(PURPOSES)),
        by_category=_lookup(category, len(CATEGORIES)),
    )


def _lookup(group: Ints, groups: int) -> Ints:
    """A table (group, 64 places) of members, repeated to fill each row."""
    return np.stack([np.resize(np.flatnonzero(group == g), 64) for g in range(groups)])


def orders(streams: Streams, people: Population, timeline: Timeline, shops: Merchants, booked: Plans) -> Orders:
    """Draw orders month by month, and add the one behind each plan that a merchant sold."""
    n = people.size
    habit = np.clip(1.15 * np.exp(0.6 * streams.at("order").standard_normal(n) + 0.15 * people.ability), 0.05, 8.0)
    parts = []
    for month in timeline.months:
        rng = streams.at("order", month)
        row = np.repeat(np.arange(n), rng.poisson(habit * order_season(month)))
        category = pick(rng, _ORDER_SHARES, row.size)
        taste = np.exp(0.55 * rng.standard_normal(row.size) + 0.2 * people.ability[row])
        method = pick(rng, (0.22, 0.15, 0.52, 0.04, 0.03, 0.0, 0.04), row.size)
        status = pick(rng, (0.955, 0.02, 0.02, 0.005), row.size)
        parts.append(
            Orders(
                customer=row,
                serial=_serial(row),
                month=np.full(row.size, month),
                day=month_start(month) + (days_in_month(month) * rng.random(row.size)).astype(np.int64),
                second=25_200 + (59_000 * rng.random(row.size)).astype(np.int64),
                merchant=shops.by_category[category, rng.integers(0, 64, row.size)],
                category=category,
                items=1 + rng.poisson(0.5, row.size),
                amount=np.maximum(cents(np.round(_PRICES[category] * taste, 1)), 100),
                method=method,
                count=np.ones(row.size, np.int64),
                status=status,
                plan=np.full(row.size, -1),
                luck=streams.at("refund", month).integers(0, 10**12, row.size),
            )
        )
    parts.append(_financed(streams, timeline, shops, booked))
    made = Orders(**{f: np.concatenate([getattr(p, f) for p in parts]) for f in Orders.__dataclass_fields__})
    keep = (made.day >= np.maximum(timeline.first_day, people.onboarded[made.customer])) & (
        made.day <= timeline.last_day
    )
    return Orders(**{f: getattr(made, f)[keep] for f in Orders.__dataclass_fields__})


def _serial(row: Ints) -> Ints:
    """0, 1, 2, … within runs of equal values."""
    return np.arange(row.size) - np.searchsorted(row, row, side="left")


def _financed(streams: Streams, timeline: Timeline, shops: Merchants, booked: Plans) -> Orders:
    plan = np.flatnonzero((booked.merchant >= 0) & (booked.started >= timeline.first_day))
    second = 36_000 + (40_000 * streams.at("request").random(booked.customer.size))[plan].astype(np.int64)
    ones = np.ones(plan.size, np.int64)
    return Orders(
        customer=booked.customer[plan],
        serial=900 + booked.seq[plan],
        month=booked.start_month[plan],
        day=booked.started[plan],
        second=second,
        merchant=booked.merchant[plan],
        category=shops.category[booked.merchant[plan]],
        items=ones,
        amount=booked.principal[plan],
        method=INSTALLMENT * ones,
        count=booked.term[plan],
        status=np.where(booked.cancelled[plan] > 0, CANCELED, DELIVERED),
        plan=plan,
        luck=streams.at("refund").integers(0, 10**12, booked.customer.size)[plan],
    )


def refunds(people: Population, placed: Orders) -> Refunds:
    """One order in twenty comes back within a month, wholly or in part; cancelled ones are refunded at once."""
    likely = np.clip(0.045 * np.exp(-0.3 * people.willingness), 0.0, 0.3)
    u = np.stack([placed.luck // 1000**i % 1000 for i in range(4)]) / 1000.0
    canceled = placed.status == CANCELED
    back = canceled | ((placed.status == DELIVERED) & (u[0] < likely[placed.customer]))
    wait = np.where(canceled, 1 + (2 * u[1]).astype(np.int64), 4 + (20 * u[1]).astype(np.int64))
    part = np.where(canceled | (u[2] < 0.8), 100, 20 + (60 * u[3]).astype(np.int64))
    reason = np.where(canceled, 1, np.array([0, 0, 2, 3, 4])[(5 * u[3]).astype(np.int64)])
    at = np.flatnonzero(back & (placed.amount > 0))
    return Refunds(at, (placed.day + wait)[at], placed.amount[at] * part[at] // 100, reason[at])


def requests(streams: Streams, people: Population, timeline: Timeline, shops: Merchants, booked: Plans) -> Requests:
    """A request before each plan of the simulated time, and others that came to nothing."""
    plan = np.flatnonzero(booked.started >= timeline.first_day)
    preference = (people.number[booked.customer[plan]] * 5 + booked.seq[plan]) % 4
    parts = [
        Requests(
            customer=booked.customer[plan],
            month=900 + booked.seq[plan],
            day=booked.started[plan],
            channel=np.where(booked.merchant[plan] >= 0, 0, 1 + booked.channel[plan] % 2),
            purpose=booked.purpose[plan],
            merchant=booked.merchant[plan],
            amount=booked.principal[plan],
            term=booked.term[plan],
            method=booked.method[plan],
            preference=preference,
            plan=plan,
        )
    ]
    for month in timeline.months:
        rng = streams.at("request", month)
        who = np.flatnonzero(rng.random(people.size) < 0.02 * np.exp(-0.3 * people.thrift))
        purpose = pick(rng, (0.45, 0.30, 0.08, 0.06, 0.09, 0.02), who.size)
        parts.append(_unmet(rng, people, month, who, purpose, shops))
    made = Requests(**{f: np.concatenate([getattr(p, f) for p in parts]) for f in Requests.__dataclass_fields__})
    keep = (made.day >= np.maximum(timeline.first_day, people.onboarded[made.customer])) & (
        made.day <= timeline.last_day
    )
    return Requests(**{f: getattr(made, f)[keep] for f in Requests.__dataclass_fields__})


def _unmet(
    rng: np.random.Generator, people: Population, month: int, who: Ints, purpose: Ints, shops: Merchants
) -> Requests:
    n = who.size
    size: Floats = people.base_income[who] * np.array([0.9, 0.7, 0.9, 1.0, 0.6, 4.0])[purpose]
    shopped: Bools = purpose != 0
    return Requests(
        customer=who,
        month=np.full(n, month),
        day=month_start(month) + (days_in_month(month) * rng.random(n)).astype(np.int64),
        channel=rng.integers(0, len(CHANNELS), n),
        purpose=purpose,
        merchant=np.where(shopped, shops.by_purpose[purpose, rng.integers(0, 64, n)], -1),
        amount=cents(np.maximum(np.round(size * np.exp(0.5 * rng.standard_normal(n)), -2), 500.0)),
        term=np.array([3, 6, 12, 24])[rng.integers(0, 4, n)],
        method=np.where(rng.random(n) < 0.85, 0, 1),
        preference=rng.integers(0, 4, n),
        plan=np.full(n, -1),
    )
