"""A feed is simulated by its contract and one function: nothing else is told of it, and nothing else changes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.unit.warehouse.new_feed import NAME, TEXT, new_feed
from warehouse.contract import ContractError, contract_names, load_contract
from warehouse.deliveries import discover
from warehouse.simulator import master, simulate_feeds
from warehouse.simulator.columns import days
from warehouse.simulator.feeds import simulated_feeds, simulates
from warehouse.simulator.planting import BadRows, Twice, missing

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.simulator.population import Population
    from warehouse.simulator.timeline import Timeline

FIRST, LAST = date(2026, 1, 30), date(2026, 1, 31)


@simulates(NAME, file_format="csv", bad_rows=(missing("customer_id"),))
def overdraft(people: Population, timeline: Timeline) -> pl.DataFrame:
    """A day overdrawn each, on the last but one day of the history, known a day later."""
    day = timeline.last_day - 2
    return pl.DataFrame(
        {
            "overdraft_id": pl.Series([f"V{i}" for i in people.number]),
            "customer_id": pl.Series([f"C{i:07}" for i in people.number]),
            "overdrawn_on": days(people.number * 0 + day),
            "overdrawn_cents": pl.Series(100 * people.number),
            "_arrival": pl.Series(people.number * 0 + day + 1),
        }
    )


def simulated(out: Path, **options: bool) -> dict[str, bytes]:
    """Every file delivered of 60 customers, by its path under the root."""
    simulate_feeds(60, FIRST, LAST, 3, out, history_months=2, **options)
    return {
        str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if "business_date=" in str(p) and p.is_file()
    }


def test_every_feed_is_simulated_but_optional_ones_that_nothing_makes() -> None:
    left_out = set(contract_names("feed")) - simulated_feeds().keys()
    assert left_out == {"bank.household_member", "social.social_activity"}
    assert {load_contract(name).properties["delivery"] for name in left_out} == {"optional"}


def test_a_feed_that_every_night_needs_and_nothing_makes_is_said_with_what_to_write(tmp_path: Path) -> None:
    with new_feed(tmp_path / "contracts"), pytest.raises(ContractError) as refused:
        simulate_feeds(60, FIRST, LAST, 3, tmp_path / "out", history_months=2)
    said = str(refused.value)
    assert f"{tmp_path}/contracts/bank/overdraft.yaml says that every night needs bank.overdraft" in said
    assert 'write a function marked @simulates("bank.overdraft") in a module of warehouse/simulator' in said
    assert not (tmp_path / "out").exists()


def test_an_optional_feed_that_nothing_makes_is_not_delivered_and_changes_no_other(tmp_path: Path) -> None:
    before = simulated(tmp_path / "before")
    with new_feed(tmp_path / "contracts", TEXT.replace("value: required", "value: optional")):
        assert simulated(tmp_path / "after") == before


def test_a_function_that_makes_a_feed_is_found_and_changes_no_other_feed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = simulated(tmp_path / "before")
    monkeypatch.setattr(master, "overdraft", overdraft, raising=False)
    with new_feed(tmp_path / "contracts"):
        after = simulated(tmp_path / "after")
        delivered = discover(tmp_path / "after", NAME)
    new = {path for path in after if path.startswith("bank/overdraft/")}
    assert {path: content for path, content in after.items() if path not in new} == before
    assert [d.business_date for d in delivered] == [FIRST, LAST]
    rows = [pl.read_csv(d.files[0].path) for d in delivered]
    # All arrive the day before the last date; the bad rows among them are those the contract tolerates.
    assert [frame.filter(pl.col("customer_id").is_not_null()).height for frame in rows] == [60, 0]
    assert [frame["customer_id"].null_count() for frame in rows] == [2, 0]
    assert "channel" not in rows[0].columns  # what is not required need not be made


def test_what_a_simulated_feed_asks_for_is_there_or_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = simulates(NAME)(lambda balances: balances)
    monkeypatch.setattr(master, "overdraft", asks, raising=False)
    with (
        new_feed(tmp_path / "contracts"),
        pytest.raises(ContractError, match="asks for 'balances'; what there is") as said,
    ):
        simulated(tmp_path / "out")
    assert "people" in str(said.value)


def test_a_required_column_that_is_not_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lacks = simulates(NAME)(lambda people, timeline: overdraft(people, timeline).drop("overdrawn_on", "_arrival"))
    monkeypatch.setattr(master, "overdraft", lacks, raising=False)
    with new_feed(tmp_path / "contracts"), pytest.raises(ContractError, match="gives no overdrawn_on, _arrival, which"):
        simulated(tmp_path / "out")


def test_two_functions_for_a_feed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(master, "again", simulates("bank.account")(overdraft.rows), raising=False)
    with pytest.raises(ContractError, match=r"bank\.account is simulated by .* and by .*one is enough"):
        simulated_feeds()


def test_a_function_for_what_is_no_feed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(master, "overdraft", overdraft, raising=False)
    with pytest.raises(ContractError, match=r"simulates bank\.overdraft, which no contract of a feed declares"):
        simulated_feeds()


def test_what_is_planted_in_a_feed_names_columns_and_rules_of_its_contract() -> None:
    for name, feed in simulated_feeds().items():
        contract = load_contract(name)
        columns, rules = {c.name for c in contract.delivered}, {r.code for r in contract.rules}
        for bad in feed.bad_rows:
            assert isinstance(bad, BadRows)
            assert bad.values.keys() <= columns, (name, bad)
            assert bad.rule in rules | {"unreadable"}, (name, bad)
            assert not bad.text_only or feed.file_format != "parquet", (name, bad)
        if isinstance(feed.twice, Twice):
            assert {feed.twice.column, *feed.twice.also} <= columns, name
