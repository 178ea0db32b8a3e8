"""What people write and sign: analysts' notes on customers, and those who answer for a customer besides.

Each customer's notes and agreements are drawn once, whatever the simulation's length; what lies beyond its end is not
delivered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from warehouse.simulator.columns import blank, chosen, days, numbered, texts
from warehouse.simulator.draws import pick
from warehouse.simulator.feeds import simulates
from warehouse.simulator.planting import unknown

if TYPE_CHECKING:
    from warehouse.simulator.draws import Ints, Streams
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

#: Of all customers, those whom an analyst looks at once in the years from the beginning of the history.
_NOTED_SHARE, _NOTED_DAYS = 0.30, 1_100
_OPINIONS = ("much_better", "better", "as_scored", "worse", "much_worse")
_OPINION_SHARE = (0.05, 0.35, 0.15, 0.33, 0.12)
_GROUNDS = {
    True: ("income_evidence", "one_off_event", "business_outlook", "social_influence"),
    False: ("undisclosed_debt", "pending_dispute", "conduct", "other"),
}
_GROUNDS_SHARE = (0.5, 0.25, 0.15, 0.1)
_COMMENTS = ("已核对近期收入材料", "客户来电说明情况", "走访后补充意见", None)
_OBLIGED_SHARE = 0.05
_ROLES = ("guarantor", "co_borrower")


@simulates("bank.analyst_note", file_format="csv", bad_rows=(unknown("opinion"),))
def analyst_note(streams: Streams, people: Population, timeline: Timeline) -> pl.DataFrame:
    """Notes as written, and once more where they were withdrawn; with `_arrival`."""
    n = people.size
    rng = streams.at("note")
    u = rng.random((5, n))
    opinion = pick(rng, _OPINION_SHARE, n)
    ground, words = pick(rng, _GROUNDS_SHARE, n), (u[2] * len(_COMMENTS)).astype(np.int64)
    day = np.maximum(timeline.first_day + (_NOTED_DAYS * u[0]).astype(np.int64), people.onboarded)
    lasts = np.array([60, 90, 180, 365])[(4 * u[3]).astype(np.int64)]
    pools = {kind: chosen(pool, ground) for kind, pool in _GROUNDS.items()}
    base = pl.DataFrame(
        {
            "note_id": texts("AN", numbered(people.number)),
            "customer_id": texts("C", numbered(people.number)),
            "author_code": chosen(("RA01", "RA02", "RA07", "RA15"), (people.number % 4).astype(np.int64)),
            "noted_on": days(day),
            "expires_on": days(day + lasts),
            "opinion": chosen(_OPINIONS, opinion),
            "reason_code": pl.select(
                pl.when(pl.Series(opinion < 2)).then(pools[True]).otherwise(pools[False])
            ).to_series(),
            "comment": chosen(_COMMENTS, words),
            "status": pl.Series(["active"] * n, dtype=pl.String),
            "changed_on": days(day),
            "_arrival": pl.Series(day),
        }
    )
    noted = u[1] < _NOTED_SHARE
    gone = _changed(base, day + 15 + (40 * u[4]).astype(np.int64), "withdrawn")
    return pl.concat([base[np.flatnonzero(noted)], gone[np.flatnonzero(noted & (u[4] < 0.06))]])


@simulates("bank.co_obligor", file_format="csv", bad_rows=(unknown("role"),))
def co_obligor(streams: Streams, people: Population) -> pl.DataFrame:
    """Agreements as signed (some are not), and once more where they were cancelled; with `_arrival`."""
    n = people.size
    u = streams.at("obligor").random((6, n))
    day = people.onboarded + 3 + (90 * u[1]).astype(np.int64)
    other = people.number[(np.arange(n) + 1 + (u[2] * max(n - 1, 1)).astype(np.int64)) % n]
    base = pl.DataFrame(
        {
            "agreement_id": texts("CO", numbered(people.number)),
            "customer_id": texts("C", numbered(people.number)),
            "co_customer_id": texts("C", numbered(other)),
            "role": chosen(_ROLES, (u[3] < 0.35).astype(np.int64)),
            "liability_share": pl.Series(np.where(u[4] < 0.8, 1.0, 0.5)).cast(pl.Decimal(9, 6)),
            "signed_on": blank(days(day), u[5] < 0.08),
            "valid_to": blank(days(day + 5 * 365), u[3] < 0.5),
            "status": pl.Series(["active"] * n, dtype=pl.String),
            "changed_on": days(day),
            "_arrival": pl.Series(day),
        }
    )
    obliged = (u[0] < _OBLIGED_SHARE) & (other != people.number)
    gone = _changed(base, day + 200 + (600 * u[5]).astype(np.int64), "cancelled")
    return pl.concat([base[np.flatnonzero(obliged)], gone[np.flatnonzero(obliged & (u[4] < 0.1))]])


def _changed(base: pl.DataFrame, day: Ints, status: str) -> pl.DataFrame:
    """The same rows in another state from a later day on."""
    return base.with_columns(
        pl.lit(status).alias("status"), days(day).alias("changed_on"), pl.Series("_arrival", day)
    ).select(base.columns)
