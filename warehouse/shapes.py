"""The shape a contract gives a table in Polars: types, schemas, and frames brought into it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from warehouse.contract import Contract

_POLARS: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "BIGINT": pl.Int64(),
    "INTEGER": pl.Int32(),
    "SMALLINT": pl.Int16(),
    "DOUBLE": pl.Float64(),
    "BOOLEAN": pl.Boolean(),
    "DATE": pl.Date(),
    "TIMESTAMP": pl.Datetime("us"),
    "UUID": pl.String(),
}


def polars_type(duckdb_type: str) -> pl.DataType:
    """The Polars type of a contract's DuckDB type; a UUID is text there."""
    if duckdb_type.endswith("[]"):
        return pl.List(polars_type(duckdb_type.removesuffix("[]")))
    if match := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", duckdb_type):
        return pl.Decimal(int(match[1]), int(match[2]))
    return _POLARS[duckdb_type]


def polars_schema(contract: Contract) -> dict[str, pl.DataType]:
    """Columns and Polars types of a contract's table in the lake."""
    return {name: polars_type(type_) for name, type_ in contract.lake_columns()}


def shaped(made: pl.DataFrame | Sequence[Mapping[str, Any]], contract: Contract) -> pl.DataFrame:
    """What was made for a table, a frame or rows, with the contract's columns in its order and types.

    Columns the contract does not have are dropped; what holds no rows needs no columns. ValueError names the table and
    the columns that are missing.
    """
    schema = polars_schema(contract)
    there = set(made.columns) if isinstance(made, pl.DataFrame) else {name for row in made[:1] for name in row}
    if not len(made):
        return pl.DataFrame(schema=schema)
    if missing := [name for name in schema if name not in there]:
        raise ValueError(f"{contract.name}: what was made of it lacks {', '.join(missing)} ({contract.path.name})")
    if not isinstance(made, pl.DataFrame):
        return pl.DataFrame([{name: row[name] for name in schema} for row in made], schema=schema, orient="row")
    return made.select(pl.col(name).cast(type_) for name, type_ in schema.items())
