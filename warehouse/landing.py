"""Landing: accepted rows become typed facts in the lake, identifiers become tokens, originals go to the vault.

A slice of a fact is one delivery: (feed_date, delivery_seq). It is replaced in one commit together with its registry
entry and its quarantine list, so a reader or a rerun finds all of it or none.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from warehouse.lake import has_late_store, late_table
from warehouse.line_rules import line_rules_digest, line_type_sql, load_line_rules
from warehouse.repeats import SEEN_BEFORE, compared, token_table
from warehouse.sql import identifier, literal
from warehouse.tokens import domain_of, token_map
from warehouse.vault import keep_identities, keep_quarantined, open_vault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from warehouse.contract import Contract
    from warehouse.deliveries import Delivery
    from warehouse.keys import Keys
    from warehouse.lake import Lake
    from warehouse.reading import Reading
    from warehouse.registry import DeliveryRecord


@dataclass(frozen=True)
class LandingCounts:
    """Rows of a delivery by outcome; accepted + quarantined + unreadable is the whole file."""

    accepted: int
    quarantined: int
    unreadable: int


def basis_digest(
    contract: Contract, delivery: Delivery, earlier: Iterable[DeliveryRecord], event_dates: Collection[date]
) -> str:
    """SHA-256 over what the verdict on a delivery depends on: itself, the rules, the deliveries it is compared with.

    When it differs from the one registered, the delivery has to be landed anew.
    """
    parts = [delivery.digest, hashlib.sha256(contract.path.read_bytes()).hexdigest(), line_rules_digest()]
    # How many rows counts too: an earlier delivery can itself have been judged anew, and other rows of it have landed.
    parts.extend(f"{x.delivery_digest} {x.accepted_rows}" for x in compared(contract, delivery, earlier, event_dates))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def make_tokens(lake: Lake, keys: Keys, contract: Contract, reading: Reading) -> None:
    """Make the token tables of every kind of identifier in the staged delivery."""
    domains: dict[str, list[str]] = {}
    for column in contract.delivered:
        if column.classification == "pseudonym":
            domains.setdefault(domain_of(column.name), []).append(column.name)
    for domain, columns in domains.items():
        parts = " UNION ".join(
            f"SELECT DISTINCT {identifier(c)} FROM {reading.relation} WHERE {identifier(c)} IS NOT NULL"
            for c in columns
        )
        shards = lake.settings.shards
        token_map(lake.con, f"tokens_{domain}", parts, key=keys.token, domain=domain, shards=shards)


def land(
    lake: Lake,
    keys: Keys,
    contract: Contract,
    delivery: Delivery,
    reading: Reading,
    *,
    quarantined: str,
    basis: str,
    event_dates: Collection[date],
    message: str | None = None,
    run_id: str,
    stands: bool = False,
) -> LandingCounts:
    """Land the rows of a delivery that are not in `quarantined` (row_id, rules), replacing its slice.

    `row_id` is the staging table's rowid: rows are identified by it and never by key, so that a NULL key cannot slip
    through. `message` is a note on an accepted delivery. With `stands` the slice is there already and only the counts
    are taken.
    """
    con, day, seq = lake.con, delivery.business_date, delivery.sequence
    accepted = f"(SELECT * FROM {reading.relation} WHERE rowid NOT IN (SELECT row_id FROM {quarantined}))"
    counts = _keep_apart(lake, contract, reading, quarantined)
    if stands:
        return counts
    with open_vault(con, lake.settings, keys):
        if any(c.classification == "direct_identifier" for c in contract.columns):
            keep_identities(con, contract, accepted, token_table("customer_id"), day, seq)
        keep_quarantined(con, contract, "kept_apart", day, seq)
    con.execute(f"CREATE OR REPLACE TEMP TABLE landing AS {_select(contract, accepted, day, seq)}")
    with lake.commit(f"land {delivery.label}", json.dumps({"run_id": run_id, "delivery": delivery.digest})):
        for table, rows in _split(contract, day):
            con.execute(f"DELETE FROM {table} WHERE feed_date = ? AND delivery_seq = ?", [day, seq])
            con.execute(f"INSERT INTO {table} BY NAME {rows}")
        entry = {"basis_digest": basis, "event_dates": [*event_dates], "status": "accepted", "run_id": run_id}
        _register(lake, delivery, counts, {**entry, "message": message})
        _list_quarantined(lake, contract, delivery)
    con.execute("DROP TABLE landing; DROP TABLE kept_apart")
    return counts


def refuse(
    lake: Lake,
    keys: Keys,
    contract: Contract,
    delivery: Delivery,
    *,
    reading: Reading | None,
    quarantined: str | None,
    basis: str,
    event_dates: Collection[date],
    message: str,
    run_id: str,
) -> None:
    """Register a delivery that is not landed, with why; its bad rows are kept in the vault and listed all the same."""
    con, day, seq = lake.con, delivery.business_date, delivery.sequence
    counts = LandingCounts(0, 0, 0)
    if reading is not None and quarantined is not None:
        counts = _keep_apart(lake, contract, reading, quarantined)
        counts = LandingCounts(0, counts.quarantined, counts.unreadable)
        with open_vault(con, lake.settings, keys):
            keep_quarantined(con, contract, "kept_apart", day, seq)
    with lake.commit(f"refuse {delivery.label}", json.dumps({"run_id": run_id, "delivery": delivery.digest})):
        for table, _ in _split(contract, day):
            con.execute(f"DELETE FROM {table} WHERE feed_date = ? AND delivery_seq = ?", [day, seq])
        entry = {"basis_digest": basis, "event_dates": [*event_dates], "status": "refused", "run_id": run_id}
        _register(lake, delivery, counts, {**entry, "message": message})
        if reading is not None and quarantined is not None:
            _list_quarantined(lake, contract, delivery)
    con.execute("DROP TABLE IF EXISTS kept_apart")


def _keep_apart(lake: Lake, contract: Contract, reading: Reading, quarantined: str) -> LandingCounts:
    """Make `kept_apart`: quarantined rows and unreadable lines, numbered, with their content.

    Of a row that has landed before the content is in the lake, so it is listed without.
    """
    key = contract.column(contract.key[0])
    public_key = f"r.{identifier(key.name)}::VARCHAR" if key.classification == "internal" else "NULL"
    has_customer = any(c.name == "customer_id" for c in contract.delivered)
    token = "m.token" if has_customer else "NULL::UUID"
    join = f"LEFT JOIN {token_table('customer_id')} AS m ON m.identifier = r.customer_id" if has_customer else ""
    lake.con.execute(
        f"""CREATE OR REPLACE TEMP TABLE kept_apart AS
        SELECT row_number() OVER (ORDER BY origin, file_name, position) AS row_no, * EXCLUDE (origin, position) FROM (
          SELECT 0 AS origin, r.rowid AS position, r._file AS file_name, NULL::BIGINT AS line_no,
            {public_key} AS row_key, {token} AS customer_token,
            q.rules, NULL::VARCHAR AS message,
            CASE WHEN q.rules <> [{literal(SEEN_BEFORE)}] THEN to_json(r)::VARCHAR END AS content
          FROM {reading.relation} AS r JOIN {quarantined} AS q ON q.row_id = r.rowid {join}
          UNION ALL
          SELECT 1, line_no, file_name, line_no, NULL, NULL, ['unreadable'], message, content FROM {reading.unreadable}
        )"""
    )
    [(bad,)] = lake.con.execute("SELECT count(*) FROM kept_apart WHERE rules <> ['unreadable']").fetchall()
    return LandingCounts(reading.rows - int(bad), int(bad), reading.unreadable_lines)


def _select(contract: Contract, accepted: str, day: date, sequence: int) -> str:
    """The accepted rows as the fact's columns: tokens for identifiers, derived columns, shard and arrival."""
    joins, picked = [], []
    for column in contract.columns:
        if column.derivation:
            picked.append(f"{_DERIVATIONS[column.derivation]()} AS {identifier(column.name)}")
        elif column.classification == "pseudonym":
            alias = f"m_{column.name}"
            joins.append(
                f"LEFT JOIN {token_table(column.name)} AS {alias} ON {alias}.identifier = r.{identifier(column.name)}"
            )
            picked.append(f"{alias}.token AS {identifier(str(column.lake_name))}")
        elif column.lake_name is not None:
            picked.append(f"r.{identifier(column.name)}")
    order = ""
    if contract.customer_level:
        picked.append("m_customer_id.shard AS shard")
        order = "ORDER BY shard, customer_token"
    picked.extend([f"{literal(day)} AS feed_date", f"{sequence}::SMALLINT AS delivery_seq"])
    return f"SELECT {', '.join(picked)} FROM {accepted} AS r {' '.join(joins)} {order}"


