"""A bad delivery stops the night with exit code 3, says file and rule, and leaves what is published as it was."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from quality.gx_session import GxSession
from quality.intake import DeliveryIntake
from tests.integration.lab import DATES, Lab
from warehouse.keys import load_keys
from warehouse.lake import Lake
from warehouse.simulator.faults import break_delivery

if TYPE_CHECKING:
    from pathlib import Path

HOW = ["flip_byte", "control_sum", "drop_column", "bad_rows_30", "missing_file", "missing_delivery"]


@pytest.mark.parametrize(("feed", "number"), [("bank.bank_transaction", 1), ("credit.repayment", 0)])
def test_each_damage_is_refused_and_the_repair_accepted(
    feed: str, number: int, tmp_path: Path, first_night: Lab
) -> None:
    """Parquet and CSV: the verdict names the file and the rule, and nothing of the delivery lands."""
    lab, day = first_night.copy(tmp_path / "home"), DATES[number]
    good = tmp_path / "good"
    shutil.copytree(lab.feeds, good)
    keys = load_keys(lab.settings)
    landed = f"SELECT count(*) FROM lake.{feed} WHERE feed_date = DATE '{day}'"
    with Lake.open(lab.settings) as lake:
        door = DeliveryIntake(lake, keys, GxSession(lake.con), "test")
        for how in HOW:
            shutil.rmtree(lab.feeds)
            shutil.copytree(good, lab.feeds)
            damage = break_delivery(lab.feeds, feed, day, how)  # type: ignore[arg-type]
            refused = door.catch_up(feed, day)[-1]
            assert not refused.accepted, how
            assert {r.rule for r in refused.results if r.blocks} >= {damage.rule}, how
            if how in ("flip_byte", "control_sum", "drop_column", "missing_file"):
                assert damage.file.name in refused.words or damage.file.name.startswith("_manifest"), how
            assert lake.con.execute(landed).fetchone() == (0,), how
        shutil.rmtree(lab.feeds)
        shutil.copytree(good, lab.feeds)
        repaired = door.catch_up(feed, day)[-1]
        assert repaired.accepted
        assert repaired.counts.accepted > 0


def test_a_stopped_night_publishes_nothing_and_the_next_goes_on_without_it(tmp_path: Path, first_night: Lab) -> None:
    lab = first_night.copy(tmp_path / "home")
    before = lab.tables(DATES[0])
    damage = break_delivery(lab.feeds, "bank.account", DATES[1], "flip_byte")
    stopped = lab.night(DATES[1])
    assert stopped.returncode == 3
    for said in ("bank.account", "file_digest", damage.file.name, "nothing of this night is published", str(DATES[0])):
        assert said in stopped.stderr, stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert lab.tables(DATES[0]) == before
    assert all(rows == [] for rows in lab.tables(DATES[1]).values())
    following = lab.night(DATES[2])
    assert following.returncode == 0, following.stderr
    inputs = lab.query(f"SELECT inputs FROM lake.control.run_manifest WHERE business_date = DATE '{DATES[2]}'")[0][0]
    assert str(DATES[1]) in inputs, "the manifest says which date of which feed is missing"


def test_a_defect_ends_with_one_and_says_so(tmp_path: Path, first_night: Lab) -> None:
    lab = first_night.copy(tmp_path / "home")
    lab.home.joinpath("keys", "vault.key").unlink()
    failed = lab.night(DATES[1])
    assert failed.returncode == 1
    assert "vault key is missing" in failed.stderr
