"""Running adapters: a lender's extracts in, deliveries of the feeds out, business date by business date.

An SQL file of an adapter selects all rows of a feed that were known at the end of `business_date()`. The engine runs it
for each date and delivers what was not delivered before: the first delivery carries the history, each later one what
became known since. The same extracts and dates give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from warehouse.adapters.config import Adapter, AdapterError, Crosswalk, load_adapter
from warehouse.contract import Contract, contract_names, load_contract
from warehouse.delivery_writer import write_delivery
from warehouse.frames import fetch
from warehouse.sql import identifier, identifiers, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from warehouse.deliveries import DeliveryKind


@dataclass(frozen=True)
class AdaptedDelivery:
    """One delivery written: `rows` rows of `feed`, made by `adapters`."""

    feed: str
    business_date: date
    rows: int
    adapters: tuple[str, ...]
    manifest: Path


@dataclass(frozen=True)
class AdaptSummary:
    """What was written.

    `not_delivered`: required feeds that no adapter gives; `notes`: what the mapping assumes or invents.
    """

    deliveries: tuple[AdaptedDelivery, ...]
    not_delivered: tuple[str, ...]
    notes: tuple[str, ...]

    def rows(self, feed: str, business_date: date) -> int:
        """Rows delivered of that feed on that date; KeyError if there was no delivery."""
        for delivery in self.deliveries:
            if (delivery.feed, delivery.business_date) == (feed, business_date):
                return delivery.rows
        raise KeyError(feed, business_date)


def adapt_feeds(
    adapters: Sequence[Path | str], sources: Mapping[str, Path], business_dates: Sequence[date], out: Path
) -> AdaptSummary:
    """Write the deliveries of `business_dates` (ascending) under `out`.

    `adapters` are shipped names or folders; `sources` is the adapter's name, or its folder as given, → the folder with
    its extract. AdapterError where an adapter, a file or an SQL is not as it must be; the message names the file.
    """
    loaded = [load_adapter(a) for a in adapters]
    named = {str(given): adapter.name for given, adapter in zip(adapters, loaded, strict=True)}
    sources = {named.get(given, given): root for given, root in sources.items()}
    _check(loaded, sources, business_dates)
    con = duckdb.connect(config={"threads": 2})
    try:
        for adapter in loaded:
            _open_extract(con, adapter, sources[adapter.name])
        con.execute("CREATE SCHEMA delivered")
        feeds = {f: [a for a in loaded if f in a.feeds or f in a.empty] for f in contract_names("feed")}
        written = [
            _deliver(con, load_contract(feed), makers, day, out, "history" if number == 0 else "daily")
            for number, day in enumerate(business_dates)
            for feed, makers in feeds.items()
            if makers
        ]
    finally:
        con.close()
    return AdaptSummary(
        deliveries=tuple(written),
        not_delivered=tuple(f for f, makers in feeds.items() if not makers and _required(f)),
        notes=tuple(note for a in loaded for note in a.notes),
    )


def _required(feed: str) -> bool:
    return load_contract(feed).properties.get("delivery") != "optional"


def _check(adapters: Sequence[Adapter], sources: Mapping[str, Path], business_dates: Sequence[date]) -> None:
    names = [a.name for a in adapters]
    if len(set(names)) < len(names):
        raise AdapterError(f"an adapter is named twice: {', '.join(names)}")
    if not business_dates or list(business_dates) != sorted(set(business_dates)):
        raise AdapterError("business dates must be given, each once, in ascending order")
    for adapter in adapters:
        root = sources.get(adapter.name)
        if root is None:
            raise AdapterError(f"no folder is given for the extract of adapter {adapter.name}")
        for file in adapter.sources.values():
            if not (root / file).is_file():
                raise AdapterError(f"adapter {adapter.name}: its extract has no {file} in {root}")


def _open_extract(con: duckdb.DuckDBPyConnection, adapter: Adapter, root: Path) -> None:
    """The adapter's schema: source tables as text, the macros, `person`, then its own prepare.sql."""
    con.execute(f"CREATE SCHEMA {_schema(adapter)}")
    con.execute(f"SET search_path = '{_schema(adapter)},main'")
    reader = adapter.read
    for table, file in adapter.sources.items():
        con.execute(
            f"CREATE TABLE {identifier(table)} AS FROM read_csv({literal(str(root / file))}, all_varchar = true, "
            f"auto_detect = true, delim = {literal(reader.delimiter)}, quote = {literal(reader.quote)}, "
            f"escape = {literal(reader.quote)}, header = {str(reader.header).lower()}, "
            f"encoding = {literal(reader.encoding)}, nullstr = {literal(reader.null)}, comment = '', "
            "strict_mode = true, ignore_errors = false)"
        )
    step = f"INTERVAL {adapter.timeline.shift_months} MONTH + INTERVAL {adapter.timeline.shift_days} DAY"
    con.execute("CREATE MACRO business_date() AS getvariable('business_date')::DATE")
    con.execute(f"CREATE MACRO timeline(day) AS (day::DATE + {step})::DATE")
    con.execute(f"CREATE MACRO timeline_at(moment) AS moment::TIMESTAMP + {step}")
    # Whole numbers throughout: text → cents of the source → cents delivered, half away from zero.
    con.execute(
        "CREATE MACRO source_cents(amount) AS (amount::DECIMAL(18, 2) * 100)::BIGINT; "
        "CREATE MACRO cents(amount) AS (sign(source_cents(amount)) * ((2 * abs(source_cents(amount)) * "
        f"{adapter.money.numerator} + {adapter.money.denominator}) // {2 * adapter.money.denominator}))::BIGINT"
    )
    if adapter.crosswalk is not None and adapter.people is not None:
        _invent_customer_ids(con, adapter, adapter.crosswalk, adapter.people.query)
    if adapter.prepare is not None:
        _run(con, adapter, "prepare.sql", adapter.prepare)


