"""One commit or none, one writer at a time, and no file in clear."""

from __future__ import annotations

import stat
import threading
from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.unit.warehouse.support import lake, landed, settings
from warehouse.contract import contract_names, load_contract
from warehouse.keys import load_keys
from warehouse.lake import Lake, LakeMissingError
from warehouse.night import Night
from warehouse.vault import open_vault

if TYPE_CHECKING:
    from pathlib import Path


def test_every_contract_has_its_table_and_making_it_twice_changes_nothing(tmp_path: Path) -> None:
    with lake(tmp_path) as opened:
        Lake.create(settings(tmp_path))
        for name in contract_names():
            described = opened.con.execute(f"DESCRIBE lake.{name}").fetchall()
            assert [(row[0], row[1]) for row in described] == list(load_contract(name).lake_columns())
    assert stat.S_IMODE((tmp_path / "lake" / "catalogue.sqlite").stat().st_mode) == 0o600


def test_a_warehouse_of_an_earlier_version_gains_the_columns_its_contracts_have_gained(tmp_path: Path) -> None:
    with lake(tmp_path) as opened:
        opened.con.execute("ALTER TABLE lake.reference.policy DROP COLUMN documents")
        Lake.create(settings(tmp_path))
        described = dict(row[:2] for row in opened.con.execute("DESCRIBE lake.reference.policy").fetchall())
        assert described["documents"] == "VARCHAR[]"


def test_a_column_that_may_be_empty_by_now_may_be_so_in_an_earlier_warehouse(tmp_path: Path) -> None:
    with lake(tmp_path) as opened:
        table = "lake.commerce.commerce_order"
        made = load_contract("commerce.commerce_order").ddl(table)
        stricter = made.replace('"payment_method" VARCHAR', '"payment_method" VARCHAR NOT NULL')
        opened.con.execute(f"DROP TABLE {table}; {stricter}")
        Lake.create(settings(tmp_path))
        may_be_empty = {row[0]: row[2] for row in opened.con.execute(f"DESCRIBE {table}").fetchall()}
        assert (may_be_empty["payment_method"], may_be_empty["order_id"]) == ("YES", "NO")


def test_a_failed_commit_leaves_nothing(tmp_path: Path) -> None:
    with lake(tmp_path) as opened:
        with pytest.raises(duckdb.Error), opened.commit("fails"):
            opened.con.execute("CREATE TABLE lake.cache.half AS SELECT 1 AS x; SELECT error('no')")
        found = opened.con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half'").fetchone()
        assert found == (0,)


def test_writers_at_once_all_succeed(tmp_path: Path) -> None:
    """SQLite answers 'database is locked' to the second writer; the publish lock makes it wait (design: 24 of 24)."""
    with lake(tmp_path) as opened:
        opened.con.execute("CREATE TABLE lake.cache.counted (writer INTEGER)")
    failed: list[Exception] = []

    def write(number: int) -> None:
        try:
            with Lake.open(settings(tmp_path)) as own:
                for _ in range(3):
                    with own.commit(f"writer {number}"):
                        own.con.execute("INSERT INTO lake.cache.counted VALUES (?)", [number])
        except duckdb.Error as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with Lake.open(settings(tmp_path), read_only=True) as opened:
        assert opened.con.execute("SELECT count(*), count(DISTINCT writer) FROM lake.cache.counted").fetchone() == (
            12,
            4,
        )


def test_files_are_encrypted_and_a_reader_cannot_write(tmp_path: Path) -> None:
    with lake(tmp_path) as opened:
        opened.con.execute("CREATE TABLE lake.cache.word AS SELECT 'KANARIENVOGEL' || i AS w FROM range(2000) t(i)")
        opened.con.execute("DELETE FROM lake.cache.word WHERE w = 'KANARIENVOGEL7'")
    files = list((tmp_path / "lake").rglob("*.parquet"))
    assert files
    assert [p for p in files if b"KANARIENVOGEL" in p.read_bytes()] == []
    with Lake.open(settings(tmp_path), read_only=True) as reader, pytest.raises(duckdb.Error):
        reader.con.execute("CREATE TABLE lake.cache.mine AS SELECT 1")


def test_another_number_of_shards_is_refused(tmp_path: Path) -> None:
    lake(tmp_path).close()
    other = settings(tmp_path).model_copy(update={"shards": 16})
    with pytest.raises(ValueError, match="made with 8 shards"):
        Lake.create(other)


def test_no_warehouse_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LakeMissingError, match="fenqi night"):
        Lake.open(settings(tmp_path))


def test_a_home_with_quotes_in_its_name_is_a_home_like_any(tmp_path: Path) -> None:
    """Catalogue, files, vault and staging: a quote in a path must not end the text that names it."""
    home, day = tmp_path / """it's "here", or '; not""", date(2026, 3, 31)
    with lake(home) as opened:
        days = dict.fromkeys(("birth_date", "onboarded_on", "changed_on"), date(2000, 1, 1))
        refusals = {"marketing_opt_out": False, "automated_decision_opt_out": False}
        landed(opened, "bank.customer", day, [{"customer_id": "C1", "full_name": "陈'", **days, **refusals}])
        assert opened.con.execute("SELECT count(*) FROM lake.bank.customer").fetchone() == (1,)
        with open_vault(opened.con, opened.settings, load_keys(opened.settings)):
            assert opened.con.execute("SELECT count(*) FROM vault.identity").fetchone() == (1,)
        night = Night(opened, load_keys(opened.settings), day, "run")
        night.close(keep=False)
    made = {path.name for path in home.iterdir()}
    assert {"lake", "vault", "staging"} <= made
    assert [path.name for path in tmp_path.iterdir()] == [home.name]
