"""What Dagster is told of every asset comes from its contract, and the definitions load without running anything."""

from __future__ import annotations

import warnings
from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from orchestration.assets.declare import asset_key
from orchestration.definitions import build_defs
from orchestration.partitions import NIGHTS
from orchestration.schedules import business_date, nightly
from warehouse.contract import contract_names, load_contract

DEFS = build_defs()
GRAPH = DEFS.resolve_asset_graph()
TABLES = [*contract_names("feed"), *contract_names("output"), "control.run_manifest"]


def test_every_table_a_night_writes_has_its_asset_and_no_asset_is_without_a_contract() -> None:
    assert {".".join(key.path) for key in GRAPH.get_all_asset_keys()} == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_an_asset_says_all_its_contract_knows(table: str) -> None:
    node, contract = GRAPH.get(asset_key(table)), load_contract(table)
    assert node.group_name not in (None, "", "default")
    assert node.kinds
    assert node.owners
    assert contract.description in (node.description or "")
    assert contract.description_zh in (node.description or "")
    assert node.code_version == contract.version
    assert node.partitions_def == NIGHTS
    assert node.tags["pii"]
    assert node.metadata["dagster/table_name"] == f"lake.{table}"
    schema = node.metadata["dagster/column_schema"]
    assert [(c.name, c.type) for c in schema.columns] == list(contract.lake_columns())
    assert all(c.description for c in schema.columns)


@pytest.mark.parametrize("table", [*contract_names("feed"), *contract_names("output")])
def test_a_table_has_one_check_of_what_stops_a_night_and_one_of_what_is_noted(table: str) -> None:
    specs = [GRAPH.get_check_spec(key) for key in GRAPH.asset_check_keys if key.asset_key == asset_key(table)]
    assert {s.name: s.blocking for s in specs} == {"rules_hold": True, "nothing_noted": False}
    assert all(s.description for s in specs)


def test_publication_waits_for_every_output() -> None:
    parents = GRAPH.get(asset_key("control.run_manifest")).parent_keys
    assert parents == {asset_key(name) for name in contract_names("output")}


def test_an_output_depends_on_assets_that_are_there() -> None:
    known = GRAPH.get_all_asset_keys()
    assert [k for key in known for k in GRAPH.get(key).parent_keys if k not in known] == []


def test_the_tick_of_the_10th_runs_the_9th() -> None:
    tick = datetime(2026, 3, 10, 2, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert business_date(tick) == "2026-03-09"
    with dg.DagsterInstance.ephemeral() as instance, dg.build_schedule_context(instance, tick) as context:
        request = nightly(context)
    assert isinstance(request, dg.RunRequest)
    assert (request.partition_key, request.run_key) == ("2026-03-09", "night:2026-03-09")


def test_the_business_day_turns_in_shanghai_not_in_utc() -> None:
    late_evening_utc = datetime(2026, 3, 9, 18, 0, tzinfo=ZoneInfo("UTC"))
    assert business_date(late_evening_utc.astimezone(ZoneInfo("Asia/Shanghai"))) == "2026-03-09"


def test_definitions_are_made_without_a_warning_and_made_afresh() -> None:
    """Of Dagster's warnings one is accepted, where it arises: a check on a partition is a preview (0006)."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = build_defs()
    assert again is not DEFS
    dg.Definitions.validate_loadable(again)


def test_lineage_names_only_columns_of_tables_that_are_read() -> None:
    """The market's indicators decide prices and shifts of the cut-offs, and no offer reads them itself."""
    offer, earlier = asset_key("eligibility.installment_offer"), asset_key("risk.earlier_assessment")
    market = asset_key("market.market_indicator")
    assert market in GRAPH.get(asset_key("eligibility.rate_card")).parent_keys
    assert market in GRAPH.get(offer).parent_keys, "the annual cost cap that offers are checked by moves with the LPR"
    feeds = {"bank.consent", "bank.account", "commerce.commerce_order", "credit.repayment", "credit.service_case"}
    assert {asset_key(feed) for feed in feeds} <= GRAPH.get(earlier).parent_keys
    profile = GRAPH.get(asset_key("profile.customer_profile"))
    lineage = profile.metadata["dagster/column_lineage"].deps_by_column
    counted = {(".".join(d.asset_key.path), d.column_name) for d in lineage["rent_cents_3m"]}
    lines = "bank.bank_transaction"
    assert counted == {(lines, c) for c in ("posted_on", "direction", "line_type", "amount_cents")}
    for table in contract_names("output"):
        node = GRAPH.get(asset_key(table))
        read = {d.asset_key for deps in node.metadata["dagster/column_lineage"].deps_by_column.values() for d in deps}
        assert read <= node.parent_keys
