"""Publication: all of a night's outputs, its checks and its manifest in one commit, or nothing.

Readers see whole nights only. A table whose rows are what is published already is left alone, so a repeated night
adds no change for those who follow `table_changes`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from warehouse.frames import register
from warehouse.night import output_contracts
from warehouse.sql import identifiers, literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import duckdb
    import polars as pl

    from warehouse.contract import Contract
    from warehouse.night import Night


@dataclass(frozen=True)
class Rulebook:
    """Which rules decided: identity, version and digest of policy and model, and the version of the code."""

    policy_id: str
    policy_version: str
    policy_digest: str
    model_version: str
    model_digest: str
    code_version: str


@dataclass(frozen=True)
class Publication:
    """What was published: `publication` is first, restated or repeated; `outputs` is rows and digest per table."""

    run_id: str
    business_date: date
    publication: str
    outputs: Mapping[str, tuple[int, str]]
    manifest_digest: str


class PublicationError(RuntimeError):
    """The staged outputs cannot be published as they are; nothing was changed."""


def publish(night: Night, rulebook: Rulebook, checks: pl.DataFrame) -> Publication:
    """Publish what `night` has staged, with the results of its checks (rows of `control.check_result`)."""
    contracts = output_contracts()
    if missing := [c.name for c in contracts if not night.is_staged(c.name)]:
        raise PublicationError(f"nothing is published: not computed in this run: {', '.join(missing)}")
    outputs = {c.name: night.staged_digest(c.name) for c in contracts}
    con = night.lake.con
    register(con, "checks_of_night", checks)
    try:
        label = f"publish {night.as_of}"
        with night.lake.commit(label, json.dumps({"run_id": night.run_id, "business_date": str(night.as_of)})):
            before = _last_manifest(con, night.as_of)
            standing = {} if before is None else json.loads(before["outputs"])
            for contract in contracts:
                rows, digest = outputs[contract.name]
                if standing.get(contract.name) != [rows, digest]:
                    _replace(night, contract, rows)
            con.execute("DELETE FROM lake.control.check_result WHERE business_date = ?", [night.as_of])
            con.execute("INSERT INTO lake.control.check_result BY NAME SELECT * FROM checks_of_night")
            return _write_manifest(night, rulebook, outputs, before)
    finally:
        con.unregister("checks_of_night")


def _replace(night: Night, contract: Contract, rows: int) -> None:
    con, table = night.lake.con, f"lake.{contract.name}"
    order = "ORDER BY shard, customer_token" if contract.customer_level else f"ORDER BY {', '.join(contract.lake_key)}"
    con.execute(f"DELETE FROM {table} WHERE as_of_date = ?", [night.as_of])
    con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM {night.staged_name(contract.name)} {order}")
    key = identifiers(contract.lake_key)
    found = con.execute(
        f"SELECT count(*), count(DISTINCT ({key})) FROM {table} WHERE as_of_date = ?", [night.as_of]
    ).fetchone()
    if found != (rows, rows):
        raise PublicationError(
            f"nothing is published: {contract.name} would hold {found} rows and keys for {night.as_of}, staged {rows}"
        )


def _last_manifest(con: duckdb.DuckDBPyConnection, day: date | None = None) -> dict[str, Any] | None:
    where = "" if day is None else f"WHERE business_date = {literal(day)}"
    cursor = con.execute(f"SELECT * FROM lake.control.run_manifest {where} ORDER BY manifest_no DESC LIMIT 1")
    row = cursor.fetchone()
    return None if row is None else dict(zip([d[0] for d in cursor.description or ()], row, strict=True))


def _write_manifest(
    night: Night, rulebook: Rulebook, outputs: Mapping[str, tuple[int, str]], before: dict[str, Any] | None
) -> Publication:
    con, known = night.lake.con, night.feed_snapshot
    newest = _last_manifest(con)
    basis = {"inputs_digest": known.digest(), **vars(rulebook)}
    written = json.dumps({name: list(value) for name, value in sorted(outputs.items())})
    # Outputs count too: tables that changed while inputs, rules and version did not must not pass as a repetition.
    made = {**basis, "outputs": written}
    same = before is not None and all(before[k] == v for k, v in made.items())
    body: dict[str, Any] = {
        "run_id": night.run_id,
        "business_date": night.as_of,
        "manifest_no": 1 if newest is None else newest["manifest_no"] + 1,
        "publication": "first" if before is None else "repeated" if same else "restated",
        "landing_no": known.landing_no,
        **basis,
        "inputs": known.summary(),
        "outputs": written,
        "outputs_digest": hashlib.sha256(written.encode()).hexdigest(),
        "previous_digest": "" if newest is None else newest["manifest_digest"],
    }
    body["manifest_digest"] = manifest_digest(body)
    body["published_at"] = datetime.now(UTC).replace(tzinfo=None)
    columns = ", ".join(body)
    con.execute(
        f"INSERT INTO lake.control.run_manifest ({columns}) VALUES ({', '.join('?' * len(body))})", list(body.values())
    )
    return Publication(night.run_id, night.as_of, body["publication"], outputs, body["manifest_digest"])


def manifest_digest(row: Mapping[str, Any]) -> str:
    """SHA-256 over a manifest row without its clock time; `previous_digest` in it makes the chain."""
    kept = {k: str(v) for k, v in sorted(row.items()) if k not in ("manifest_digest", "published_at")}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def verify_chain(con: duckdb.DuckDBPyConnection) -> list[str]:
    """What is wrong with the chain of manifests; empty when nothing was altered."""
    cursor = con.execute("SELECT * FROM lake.control.run_manifest ORDER BY manifest_no")
    names = [d[0] for d in cursor.description or ()]
    problems, previous = [], ""
    for values in cursor.fetchall():
        row = dict(zip(names, values, strict=True))
        if row["previous_digest"] != previous:
            problems.append(f"manifest {row['manifest_no']} ({row['business_date']}) does not follow the one before it")
        if row["manifest_digest"] != manifest_digest(row):
            problems.append(f"manifest {row['manifest_no']} ({row['business_date']}) was altered")
        previous = row["manifest_digest"]
    return problems
