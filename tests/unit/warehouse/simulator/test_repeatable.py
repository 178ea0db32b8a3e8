"""The same arguments give the same bytes; more days or another random stream change nothing earlier."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from warehouse.contract import contract_names
from warehouse.simulator import simulate_feeds
from warehouse.simulator.draws import BLOCK, luck, serial_within
from warehouse.simulator.timeline import timeline

if TYPE_CHECKING:
    from pathlib import Path

START = date(2026, 1, 30)


def _digests(root: Path) -> dict[str, str]:
    files = sorted(p for p in root.rglob("*") if p.is_file())
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    """The files of answers and of hidden truth included."""
    for name in ("one", "two"):
        simulate_feeds(150, START, date(2026, 2, 2), 3, tmp_path / name, history_months=2)
    one = _digests(tmp_path / "one")
    assert one == _digests(tmp_path / "two")
    assert len(one) > 4 * len(contract_names("feed"))


def test_a_later_end_changes_no_earlier_delivery(tmp_path: Path) -> None:
    for name, end in (("short", date(2026, 2, 2)), ("long", date(2026, 3, 5))):
        simulate_feeds(150, START, end, 3, tmp_path / name, history_months=2)
    short, long = (
        {k: v for k, v in _digests(tmp_path / n).items() if "business_date=" in k} for n in ("short", "long")
    )
    assert short.items() <= long.items()


def test_another_seed_gives_another_lender(tmp_path: Path) -> None:
    for seed in (3, 4):
        simulate_feeds(50, START, START, seed, tmp_path / str(seed), history_months=1)
    lines = f"bank/bank_transaction/business_date={START}/bank_transaction-1.parquet"
    assert (tmp_path / "3" / lines).read_bytes() != (tmp_path / "4" / lines).read_bytes()


def test_without_faults_nothing_is_planted_and_nothing_is_late(tmp_path: Path) -> None:
    done = simulate_feeds(200, START, date(2026, 2, 3), 3, tmp_path, history_months=2, faults=False)
    assert done.faults == {}
    assert not list(tmp_path.rglob("_manifest-2.json"))


def test_nothing_is_left_behind_but_deliveries_answers_and_truth(tmp_path: Path) -> None:
    simulate_feeds(30, START, START, 3, tmp_path, history_months=1)
    assert {p.name for p in tmp_path.iterdir()} == {"bank", "commerce", "credit", "market", "answers.json", "truth"}


def test_many_customers_come_in_blocks_and_files(tmp_path: Path) -> None:
    """Two blocks: the opening of a long feed is one file a block, keys differ across blocks."""
    import polars as pl

    simulate_feeds(BLOCK + 50, START, START, 3, tmp_path, history_months=1)
    folder = tmp_path / "bank" / "bank_transaction" / f"business_date={START}"
    assert len(list(folder.glob("*.parquet"))) == 2
    truth = pl.read_parquet(tmp_path / "truth" / "customer_truth.parquet")
    assert truth["customer_id"].n_unique() == BLOCK + 50


@pytest.mark.parametrize(
    ("cadence", "dates"),
    [
        ("daily", ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"]),
        ("weekly", ["2026-01-30", "2026-02-02"]),
        ("monthly", ["2026-01-30", "2026-02-02"]),
    ],
)
def test_deliveries_follow_the_cadence_and_include_the_end(cadence, dates) -> None:
    assert [d.isoformat() for d in timeline(START, date(2026, 2, 2), 1, cadence).business_dates] == dates


def test_monthly_dates_keep_their_anchor_day() -> None:
    line = timeline(date(2026, 1, 31), date(2026, 4, 30), 1, "monthly")
    assert [d.day for d in line.business_dates] == [31, 28, 31, 30]
    quarters = timeline(date(2025, 12, 31), date(2026, 9, 30), 1, "quarterly").business_dates
    assert [d.isoformat() for d in quarters] == ["2025-12-31", "2026-03-31", "2026-06-30", "2026-09-30"]


@pytest.mark.parametrize("wrong", [{"customers": 0}, {"end": date(2026, 1, 1)}, {"history_months": 0}])
def test_impossible_arguments_are_refused(tmp_path: Path, wrong) -> None:
    arguments = {"customers": 10, "start": START, "end": START, "seed": 1, "out": tmp_path, "history_months": 1} | wrong
    with pytest.raises(ValueError, match=r"customers|last business date|history"):
        simulate_feeds(**arguments)


def test_luck_is_even_and_hangs_on_its_integers_alone() -> None:
    numbers = np.arange(20_000)
    u = luck(7, numbers, numbers % 3)
    assert abs(u.mean() - 0.5) < 0.01
    assert np.array_equal(u[100:200], luck(7, numbers[100:200], numbers[100:200] % 3))


def test_serials_count_within_groups() -> None:
    assert serial_within(np.array([4, 2, 4, 4, 2])).tolist() == [0, 0, 1, 2, 1]
