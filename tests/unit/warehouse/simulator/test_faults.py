"""Deliveries damaged on disk fail exactly the check they ought to."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING, get_args

import duckdb
import pytest

from quality.quarantine import quarantine
from quality.reconciliation import reconcile_files, reconcile_rows
from tests.unit.warehouse.simulator.small_lender import END, START
from warehouse.contract import load_contract
from warehouse.deliveries import discover, newest, verify_files
from warehouse.reading import read_delivery
from warehouse.simulator.faults import How, break_delivery

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.warehouse.simulator.small_lender import SmallLender

FEEDS = ("bank.bank_transaction", "credit.repayment", "commerce.installment_request")


def _failed(root: Path, feed: str, day: date) -> set[str]:
    contract = load_contract(feed)
    delivery = newest(discover(root, feed, day)).get(day)
    if delivery is None:
        return {"delivery_there"}
    results = reconcile_files(contract, delivery, verify_files(delivery))
    if any(r.blocks for r in results):
        return {r.rule for r in results if r.blocks}
    con = duckdb.connect()
    reading = read_delivery(con, contract, delivery)
    failed = {r.rule for r in reconcile_rows(contract, delivery, reading) if r.blocks}
    if not failed:
        counts = quarantine(con, contract, reading.relation, "stage.bad")
        failed = {rule for rule, n in counts.by_rule.items() if n > 0.05 * counts.rows}
    return failed


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("how", get_args(How))
def test_damage_fails_its_check_alone(lender: SmallLender, tmp_path: Path, feed: str, how: How) -> None:
    """Byte, sum, column, bad rows, file, delivery; Parquet, gzipped and plain text."""
    day = START
    shutil.copytree(lender.root, tmp_path / "feeds")
    assert _failed(tmp_path / "feeds", feed, day) == set()
    damage = break_delivery(tmp_path / "feeds", feed, day, how)
    assert _failed(tmp_path / "feeds", feed, day) == {damage.rule}


def test_what_is_not_there_cannot_be_damaged(lender: SmallLender) -> None:
    with pytest.raises(ValueError, match="no delivery"):
        break_delivery(lender.root, "bank.customer", date(2020, 1, 1), "flip_byte")
    with pytest.raises(ValueError, match="none of"):
        break_delivery(lender.root, "bank.customer", END, "set_fire")
    with pytest.raises(ValueError, match="no control sums"):
        break_delivery(lender.root, "bank.customer", END, "control_sum")
