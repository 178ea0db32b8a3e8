"""The channel a plan is offered through, and the headroom of the card, wallet or virtual card behind it.

Tokens are ways to one account: what was taken on any of them counts against that account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.policy.product import CHANNELS
from transforms.risk.affordability import not_below_zero

if TYPE_CHECKING:
    from transforms.policy.product import Product

#: Channels that stand on a payment instrument: the first of `CHANNELS`, so that a number tells.
INSTRUMENTS = CHANNELS[:3]
#: Headroom of an instrument that neither its own limit nor its account's bounds, cents.
_UNBOUNDED = 2**53


def headroom(instruments: pl.DataFrame) -> pl.DataFrame:
    """One row per customer with any instrument: `head_<channel>`, the greatest headroom of one of them, cents.

    `instruments` are the latest rows of `commerce.payment_instrument`. A token's headroom is what its own limit leaves
    and what its account's limit leaves after the use of all its tokens, closed ones too; without an active token a
    channel has 0. Limits that are NULL do not bound.
    """
    parent = instruments.group_by("parent_account_token").agg(
        parent_limit=pl.col("parent_limit_cents").min(), parent_used=pl.col("used_cents").sum()
    )
    left = pl.min_horizontal(
        pl.col("limit_cents") - pl.col("used_cents"),
        pl.col("parent_limit") - pl.col("parent_used"),
        pl.lit(_UNBOUNDED, dtype=pl.Int64),
    )
    borne = instruments.join(parent, on="parent_account_token", how="left").with_columns(
        left=pl.when(pl.col("status") == "active").then(not_below_zero(left)).otherwise(0)
    )
    return borne.group_by("customer_token").agg(
        pl.col("left").filter(pl.col("channel") == channel).max().fill_null(0).alias(f"head_{channel}")
        for channel in INSTRUMENTS
    )


def with_headroom(persons: pl.DataFrame, instruments: pl.DataFrame | None) -> pl.DataFrame:
    """`persons` with `head_<channel>`, NULL (no bound) for those of whom no instrument is known."""
    columns = [f"head_{channel}" for channel in INSTRUMENTS]
    if instruments is None or instruments.is_empty():
        return persons.with_columns(pl.lit(None, dtype=pl.Int64).alias(c) for c in columns)
    return persons.join(headroom(instruments), on="customer_token", how="left", maintain_order="left")


def channel_numbers(product: Product) -> tuple[int, int]:
    """(number of the product's first channel, of its first without an instrument or of the first again)."""
    numbers = [CHANNELS.index(c) for c in product.channels]
    return numbers[0], next((n for n in numbers if n >= len(INSTRUMENTS)), numbers[0])


def with_channel(offers: pl.DataFrame, *, bounded: bool) -> pl.DataFrame:
    """`offers` with `channel_no` and `channel_limit_cents`, and `max_amount_cents` within that limit.

    The request's channel where the offer answers it and the channel bears the product's smallest plan; otherwise the
    product's first channel where that bears the whole amount; otherwise its first without an instrument. Where not
    `bounded`, no instrument is known for any customer.
    """
    asked = pl.col("answers") & (pl.col("channel_bits") & pl.col("r_channel_bit") > 0)
    if not bounded:
        return offers.with_columns(
            channel_no=pl.when(asked).then("r_channel_no").otherwise("first_channel_no"),
            channel_limit_cents=pl.lit(None, dtype=pl.Int64),
        )

    def head(number: str) -> pl.Expr:
        return pl.coalesce(*(pl.when(pl.col(number) == n).then(f"head_{c}") for n, c in enumerate(INSTRUMENTS)))

    bears_least = (head("r_channel_no") >= pl.col("min_amount_cents")).fill_null(value=True)
    bears_all = (head("first_channel_no") >= pl.col("max_amount_cents")).fill_null(value=True)
    chosen = (
        pl.when(asked & bears_least)
        .then("r_channel_no")
        .when(bears_all)
        .then("first_channel_no")
        .otherwise("fallback_channel_no")
    )
    return (
        offers.with_columns(channel_no=chosen)
        .with_columns(channel_limit_cents=head("channel_no"))
        .with_columns(max_amount_cents=pl.min_horizontal("max_amount_cents", "channel_limit_cents"))
    )
