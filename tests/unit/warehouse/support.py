"""A warehouse of its own for a test, and its deliveries."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

import warehouse.contract as contracts
from warehouse.contract import load_contract
from warehouse.deliveries import discover, newest
from warehouse.delivery_writer import write_delivery
from warehouse.keys import load_keys
from warehouse.lake import Lake
from warehouse.landing import land, make_tokens
from warehouse.reading import drop_staging, read_delivery
from warehouse.repeats import event_dates
from warehouse.settings import Settings
from warehouse.shapes import polars_type

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from warehouse.deliveries import Delivery, DeliveryKind


def settings(home: object) -> Settings:
    return Settings(home=Path(str(home)), shards=8)


@cache
def _new_home(_contracts: Path) -> Path:
    """A home with a new lake of these contracts' tables, made once: making one costs five times as much as copying."""
    home = Path(tempfile.mkdtemp(prefix="new-lake-", dir=os.environ["FENQI_HOME"]))
    load_keys(settings(home), create=True)
    Lake.create(settings(home))
    return home


def lake(home: object) -> Lake:
    """A lake opened under `home`: a new one where there is none."""
    configured = settings(home)
    if not (configured.home / "lake").exists():
        shutil.copytree(_new_home(contracts.CONTRACTS), configured.home, dirs_exist_ok=True)
    return Lake.open(configured)


def write(
    root: Path,
    feed: str,
    day: date,
    rows: Sequence[dict[str, Any]],
    *,
    sequence: int = 1,
    kind: DeliveryKind | None = None,
) -> Delivery:
    """A delivery of these rows in the inbox; a column that a row does not give is empty."""
    schema = {c.name: polars_type(c.type) for c in load_contract(feed).delivered}
    full = [{column: row.get(column) for column in schema} for row in rows]
    frame = pl.DataFrame(full, schema=schema, orient="row")
    write_delivery(root, feed, day, frame, sequence=sequence, kind=kind)
    return newest(discover(root, feed, day))[day]


def landed(
    opened: Lake,
    feed: str,
    day: date,
    rows: Sequence[dict[str, Any]],
    *,
    sequence: int = 1,
    kind: DeliveryKind | None = None,
) -> None:
    """The same delivery read and landed as it is, without a verdict."""
    contract, con = load_contract(feed), opened.con
    delivery = write(opened.settings.feeds_root, feed, day, rows, sequence=sequence, kind=kind)
    reading, keys = read_delivery(con, contract, delivery), load_keys(opened.settings)
    make_tokens(opened, keys, contract, reading)
    con.execute("CREATE OR REPLACE TABLE stage.quarantined (row_id BIGINT, rules VARCHAR[])")
    land(
        opened,
        keys,
        contract,
        delivery,
        reading,
        quarantined="stage.quarantined",
        basis=delivery.digest,
        event_dates=event_dates(con, contract, reading),
        run_id="test",
    )
    drop_staging(con, reading)
