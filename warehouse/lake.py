"""The lake: DuckDB with DuckLake, opened without the network, written under one lock.

One catalogue (SQLite by default) maps snapshots to files; readers see whole commits only. DuckDB's extensions are
loaded by path from their wheels, so an air-gapped machine works the same.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Self

import duckdb
from filelock import FileLock

from warehouse.contract import contract_names, load_contract
from warehouse.frames import fetch
from warehouse.sql import identifier, literal, literals
from warehouse.views import create_views

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    import polars as pl

    from warehouse.contract import Contract
    from warehouse.settings import Settings

_EXTENSIONS = ("httpfs", "ducklake", "sqlite_scanner")  # httpfs brings the OpenSSL that writes encrypted files
_LOCK_TIMEOUT_S = 600


class LakeMissingError(RuntimeError):
    """There is no lake at the configured place; the message says which command makes one."""


class Lake:
    """One open connection to the lake, attached as `lake`; close it, or use it in a `with`."""

    def __init__(self, settings: Settings, con: duckdb.DuckDBPyConnection) -> None:
        self.settings = settings
        self.con = con

    @classmethod
    def create(cls, settings: Settings) -> None:
        """Make the catalogue and every contract's table where they are missing; safe to repeat and to race."""
        cls.opened(settings).close()

    @classmethod
    def opened(cls, settings: Settings) -> Lake:
        """As :meth:`create`, and the lake stays open."""
        catalogue = _catalogue_path(settings)
        for folder in (catalogue.parent, Path(settings.lake_files)):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with publish_lock(settings):
            lake = cls._open(settings, read_only=False)
            try:
                catalogue.chmod(0o600)
                lake.con.execute("BEGIN")
                _check_shards(lake)
                _create_tables(lake)
                lake.con.execute("COMMIT")
                _set_options(lake)
                create_views(lake.con)
            except BaseException:
                lake.close()
                raise
        return lake

    @classmethod
    def open(cls, settings: Settings, *, read_only: bool = False) -> Lake:
        """Open an existing lake; LakeMissingError where there is none."""
        if not _catalogue_path(settings).is_file():
            raise LakeMissingError(
                f"there is no warehouse at {settings.lake_url}: run `fenqi night` once, or set FENQI_HOME or FENQI_LAKE"
            )
        return cls._open(settings, read_only=read_only)

    @classmethod
    def _open(cls, settings: Settings, *, read_only: bool) -> Lake:
        con = connect(settings)
        # The configuration says where the files are, not the catalogue: a warehouse can be moved or restored elsewhere.
        place = [f"DATA_PATH {literal(settings.lake_files)}", "OVERRIDE_DATA_PATH true", "BUSY_TIMEOUT 30000"]
        options = [
            *place,
            "ENCRYPTED",
            "DATA_INLINING_ROW_LIMIT 0",
            "META_JOURNAL_MODE 'WAL'",
        ]
        if read_only:
            options = [*place, "READ_ONLY"]
        con.execute(f"ATTACH {literal(f'ducklake:sqlite:{_catalogue_path(settings)}')} AS lake ({', '.join(options)})")
        return cls(settings, con)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; temporary tables go with it."""
        self.con.close()

    def frame(self, query: str, parameters: list[object] | None = None) -> pl.DataFrame:
        """The result of `query` as a Polars frame."""
        return fetch(self.con, query, parameters)

    def snapshot(self) -> int:
        """Number of the lake's newest snapshot."""
        row = self.con.execute("SELECT id FROM lake.current_snapshot()").fetchone() or (0,)
        return int(row[0])

    @contextmanager
    def scratch(self, name: str, parts: Sequence[str]) -> Iterator[list[str]]:
        """Temporary tables with the rows of queries, for as long as they are needed; what they are called."""
        tables = [f"{name}_{number}" for number in range(len(parts))]
        try:
            for table, part in zip(tables, parts, strict=True):
                self.con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {part}")
            yield tables
        finally:
            for table in tables:
                self.con.execute(f"DROP TABLE IF EXISTS {table}")

    @contextmanager
    def commit(self, message: str, extra: str = "{}") -> Iterator[None]:
        """One transaction under the publish lock; the commit carries `message` and `extra` (JSON)."""
        with publish_lock(self.settings):
            self.con.execute("BEGIN")
            try:
                yield
                self.con.execute(
                    f"CALL lake.set_commit_message('fenqi', {literal(message)}, extra_info => {literal(extra)})"
                )
                self.con.execute("COMMIT")
            except BaseException:
                self.con.execute("ROLLBACK")
                raise


def _check_shards(lake: Lake) -> None:
    lake.con.execute("CREATE SCHEMA IF NOT EXISTS lake.control")
    lake.con.execute("CREATE TABLE IF NOT EXISTS lake.control.warehouse (shards SMALLINT, created_with VARCHAR)")
    row = lake.con.execute("SELECT shards FROM lake.control.warehouse").fetchone()
    if row is None:
        lake.con.execute("INSERT INTO lake.control.warehouse VALUES (?, ?)", [lake.settings.shards, duckdb.__version__])
    elif row[0] != lake.settings.shards:
        raise ValueError(
            f"this warehouse was made with {row[0]} shards and FENQI_SHARDS says {lake.settings.shards}; "
            "the number is fixed when the warehouse is created"
        )


