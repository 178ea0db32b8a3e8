"""Tokens: the pseudonyms in the lake in place of a feed's identifiers.

A token is HMAC-SHA256 of the identifier under the warehouse's key, cut to 128 bits and written as a UUID (version 8,
RFC 9562: the bits an application may choose). The same identifier gives the same token in every feed; without the key
neither can be derived from the other. A customer's shard is its token's leading bits.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import polars as pl

from warehouse.frames import fetch, register

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

#: Columns that name the same kind of thing under different names share a domain, so their tokens can be joined.
_DOMAINS = {"counterparty": "account", "parent_account": "account", "co_customer": "customer"}


def domain_of(column: str) -> str:
    """The kind of thing an identifier column names: `counterparty_id` names an account."""
    stem = column.removesuffix("_id").removesuffix("_token")
    return _DOMAINS.get(stem, stem)


def token(key: bytes, domain: str, identifier: str) -> str:
    """The token of one identifier, as UUID text."""
    h = hmac.digest(key, f"{domain}:{identifier}".encode(), "sha256").hex()
    variant = "89ab"[int(h[16], 16) & 3]
    return f"{h[:8]}-{h[8:12]}-8{h[13:16]}-{variant}{h[17:20]}-{h[20:32]}"


def shard_of(customer_token: str, shards: int) -> int:
    """The shard of a customer: the leading bits of its token; `shards` is a power of two up to 65536."""
    return int(customer_token[:4], 16) * shards >> 16


def token_map(con: duckdb.DuckDBPyConnection, name: str, query: str, *, key: bytes, domain: str, shards: int) -> None:
    """Make the temporary table `name` (identifier, token UUID, shard) of the distinct identifiers `query` gives."""
    identifiers = fetch(con, query).to_series().to_list()
    register(con, f"{name}_frame", _frame(key, domain, identifiers, shards))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT identifier, token::UUID AS token, shard FROM {name}_frame"
    )
    con.unregister(f"{name}_frame")


def _frame(key: bytes, domain: str, identifiers: Iterable[str], shards: int) -> pl.DataFrame:
    given = [i for i in identifiers if i is not None]
    tokens = [token(key, domain, i) for i in given]
    return pl.DataFrame(
        {"identifier": given, "token": tokens, "shard": [shard_of(t, shards) for t in tokens]},
        schema={"identifier": pl.String, "token": pl.String, "shard": pl.Int16},
    )
