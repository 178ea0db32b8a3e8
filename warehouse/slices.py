"""Slices of a cache: rows computed once from deliveries that count, kept in the lake until nobody needs them.

A slice belongs to a date and to a basis, the digest of the deliveries it was computed from, in a table named after
the declaration it follows. It never changes: a corrected, late or backfilled delivery gives another basis and so
another slice. Losing one costs time and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date

    from warehouse.lake import Lake

_SCHEMA = "lake.cache"
#: Which slices there are; made with the lake.
_REGISTRY = f"{_SCHEMA}.slice"

#: Slices are added together until they are so many rows.
_ROWS_A_COMMIT = 1_000_000


@dataclass(frozen=True)
class Slices:
    """The slices of one table of the cache; the table is made with the first of them."""

    lake: Lake
    table: str

    def ensured(self, wanted: Mapping[date, str], make: Callable[[date], Sequence[str]]) -> str:
        """Where the slices of these dates and bases are, as text for FROM; `make` gives the SQL of those missing.

        The SQL comes in parts, one per group of shards, so that no more than a group is in memory at a time.

        The text names one snapshot of the lake, so a slice pruned afterwards is still there to be read. ValueError
        where nothing is wanted: a table without slices may not exist.
        """
        if not wanted:
            raise ValueError(f"no slice of {self.table} is wanted")
        snapshot = self.lake.snapshot()
        while missing := set(wanted.items()) - self.made(snapshot):
            self._make(sorted(missing), make)
            snapshot = self.lake.snapshot()
        listed = " OR ".join(f"(slice_on = DATE '{on}' AND basis = '{basis}')" for on, basis in sorted(wanted.items()))
        first, last = min(wanted), max(wanted)
        return (
            f"(SELECT * FROM {_SCHEMA}.{self.table} AT (VERSION => {snapshot}) "
            f"WHERE slice_on BETWEEN DATE '{first}' AND DATE '{last}' AND ({listed}))"
        )

    def made(self, snapshot: int | None = None) -> set[tuple[date, str]]:
        """The (date, basis) of every slice there is, now or as of a snapshot."""
        at = "" if snapshot is None else f"AT (VERSION => {snapshot})"
        rows = self.lake.con.execute(
            f"SELECT slice_on, basis FROM {_REGISTRY} {at} WHERE table_name = ?", [self.table]
        ).fetchall()
        return {(on, basis) for on, basis in rows}

    def _make(self, wanted: Sequence[tuple[date, str]], make: Callable[[date], Sequence[str]]) -> None:
        """Compute slices outside the lake and add them, several in one commit while they are small."""
        waiting: list[tuple[date, str]] = []
        for on, basis in wanted:
            for number, part in enumerate(make(on)):
                rows = f"SELECT DATE '{on}' AS slice_on, '{basis}' AS basis, * FROM ({part})"
                more = waiting or number
                into = "INSERT INTO slices_made" if more else "CREATE OR REPLACE TEMP TABLE slices_made AS"
                self.lake.con.execute(f"{into} {rows} ORDER BY shard, customer_token")
            waiting.append((on, basis))
            held = self.lake.con.execute("SELECT count(*) FROM slices_made").fetchone() or (0,)
            if held[0] > _ROWS_A_COMMIT:
                self._add(waiting)
                waiting = []
        if waiting:
            self._add(waiting)

    def _add(self, waiting: Sequence[tuple[date, str]]) -> None:
        """Add the computed slices in one commit, save those that another run has added meanwhile."""
        con = self.lake.con
        with self.lake.commit(f"cache {self.table} {', '.join(str(on) for on, _ in waiting)}"):
            con.execute(f"CREATE TABLE IF NOT EXISTS {_SCHEMA}.{self.table} AS FROM slices_made LIMIT 0")
            made = self.made()
            if new := [entry for entry in waiting if entry not in made]:
                listed = ", ".join(f"(DATE '{on}', '{basis}')" for on, basis in new)
                con.execute(
                    f"INSERT INTO {_SCHEMA}.{self.table} BY NAME FROM slices_made WHERE (slice_on, basis) IN ({listed})"
                )
                con.execute(
                    f"INSERT INTO {_REGISTRY} SELECT '{self.table}', * FROM (VALUES {listed}) AS v(slice_on, basis)"
                )
        con.execute("DROP TABLE slices_made")


def prune_slices(lake: Lake, kept: Mapping[str, Collection[tuple[date, str]]]) -> int:
    """Delete every slice that `kept` (table → its (date, basis)) does not name, and tables it does not know.

    Returns how many slices are gone. A run that reads one at the moment goes on reading it; one that wants it later
    makes it anew. The space is free once the snapshots that still show them have expired.
    """
    con = lake.con
    with lake.commit("prune cache"):
        slices = con.execute(f"SELECT table_name, slice_on, basis FROM {_REGISTRY}").fetchall()
        gone = [(table, on, basis) for table, on, basis in slices if (on, basis) not in kept.get(table, ())]
        for table, on, basis in gone:
            if table in kept:
                con.execute(f"DELETE FROM {_SCHEMA}.{table} WHERE slice_on = ? AND basis = ?", [on, basis])
            con.execute(
                f"DELETE FROM {_REGISTRY} WHERE table_name = ? AND slice_on = ? AND basis = ?", [table, on, basis]
            )
        for table in _tables(lake) - {*kept, "slice"}:
            con.execute(f'DROP TABLE {_SCHEMA}."{table}"')
    return len(gone)


def _tables(lake: Lake) -> set[str]:
    rows = lake.con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'cache'"
    ).fetchall()
    return {name for (name,) in rows}
