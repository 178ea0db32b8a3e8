"""Slices of a cache: rows computed once from deliveries that count, kept in the lake until no night needs them.

A slice belongs to a date and to a basis, the digest of the deliveries it was computed from, in a table named after
the declaration it follows. It never changes: a corrected, late or backfilled delivery gives another basis and so
another slice. Losing one costs time and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.sql import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import date

    from warehouse.lake import Lake

_SCHEMA = "lake.cache"
#: Which slices there are; made with the lake.
_REGISTRY = f"{_SCHEMA}.slice"

#: The date of a slice just made, and where its parts are: text that can stand after FROM.
Made = tuple["date", "Sequence[str]"]

#: Slices are added together until they are so many rows.
_ROWS_A_COMMIT = 1_000_000
#: Parts that come to no more rows than this go into one file; of larger ones each gets its own, so that a reader of
#: one slice or of some shards opens no other.
_ROWS_A_FILE = 50_000


class Cache:
    """The slices that there are, as one run sees them: looked up again only for one that was not there before."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._snapshot = -1
        self._made: dict[str, set[tuple[date, str]]] = {}

    def made(self, table: str, wanted: Mapping[date, str] | None = None) -> tuple[set[tuple[date, str]], int]:
        """The (date, basis) of the slices of a table, and the snapshot of the lake in which they are.

        Where all that is wanted was there when the cache was last looked up, as of then: a slice never changes.
        """
        if wanted is None or not wanted.items() <= self._made.get(table, set()):
            self._look_up()
        return self._made.get(table, set()), self._snapshot

    def _look_up(self) -> None:
        if (snapshot := self.lake.snapshot()) == self._snapshot:
            return
        self._snapshot, self._made = snapshot, {}
        for name, on, basis in _registered(self.lake, f"AT (VERSION => {snapshot})"):
            self._made.setdefault(name, set()).add((on, basis))


