"""From arrays to the bank feeds: one block's frames in the contracts' columns, each with `_arrival` (epoch day).

A customer's row carries the same key whatever the simulation's length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from warehouse.simulator import templates as t
from warehouse.simulator.columns import CUSTOMER_ID, chosen, days, padded, text_of, year_month
from warehouse.simulator.feeds import simulates
from warehouse.simulator.lines import PREFIXES
from warehouse.simulator.planting import BadRows, Twice, missing, negative, unknown
from warehouse.simulator.timeline import month_of

if TYPE_CHECKING:
    from warehouse.simulator.arrivals import Post
    from warehouse.simulator.bank import Bank
    from warehouse.simulator.population import Population
    from warehouse.simulator.unusual import Unusual


@simulates(
    "bank.bank_transaction",
    bad_rows=(
        unknown("direction"),
        negative("amount_cents"),
        missing("customer_id"),
        BadRows("bad_code", "mcc_matches", {"mcc": "54A1"}),
    ),
    twice=Twice("amount_cents"),
    sent_again=True,
)
def bank_transaction(people: Population, posted: Bank, post: Post, odd: Unusual) -> pl.DataFrame:
    """Posted lines; those of a day with something unusual arrive on it."""
    x = posted.lines
    arrival = post.arrival(x.day, people.number[x.customer], 2 * posted.serial + x.savings)
    pool = pl.DataFrame(
        {
            "direction": [p.direction for p in t.TEMPLATES],
            "channel": [p.channel for p in t.TEMPLATES],
            "mcc": [p.mcc for p in t.TEMPLATES],
            "description": [p.text for p in t.TEMPLATES],
        },
        schema=dict.fromkeys(("direction", "channel", "mcc", "description"), pl.String()),
    )
    frame = pl.DataFrame(
        {
            "_number": people.number[x.customer],
            "_savings": x.savings,
            "_month": year_month(month_of(x.day)),
            "_serial": posted.serial,
            "_other": x.other,
            "posted_on": days(x.day),
            "_second": np.minimum(x.second, 86_399),
            "amount_cents": x.amount,
            "balance_after_cents": posted.balance,
            "_prefix": chosen(PREFIXES, x.other_kind),
            "_arrival": np.where(odd.includes(x.customer, x.day), x.day, arrival),
        }
    )
    account = text_of(pl.when(pl.col("_savings") == 1).then(pl.lit("SA")).otherwise(pl.lit("CA")), padded("_number", 7))
    key = text_of(
        "T", padded("_month", 6), padded("_number", 7), pl.col("_savings").cast(pl.String), padded("_serial", 3)
    )
    other = pl.when(pl.col("_prefix") != "").then(text_of(pl.col("_prefix"), padded("_other", 7)))
    at = pl.col("posted_on").cast(pl.Datetime("us")) + pl.duration(seconds=pl.col("_second"))
    return frame.hstack(pool[x.template].get_columns()).select(
        key.alias("transaction_id"),
        CUSTOMER_ID.alias("customer_id"),
        account.alias("account_id"),
        "posted_on",
        at.alias("posted_at"),
        "direction",
        "amount_cents",
        "balance_after_cents",
        "channel",
        other.alias("counterparty_id"),
        "mcc",
        pl.lit(None, pl.String).alias("bank_code"),
        "description",
        "_arrival",
    )


@simulates("bank.account_balance", bad_rows=(missing("customer_id"),), sent_again=True)
def account_balance(people: Population, posted: Bank) -> pl.DataFrame:
    """Balances struck."""
    frame = pl.DataFrame(
        {
            "_number": people.number[posted.struck_customer],
            "_kind": chosen(("CA", "SA"), posted.struck_savings),
            "balance_date": days(posted.struck_day),
            "balance_cents": posted.struck_balance,
            "_arrival": posted.struck_day,
        }
    )
    return frame.select(
        text_of(pl.col("_kind"), padded("_number", 7)).alias("account_id"),
        "balance_date",
        CUSTOMER_ID.alias("customer_id"),
        "balance_cents",
        "_arrival",
    )
