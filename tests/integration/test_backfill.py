"""A night is a function of its deliveries, the policy and the model: order, company and repetition change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tests.integration.lab import DATES, Lab
from warehouse.contract import contract_names
from warehouse.deliveries import discover, newest
from warehouse.delivery_writer import write_delivery
from warehouse.lake import Lake
from warehouse.publication import verify_chain

if TYPE_CHECKING:
    from pathlib import Path


def test_three_nights_are_published_and_every_check_is_on_record(forward: Lab) -> None:
    assert [row[:2] for row in forward.manifests()] == [(day, "first") for day in DATES]
    broken = forward.query("SELECT * FROM lake.control.check_result WHERE NOT passed AND severity = 'error'")
    assert broken == []
    for day in DATES:
        checked = forward.query(
            f"SELECT count(DISTINCT table_name) FROM lake.control.check_result WHERE business_date = DATE '{day}'"
        )
        assert checked[0][0] == len(contract_names("feed")) + len(contract_names("output"))


def test_reverse_order_through_checkpoints_gives_the_same_tables(tmp_path: Path, feeds: Path, forward: Lab) -> None:
    """Forward, the small lender's rows are read as they are; in reverse, nights stand on checkpoints where they can."""
    reverse = Lab.of(tmp_path / "home", feeds)
    nights = ("backfill", "--from", str(DATES[0]), "--to", str(DATES[2]), "--reverse")
    done = reverse.fenqi(*nights, FENQI_CHECKPOINT_FROM_ROWS="0")
    assert done.returncode == 0, done.stderr
    made = "SELECT count(*) FILTER (WHERE table_name LIKE '%checkpoint%') FROM lake.cache.slice"
    assert forward.query(made) == [(0,)]
    checkpoints = reverse.query(made)
    assert checkpoints[0][0] > 0
    assert [row[0] for row in reverse.manifests()] == DATES[::-1]
    for day in DATES:
        assert reverse.tables(day) == forward.tables(day)
    pruned = reverse.fenqi("prune-cache", "--keep-days", "0")
    assert pruned.returncode == 0, pruned.stderr
    assert reverse.query(made) == checkpoints, "the last night still stands on them"


def test_two_nights_at_once_give_the_same_tables(tmp_path: Path, first_night: Lab, forward: Lab) -> None:
    lab = first_night.copy(tmp_path / "home")
    started = [lab.start("night", "--date", str(day)) for day in DATES[1:]]
    for process in started:
        _, err = process.communicate(timeout=1800)
        assert process.returncode == 0, err
    for day in DATES:
        assert lab.tables(day) == forward.tables(day)


def test_the_same_night_twice_changes_nothing(tmp_path: Path, forward: Lab) -> None:
    lab = forward.copy(tmp_path / "home")
    files = sorted(p for p in (lab.home / "lake" / "data").rglob("*.parquet") if "eligibility" in p.parts)
    done = lab.night(DATES[2])
    assert done.returncode == 0, done.stderr
    assert lab.tables(DATES[2]) == forward.tables(DATES[2])
    assert lab.manifests()[-1][1] == "repeated"
    assert lab.manifests()[-1][2:] == forward.manifests()[-1][2:]
    assert sorted(p for p in (lab.home / "lake" / "data").rglob("*.parquet") if "eligibility" in p.parts) == files
    with Lake.open(lab.settings, read_only=True) as lake:
        assert verify_chain(lake.con) == []


def test_a_correction_changes_only_what_is_run_again(tmp_path: Path, feeds: Path, forward: Lab) -> None:
    """A later sequence of a past date: published nights stand until someone backfills, then they say restated."""
    lab = forward.copy(tmp_path / "home")
    delivery = newest(discover(lab.feeds, "credit.customer_line"))[DATES[0]]
    line = pl.concat([pl.read_csv(f.path, infer_schema=False) for f in delivery.files])
    line = line.with_columns(line_cents=pl.lit("123400"), used_cents=pl.lit("0"))
    write_delivery(lab.feeds, "credit.customer_line", DATES[0], line, sequence=delivery.sequence + 1, file_format="csv")
    done = lab.night(DATES[2])
    assert done.returncode == 0, done.stderr
    assert lab.tables(DATES[0]) == forward.tables(DATES[0])
    assert lab.tables(DATES[2]) != forward.tables(DATES[2])
    assert lab.manifests()[-1][1] == "restated"
    on_record = lab.query(
        f"SELECT DISTINCT delivery_seq FROM lake.credit.customer_line WHERE feed_date = DATE '{DATES[0]}' ORDER BY ALL"
    )
    assert on_record == [(delivery.sequence,), (delivery.sequence + 1,)]
    fresh = Lab.of(tmp_path / "fresh", lab.feeds)
    done = fresh.night(DATES[2])
    assert done.returncode == 0, done.stderr
    assert fresh.tables(DATES[2]) == lab.tables(DATES[2])
