"""A running night: its inputs as known then, and its outputs until they are published.

Outputs are staged in an encrypted DuckDB file of the run's own, where no reader looks; publication moves them all
into the lake in one commit. A step reads what an earlier step of the same run staged, or, when a single table is
computed again by hand, what is published for that date.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from warehouse.contract import Contract, contract_names, load_contract
from warehouse.digests import rows_digest
from warehouse.frames import fetch, register
from warehouse.lake import lake_tables
from warehouse.registry import FeedSnapshot, Relations, feed_snapshot
from warehouse.sql import literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date
    from pathlib import Path

    import polars as pl

    from warehouse.keys import Keys
    from warehouse.lake import Lake

_STAGED = "staged"
#: A range of shards that is in memory together holds at most so many customers, where one shard does not hold more.
CUSTOMERS_AT_ONCE = 50_000
#: A feed of at most so many rows is read from the lake once a night.
COPIED_ROWS = 200_000


class NotComputedError(LookupError):
    """A table that a step needs is neither staged nor published; the message says which and what to run."""


class Night:
    """One night of one run. Use it in one thread; close it at the end of the run."""

    def __init__(self, lake: Lake, keys: Keys, as_of: date, run_id: str) -> None:
        self.lake = lake
        self.as_of = as_of
        self.run_id = run_id
        self._feed_snapshot: FeedSnapshot | None = None
        self._earlier: dict[date, FeedSnapshot] = {}
        self._published: Collection[str] | None = None
        self._before: dict[str, Any] | None = None
        self._at_once: int | None = None
        self._copies: dict[str, str] = {}
        folder = lake.settings.home / "staging"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / f"{as_of:%Y-%m-%d}-{run_id}.duckdb"
        self._database = f"{_STAGED}_{as_of:%Y%m%d}"
        resumed = self.path.exists()
        lake.con.execute(
            f"ATTACH IF NOT EXISTS {literal(str(self.path))} AS {self._database} (ENCRYPTION_KEY {literal(keys.vault)})"
        )
        self.path.chmod(0o600)
        # Kept here: each look into DuckDB's catalogue goes through all of the lake's tables.
        self._staged = self._found_staged() if resumed else set[str]()

    def close(self, *, keep: bool) -> None:
        """Drop the staged tables; with `keep` the file stays, so that the run can be resumed."""
        for copy in self._copies.values():
            self.lake.con.execute(f"DROP TABLE {copy}")
        self.lake.con.execute(f"DETACH {self._database}")
        if not keep:
            for path in self.path.parent.glob(f"{self.path.name}*"):
                path.unlink(missing_ok=True)

    @property
    def feed_snapshot(self) -> FeedSnapshot:
        """What the night knows; pinned when first asked for, after its feeds have landed."""
        if self._feed_snapshot is None:
            self._feed_snapshot = replace(feed_snapshot(self.lake, self.as_of), copies=self._copies)
        return self._feed_snapshot

    def shard_groups(self, at_once: int | None = None) -> Iterator[tuple[int, int]]:
        """Shards from..to (inclusive) that are in memory together; `at_once`: so many and not as many as usual."""
        total, step = self.lake.settings.shards, at_once or self.shards_at_once
        for first in range(0, total, step):
            yield first, min(first + step, total) - 1

    @property
    def shards_at_once(self) -> int:
        """How many shards are in memory together: as configured, else as many as hold `CUSTOMERS_AT_ONCE`."""
        settings = self.lake.settings
        if self._at_once is None:
            self._at_once = settings.shards_at_once or shards_within(
                self.feed_snapshot.rows("bank.customer"), CUSTOMERS_AT_ONCE, settings.shards, settings.shards
            )
        return self._at_once

    def known(self, as_of: date | None = None) -> FeedSnapshot:
        """What the night knows; with an earlier date, what the night of that date would know if run now."""
        if as_of is None or as_of == self.as_of:
            return self.feed_snapshot
        if as_of not in self._earlier:
            self._earlier[as_of] = self.feed_snapshot.back_to(as_of)
        return self._earlier[as_of]

    def feed(
        self,
        name: str,
        shards: tuple[int, int] | None = None,
        as_of: date | None = None,
        *,
        known_on: bool = False,
    ) -> Relations:
        """A feed's rows as the night knows them, as texts that can follow FROM; `as_of` as in :meth:`known`.

        With `known_on` each row also says since when the lender knew of it, in a column of that name.
        """
        self._copy(name)
        return self.known(as_of).relations(load_contract(name), shards, known_on=known_on)

    def _copy(self, feed: str) -> None:
        """Hold a small feed's rows in memory: each file of the lake costs milliseconds to open, and many steps read."""
        contract, known = load_contract(feed), self.feed_snapshot
        if contract.name in self._copies or known.rows(feed) > COPIED_ROWS:
            return
        for table in lake_tables(contract):
            copy = f"{self._database}_{table.replace('.', '__')}"
            rows = f"FROM {known.source(table)} WHERE feed_date <= {literal(self.as_of)}"
            self.lake.con.execute(f"CREATE OR REPLACE TEMP TABLE {copy} AS SELECT * {rows}")
            self._copies[table] = copy

    def start(self, name: str) -> None:
        """Make the empty staged table of an output, dropping what the run staged before."""
        contract = load_contract(name)
        relation = self.staged_name(name)
        self.lake.con.execute(f"DROP TABLE IF EXISTS {relation}")
        self.lake.con.execute(contract.ddl(relation))
        self._staged.add(self.staged_table(name)[1])

    def add(self, name: str, frame: pl.DataFrame) -> None:
        """Append rows to a staged output; the frame's columns must be exactly the contract's."""
        contract = load_contract(name)
        expected = [column for column, _ in contract.lake_columns()]
        if sorted(frame.columns) != sorted(expected):
            missing = ", ".join(sorted(set(expected) - set(frame.columns))) or "none"
            unknown = ", ".join(sorted(set(frame.columns) - set(expected))) or "none"
            raise ValueError(f"{name}: columns differ from the contract: missing {missing}; unknown {unknown}")
        register(self.lake.con, "added_rows", frame)
        try:
            self.lake.con.execute(f"INSERT INTO {self.staged_name(name)} BY NAME SELECT * FROM added_rows")
        finally:
            self.lake.con.unregister("added_rows")

    def staged_name(self, name: str) -> str:
        """The staged table of an output, qualified."""
        return f"{self._database}.main.{self.staged_table(name)[1]}"

    def staged_table(self, name: str) -> tuple[str, str]:
        """The staged table as (schema with database, table)."""
        return f"{self._database}.main", name.replace(".", "__")

    def is_staged(self, name: str) -> bool:
        """Whether the run has staged that output."""
        return self.staged_table(name)[1] in self._staged

    def _found_staged(self) -> set[str]:
        query = "SELECT table_name FROM duckdb_tables() WHERE database_name = ?"
        return {name for (name,) in self.lake.con.execute(query, [self._database]).fetchall()}

    def output_or_none(self, name: str) -> str | None:
        """Where an output of this night is: staged by this run, else published, else nowhere; text for FROM."""
        if self.is_staged(name):
            return self.staged_name(name)
        if name not in self._published_before():
            return None
        return f"(SELECT * FROM lake.{name} WHERE as_of_date = {literal(self.as_of)})"

    def _published_before(self) -> Collection[str]:
        """The outputs of this night that are published, those without rows too."""
        if self._published is None:
            self._published = self._manifest_outputs("=")
        return self._published

    def output(self, name: str) -> str:
        """Where a step finds an output of this night; NotComputedError where it is nowhere."""
        relation = self.output_or_none(name)
        if relation is None:
            raise NotComputedError(
                f"{name} is neither computed in this run nor published for {self.as_of}: "
                f"materialise it together with this table, or run `fenqi night --date {self.as_of}`"
            )
        return relation

    def read(self, name: str, shards: tuple[int, int] | None = None) -> pl.DataFrame:
        """An output of this night as a frame, all of it or a group of shards."""
        where = f"WHERE shard BETWEEN {shards[0]} AND {shards[1]}" if shards else ""
        return fetch(self.lake.con, f"SELECT * FROM {self.output(name)} {where}")

    def staged_rows(self, name: str) -> int:
        """Number of rows of a staged output."""
        row = self.lake.con.execute(f"SELECT count(*) FROM {self.staged_name(name)}").fetchone()
        return int(row[0]) if row else 0

    def rows_published_before(self, name: str) -> int | None:
        """Number of rows of an output in the last night published before this one; None for the first."""
        if self._before is None:
            self._before = self._manifest_outputs("<")
        found = self._before.get(name)
        return int(found[0]) if found else None

    def _manifest_outputs(self, compared: str) -> dict[str, Any]:
        """Output → (rows, digest), of the last manifest of this night (`=`) or of a night before it (`<`)."""
        row = self.lake.con.execute(
            f"SELECT outputs FROM lake.control.run_manifest WHERE business_date {compared} ? "
            "ORDER BY business_date DESC, manifest_no DESC LIMIT 1",
            [self.as_of],
        ).fetchone()
        return json.loads(row[0]) if row else {}

    def staged_digest(self, name: str) -> tuple[int, str]:
        """(rows, digest) of a staged output."""
        columns = [column for column, _ in load_contract(name).lake_columns()]
        return rows_digest(self.lake.con, self.staged_name(name), columns)


def shards_within(rows: int, most: int, shards: int, at_once: int) -> int:
    """How many of `shards`, halved from `at_once` down to one, hold at most `most` of `rows` spread evenly."""
    while at_once > 1 and rows * at_once > most * shards:
        at_once //= 2
    return at_once


def prune_staging(home: Path, kept_days: int, today: float) -> list[str]:
    """Delete staged files of runs that ended without publishing more than `kept_days` ago; returns their names.

    `today` is a POSIX time. A file is held open by the run that works on it, so it is never that old.
    """
    old = [p for p in sorted((home / "staging").glob("*.duckdb*")) if today - p.stat().st_mtime > kept_days * 86_400]
    for path in old:
        path.unlink(missing_ok=True)
    return [path.name for path in old]


def output_contracts() -> list[Contract]:
    """The contracts of the tables a night publishes, by name."""
    return [load_contract(name) for name in contract_names("output")]
