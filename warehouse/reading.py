"""Reading a delivery's files into a typed staging table; every line is read or kept with its number and reason.

CSV goes through DuckDB's reader with its rejects stored; Parquet columns are cast one by one and a row with a value
that cannot be cast is kept apart the same way. Read rows and unreadable lines together are the file. A column that
the contract does not require may be absent, as from an extract older than the column: it is read as empty and named.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TYPE_CHECKING, NamedTuple

from warehouse.sql import identifier, identifiers, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

    from warehouse.contract import Contract
    from warehouse.deliveries import Delivery

STAGE = "stage"


@dataclass(frozen=True)
class Reading:
    """What reading one delivery gave.

    `relation` holds the typed rows under the contract's delivered columns (and `_file`); `unreadable` is a table
    (file_name, line_no, message, content) of the lines that could not be read, `content` with personal data in it.
    `missing_columns` are required ones that a file lacks: nothing of it is read; `absent_columns` are optional ones.
    """

    relation: str
    unreadable: str
    rows: int
    unreadable_lines: int
    missing_columns: tuple[str, ...]
    unknown_columns: tuple[str, ...]
    control_sums: dict[str, int]
    absent_columns: tuple[str, ...] = ()


class _Header(NamedTuple):
    """The columns of a file compared with those of its contract."""

    present: tuple[str, ...]
    missing: tuple[str, ...]
    absent: tuple[str, ...]
    unknown: tuple[str, ...]


class UnreadableFileError(ValueError):
    """A file that cannot be read at all (not a Parquet file, not UTF-8, truncated gzip); names the file."""


def read_delivery(con: duckdb.DuckDBPyConnection, contract: Contract, delivery: Delivery) -> Reading:
    """Load the delivery into `stage.<schema>__<table>`; nothing else is changed.

    Raises UnreadableFileError where a file as a whole cannot be read.
    """
    name = f"{contract.schema}__{contract.table}"
    relation, unreadable = f"{STAGE}.{name}", f"{STAGE}.{name}__unreadable"
    columns = ", ".join(f"{identifier(c.name)} {c.type}" for c in contract.delivered)
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {STAGE}")
    con.execute(f"CREATE OR REPLACE TABLE {relation} ({columns}, _file VARCHAR)")
    con.execute(
        f"CREATE OR REPLACE TABLE {unreadable} (file_name VARCHAR, line_no BIGINT, message VARCHAR, content VARCHAR)"
    )
    missing: set[str] = set()
    absent: set[str] = set()
    unknown: set[str] = set()
    sums = {c.name: 0 for c in contract.delivered if c.control_sum}
    for file in delivery.files:
        try:
            reader = _read_parquet if file.path.suffix == ".parquet" else _read_csv
            header = reader(con, contract, file.path, relation, unreadable)
            if not header.missing:
                summed = tuple(c for c in sums if c in header.present)
                for column, total in _control_sums(con, summed, file.path, relation, unreadable).items():
                    sums[column] += total
        except Exception as error:
            raise UnreadableFileError(f"{file.path.name} cannot be read: {type(error).__name__}") from error
        missing.update(header.missing)
        absent.update(header.absent)
        unknown.update(header.unknown)
    row = con.execute(f"SELECT count(*) FROM {relation}").fetchone() or (0,)
    lines = con.execute(f"SELECT count(*) FROM {unreadable}").fetchone() or (0,)
    return Reading(
        relation=relation,
        unreadable=unreadable,
        rows=int(row[0]),
        unreadable_lines=int(lines[0]),
        missing_columns=tuple(sorted(missing)),
        unknown_columns=tuple(sorted(unknown)),
        control_sums=sums,
        absent_columns=tuple(c.name for c in contract.delivered if c.name in absent),
    )


def drop_staging(con: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Forget the staged rows; they hold identifiers in clear."""
    con.execute(f"DROP TABLE IF EXISTS {reading.relation}; DROP TABLE IF EXISTS {reading.unreadable}")


def _compare(contract: Contract, given: Sequence[str]) -> _Header:
    expected = {c.name: c.required for c in contract.delivered}
    lacking = {name: required for name, required in expected.items() if name not in given}
    return _Header(
        present=tuple(name for name in expected if name not in lacking),
        missing=tuple(name for name, required in lacking.items() if required),
        absent=tuple(name for name, required in lacking.items() if not required),
        unknown=tuple(name for name in given if name not in expected),
    )