def _create_tables(lake: Lake) -> None:
    present = {
        f"{schema}.{table}": dict(zip(columns, may_be_empty, strict=True))
        for schema, table, columns, may_be_empty in lake.con.execute(
            "SELECT schema_name, table_name, list(column_name), list(is_nullable) FROM duckdb_columns() "
            "WHERE database_name = 'lake' GROUP BY ALL"
        ).fetchall()
    }
    lake.con.execute("CREATE SCHEMA IF NOT EXISTS lake.cache")
    if "cache.slice" not in present:
        lake.con.execute("CREATE TABLE lake.cache.slice (table_name VARCHAR, slice_on DATE, basis VARCHAR)")
    for name in contract_names():
        contract = load_contract(name)
        if contract.role == "view":
            continue
        for table in lake_tables(contract):
            if table not in present:
                lake.con.execute(f"CREATE SCHEMA IF NOT EXISTS lake.{contract.schema}")
                lake.con.execute(contract.ddl(f"lake.{table}"))
                if partition := _partition(contract, table):
                    lake.con.execute(f"ALTER TABLE lake.{table} SET PARTITIONED BY ({partition})")
            else:
                _renew(lake, contract, table, present[table])


def _set_options(lake: Lake) -> None:
    """How files of the cache are written: what is written once and read a few times has to be quick both ways."""
    row = lake.con.execute("SELECT count(*) FROM lake.options() WHERE scope_entry = 'cache'").fetchone()
    if row == (0,):
        for option, value in (("parquet_compression", "lz4"), ("parquet_version", "2")):
            lake.con.execute(f"CALL lake.set_option({literals([option, value])}, schema => 'cache')")


def _renew(lake: Lake, contract: Contract, table: str, present: Mapping[str, bool]) -> None:
    """Add the columns that a contract has gained since, and drop NOT NULL where a column may be empty by now.

    Earlier rows are NULL in a new column. `present` says of each column whether it may be empty.
    """
    required = {c.lake_name for c in contract.columns if c.required}
    for column, type_ in contract.lake_columns():
        if column not in present:
            lake.con.execute(f"ALTER TABLE lake.{table} ADD COLUMN {identifier(column)} {type_}")
        elif not present[column] and column not in required:
            lake.con.execute(f"ALTER TABLE lake.{table} ALTER COLUMN {identifier(column)} DROP NOT NULL")


def has_late_store(contract: Contract) -> bool:
    """Whether rows that arrive after their month live apart: event feeds."""
    return contract.role == "feed" and contract.properties.get("history") == "events"


def lake_tables(contract: Contract) -> list[str]:
    """The tables of a contract's rows, with their schema: its own and, of a feed of events, the late store."""
    late = [f"{contract.schema}.{late_table(contract)}"] if has_late_store(contract) else []
    return [contract.name, *late]


def late_table(contract: Contract) -> str:
    """Name of the late store's table."""
    return f"{contract.table}_late"


def _partition(contract: Contract, table: str) -> str | None:
    """Months, not days: thousands of day partitions of a small table make scans many times slower."""
    if contract.role == "feed":
        column = contract.event_date if table.endswith("_late") else "feed_date"
        return f"year({identifier(str(column))}), month({identifier(str(column))})"
    by = contract.properties.get("partitionBy")
    column = "as_of_date" if contract.role == "output" else "business_date"
    return {"month": f"year({column}), month({column})", "day": column}.get(str(by))


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that fetches nothing and spills encrypted, under FENQI_HOME."""
    spill = settings.home / "spill"
    spill.mkdir(parents=True, exist_ok=True, mode=0o700)
    con = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": settings.memory_limit,
            "temp_directory": str(spill),
            **({"threads": str(settings.threads)} if settings.threads else {}),
        }
    )
    for name in _EXTENSIONS:
        con.execute(f"LOAD {literal(str(_extension_path(name)))}")
    con.execute("SET temp_file_encryption = true")
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")
    return con


def _extension_path(name: str) -> Path:
    module = import_module(f"duckdb_extension_{name}")
    return next(Path(str(module.__file__)).parent.rglob("*.duckdb_extension"))


@contextmanager
def publish_lock(settings: Settings) -> Iterator[None]:
    """Hold the lock that every writer of the lake takes: SQLite answers "database is locked" to two at once."""
    path = settings.home / "lake.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path, timeout=_LOCK_TIMEOUT_S):
        yield


def _catalogue_path(settings: Settings) -> Path:
    scheme, _, rest = settings.lake_url.partition(":///")
    if scheme != "sqlite" or not rest:
        raise ValueError(f"FENQI_LAKE is {settings.lake_url!r}: expected sqlite:///<path of the catalogue>")
    return Path(os.path.expanduser("/" + rest if not rest.startswith(("/", "~")) else rest))  # noqa: PTH111
