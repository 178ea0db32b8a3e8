"""Windows from month tiles and what they leave over are the windows from all rows."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.profile.event_rows import Drawn, Events, drawn_rows
from transforms.windows import features
from transforms.windows.features import EVENT_DATE, Feature
from transforms.windows.tiles import tile_sql, tile_version, tiled_window_sql
from transforms.windows.windows import full_window_sql

BANK = "bank.bank_transaction"
NIGHTS = [date(2026, 3, 31), date(2026, 3, 1), date(2024, 2, 29), date(2026, 5, 30), date(2026, 7, 15)]


@pytest.mark.parametrize("source", EVENT_DATE)
@settings(max_examples=8)
@given(rows=drawn_rows(), night=st.sampled_from(NIGHTS), share=st.sampled_from([1, 2, 3, 13]))
def test_tiles_and_tails_are_the_full_recompute(source: str, rows: list[Drawn], night: date, share: int) -> None:
    """Windows are exact whatever way they are computed: every month a tile, one in two or three, or none."""
    events = Events(source, rows, night)
    known, arrived = events.known(night), events.arrived(night)
    tiles = events.tiles(night, night, share)
    tiled = tiled_window_sql(source, arrived.facts, arrived.late, *tiles, night, night)
    assert events.windows(tiled) == events.windows(full_window_sql(source, known.all, night))


def test_a_tile_holds_what_was_announced_ahead_whichever_night_makes_it() -> None:
    """A line posted ahead of its day counts once the day has come, though its tile was made before."""
    night, month = date(2026, 5, 20), date(2026, 3, 1)
    announced = (0, 27, -25, 1)  # posted for 23 April, delivered 29 March
    events = Events(BANK, [announced], night)
    early, full = events.arrived(date(2026, 4, 2)), events.arrived(night)
    events.con.execute(f"CREATE TABLE tiles AS {tile_sql(BANK, early.facts, early.late, month)}")
    tiled = events.windows(tiled_window_sql(BANK, full.facts, full.late, "tiles", [month], night, night))
    assert [w["bank_txn_cnt_12m"] for w in tiled.values()] == [1]


def test_another_declaration_makes_other_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {source: tile_version(source) for source in EVENT_DATE}
    assert len(set(before.values())) == len(before)
    changed = (*features.FEATURES, Feature("line_max_cents", BANK, "max", "true", "amount_cents"))
    monkeypatch.setattr(features, "FEATURES", changed)
    assert tile_version(BANK) != before[BANK]
