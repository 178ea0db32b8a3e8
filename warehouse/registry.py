"""The registry of deliveries: what has landed, and which deliveries a night reads.

`control.feed_delivery` is append-only: one entry per delivery and time it was landed or refused, numbered by
`landing_no`. A night knows, for every feed and business date up to its own, the highest accepted sequence; what it
reads is pinned to one snapshot of the lake, so a delivery landed meanwhile changes nothing for it.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from warehouse.contract import contract_names
from warehouse.lake import lake_tables
from warehouse.sql import identifier, literal, literals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import duckdb

    from warehouse.contract import Contract
    from warehouse.deliveries import DeliveryKind
    from warehouse.lake import Lake


@dataclass(frozen=True)
class DeliveryRecord:
    """The newest registry entry of one delivery.

    `kind` is the kind its manifest gives, None where it gives none; `event_dates` those of its rows in order, None
    where that is not on record or was not asked for.
    """

    feed: str
    business_date: date
    sequence: int
    landing_no: int
    delivery_digest: str
    basis_digest: str
    accepted: bool
    message: str | None
    accepted_rows: int
    kind: DeliveryKind | None = None
    event_dates: tuple[date, ...] | None = None


@dataclass(frozen=True)
class Relations:
    """Where SQL finds a feed's rows as a night knows them: texts that can follow FROM.

    `late` holds the rows that arrived after the month of their event; for other feeds it is None. `checkpoint` gives,
    where the feed has one, what the windows are computed from beside the rows around their ends.
    """

    facts: str
    late: str | None
    checkpoint: str | None = None

    def until(self, event: str, day: date) -> Relations:
        """The same rows as far as their event (the column `event`) lies no later than `day`; without a checkpoint."""
        parts = [
            part and f"(SELECT * FROM {part} WHERE {identifier(event)} <= {literal(day)})"
            for part in (self.facts, self.late)
        ]
        return Relations(str(parts[0]), parts[1])

    def with_column(self, sql: str, name: str) -> Relations:
        """The same rows with one more column; without a checkpoint."""
        parts = [part and f"(SELECT *, {sql} AS {identifier(name)} FROM {part})" for part in (self.facts, self.late)]
        return Relations(str(parts[0]), parts[1])

    @property
    def all(self) -> str:
        """Both together."""
        return self.facts if self.late is None else f"(SELECT * FROM {self.facts} UNION ALL SELECT * FROM {self.late})"


@dataclass(frozen=True)
class FeedSnapshot:
    """What one night knows: its date, the lake's snapshot, and the deliveries that count, per feed and date.

    `copies` says where the night holds a copy of a table of that snapshot, by schema and name: it is read instead.
    """

    as_of: date
    snapshot: int
    landing_no: int
    deliveries: Mapping[str, tuple[DeliveryRecord, ...]]
    superseded: Mapping[str, tuple[tuple[date, int], ...]]
    refused: Mapping[str, tuple[date, ...]]
    copies: Mapping[str, str] = field(default_factory=dict)

    def back_to(self, as_of: date) -> FeedSnapshot:
        """What the night of an earlier date would know, run now: of the deliveries this night knows, those by then.

        So a figure of three months ago is the one that its own night, backfilled tonight, would publish.
        """
        if as_of > self.as_of:
            raise ValueError(f"the night of {self.as_of} knows nothing of {as_of}")
        return replace(
            self,
            as_of=as_of,
            deliveries={f: tuple(x for x in used if x.business_date <= as_of) for f, used in self.deliveries.items()},
            superseded={f: tuple(x for x in gone if x[0] <= as_of) for f, gone in self.superseded.items()},
            refused={f: tuple(day for day in days if day <= as_of) for f, days in self.refused.items()},
        )

    def kinds(self, feed: str) -> dict[date, DeliveryKind]:
        """What each delivery of a feed that counts is, by date: as its manifest says, else the first is the history.

        So a first delivery that is corrected stays the history, and one of an earlier date, handed in afterwards,
        becomes it.
        """
        return {
            x.business_date: x.kind or ("daily" if number else "history")
            for number, x in enumerate(self.deliveries.get(feed, ()))
        }

    def relations(
        self, contract: Contract, shards: tuple[int, int] | None = None, *, known_on: bool = False
    ) -> Relations:
        """Where the rows of a feed are, restricted to what the night knows and to shards from..to (inclusive).

        With `known_on`, rows have that column too: the day on which the lender knew of the row. Rows of a daily
        delivery were known with it, those of a history or a migration on their event date.
        """
        found = self._relations(contract, [f"{identifier(str(contract.event_date))} <= {literal(self.as_of)}"], shards)
        return found.with_column(self._known_on_sql(contract), "known_on") if known_on else found

    def _known_on_sql(self, contract: Contract) -> str:
        histories = [day for day, kind in self.kinds(contract.name).items() if kind != "daily"]
        if not histories:
            return "feed_date"
        days = literals(histories)
        # A feed can announce what is to come; a row is known neither before its event nor later than its delivery.
        event = identifier(str(contract.event_date))
        return f"CASE WHEN feed_date IN ({days}) THEN least({event}, feed_date) ELSE feed_date END"

    def arrivals(self, contract: Contract, shards: tuple[int, int] | None = None) -> Relations:
        """The same, and rows of events after the night too, where a feed announces them."""
        return self._relations(contract, [], shards)

    def _relations(self, contract: Contract, tests: list[str], shards: tuple[int, int] | None) -> Relations:
        tests = [f"feed_date <= {literal(self.as_of)}", *tests]
        if shards is not None and contract.customer_level:
            tests.append(f"shard BETWEEN {shards[0]} AND {shards[1]}")
        tests.extend(
            f"NOT (feed_date = {literal(day)} AND delivery_seq = {sequence})"
            for day, sequence in self.superseded.get(contract.name, ())
        )
        where = " AND ".join(tests)

        facts, *late = (f"(SELECT * FROM {self.source(table)} WHERE {where})" for table in lake_tables(contract))
        return Relations(facts, late[0] if late else None)

    def source(self, table: str) -> str:
        """Where the rows of a table of the lake are read: in the night's copy, else in the snapshot."""
        return self.copies.get(table) or f"lake.{table} AT (VERSION => {self.snapshot})"

    def rows(self, feed: str) -> int:
        """How many rows of a feed count."""
        return sum(delivery.accepted_rows for delivery in self.deliveries.get(feed, ()))

    def basis(self, feed: str, first: date = date.min, end: date = date.max) -> str:
        """Sixteen digits for what has landed of a feed's deliveries that count, from `first` to before `end`."""
        lines = [
            f"{x.business_date} {x.sequence} {x.basis_digest}"
            for x in self.deliveries[feed]
            if first <= x.business_date < end
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    def digest(self, feed: str | None = None) -> str:
        """SHA-256 over the digests of the deliveries used, of one feed or of all."""
        feeds = [feed] if feed else sorted(self.deliveries)
        lines = [
            f"{x.feed} {x.business_date} {x.sequence} {x.delivery_digest}" for f in feeds for x in self.deliveries[f]
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def summary(self) -> str:
        """JSON per feed: deliveries used, their digest, the last one, and the dates whose delivery was refused."""
        return json.dumps(
            {
                feed: {
                    "deliveries": len(used),
                    "digest": self.digest(feed),
                    "last": f"{used[-1].business_date} #{used[-1].sequence}" if used else None,
                    "refused": [str(day) for day in self.refused[feed]],
                }
                for feed, used in sorted(self.deliveries.items())
            }
        )


def registry(
    con: duckdb.DuckDBPyConnection, feed: str, through: date | None = None
) -> dict[tuple[date, int], DeliveryRecord]:
    """The newest entry of each delivery of `feed`, by date and sequence, with its event dates."""
    where, values = "feed = ? AND business_date <= ?", [feed, through or date.max]
    entries = _entries(con, "lake.control.feed_delivery", where, values, dates="event_dates")
    return {(x.business_date, x.sequence): x for x in entries}


class LandedDeliveries:
    """The registry of every feed for one run, read whole once, and again only where somebody has landed since."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._snapshot: int | None = None
        self._entries: dict[str, dict[tuple[date, int], DeliveryRecord]] = {}

    def of(self, feed: str, through: date) -> dict[tuple[date, int], DeliveryRecord]:
        """As :func:`registry`."""
        snapshot = self._lake.snapshot()
        if snapshot != self._snapshot:
            self._snapshot, self._entries = snapshot, {name: {} for name in contract_names("feed")}
            for x in _entries(self._lake.con, "lake.control.feed_delivery", "true", [], dates="event_dates"):
                self._entries.setdefault(x.feed, {})[x.business_date, x.sequence] = x
        if feed not in self._entries:
            self._entries[feed] = registry(self._lake.con, feed)
        return {key: x for key, x in self._entries[feed].items() if x.business_date <= through}

    @contextmanager
    def landing(self, feed: str) -> Iterator[None]:
        """A block that may commit once, to land or refuse a delivery of `feed`: the other feeds stay as they are."""
        before = self._lake.snapshot()
        yield
        after = self._lake.snapshot()
        if before == self._snapshot and after == before + 1:
            self._snapshot = after
            self._entries.pop(feed, None)


def _entries(
    con: duckdb.DuckDBPyConnection, relation: str, where: str, values: list[Any], *, dates: str = "NULL"
) -> list[DeliveryRecord]:
    rows = con.execute(
        "SELECT feed, business_date, delivery_seq, landing_no, delivery_digest, basis_digest, status, message, "
        f"accepted_rows, delivery_kind, {dates} FROM {relation} WHERE {where} "
        "QUALIFY row_number() OVER (PARTITION BY feed, business_date, delivery_seq ORDER BY landing_no DESC) = 1 "
        "ORDER BY feed, business_date, delivery_seq",
        values,
    ).fetchall()
    return [_record(row) for row in rows]


def _record(row: tuple[Any, ...]) -> DeliveryRecord:
    accepted, dates = row[6] == "accepted", None if row[10] is None else tuple(row[10])
    return DeliveryRecord(row[0], row[1], row[2], row[3], row[4], row[5], accepted, row[7], row[8], row[9], dates)


def current_deliveries(entries: Iterable[DeliveryRecord]) -> list[DeliveryRecord]:
    """The accepted delivery that counts for each business date: the one of the highest sequence."""
    best: dict[date, DeliveryRecord] = {}
    for entry in entries:
        known = best.get(entry.business_date)
        if entry.accepted and (known is None or entry.sequence > known.sequence):
            best[entry.business_date] = entry
    return [best[day] for day in sorted(best)]


def superseded(entries: Iterable[DeliveryRecord]) -> tuple[tuple[date, int], ...]:
    """Accepted deliveries that a later sequence has replaced; their rows stay on record and no longer count."""
    entries = list(entries)
    current = {(x.business_date, x.sequence) for x in current_deliveries(entries)}
    return tuple(
        (x.business_date, x.sequence) for x in entries if x.accepted and (x.business_date, x.sequence) not in current
    )


def refused(entries: Iterable[DeliveryRecord]) -> tuple[date, ...]:
    """Dates of which nothing counts, since every delivery of them was refused."""
    entries = list(entries)
    current = {x.business_date for x in current_deliveries(entries)}
    return tuple(sorted({x.business_date for x in entries} - current))


def feed_snapshot(lake: Lake, as_of: date) -> FeedSnapshot:
    """Pin what the night of `as_of` knows, now."""
    con, snapshot = lake.con, lake.snapshot()
    # The registry of that very snapshot: a delivery landed since must not count when its rows cannot be seen.
    at = f"lake.control.feed_delivery AT (VERSION => {snapshot})"
    [(number,)] = con.execute(f"SELECT coalesce(max(landing_no), 0) FROM {at}").fetchall()
    feeds: dict[str, list[DeliveryRecord]] = {name: [] for name in contract_names("feed")}
    for entry in _entries(con, at, "business_date <= ?", [as_of]):
        feeds.setdefault(entry.feed, []).append(entry)
    return FeedSnapshot(
        as_of=as_of,
        snapshot=snapshot,
        landing_no=int(number),
        deliveries={name: tuple(current_deliveries(entries)) for name, entries in feeds.items()},
        superseded={name: superseded(entries) for name, entries in feeds.items()},
        refused={name: refused(entries) for name, entries in feeds.items()},
    )
