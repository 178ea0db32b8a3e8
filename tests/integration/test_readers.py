"""A reader sees whole nights only: two tables polled during ten republishing nights never disagree."""

from __future__ import annotations

import multiprocessing
import time
from typing import TYPE_CHECKING, Any

import polars as pl

from tests.integration.lab import DATES, Lab
from warehouse.contract import contract_names
from warehouse.keys import load_keys
from warehouse.lake import Lake
from warehouse.night import Night
from warehouse.publication import Rulebook, publish
from warehouse.settings import Settings

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event
    from pathlib import Path

_REPUBLISHED = 10
_POLLED = (
    "SELECT (SELECT min(score) FROM lake.eligibility.customer_eligibility WHERE as_of_date = $day), "
    "(SELECT max(score) FROM lake.eligibility.customer_eligibility WHERE as_of_date = $day), "
    "(SELECT min(score) FROM lake.risk.risk_assessment WHERE as_of_date = $day), "
    "(SELECT max(manifest_no) FROM lake.control.run_manifest)"
)


def poll(home: Path, stop: Event, seen: Any) -> None:
    """Read both tables again and again, each time by a connection of its own as a downstream job would."""
    while not stop.is_set():
        with Lake.open(Settings(home=home), read_only=True) as lake:
            seen.put(lake.con.execute(_POLLED, {"day": DATES[0]}).fetchone())


def test_two_tables_never_disagree(tmp_path: Path, first_night: Lab) -> None:
    """Each republished night gives every customer one new score in both tables: a mixture would show at once."""
    lab = first_night.copy(tmp_path / "home")
    spawn = multiprocessing.get_context("spawn")
    stop, seen = spawn.Event(), spawn.Queue()
    rulebook = Rulebook("test", "1", "1", "1", "1", "1")
    publish_scored(lab, 300, rulebook)
    reader = spawn.Process(target=poll, args=(lab.home, stop, seen), daemon=True)
    reader.start()
    first = seen.get(timeout=60)
    for number in range(1, _REPUBLISHED + 1):
        publish_scored(lab, 300 + number, rulebook)
    time.sleep(0.5)
    stop.set()
    found = [first]
    while reader.is_alive() or not seen.empty():
        while not seen.empty():
            found.append(seen.get())
        reader.join(timeout=0.1)
    assert reader.exitcode == 0
    assert len({row[0] for row in found}) >= 3, "the reader was not there while nights were republished"
    assert [row for row in found if not row[0] == row[1] == row[2]] == []
    assert found[-1][:3] == (300 + _REPUBLISHED,) * 3


def publish_scored(lab: Lab, score: int, rulebook: Rulebook) -> None:
    """Republish the first night with one score for everyone, by the publishing code of every night."""
    settings = lab.settings
    with Lake.open(settings) as lake:
        night = Night(lake, load_keys(settings), DATES[0], f"test-{score}")
        for name in contract_names("output"):
            frame = lake.frame(f"SELECT * FROM lake.{name} WHERE as_of_date = DATE '{DATES[0]}'")
            if "score" in frame.columns:
                frame = frame.with_columns(score=pl.lit(score, pl.Int32))
            night.start(name)
            night.add(name, frame)
        checks = lake.frame(f"SELECT * FROM lake.control.check_result WHERE business_date = DATE '{DATES[0]}'")
        assert publish(night, rulebook, checks).publication == "restated"
        night.close(keep=False)
