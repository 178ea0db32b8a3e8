"""One measurement in a process of its own: `python -m tests.benchmarks.profile_worker '<json>'` prints JSON.

Each answer has wall and CPU seconds of the work named and, where the process did nothing else, its peak memory.
Digests of the tables made are taken outside the clock.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.inputs.checkpoints import Checkpoints
from tests.benchmarks.bulk_facts import FEEDS
from transforms.sql import literal
from transforms.windows.checkpoints import checkpoint_day, checkpointed_window_sql
from transforms.windows.features import EVENT_DATE, features_of
from transforms.windows.windows import full_window_sql
from warehouse.keys import load_keys
from warehouse.lake import Lake, connect
from warehouse.night import Night
from warehouse.registry import feed_snapshot
from warehouse.settings import Settings
from warehouse.windows.slices import prune_slices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCES = [feed.name for feed in FEEDS]


class Clock:
    """Wall and CPU seconds of what runs under it, added up."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu

    def seconds(self) -> dict[str, float]:
        return {"wall_s": round(self.wall, 2), "cpu_s": round(self.cpu, 2)}


class Bench:
    """The windows of nights on one lake, by checkpoints or from all rows."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.runs = 0

    def night(self, as_of: date) -> Night:
        self.runs += 1
        return Night(self.lake, load_keys(self.lake.settings), as_of, f"bench{self.runs}")

    def by_checkpoints(self, as_of: date, clock: Clock) -> dict[str, str]:
        """The night as it runs: what it knows, its checkpoints, then its windows, shard group by shard group."""
        digests: dict[str, list[tuple[int, int]]] = {}
        with clock.running():
            night, found = self.night(as_of), Checkpoints(self.lake, from_rows=0)
            groups = list(night.shard_groups())
        for shards in groups:
            for source in SOURCES:
                with clock.running():
                    rows = found.under(night, source, night.feed(source, shards), as_of, shards)
                    assert rows.checkpoint is not None
                    sql = checkpointed_window_sql(
                        source, rows.facts, str(rows.late), rows.checkpoint, as_of, checkpoint_day(as_of)
                    )
                    self.lake.con.execute(f"CREATE OR REPLACE TEMP TABLE windows AS {sql}")
                digests.setdefault(source, []).append(self.digest(source))
        night.close(keep=False)
        return _together(digests)

    def from_rows(self, as_of: date, clock: Clock) -> dict[str, str]:
        """Every window recomputed from the rows in the lake: a group by customer and segment, then one by customer."""
        digests: dict[str, list[tuple[int, int]]] = {}
        with clock.running():
            night = self.night(as_of)
        for source in SOURCES:
            with clock.running():
                sql = full_window_sql(source, night.feed(source).all, as_of)
                self.lake.con.execute(f"CREATE OR REPLACE TEMP TABLE windows AS {sql}")
            digests.setdefault(source, []).append(self.digest(source))
        night.close(keep=False)
        return _together(digests)

    def digest(self, source: str) -> tuple[int, int]:
        columns = ", ".join(["customer_token", *(c for f in features_of(source) for c in f.columns())])
        row = self.lake.con.execute(
            f"SELECT count(*), coalesce(bit_xor(hash({columns})), 0)::UBIGINT FROM windows"
        ).fetchone()
        assert row is not None
        self.lake.con.execute("DROP TABLE windows")
        return int(row[0]), int(row[1])


def _together(digests: dict[str, list[tuple[int, int]]]) -> dict[str, str]:
    """Shard groups are disjoint: rows add up, hashes by exclusive or."""
    result = {}
    for source, parts in digests.items():
        rows = mixed = 0
        for count, digest in parts:
            rows, mixed = rows + count, mixed ^ digest
        result[source] = f"{rows} {mixed:016x}"
    return result


def night(lake: Lake, as_of: date) -> dict[str, Any]:
    """One night whose checkpoint is there, as seven of eight nights find it."""
    clock = Clock()
    digests = Bench(lake).by_checkpoints(as_of, clock)
    return {**clock.seconds(), "digests": digests}


def emptied(lake: Lake, as_of: date) -> dict[str, Any]:
    """The cache without a slice, as before the first night of `as_of` or any other."""
    return {"slices": prune_slices(lake, {}), "as_of": str(as_of)}


def checkpoint(lake: Lake, as_of: date) -> dict[str, Any]:
    """The checkpoints that a night stands on, made."""
    clock, bench = Clock(), Bench(lake)
    own = bench.night(as_of)
    found = Checkpoints(lake, from_rows=0)
    with clock.running():
        for source in SOURCES:
            found.under(own, source, own.feed(source), as_of, (0, lake.settings.shards - 1))
    own.close(keep=False)
    return clock.seconds()


def full(lake: Lake, as_of: date) -> dict[str, Any]:
    """The same windows recomputed from twelve months of rows in the lake."""
    clock = Clock()
    digests = Bench(lake).from_rows(as_of, clock)
    return {**clock.seconds(), "digests": digests}


def backfill(lake: Lake, as_of: date, nights: int, seed: int) -> dict[str, Any]:
    """Nights up to one date in shuffled order on an empty cache, checkpoints made on the way."""
    prune_slices(lake, {})
    order = [as_of - timedelta(days=n) for n in range(nights)]
    random.Random(seed).shuffle(order)  # noqa: S311 - an order of nights
    clock, bench = Clock(), Bench(lake)
    digests = {str(day): bench.by_checkpoints(day, clock) for day in order}
    return {**clock.seconds(), "digests": digests}


def plain(folder: Path, settings: Settings, as_of: date) -> dict[str, Any]:
    """The same windows by the same two-level group-by from plain Parquet files, without a lake."""
    clock, con = Clock(), connect(settings)
    for source in SOURCES:
        rows = (
            f"(SELECT * FROM read_parquet('{folder}/{source}/*.parquet') WHERE feed_date <= {literal(as_of)} "
            f"AND {EVENT_DATE[source]} <= {literal(as_of)})"
        )
        with clock.running():
            con.execute(f"CREATE OR REPLACE TEMP TABLE windows AS {full_window_sql(source, rows, as_of)}")
        con.execute("DROP TABLE windows")
    return clock.seconds()


MEASURES: dict[str, Callable[..., dict[str, Any]]] = {
    "emptied": emptied,
    "night": night,
    "checkpoint": checkpoint,
    "full": full,
    "backfill": backfill,
}


def main() -> None:
    asked = json.loads(sys.argv[1])
    settings = Settings(
        home=Path(asked["home"]), memory_limit=asked["memory"], shards_at_once=asked.get("shards_at_once", 4)
    )
    as_of = date.fromisoformat(asked["as_of"])
    if asked["what"] == "plain":
        answer = plain(Path(asked["plain"]), settings, as_of)
    else:
        with Lake.open(settings) as lake:
            # A night has landed its feeds by now: contracts and catalogue have been read once.
            feed_snapshot(lake, as_of)
            answer = MEASURES[asked["what"]](lake, as_of, **asked.get("more", {}))
    answer["peak_gib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