@dataclass(frozen=True)
class Slices:
    """The slices of one table of the cache; the table is made with the first of them."""

    cache: Cache
    table: str

    @property
    def lake(self) -> Lake:
        """The lake they are in."""
        return self.cache.lake

    def ensured(self, wanted: Mapping[date, str], make: Callable[[date, Made | None], Sequence[str]]) -> str:
        """Where the slices of these dates and bases are, as text for FROM; `make` gives the SQL of those missing.

        It is called in the order of `wanted` with the slice made just before, from which the next one may be made. The
        SQL comes in parts, one per group of shards, so that no more than a group is in memory at a time.

        The text names one snapshot of the lake, so a slice pruned afterwards is still there to be read. ValueError
        where nothing is wanted: a table without slices may not exist.
        """
        if not wanted:
            raise ValueError(f"no slice of {self.table} is wanted")
        while True:
            made, snapshot = self.cache.made(self.table, wanted)
            if not (missing := [entry for entry in wanted.items() if entry not in made]):
                return self._relation(wanted, snapshot)
            self._make(missing, make)

    def found(self, wanted: Mapping[date, str]) -> str | None:
        """The same where all of them have been made, else None."""
        made, snapshot = self.cache.made(self.table, wanted)
        return self._relation(wanted, snapshot) if wanted.items() <= made else None

    def made(self) -> set[tuple[date, str]]:
        """The (date, basis) of every slice there is now."""
        return self.cache.made(self.table)[0]

    def _relation(self, wanted: Mapping[date, str], snapshot: int) -> str:
        listed = " OR ".join(
            f"(slice_on = {literal(on)} AND basis = {literal(basis)})" for on, basis in sorted(wanted.items())
        )
        first, last = min(wanted), max(wanted)
        return (
            f"(SELECT * FROM {_SCHEMA}.{self.table} AT (VERSION => {snapshot}) "
            f"WHERE slice_on BETWEEN {literal(first)} AND {literal(last)} AND ({listed}))"
        )

    def _make(self, wanted: Iterable[tuple[date, str]], make: Callable[[date, Made | None], Sequence[str]]) -> None:
        """Compute slices outside the lake and add them, several in one commit while they are small."""
        waiting: dict[tuple[date, str], list[str]] = {}
        before: tuple[date, list[str]] | None = None
        rows = 0
        for on, basis in wanted:
            tables = []
            for number, part in enumerate(make(on, before)):
                tables.append(f"{self.table}_{on:%Y%m%d}_{number}")
                made = self.lake.con.execute(f"CREATE OR REPLACE TEMP TABLE {tables[-1]} AS {part}").fetchone()
                rows += int(made[0]) if made else 0
            if before is not None and not waiting:
                self._drop(before[1])
            waiting[on, basis], before = tables, (on, tables)
            if rows > _ROWS_A_COMMIT:
                self._add(waiting, rows)
                self._drop(table for entry in waiting if entry[0] != on for table in waiting[entry])
                waiting, rows = {}, 0
        if waiting:
            self._add(waiting, rows)
            self._drop(table for tables in waiting.values() for table in tables)
        elif before is not None:
            self._drop(before[1])

    def _add(self, waiting: Mapping[tuple[date, str], Sequence[str]], rows: int) -> None:
        """Add the computed slices in one commit, save those that another run has added meanwhile."""
        con = self.lake.con
        with self.lake.commit(f"cache {self.table} {', '.join(str(on) for on, _ in waiting)}"):
            # As it is in this transaction: another run may have been first.
            made = set(_registered(self.lake))
            new = {entry: tables for entry, tables in waiting.items() if (self.table, *entry) not in made}
            parts = [
                f"SELECT {literal(on)} AS slice_on, {literal(basis)} AS basis, * FROM {table}"
                for (on, basis), tables in new.items()
                for table in tables
            ]
            if parts:
                con.execute(f"CREATE TABLE IF NOT EXISTS {_SCHEMA}.{self.table} AS {parts[0]} LIMIT 0")
                for inserted in parts if rows > _ROWS_A_FILE else [" UNION ALL ".join(parts)]:
                    con.execute(f"INSERT INTO {_SCHEMA}.{self.table} BY NAME {inserted}")
                listed = ", ".join(f"({literal(self.table)}, {literal(on)}, {literal(basis)})" for on, basis in new)
                con.execute(f"INSERT INTO {_REGISTRY} VALUES {listed}")

    def _drop(self, tables: Iterable[str]) -> None:
        for table in tables:
            self.lake.con.execute(f"DROP TABLE IF EXISTS {table}")


def prune_slices(lake: Lake, kept: Mapping[str, Collection[tuple[date, str]]]) -> int:
    """Delete every slice that `kept` (table → its (date, basis)) does not name, and tables it does not know.

    Returns how many slices are gone. A run that reads one at the moment goes on reading it; one that wants it later
    makes it anew. The space is free once the snapshots that still show them have expired.
    """
    con = lake.con
    with lake.commit("prune cache"):
        gone = [(table, on, basis) for table, on, basis in _registered(lake) if (on, basis) not in kept.get(table, ())]
        for table in sorted({table for table, *_ in gone}):
            listed = ", ".join(f"({literal(on)}, {literal(basis)})" for name, on, basis in gone if name == table)
            if table in kept:
                con.execute(f"DELETE FROM {_SCHEMA}.{table} WHERE (slice_on, basis) IN ({listed})")
            con.execute(f"DELETE FROM {_REGISTRY} WHERE table_name = ? AND (slice_on, basis) IN ({listed})", [table])
        for table in _tables(lake) - {*kept, "slice"}:
            con.execute(f"DROP TABLE {_SCHEMA}.{identifier(table)}")
    return len(gone)


def _registered(lake: Lake, at: str = "") -> list[tuple[str, date, str]]:
    """Table, date and basis of every slice there is, now or `at` a snapshot."""
    return lake.con.execute(f"SELECT table_name, slice_on, basis FROM {_REGISTRY} {at}").fetchall()


def _tables(lake: Lake) -> set[str]:
    rows = lake.con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'cache'"
    ).fetchall()
    return {name for (name,) in rows}
