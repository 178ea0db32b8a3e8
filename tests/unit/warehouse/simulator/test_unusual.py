"""What is planted as unusual is in the answer file, the risk alerts find all of it, and nothing else changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import polars as pl

from tests.unit.transforms.outputs import risk_alert
from tests.unit.transforms.risk.support import shipped_policy
from tests.unit.transforms.support import reasons
from tests.unit.warehouse.simulator.small_lender import END, START
from transforms.risk.risk_alert import line_habits, newest_lines
from warehouse.frames import fetch, register
from warehouse.line_rules import line_type_sql, load_line_rules
from warehouse.registry import Relations
from warehouse.simulator import lender as whole
from warehouse.simulator import simulate_feeds
from warehouse.simulator.lines import Lines
from warehouse.simulator.unusual import KINDS, Unusual, unusual

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.unit.warehouse.simulator.small_lender import SmallLender
    from warehouse.simulator.draws import Streams
    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline


def planted(lender: SmallLender) -> set[tuple[date, str, str]]:
    return {
        (date.fromisoformat(row["business_date"]), row["customer_id"], row["kind"]) for row in lender.answers["unusual"]
    }


def test_every_kind_on_the_first_date_and_one_on_each_later_one(lender: SmallLender) -> None:
    by_day = Counter(day for day, _, _ in planted(lender))
    assert [by_day[day] for day in sorted(by_day)] == [len(KINDS), 1, 1, 1]
    assert {kind for day, _, kind in planted(lender) if day == START} == set(KINDS)


def test_the_alerts_find_all_of_it_and_little_else(lender: SmallLender) -> None:
    con = duckdb.connect(config={"threads": "1"})
    register(con, "given", lender.accepted["bank.bank_transaction"])
    con.execute(
        "CREATE TABLE line AS SELECT transaction_id, customer_id AS customer_token, counterparty_id AS "
        "counterparty_token, posted_on, posted_at, direction, amount_cents, 0::SMALLINT AS shard, _day AS feed_date, "
        f"{line_type_sql(load_line_rules())} AS line_type FROM given"
    )
    con.execute("CREATE TABLE everyone AS SELECT DISTINCT customer_token FROM line")
    profile = "(SELECT *, true AS consent_bank_statement FROM everyone)"
    found: set[tuple[date, str, str]] = set()
    for day in sorted({day for day, _, _ in planted(lender)}):
        section = shipped_policy(END).alerts
        read = Relations("line", None), Relations(profile, None), day, section
        frames = fetch(con, newest_lines(*read)), fetch(con, line_habits(*read))
        told = risk_alert(*frames, section, reasons(day), day)
        found |= {(day, who, code) for who, code in told.select("customer_token", "alert_code").iter_rows()}
    assert planted(lender) <= found
    strangers = {one for one in found if one[1] not in {who for _, who, _ in planted(lender)}}
    assert len(strangers) < 0.05 * 400


def test_it_is_paid_for_and_no_one_else_notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lines(root: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
        simulate_feeds(60, END, END, 4, root, history_months=4, faults=False)
        return tuple(
            pl.read_parquet(root / "bank" / table / "*" / "*.parquet", hive_partitioning=False)
            for table in ("bank_transaction", "account_balance")
        )  # type: ignore[return-value]  # two tables

    with_it, balances = lines(tmp_path / "with")

    def nothing(streams: Streams, people: Population, timeline: Timeline) -> Unusual:
        none = np.zeros(0, np.int64)
        return replace(unusual(streams, people, timeline), customer=none, day=none, kind=none, lines=Lines().arrays())

    monkeypatch.setattr(whole, "unusual", nothing)
    without, _ = lines(tmp_path / "without")
    of = ["customer_id", "posted_at", "description", "amount_cents"]
    more = with_it.join(without, on=of, how="anti")
    assert without.join(with_it, on=of, how="anti").is_empty(), "what was there stays"
    assert more["posted_on"].unique().to_list() == [END]
    assert more["customer_id"].n_unique() == len(KINDS)
    sums = more.group_by("customer_id", "direction").agg(pl.col("amount_cents").sum())
    paid = sums.pivot(on="direction", index="customer_id", values="amount_cents")
    assert (paid["debit"] <= paid["credit"]).all()
    assert balances.height > 0
