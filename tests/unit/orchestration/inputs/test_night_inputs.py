"""What the steps of a run read of a feed: its rows as the night knows them, and since when each was known."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from orchestration.inputs.night_inputs import Scope
from orchestration.run.context import RunContext
from tests.unit.warehouse.support import lake, landed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl

PAID = "credit.repayment"
D1, D2 = date(2026, 3, 10), date(2026, 3, 11)


def payment(number: str, on: date) -> dict[str, Any]:
    days = {"received_on": on, "value_on": on}
    return {"repayment_id": number, "plan_id": "P1", "customer_id": "C1", "kind": "payment", "amount_cents": 1} | days


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunContext]:
    with lake(tmp_path) as opened:
        landed(opened, PAID, D1, [payment("a", date(2026, 2, 10))])
        landed(opened, PAID, D2, [payment("b", date(2026, 2, 20))])
        configured = opened.settings
    with RunContext(configured, "test") as made:
        yield made


def read(run: RunContext, name: str, day: date, shards: tuple[int, int] = (0, 7)) -> pl.DataFrame:
    frame: pl.DataFrame = Scope(run.inputs(day), shards).value(name)
    return frame


def test_rows_say_since_when_they_were_known_where_it_is_asked_for(run: RunContext) -> None:
    known = read(run, "repayment_known", D2).sort("repayment_id")
    assert known["known_on"].to_list() == [date(2026, 2, 10), D2]
    assert read(run, "repayment_rows", D2).columns == [c for c in known.columns if c != "known_on"]
    [shard] = read(run, "repayment_rows", D1)["shard"].to_list()
    assert read(run, "repayment_known", D2, (shard, shard)).height == 2
    assert read(run, "repayment_known", D2, (shard + 1, 8)).height == 0


def test_a_feed_is_read_once_for_a_table(run: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()
    frame = run.lake.frame
    monkeypatch.setattr(run.lake, "frame", lambda query: asked.append(query) or frame(query))
    scope = Scope(run.inputs(D2), (0, 7))
    assert scope.value("repayment_known") is scope.value("repayment_known")
    assert len(asked) == 1


def test_of_changes_in_one_delivery_the_last_is_the_state(tmp_path: Path) -> None:
    line = {"customer_id": "C1", "used_cents": 0, "is_frozen": False}
    told = {date(2026, 1, 5): 100, date(2026, 3, 5): 300, date(2026, 2, 5): 200, date(2026, 4, 5): 400}
    rows = [{**line, "changed_on": day, "line_cents": cents} for day, cents in told.items()]
    with lake(tmp_path) as opened:
        landed(opened, "credit.customer_line", D1, rows)
    with RunContext(opened.settings, "test") as made:
        assert read(made, "customer_line_latest", D1)["line_cents"].to_list() == [300], "what is to come is not yet"