def _read_csv(
    con: duckdb.DuckDBPyConnection, contract: Contract, path: Path, relation: str, unreadable: str
) -> _Header:
    names = _header(path)
    header = _compare(contract, names)
    if header.missing:
        return header
    types = {c.name: c.type for c in contract.delivered}
    picked = identifiers(header.present)
    reader = _csv_reader(
        path,
        {name: types.get(name, "VARCHAR") for name in names},
        "strict_mode = true, store_rejects = true, rejects_table = 'rejects', rejects_scan = 'reject_scans', "
        "rejects_limit = 0",
    )
    con.execute(f"INSERT INTO {relation} BY NAME SELECT {picked}, {literal(path.name)} AS _file FROM {reader}")
    # One line can raise several errors: one row per line, with the columns that were wrong and never their values.
    con.execute(
        f"INSERT INTO {unreadable} SELECT {literal(path.name)}, line, "
        "string_agg(DISTINCT lower(error_type::VARCHAR) || coalesce(' in ' || column_name, ''), '; '), "
        "any_value(csv_line) FROM rejects GROUP BY line ORDER BY line"
    )
    con.execute("DROP TABLE rejects; DROP TABLE reject_scans")
    return header


def _csv_reader(path: Path, types: Mapping[str, str], options: str) -> str:
    columns = ", ".join(f"{literal(name)}: {literal(type_)}" for name, type_ in types.items())
    return (
        f"read_csv({literal(str(path))}, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
        f"columns = {{{columns}}}, dateformat = '%Y-%m-%d', timestampformat = '%Y-%m-%d %H:%M:%S', nullstr = '', "
        f"{options})"
    )


def _header(path: Path) -> list[str]:
    with (
        gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb") as raw,
        TextIOWrapper(raw, encoding="utf-8", newline="") as text,
    ):
        return next(csv.reader(text), [])


def _control_sums(
    con: duckdb.DuckDBPyConnection, columns: tuple[str, ...], path: Path, relation: str, unreadable: str
) -> dict[str, int]:
    """Sum the control columns over every line of the file, readable or not: that is what the sender summed."""
    if not columns:
        return {}
    name = literal(path.name)
    rejected = con.execute(f"SELECT count(*) FROM {unreadable} WHERE file_name = {name}").fetchone()
    if not rejected or not rejected[0]:
        source = f"{relation} WHERE _file = {name}"
    elif path.suffix == ".parquet":
        source = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
    else:
        texts = dict.fromkeys(_header(path), "VARCHAR")
        source = _csv_reader(
            path, texts, "strict_mode = false, null_padding = true, ignore_errors = true, parallel = false"
        )
    sums = ", ".join(f"coalesce(sum(TRY_CAST({identifier(c)} AS BIGINT)), 0)::HUGEINT" for c in columns)
    row = con.execute(f"SELECT {sums} FROM {source}").fetchone() or (0,) * len(columns)
    return {column: int(total) for column, total in zip(columns, row, strict=True)}


def _read_parquet(
    con: duckdb.DuckDBPyConnection, contract: Contract, path: Path, relation: str, unreadable: str
) -> _Header:
    source = f"read_parquet({literal(str(path))}, file_row_number = true, hive_partitioning = false)"
    described = con.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}").fetchall()
    actual = {str(name): str(type_) for name, type_, *_ in described}
    header = _compare(contract, list(actual))
    if header.missing:
        return header
    casts = {
        c.name: f"TRY_CAST({identifier(c.name)} AS {c.type})" for c in contract.delivered if c.name in header.present
    }
    broken = {
        c.name: f"{identifier(c.name)} IS NOT NULL AND {casts[c.name]} IS NULL"
        for c in contract.delivered
        if c.name in casts and actual[c.name] != c.type
    }
    bad = " OR ".join(f"({test})" for test in broken.values()) or "false"
    picked = ", ".join(f"{cast} AS {identifier(name)}" for name, cast in casts.items())
    con.execute(
        f"INSERT INTO {relation} BY NAME SELECT {picked}, {literal(path.name)} AS _file FROM {source} "
        f"WHERE NOT coalesce({bad}, false)"
    )
    if broken:
        words = ", ".join(f"CASE WHEN {test} THEN 'cast in {name}' END" for name, test in broken.items())
        con.execute(
            f"INSERT INTO {unreadable} SELECT {literal(path.name)}, file_row_number + 1, concat_ws('; ', {words}), "
            f"to_json(t)::VARCHAR FROM {source} AS t WHERE {bad}"
        )
    return header