def _schema(adapter: Adapter) -> str:
    return f"extract_{adapter.name}"


def _invent_customer_ids(
    con: duckdb.DuckDBPyConnection, adapter: Adapter, crosswalk: Crosswalk, people_query: str
) -> None:
    before = crosswalk.first[adapter.name] - 1
    order = f"md5({literal(f'{crosswalk.salt}:{adapter.name}:')} || source_id), source_id"
    number = f"{before} + row_number() OVER (ORDER BY {order})"
    sql = (
        f"CREATE TABLE person AS SELECT source_id, format({literal(crosswalk.id_format)}, {number}) AS customer_id "
        f"FROM ({people_query}) AS people (source_id)"
    )
    _run(con, adapter, "adapter.toml [people]", sql)


def _deliver(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    makers: Sequence[Adapter],
    day: date,
    out: Path,
    kind: DeliveryKind,
) -> AdaptedDelivery:
    con.execute("SET VARIABLE business_date = $1::DATE", [day])
    table = f"delivered.{identifier(contract.name)}"
    parts = []
    for number, adapter in enumerate(a for a in makers if contract.name in a.feeds):
        part = f"part_{number}"
        con.execute(f"SET search_path = '{_schema(adapter)},main'")
        _run(con, adapter, f"{contract.name}.sql", _typed(con, contract, adapter, part))
        parts.append((part, adapter))
    con.execute("SET search_path = 'main'")
    known = _known(contract, parts)
    columns = ", ".join(f"{identifier(c.name)} {c.type}" for c in contract.delivered)
    con.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    con.execute(f"CREATE TEMP TABLE fresh AS (({known}) EXCEPT ALL FROM {table}) ORDER BY ALL")
    con.execute(f"INSERT INTO {table} FROM fresh")
    frame = fetch(con, "FROM fresh")
    for name in ("fresh", *(part for part, _ in parts)):
        con.execute(f"DROP TABLE {name}")
    manifest = write_delivery(out, contract.name, day, frame, note=_note(contract, makers), kind=kind)
    return AdaptedDelivery(contract.name, day, frame.height, tuple(a.name for a in makers), manifest)


def _typed(con: duckdb.DuckDBPyConnection, contract: Contract, adapter: Adapter, part: str) -> str:
    """The adapter's SQL under the contract's columns and types; a column it does not give is empty."""
    query = adapter.feeds[contract.name]
    try:
        given = [str(row[0]) for row in con.execute(f"DESCRIBE {query}").fetchall()]
    except duckdb.Error as error:
        raise AdapterError(f"{adapter.folder / contract.name}.sql: {error}") from error
    wanted = {c.name: c.type for c in contract.delivered}
    if unknown := [c for c in given if c not in wanted]:
        raise AdapterError(f"{adapter.folder / contract.name}.sql: {contract.name} has no column {', '.join(unknown)}")
    casts = ", ".join(
        f"{identifier(n)}::{t} AS {identifier(n)}" if n in given else f"NULL::{t} AS {identifier(n)}"
        for n, t in wanted.items()
    )
    return f"CREATE TEMP TABLE {part} AS SELECT {casts} FROM ({query})"


def _known(contract: Contract, parts: Sequence[tuple[str, Adapter]]) -> str:
    """All rows known, of all adapters; where the crosswalk merges keys, one row per key."""
    columns = [c.name for c in contract.delivered]
    if not parts:
        nulls = ", ".join(f"NULL::{c.type} AS {identifier(c.name)}" for c in contract.delivered)
        return f"SELECT {nulls} WHERE false"
    merges = [(a, a.crosswalk.merge.get(contract.name)) for _, a in parts if a.crosswalk is not None]
    merge = next((m for _, m in merges if m is not None), None)
    if merge is None or len(parts) == 1:
        return " UNION ALL ".join(f"FROM {part}" for part, _ in parts)
    if absent := [a.name for _, a in parts if a.name not in merge.order]:
        raise AdapterError(f'crosswalk: [merge."{contract.name}"] order does not place {", ".join(absent)}')
    ranked = " UNION ALL ".join(f"SELECT {merge.order.index(a.name)} AS _rank, * FROM {part}" for part, a in parts)
    picked = []
    for column in columns:
        name = identifier(column)
        if column in contract.key:
            picked.append(name)
        elif column in merge.least or column in merge.greatest:
            picked.append(f"{'min' if column in merge.least else 'max'}({name}) AS {name}")
        else:
            picked.append(f"arg_min({name}, _rank) FILTER (WHERE {name} IS NOT NULL) AS {name}")
    keys = identifiers(contract.key)
    return f"SELECT {', '.join(picked)} FROM ({ranked}) GROUP BY {keys}"


def _note(contract: Contract, makers: Sequence[Adapter]) -> str:
    words = [f"adapted from {', '.join(a.name for a in makers)}"]
    words += [f"no rows: {a.empty[contract.name]}" for a in makers if contract.name in a.empty]
    labels = {a.crosswalk.label for a in makers if a.crosswalk is not None}
    if labels and contract.customer_level:
        words.append(f"customer numbers by an {', '.join(sorted(labels))}: the linked persons do not exist")
    return "; ".join(words)


def _run(con: duckdb.DuckDBPyConnection, adapter: Adapter, file: str, sql: str) -> None:
    try:
        con.execute(sql)
    except duckdb.Error as error:
        raise AdapterError(f"{adapter.folder / file}: {error}") from error
