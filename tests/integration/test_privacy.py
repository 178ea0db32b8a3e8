"""Identifiers never leave the vault: a canary planted in every identifier is found in no file the system wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tests.integration.lab import DATES, Lab
from warehouse.contract import contract_names, load_contract
from warehouse.deliveries import discover, newest
from warehouse.delivery_writer import write_delivery
from warehouse.keys import load_keys
from warehouse.lake import Lake
from warehouse.shapes import polars_type
from warehouse.vault import open_vault

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "KANARIENVOGEL"
_HIDDEN = ("direct_identifier", "pseudonym", "free_text")


def test_a_canary_is_found_nowhere_but_in_the_deliveries(tmp_path: Path, feeds: Path) -> None:
    """Also for rows that are quarantined, lines that cannot be read, logs, Dagster's storage, docs and reports."""
    lab = Lab.of(tmp_path / "home", feeds)
    planted = [name for name in contract_names("feed") if plant(lab, name)]
    assert {"bank.customer", "bank.account", "bank.bank_transaction"} <= set(planted)
    done = lab.night(DATES[0])
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout + done.stderr
    written = [p for p in lab.home.rglob("*") if p.is_file() and lab.feeds not in p.parents]
    assert len(written) > 50
    assert [p for p in written if CANARY.encode() in p.read_bytes()] == []
    with Lake.open(lab.settings) as lake, open_vault(lake.con, lab.settings, load_keys(lab.settings)):
        kept = lake.con.execute(
            "SELECT count(*) FROM vault.identity WHERE identifiers::VARCHAR LIKE ?", [f"%{CANARY}%"]
        )
        assert (kept.fetchone() or (0,))[0] >= 1
        bad = lake.con.execute("SELECT count(*) FROM vault.quarantined_row WHERE content LIKE ?", [f"%{CANARY}%"])
        assert (bad.fetchone() or (0,))[0] >= 1


def plant(lab: Lab, feed: str) -> bool:
    """Put the canary into every identifier of two rows, one of which is bad; False where there is none."""
    contract = load_contract(feed)
    hidden = [c for c in contract.delivered if c.classification in _HIDDEN and c.type == "VARCHAR"]
    delivery = newest(discover(lab.feeds, feed, DATES[0])).get(DATES[0])
    if delivery is None or not hidden or not delivery.files or delivery.row_count < 100:
        return False
    parts = [read(f.path, feed) for f in delivery.files]
    rows = pl.concat(parts)
    required = next(
        c.name for c in contract.delivered if c.required and c.classification not in _HIDDEN and not c.key_position
    )
    twin = rows.head(2).with_columns(
        *((pl.lit(f"{CANARY}{c.name}") + pl.int_range(pl.len()).cast(pl.String)).alias(c.name) for c in hidden),
        *(
            (pl.col(k).cast(pl.String) + "-TWIN").alias(k)
            for k in contract.key
            if contract.column(k).classification == "internal" and contract.column(k).type == "VARCHAR"
        ),
    )
    bad = pl.int_range(pl.len()) == 1
    twin = twin.with_columns(pl.when(bad).then(None).otherwise(pl.col(required)).alias(required))
    sequence = delivery.sequence + 1
    write_delivery(lab.feeds, feed, DATES[0], pl.concat([rows, twin]), sequence=sequence, file_format="parquet")
    return True


def read(path: Path, feed: str) -> pl.DataFrame:
    """A delivered file with the contract's types; values that do not fit become empty."""
    schema = {c.name: polars_type(c.type) for c in load_contract(feed).delivered}
    frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    casts = []
    for name, dtype in schema.items():
        column = pl.col(name)
        if frame.schema[name] == pl.String and dtype == pl.Boolean:
            casts.append((column == "true").alias(name))
        elif frame.schema[name] == pl.String and dtype == pl.Date:
            casts.append(column.str.to_date("%Y-%m-%d", strict=False).alias(name))
        else:
            casts.append(column.cast(dtype, strict=False).alias(name))
    return frame.select(casts)
