"""One small simulated lender, read back the way intake reads it, shared by the tests of this folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from quality.quarantine import quarantine
from warehouse.contract import load_contract
from warehouse.deliveries import discover, newest, verify_files
from warehouse.reading import read_delivery
from warehouse.simulator import simulate_feeds
from warehouse.simulator.feeds import simulated_feeds

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.deliveries import Delivery

START, END, HISTORY, CUSTOMERS, SEED = date(2026, 3, 30), date(2026, 4, 2), 4, 400, 11


@dataclass
class SmallLender:
    """The folder, the answer file, and per feed the rows a night accepts; `broken` counts rules by delivery."""

    root: Path
    answers: dict[str, Any]
    accepted: dict[str, pl.DataFrame] = field(default_factory=dict)
    broken: dict[tuple[str, date], dict[str, int]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def truth(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.root / "truth" / f"{name}.parquet")


def make(root: Path) -> SmallLender:
    simulate_feeds(CUSTOMERS, START, END, SEED, root, history_months=HISTORY)
    lender = SmallLender(root, json.loads((root / "answers.json").read_text(encoding="utf-8")))
    con = duckdb.connect()
    con.execute("CREATE SCHEMA kept")
    for feed in simulated_feeds():
        kept = f'kept."{feed}"'
        for day, delivery in newest(discover(root, feed)).items():
            _take_in(con, lender, delivery, kept, first=day == START)
        lender.accepted[feed] = pl.DataFrame(con.sql(f"SELECT * FROM {kept}"))
    return lender


def _take_in(
    con: duckdb.DuckDBPyConnection, lender: SmallLender, delivery: Delivery, kept: str, *, first: bool
) -> None:
    contract = load_contract(delivery.feed)
    lender.problems += [f"{delivery.label} {p.file} {p.problem}" for p in verify_files(delivery)]
    reading = read_delivery(con, contract, delivery)
    if reading.missing_columns or reading.unknown_columns:
        lender.problems.append(f"{delivery.label} columns {reading.missing_columns} {reading.unknown_columns}")
    if reading.control_sums != delivery.control_sums:
        lender.problems.append(f"{delivery.label} control sums {reading.control_sums} {delivery.control_sums}")
    window = int(contract.properties.get("duplicateWindowDays", 0))
    keys = ", ".join(f'"{c}"' for c in contract.key)
    oldest = delivery.business_date - timedelta(days=window)
    whole = ", ".join(f'"{c.name}"' for c in contract.delivered)
    before = f"SELECT {{}} FROM {kept} WHERE _day >= DATE '{oldest}'"
    seen = (
        f"(SELECT rowid AS row_id, ({whole}) IN ({before.format(f'({whole})')}) AS same FROM {reading.relation} "
        f"WHERE ({keys}) IN ({before.format(f'({keys})')}))"
        if window and not first
        else None
    )
    counts = quarantine(con, contract, reading.relation, "stage.bad", seen_rows=seen)
    broken = {rule: n for rule, n in counts.by_rule.items() if n}
    if reading.unreadable_lines:
        broken["unreadable"] = reading.unreadable_lines
    lender.broken[delivery.feed, delivery.business_date] = broken
    new = (
        f"SELECT * EXCLUDE (_file), DATE '{delivery.business_date}' AS _day FROM {reading.relation} "
        "WHERE rowid NOT IN (SELECT row_id FROM stage.bad)"
    )
    con.execute(f"CREATE TABLE {kept} AS {new}" if first else f"INSERT INTO {kept} {new}")