def _birth_month() -> str:
    return "date_trunc('month', r.birth_date)::DATE"


def _bank_line_type() -> str:
    return line_type_sql(load_line_rules())


_DERIVATIONS = {"birth_month": _birth_month, "bank_line_type": _bank_line_type}


def _split(contract: Contract, day: date) -> list[tuple[str, str]]:
    """(table, rows) of a fact: events of the month they arrive in, and the late store."""
    main = f"lake.{contract.schema}.{contract.table}"
    if not has_late_store(contract):
        return [(main, "SELECT * FROM landing")]
    event = identifier(str(contract.event_date))
    on_time = f"{event} >= {literal(day.replace(day=1))}"
    late = f"lake.{contract.schema}.{late_table(contract)}"
    return [
        (main, f"SELECT * FROM landing WHERE {on_time}"),
        (late, f"SELECT * FROM landing WHERE NOT ({on_time}) ORDER BY {event}"),
    ]


def _register(lake: Lake, delivery: Delivery, counts: LandingCounts, more: Mapping[str, object]) -> None:
    entry = {
        "feed": delivery.feed,
        "business_date": delivery.business_date,
        "delivery_seq": delivery.sequence,
        "delivery_digest": delivery.digest,
        "row_count": delivery.row_count,
        "accepted_rows": counts.accepted,
        "quarantined_rows": counts.quarantined,
        "unreadable_rows": counts.unreadable,
        "recorded_at": datetime.now(UTC).replace(tzinfo=None),
        "delivery_kind": delivery.kind,
        **more,
    }
    # By name: a warehouse made before a column has it last.
    lake.con.execute(
        f"INSERT INTO lake.control.feed_delivery (landing_no, {', '.join(entry)}) "
        "SELECT (SELECT coalesce(max(landing_no), 0) + 1 FROM lake.control.feed_delivery), "
        f"{', '.join('?' * len(entry))}",
        list(entry.values()),
    )


def _list_quarantined(lake: Lake, contract: Contract, delivery: Delivery) -> None:
    key = [contract.name, delivery.business_date, delivery.sequence]
    lake.con.execute(
        "DELETE FROM lake.control.quarantine WHERE feed = ? AND business_date = ? AND delivery_seq = ?", key
    )
    lake.con.execute(
        "INSERT INTO lake.control.quarantine BY NAME SELECT ? AS feed, ? AS business_date, ? AS delivery_seq, "
        "* EXCLUDE (content) FROM kept_apart",
        key,
    )
