"""Merging files changes how a table is stored and nothing that anybody reads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.unit.orchestration.lender import BANK, Lender
from tests.unit.warehouse.support import lake
from warehouse.maintenance import merge_files

if TYPE_CHECKING:
    from pathlib import Path


def test_files_of_a_month_become_one_and_every_snapshot_reads_as_before(tmp_path: Path) -> None:
    with lake(tmp_path) as opened:
        lender = Lender(opened)
        for n in range(4):
            lender.deliver(BANK, [date(2026, 3, 3) + timedelta(days=n)])
        night = lender.night(date(2026, 3, 5))
        pinned = night.feed(BANK).all
        files = (
            "SELECT file_count FROM ducklake_table_info('lake') "
            "WHERE table_name IN ('bank_transaction', 'feed_delivery') ORDER BY ALL"
        )
        known = opened.con.execute(f"FROM {pinned} ORDER BY ALL").fetchall()
        registry = opened.con.execute("FROM lake.control.feed_delivery ORDER BY ALL").fetchall()
        assert opened.con.execute(files).fetchall() == [(4,), (4,)]
        assert merge_files(opened) >= 6
        assert opened.con.execute(files).fetchall() == [(1,), (1,)]
        assert opened.con.execute(f"FROM {pinned} ORDER BY ALL").fetchall() == known
        assert opened.con.execute("FROM lake.control.feed_delivery ORDER BY ALL").fetchall() == registry
        assert merge_files(opened) == 0
        night.close(keep=False)
