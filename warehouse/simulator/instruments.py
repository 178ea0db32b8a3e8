"""Cards, wallets and virtual cards through which plans are taken, each standing for the customer's own card account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from warehouse.simulator.columns import CUSTOMER_ID, chosen, days, padded, text_of
from warehouse.simulator.feeds import simulates
from warehouse.simulator.planting import negative, unknown
from warehouse.simulator.timeline import month_start

if TYPE_CHECKING:
    from warehouse.simulator.cards import Cards
    from warehouse.simulator.draws import Ints, Streams
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

CHANNELS = ("card", "wallet", "virtual_card")
STATUSES = ("active", "suspended")
#: Share of card holders with a token of each kind, and the share of the card's limit that the token may use.
_SHARES, _LIMITS = (1.0, 0.55, 0.2), (1.0, 0.5, 0.2)


@simulates("commerce.payment_instrument", file_format="csv.gz", bad_rows=(unknown("channel"), negative("used_cents")))
def payment_instrument(streams: Streams, people: Population, timeline: Timeline, carded: Cards) -> pl.DataFrame:
    """Each token as opened with the card, and once more in the month in which it was first used or was suspended."""
    rng, n = streams.at("instrument"), people.size
    has = (rng.random((len(CHANNELS), n)) < np.array(_SHARES)[:, None]) & carded.holds
    used, luck = 0.6 * rng.random((len(CHANNELS), n)) ** 2, rng.random((len(CHANNELS), n))
    # Within a year of the beginning, whatever the end: a longer simulation changes no earlier delivery.
    month = timeline.months.start + rng.integers(0, 12, (len(CHANNELS), n))
    frames = []
    for kind in range(len(CHANNELS)):
        who = np.flatnonzero(has[kind])
        limit = (carded.limit[who] * _LIMITS[kind]).astype(np.int64) // 100 * 100
        opened = carded.opened[who]
        later = np.maximum(month_start(month[kind, who]), opened + 1)
        taken = (limit * used[kind, who] / len(CHANNELS)).astype(np.int64) // 100 * 100
        first = _rows(people, who, kind, (limit, carded.limit[who]), opened, (limit * 0, limit * 0))
        stopped = (luck[kind, who] < 0.02).astype(np.int64)
        frames += [first, _rows(people, who, kind, (limit, carded.limit[who]), later, (taken, stopped))]
    return pl.concat(frames)


def _rows(
    people: Population, who: Ints, kind: int, limits: tuple[Ints, Ints], day: Ints, state: tuple[Ints, Ints]
) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "_number": people.number[who],
            "_kind": np.full(who.size, kind),
            "limit_cents": limits[0],
            "parent_limit_cents": limits[1],
            "used_cents": state[0],
            "status": chosen(STATUSES, state[1]),
            "changed_on": days(day),
            "_arrival": day,
        }
    )
    return frame.select(
        text_of("T", padded("_number", 7), padded("_kind", 1)).alias("instrument_id"),
        CUSTOMER_ID.alias("customer_id"),
        text_of("OC", padded("_number", 7)).alias("parent_account_id"),
        pl.lit(CHANNELS[kind]).alias("channel"),
        pl.exclude("_number", "_kind"),
    )
