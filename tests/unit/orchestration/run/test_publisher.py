"""Outputs of a night are staged, checked, and published where every check holds, or the night is stopped."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from orchestration.run import publisher
from orchestration.run.context import RunContext
from orchestration.run.publisher import StoppedNightError, check_output, publish_night, stage
from tests.unit.warehouse.support import lake, settings
from warehouse import publication
from warehouse.contract import load_contract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRICE, NIGHT = "reference.market_price", date(2026, 3, 31)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunContext]:
    """A run whose nights publish one table."""
    for module in (publisher, publication):
        monkeypatch.setattr(module, "output_contracts", lambda: [load_contract(PRICE)])
    lake(tmp_path).close()
    with RunContext(settings(tmp_path), "run-7") as opened:
        yield opened


def market_price() -> None:
    """Stands for the transform of that name: its table is known by its name alone."""


def prices(*terms: int) -> pl.DataFrame:
    columns = [column for column, _ in load_contract(PRICE).lake_columns()]
    row = {"as_of_date": NIGHT, "purpose_code": "travel", "lowest_annual_cost": 0.1, "competitor_cnt": 5}
    return pl.DataFrame([{**row, "newest_observed_on": NIGHT, "term_m": term} for term in terms]).select(columns)


def staged(run: RunContext, *frames: pl.DataFrame) -> None:
    """Stage what a transform gives, range by range."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "inputs", lambda _: SimpleNamespace(tables=lambda _: ({PRICE: frame} for frame in frames)))
        stage(run, market_price, NIGHT)


def published(run: RunContext) -> list[int]:
    rows = run.lake.con.execute(f"SELECT term_m FROM lake.{PRICE} WHERE as_of_date = ? ORDER BY 1", [NIGHT]).fetchall()
    return [term for (term,) in rows]


def test_every_range_is_staged_in_place_of_what_was_staged_before(run: RunContext) -> None:
    staged(run, prices(3))
    staged(run, prices(6), prices(12, 24))
    assert publish_night(run, NIGHT).outputs[PRICE][0] == 3
    assert published(run) == [6, 12, 24]


def test_a_night_is_published_once_every_output_has_been_checked(run: RunContext) -> None:
    """What has been checked already is not checked again; the results stand beside the night's rows."""
    staged(run, prices(6, 12))
    results = check_output(run, PRICE, NIGHT)
    assert run.verdicts.has_checked(NIGHT, PRICE)
    assert run.published == set()
    validations = len(run.gx.validations)
    made = publish_night(run, NIGHT)
    assert len(run.gx.validations) == validations
    assert (made.run_id, made.publication, run.published) == ("run-7", "first", {NIGHT})
    query = "SELECT rule_code FROM lake.control.check_result WHERE table_name = ? AND delivery_seq = 0"
    assert sorted(run.lake.con.execute(query, [PRICE]).fetchall()) == sorted((r.rule,) for r in results)


def test_an_output_that_nobody_checked_is_checked_at_publication_and_its_doubled_key_stops_the_night(
    run: RunContext,
) -> None:
    staged(run, prices(6, 12, 12))
    with pytest.raises(StoppedNightError, match=r"reference.market_price: key_unique: 1 of 3 rows"):
        publish_night(run, NIGHT)
    assert (run.published, published(run)) == (set(), [])
    assert run.lake.con.execute("SELECT count(*) FROM lake.control.run_manifest").fetchone() == (0,)
