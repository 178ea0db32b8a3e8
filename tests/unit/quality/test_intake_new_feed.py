"""A feed that only its contract declares: taken in, judged, tokenised, known to nights and to Dagster."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from orchestration.assets.feeds import feed_asset
from quality.gx_session import GxSession
from quality.intake import DeliveryIntake
from tests.unit.warehouse.new_feed import NAME, new_feed
from tests.unit.warehouse.support import lake, write
from warehouse.contract import load_contract
from warehouse.keys import load_keys
from warehouse.registry import feed_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def _contract(tmp_path: Path) -> Iterator[None]:
    with new_feed(tmp_path / "contracts"):
        yield


def test_its_delivery_is_judged_and_landed(tmp_path: Path) -> None:
    good = {"overdraft_id": "V1", "customer_id": "C1", "overdrawn_on": DAY, "overdrawn_cents": 700, "channel": "card"}
    rows = [{**good, "overdraft_id": f"V{n}"} for n in range(40)]
    rows += [{**good, "overdraft_id": "B1", "overdrawn_cents": 0}]
    rows += [{**good, "overdraft_id": "B2", "overdrawn_cents": 100_001}]
    with lake(tmp_path) as opened:
        write(opened.settings.feeds_root, NAME, DAY, rows)
        intake = DeliveryIntake(opened, load_keys(opened.settings), GxSession(opened.con), "test")
        (taken,) = intake.catch_up(NAME, DAY)
        assert (taken.accepted, taken.counts.accepted, taken.counts.quarantined) == (True, 40, 2)
        broken = {r.rule: r.bad_rows for r in taken.results if r.bad_rows}
        assert (broken["overdrawn_cents_in_range"], broken["rate_of_large_ones"]) == (1, 1)
        known = feed_snapshot(opened, DAY).relations(load_contract(NAME)).all
        found = opened.con.execute(f"SELECT count(*), count(DISTINCT customer_token), min(overdrawn_on) FROM {known}")
        assert found.fetchone() == (40, 1, DAY)
        lying = {name for (name,) in opened.con.execute(f"SELECT column_name FROM (DESCRIBE FROM {known})").fetchall()}
        assert "customer_id" not in lying


def test_it_has_an_asset_with_the_checks_of_its_rules() -> None:
    asset = feed_asset(NAME)
    assert asset.key.path == ["bank", "overdraft"]
    assert {spec.name for spec in asset.check_specs} == {"rules_hold", "nothing_noted"}
    metadata = asset.metadata_by_key[asset.key]
    columns = {c.name: c for c in metadata["dagster/column_schema"].columns}
    assert columns["overdrawn_cents"].description == "How far below nil the account stood. Unit: cents. (透支金额)"
