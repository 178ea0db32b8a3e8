"""Month tiles: what a closed month of arrivals adds up to per customer and event month, kept so it is read once.

A tile belongs to a feed month and to the deliveries it was made from (its basis); it never changes, and a month that
is corrected gets another tile. Tiles are a cache: without them the same figures come from the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from warehouse.contract import load_contract
from warehouse.registry import Relations

if TYPE_CHECKING:
    from warehouse.night import Night

#: Makes the SQL of one month's tile from the feed's facts and late rows and the first day of the feed month:
#: (customer_token, shard, event_month, a partial aggregate per column).
TileSql = Callable[[str, str, date], str]

_REGISTRY = "lake.cache.tile"


def month_tiles(night: Night, feed: str, version: str, columns: Mapping[str, str], tile_sql: TileSql) -> Relations:
    """Where a feed's rows are, with tiles of the months before the night's, made where they are missing.

    `version` names the declaration the tiles follow, `columns` their partial aggregates with DuckDB types.
    """
    relations = night.feed(feed)
    table = f"{load_contract(feed).table}_tile_{version}"
    wanted = _bases(night, feed)
    missing = {month: basis for month, basis in wanted.items() if (month, basis) not in _made(night, table)}
    for month, basis in missing.items():
        _make(night, table, columns, tile_sql(relations.facts, relations.late or relations.facts, month), month, basis)
    return Relations(relations.facts, relations.late, tiles_relation(table, wanted))


def tiles_relation(table: str, bases: Mapping[date, str]) -> str | None:
    """Where the tiles of these months and bases are, as text for FROM; None where there is no closed month."""
    if not bases:
        return None
    listed = ", ".join(f"(DATE '{month}', '{basis}')" for month, basis in bases.items())
    return f"(SELECT * FROM lake.cache.{table} WHERE (feed_month, basis) IN ({listed}))"


def _bases(night: Night, feed: str) -> dict[date, str]:
    """Per closed feed month with deliveries, the digest of the deliveries that count."""
    months: dict[date, list[str]] = {}
    for landed in night.knowledge.deliveries[feed]:
        month = landed.business_date.replace(day=1)
        if month < night.as_of.replace(day=1):
            months.setdefault(month, []).append(f"{landed.business_date} {landed.sequence} {landed.basis_digest}")
    return {month: hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] for month, lines in months.items()}


def _made(night: Night, table: str) -> set[tuple[date, str]]:
    con = night.lake.con
    present = con.execute(
        "SELECT count(*) FROM duckdb_tables() "
        "WHERE database_name = 'lake' AND schema_name = 'cache' AND table_name = 'tile'"
    ).fetchone()
    if not present or not present[0]:
        return set()
    rows = con.execute(f"SELECT feed_month, basis FROM {_REGISTRY} WHERE table_name = ?", [table]).fetchall()
    return {(month, basis) for month, basis in rows}


def _make(night: Night, table: str, columns: Mapping[str, str], query: str, month: date, basis: str) -> None:
    """Compute one tile outside the lake, then add it in one commit unless another run was first."""
    con = night.lake.con
    con.execute(f"CREATE OR REPLACE TEMP TABLE tile_made AS {query}")
    typed = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
    with night.lake.commit(f"tile {table} {month}"):
        con.execute(f"CREATE TABLE IF NOT EXISTS {_REGISTRY} (table_name VARCHAR, feed_month DATE, basis VARCHAR)")
        con.execute(
            f"CREATE TABLE IF NOT EXISTS lake.cache.{table} (customer_token UUID, shard SMALLINT, event_month DATE, "
            f"feed_month DATE, basis VARCHAR, {typed})"
        )
        if (month, basis) not in _made(night, table):
            con.execute(
                f"INSERT INTO lake.cache.{table} BY NAME SELECT *, DATE '{month}' AS feed_month, '{basis}' AS basis "
                "FROM tile_made ORDER BY shard, customer_token"
            )
            con.execute(f"INSERT INTO {_REGISTRY} VALUES (?, ?, ?)", [table, month, basis])
    con.execute("DROP TABLE tile_made")
