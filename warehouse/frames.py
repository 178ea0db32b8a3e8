"""Frames in and out of DuckDB without pyarrow: both sides speak the Arrow C stream interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    import duckdb


class _Stream:
    """A Polars frame that DuckDB may scan more than once: every scan asks for a new stream."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


def register(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Make `frame` readable as the view `name` on `con` until `con.unregister(name)`."""
    con.register(name, _Stream(frame))


def fetch(
    con: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | dict[str, Any] | None = None
) -> pl.DataFrame:
    """The result of `query` as a Polars frame (UUIDs arrive as text, DECIMAL stays exact)."""
    return pl.DataFrame(con.sql(query, params=parameters))
