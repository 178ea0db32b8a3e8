"""Tokens are the same everywhere and for good: every row of the lake is joined by them."""

from __future__ import annotations

import uuid

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.warehouse.support import lake
from warehouse.tokens import domain_of, shard_of, token, token_map

KEY = bytes.fromhex("5eed" * 16)


def test_a_token_never_changes() -> None:
    """By `printf customer:C1 | openssl dgst -sha256 -mac HMAC -macopt hexkey:5eed...`, version and variant set."""
    assert token(KEY, "customer", "C1") == "d9482c73-b280-809f-93da-c7ff5773199a"


@given(st.text(min_size=1), st.text(min_size=1))
def test_tokens_are_uuids_that_differ_by_identifier_domain_and_key(one: str, other: str) -> None:
    made = token(KEY, "customer", one)
    assert uuid.UUID(made).version == 8
    assert uuid.UUID(made).variant == uuid.RFC_4122
    assert (made == token(KEY, "customer", other)) == (one == other)
    assert made != token(KEY, "account", one)
    assert made != token(KEY[::-1], "customer", one)


@pytest.mark.parametrize(
    ("column", "domain"), [("customer_id", "customer"), ("counterparty_id", "account"), ("account_token", "account")]
)
def test_columns_that_name_the_same_thing_share_a_domain(column: str, domain: str) -> None:
    assert domain_of(column) == domain


@given(st.text(min_size=1))
def test_a_shard_is_the_leading_bits_so_doubling_the_shards_splits_each_in_two(identifier: str) -> None:
    made = token(KEY, "customer", identifier)
    assert shard_of(made, 1) == 0
    assert shard_of(made, 16) == shard_of(made, 32) // 2 == int(made[0], 16)


def test_the_map_of_a_feed_gives_each_identifier_its_token_and_shard(tmp_path: object) -> None:
    with lake(tmp_path) as opened:
        token_map(
            opened.con, "m", "SELECT * FROM (VALUES ('C1'), ('C2'), (NULL)) t(id)", key=KEY, domain="customer", shards=8
        )
        found = opened.frame("SELECT identifier, token::VARCHAR AS token, shard FROM m ORDER BY identifier")
    expected = [(i, t := token(KEY, "customer", i), shard_of(t, 8)) for i in ("C1", "C2")]
    assert found.rows() == expected
    assert found.schema["shard"] == pl.Int16
