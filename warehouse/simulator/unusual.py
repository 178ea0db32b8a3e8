"""Unusual bank lines in known numbers: what risk alerts are to find, one customer and kind each.

On the first business date one episode of every kind, on each later one an episode of one kind, for every
`CUSTOMERS_EACH` customers of a block. Each is drawn from a stream of its own, is paid for by money that comes in just
before it, and arrives on its day; so nothing else of the lender changes, and a later end changes no earlier episode.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from warehouse.simulator import templates as t
from warehouse.simulator.columns import CUSTOMER_ID, chosen, days
from warehouse.simulator.draws import cents
from warehouse.simulator.lines import Counterparty, LineArrays, Lines
from warehouse.simulator.timeline import epoch_day

if TYPE_CHECKING:
    from warehouse.simulator.draws import Bools, Ints, Streams
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

UNUSUAL = "unusual"
KINDS = ("amount_outlier", "velocity", "cash_out", "counterparty_loop", "night_activity")
CUSTOMERS_EACH = 2_000
#: Episodes only happen to customers known for so long, who have habits to differ from.
_KNOWN_DAYS = 100
#: What comes in: so many months' income, and this much at least in currency units.
_MONTHS, _LEAST = 8.0, 20_000.0
#: Numbers of the strangers: beyond all friends of other lines.
_STRANGERS = 9_000_000
_PURCHASES, _AT_NIGHT = 14, 5
_HOUR = 3_600


@dataclass(frozen=True)
class Unusual:
    """Episodes: position of the customer in the block, epoch day, position of the kind in `KINDS`; and their lines."""

    customer: Ints
    day: Ints
    kind: Ints
    lines: LineArrays

    def includes(self, customer: Ints, day: Ints) -> Bools:
        """Which of the given pairs have an episode."""
        mine = self.customer * 1_000_000 + self.day
        return np.isin(customer * 1_000_000 + day, mine)

    def frame(self, people: Population) -> pl.DataFrame:
        """The truth: customer, date and kind of each episode."""
        frame = pl.DataFrame(
            {"_number": people.number[self.customer], "business_date": days(self.day), "kind": chosen(KINDS, self.kind)}
        )
        return frame.select(CUSTOMER_ID.alias("customer_id"), "business_date", "kind")


def unusual(streams: Streams, people: Population, timeline: Timeline) -> Unusual:
    """The episodes of a block."""
    each = max(1, people.size // CUSTOMERS_EACH)
    found: list[tuple[Ints, Ints, Ints]] = []
    lines = Lines()
    for index, date in enumerate(timeline.business_dates):
        day = epoch_day(date)
        rng = streams.at("unusual", date.toordinal())
        kinds = np.arange(len(KINDS)) if index == 0 else np.array([date.toordinal() % len(KINDS)])
        order = rng.permutation(people.size)
        known = order[people.onboarded[order] <= day - _KNOWN_DAYS]
        who = known[: each * kinds.size]
        kind = np.resize(kinds, who.size)
        for number in np.unique(kind):
            _add(lines, people, who[kind == number], day, int(number), rng)
        found.append((who, np.full(who.size, day), kind))
    customer, on, kind = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Unusual(customer, on, kind, lines.arrays())


def _add(lines: Lines, people: Population, who: Ints, day: int, kind: int, rng: np.random.Generator) -> None:
    """The lines of one kind: money from a stranger in the early hours, then what is unusual."""
    stranger = _STRANGERS + rng.integers(0, 900_000, who.size)
    amount = cents(np.round(np.maximum(_MONTHS * people.base_income[who], _LEAST) * (1 + rng.random(who.size)), -1))
    friend, shop = (Counterparty.FRIEND, stranger), (Counterparty.SHOP, stranger % 900)
    on = np.full(who.size, day)

    def at(hour: float, share: float, template: int, other: tuple[int, Ints]) -> None:
        seconds = np.full(who.size, int(hour * _HOUR)) + rng.integers(0, 600, who.size)
        part = np.floor(amount * share).astype(np.int64)
        zeros = np.zeros(who.size, np.int64)
        text, side = np.full(who.size, template), np.full(who.size, int(other[0]))
        lines.extend(LineArrays(who, on, seconds, part, text, side, other[1], zeros))

    if kind == KINDS.index("velocity"):
        at(9.0, 0.05, t.FRIEND_IN, friend)
        for n in range(_PURCHASES):
            at(10.0 + n / 4, 0.002, t.PURCHASES[n % len(t.PURCHASES)], (Counterparty.SHOP, (stranger + n) % 900))
    elif kind == KINDS.index("night_activity"):
        at(0.2, 0.6, t.FRIEND_IN, friend)
        for n in range(_AT_NIGHT):
            at(1.0 + n * 0.7, 0.02, t.PURCHASES[0], (Counterparty.SHOP, (stranger + n) % 900))
    else:
        at(8.0, 1.0, t.FRIEND_IN, friend)
        template, other = {
            "amount_outlier": (t.PURCHASES[0], shop),
            "cash_out": (t.CASH_OUT, (Counterparty.NONE, np.zeros(who.size, np.int64))),
            "counterparty_loop": (t.FRIEND_OUT, friend),
        }[KINDS[kind]]
        at(11.0, 0.97, template, other)
