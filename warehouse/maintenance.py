"""Upkeep of the lake: small files of one partition merged, so that a scan opens few and the catalogue stays short.

Each landing leaves a file per table and month it covers; after two years a scan of a feed has some 1,500 files to
choose from. Merging changes no row and no snapshot: a night under way goes on reading what it has pinned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.contract import contract_names, load_contract
from warehouse.lake import lake_tables
from warehouse.sql import literal

if TYPE_CHECKING:
    from warehouse.lake import Lake


def merge_files(lake: Lake) -> int:
    """Merge the files of feeds and registry, a commit per table; returns how many files went into others."""
    merged = 0
    for schema, table in _tables():
        with lake.commit(f"merge files of {schema}.{table}"):
            rows = lake.con.execute(
                f"CALL ducklake_merge_adjacent_files('lake', {literal(table)}, schema => {literal(schema)})"
            ).fetchall()
        merged += sum(int(row[2]) - int(row[3]) for row in rows)
    return merged


def _tables() -> list[tuple[str, str]]:
    tables = [("control", "feed_delivery"), ("cache", "slice")]
    for name in contract_names("feed"):
        tables += [(schema, table) for schema, _, table in (t.partition(".") for t in lake_tables(load_contract(name)))]
    return tables
