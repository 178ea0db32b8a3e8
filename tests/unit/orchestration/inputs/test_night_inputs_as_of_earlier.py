"""A day a cooldown ago, read from what the night knows: late arrivals count, later events do not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from orchestration.inputs.checkpoints import Checkpoints
from orchestration.inputs.night_inputs import NightInputs, Scope
from orchestration.inputs.rulebooks import Rulebooks
from tests.unit.orchestration.lender import BANK, SHARDS, Lender
from tests.unit.warehouse.support import lake
from transforms.windows.windows import full_window_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

NIGHT, THEN = date(2026, 3, 6), date(2025, 12, 6)


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    """Deliveries on some days before the earlier day and on some between it and the night."""
    with lake(tmp_path_factory.mktemp("standing")) as opened:
        made = Lender(opened)
        days = [THEN + timedelta(days=n) for n in (-200, -90, -40, -12, -3, -1, 0, 1, 5, 30, 60, 89)]
        made.deliver(BANK, days)
        yield made


def windows(lender: Lender, as_of: date, from_rows: int) -> list[tuple[Any, ...]]:
    """The bank windows of the earlier day as a night knows them, by checkpoint (0) or from all rows."""
    night = lender.night(as_of)
    inputs = NightInputs(night, Checkpoints(night.lake, from_rows=from_rows), Rulebooks(night.lake.settings))
    found: pl.DataFrame = Scope(inputs, SHARDS, computed=True, earlier=THEN).value("bank_windows")
    night.close(keep=False)
    return sorted(found.rows())


def test_the_earlier_day_counts_what_had_happened_by_then_whenever_it_arrived(lender: Lender) -> None:
    """Rows of that day and before, some delivered after it; none of a later event."""
    relation = "SELECT * FROM lake.bank.bank_transaction UNION ALL SELECT * FROM lake.bank.bank_transaction_late"
    happened = f"(SELECT * FROM ({relation}) WHERE posted_on <= DATE '{THEN}')"
    late = lender.lake.con.execute(f"SELECT count(*) FROM {happened} WHERE feed_date > DATE '{THEN}'").fetchone()
    assert late is not None
    assert late[0] > 0, "the lender has late rows"
    expected = sorted(lender.lake.frame(full_window_sql(BANK, happened, THEN)).rows())
    assert windows(lender, NIGHT, from_rows=10**9) == expected
    assert windows(lender, NIGHT, from_rows=0) == expected, "and so by checkpoint"


def test_nights_in_any_order_see_the_same_earlier_day(lender: Lender) -> None:
    nights = [NIGHT, THEN + timedelta(days=30), THEN + timedelta(days=5)]
    forward = {night: windows(lender, night, from_rows=0) for night in nights}
    assert {night: windows(lender, night, from_rows=0) for night in reversed(nights)} == forward
