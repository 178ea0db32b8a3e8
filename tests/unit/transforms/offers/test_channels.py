"""Cards, wallets and virtual cards: what was taken on any token counts against the account."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.outputs import customer_eligibility, installment_offer
from tests.unit.transforms.support import (
    NIGHT,
    catalogue,
    customers,
    instruments,
    merchants,
    policy,
    rate_card,
    requests,
    token,
)
from transforms.offers.channels import INSTRUMENTS, headroom, with_channel
from transforms.policy.product import CHANNELS

_SHOP = merchants(("m1", "appliance", "active", None))


def offers(held: pl.DataFrame | None, **asked: Any) -> pl.DataFrame:
    eligibility = customer_eligibility(*customers({}), policy(), rate_card(), NIGHT)
    wanted = requests({"channel": "wallet", "merchant_id": "m1", **asked})
    return installment_offer(
        eligibility, rate_card(), catalogue(), wanted, _SHOP, NIGHT, policy(), payment_instrument_latest=held
    )


@pytest.mark.parametrize(
    ("tokens", "left"),
    [
        ([{}], 600_000),  # its own limit
        ([{"used_cents": 100_000}], 500_000),
        ([{"limit_cents": None}], 1_000_000),  # only the account's
        ([{}, {"used_cents": 550_000, "channel": "virtual_card"}], 450_000),  # 1,000,000 less all that is used
        ([{}, {"used_cents": 550_000, "status": "closed"}], 450_000),  # what a closed token took still counts
        ([{"status": "suspended"}], 0),
        ([{"used_cents": 600_000}, {"used_cents": 450_000}], 0),  # the account is over its limit
        ([{}, {"parent_account_token": "b", "used_cents": 550_000}], 600_000),  # another account's
        ([{"limit_cents": 100_000}, {"limit_cents": 300_000}], 300_000),  # the best of two wallets
    ],
)
def test_a_wallet_bears_what_token_and_account_leave(tokens: list[dict[str, Any]], left: int) -> None:
    row = headroom(instruments(*tokens)).to_dicts()[0]
    assert row["head_wallet"] == left


def test_a_channel_without_an_active_token_bears_nothing() -> None:
    row = headroom(instruments({})).to_dicts()[0]
    assert (row["customer_token"], row["head_card"], row["head_virtual_card"]) == (token(0), 0, 0)


def test_the_requested_channel_bounds_the_amount() -> None:
    """3,000 yuan are asked for, 2,000 are left on the account of the wallet."""
    answer = offers(instruments({"used_cents": 0}, {"used_cents": 800_000, "limit_cents": None})).filter(
        product_code="appliance"
    )
    assert answer["channel"].unique().to_list() == ["wallet"]
    assert answer["channel_limit_cents"].unique().to_list() == [200_000]
    assert answer["amount_cents"].unique().to_list() == [200_000]


def test_a_channel_that_bears_no_plan_gives_way_to_one_without_an_instrument() -> None:
    answer = offers(instruments({"status": "closed"})).filter(product_code="appliance")
    assert answer["channel"].unique().to_list() == ["checkout"]
    assert answer["channel_limit_cents"].null_count() == len(answer)
    assert answer["amount_cents"].unique().to_list() == [300_000]


def test_unasked_a_card_that_bears_less_than_the_customer_may_have_gives_way() -> None:
    small = offers(instruments({"channel": "card"})).filter(product_code="card_general")
    assert small["channel"].unique().to_list() == ["app"]
    large = offers(instruments({"channel": "card", "limit_cents": None, "parent_limit_cents": 90_000_000}))
    assert large.filter(product_code="card_general")["channel"].unique().to_list() == ["card"]


def test_no_amount_is_above_what_its_channel_bears() -> None:
    made = offers(instruments({"channel": "card", "limit_cents": 200_000}, {}))
    assert made.filter(pl.col("max_amount_cents") > pl.col("channel_limit_cents")).is_empty()


def test_a_lender_without_instruments_offers_as_before() -> None:
    plain, empty = offers(None), offers(instruments({}).clear())
    assert plain.equals(empty)
    assert plain["channel_limit_cents"].null_count() == len(plain)
    assert plain.filter(product_code="appliance")["channel"].unique().to_list() == ["wallet"]


APP = CHANNELS.index("app")


@pytest.mark.parametrize(
    ("heads", "asked", "first", "channel", "most"),
    [
        # Asked for the wallet: it bears the product's smallest plan of 200, and bounds the amount; else it gives way.
        ({"wallet": 200}, "wallet", "card", "wallet", 200),
        ({"wallet": 199, "card": 900}, "wallet", "card", "card", 900),
        ({"wallet": 199, "card": 899}, "wallet", "card", "app", 900),
        # A channel without an instrument, or of which nothing is known, bears everything.
        ({"card": 900}, "app", "card", "app", 900),
        ({}, "wallet", "card", "wallet", 900),
        # Each channel that the product is sold through may be asked for, and no other.
        ({"card": 300}, "card", "wallet", "card", 300),
        ({"card": 199, "wallet": 900}, "card", "wallet", "wallet", 900),
        ({}, None, "card", "card", 900),
        ({"card": 899}, None, "card", "app", 900),
        ({"card": 900}, None, "card", "card", 900),
    ],
)
def test_the_channel_asked_for_then_the_products_first_then_one_without_an_instrument(
    heads: dict[str, int], asked: str | None, first: str, channel: str, most: int
) -> None:
    """An offer of at most 900 and at least 200, sold through card, wallet and app."""
    number = None if asked is None else CHANNELS.index(asked)
    row = {
        **{f"head_{name}": heads.get(name) for name in INSTRUMENTS},
        "answers": asked is not None,
        "min_amount_cents": 200,
        "max_amount_cents": 900,
        "channel_bits": sum(1 << CHANNELS.index(c) for c in ("card", "wallet", "app")),
        "r_channel_no": number,
        "r_channel_bit": 0 if number is None else 1 << number,
        "first_channel_no": CHANNELS.index(first),
        "fallback_channel_no": APP,
    }
    frame = pl.DataFrame([row], schema=dict.fromkeys(row, pl.Int64) | {"answers": pl.Boolean})
    made = with_channel(frame, bounded=True).row(0, named=True)
    assert (CHANNELS[made["channel_no"]], made["max_amount_cents"]) == (channel, most)
    assert made["channel_limit_cents"] == heads.get(channel)
    other = frame.with_columns(
        r_channel_no=pl.lit(CHANNELS.index("virtual_card")), r_channel_bit=pl.lit(1 << CHANNELS.index("virtual_card"))
    )
    assert CHANNELS[with_channel(other, bounded=False)["channel_no"].item()] == first
    free = with_channel(frame, bounded=False).row(0, named=True)
    assert (CHANNELS[free["channel_no"]], free["channel_limit_cents"]) == (asked or first, None)
