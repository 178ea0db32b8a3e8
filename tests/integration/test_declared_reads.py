"""A transform reads what its signature says and nothing else, and makes the published rows of it: every table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import warehouse.night as nights
from orchestration.assets.tables import TABLES
from orchestration.inputs.facts import FACTS
from orchestration.inputs.night_inputs import NightInputs
from orchestration.inputs.signature import reads_of, tables_of
from orchestration.run.context import RunContext
from tests.integration.lab import DATES, Lab
from warehouse.contract import Contract, contract_names, load_contract
from warehouse.frames import fetch, register
from warehouse.lake import Lake, lake_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    import duckdb
    import polars as pl

DAY = DATES[0]
#: Tables that publish facts of the night: their transforms are given the facts themselves.
BY_FACT = {table for _, tables in FACTS.values() for table in tables}


class Recorder:
    """Every table of the lake that a query of the run names."""

    def __init__(self) -> None:
        self.named = set[str]()

    def hear(self, query: str) -> None:
        found = (f"{schema}.{table}" for schema, table in re.findall(r"lake\.(\w+)\.(\w+)", query))
        self.named |= {name for name in found if not name.startswith("cache.")}

    def read(self) -> set[str]:
        """The tables read so far, a feed's late rows under the feed; forgets them."""
        feeds = {table: c.name for c in _feeds() for table in lake_tables(c)}
        found, self.named = {feeds.get(name, name) for name in self.named}, set()
        return found


def _feeds() -> list[Contract]:
    return [load_contract(name) for name in contract_names("feed")]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, first_night: Lab) -> Iterator[RunContext]:
    """A run over a night that is published already: it stages nothing, so every table is read where it is published."""
    home: Path = tmp_path_factory.mktemp("recorded") / "home"
    with RunContext(first_night.copy(home).settings, "recorded") as opened:
        yield opened


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    heard = Recorder()

    def frame(self: Lake, query: str, *rest: Any) -> pl.DataFrame:
        heard.hear(query)
        return fetch(self.con, query, *rest)

    def fetched(con: duckdb.DuckDBPyConnection, query: str, *rest: Any) -> pl.DataFrame:
        heard.hear(query)
        return fetch(con, query, *rest)

    monkeypatch.setattr(Lake, "frame", frame)
    monkeypatch.setattr(nights, "fetch", fetched)
    monkeypatch.setattr(nights, "COPIED_ROWS", -1)  # each query names the table it reads, and no copy of it
    return heard


@pytest.mark.parametrize("transform", TABLES, ids=lambda transform: transform.__name__)
def test_a_transform_reads_what_it_declares_and_makes_the_published_rows(
    run: RunContext, recorder: Recorder, transform: Callable[..., Any]
) -> None:
    inputs = NightInputs(run.night(DAY), run.checkpoints, run.rulebooks)  # nothing kept from another table
    made: dict[str, list[pl.DataFrame]] = {table: [] for table in tables_of(transform)}
    for tables in inputs.tables(transform):
        for table, part in tables.items():
            made[table].append(part)
    declared = reads_of(transform)
    assert recorder.read() == declared.feeds | (declared.tables - BY_FACT)
    for table, parts in made.items():
        assert _differing(run.lake.con, table, parts) == 0


def _differing(con: duckdb.DuckDBPyConnection, table: str, parts: list[pl.DataFrame]) -> int:
    """Rows made now that are not published, and published that are not made now."""
    columns = ", ".join(f'"{name}"' for name, _ in load_contract(table).lake_columns())
    con.execute("DROP TABLE IF EXISTS memory.made")
    con.execute(load_contract(table).ddl("memory.made"))
    for part in parts:
        register(con, "part", part)
        con.execute("INSERT INTO memory.made BY NAME SELECT * FROM part")
        con.unregister("part")
    published = f"SELECT {columns} FROM lake.{table} WHERE as_of_date = DATE '{DAY}'"
    now = f"SELECT {columns} FROM memory.made"
    row = con.execute(
        f"SELECT (SELECT count(*) FROM ({now} EXCEPT ALL {published})) "
        f"+ (SELECT count(*) FROM ({published} EXCEPT ALL {now}))"
    ).fetchone()
    return int(row[0]) if row else 0
