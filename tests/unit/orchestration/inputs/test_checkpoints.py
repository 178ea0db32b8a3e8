"""On a real lake: whatever is delivered, corrected or backfilled, in whatever order nights run, windows are the rows'.

`Lender.windows` asserts that the windows by checkpoint are those of all rows; the tests say what is done between.
"""

from __future__ import annotations

import re
import threading
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from orchestration.inputs.checkpoints import CheckpointBuilder, Checkpoints, prune_checkpoints
from tests.unit.orchestration.lender import BANK, ORDER, SHARDS, Lender
from tests.unit.warehouse.support import lake
from transforms.windows.checkpoints import NIGHTS, checkpoint_day, checkpoint_nights
from transforms.windows.windows import window_starts
from warehouse.keys import load_keys
from warehouse.lake import Lake
from warehouse.night import Night
from warehouse.windows.slices import Cache

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST, LAST, MISSING = date(2025, 2, 14), date(2026, 3, 6), date(2026, 2, 20)
#: A month's end, a month's first, a day of the year before.
SOME = [date(2026, 2, 28), date(2026, 3, 1), date(2025, 12, 6)]


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    """Deliveries every other day around the beginnings of the last night's windows and up to it; one is missing yet."""
    starts = window_starts(BANK, LAST)
    days = {start + timedelta(days=n) for start in [*starts, LAST] for n in range(-20, 20, 2)}
    with lake(tmp_path_factory.mktemp("lender")) as opened:
        made = Lender(opened)
        for feed in (BANK, ORDER):
            made.deliver(feed, sorted(day for day in days | {LAST} if FIRST <= day <= LAST and day != MISSING))
        yield made


def test_nights_in_any_order_stand_on_the_same_slices(lender: Lender) -> None:
    first = {night: lender.windows(night) for night in SOME}
    slices = lender.slices()
    assert {night: lender.windows(night) for night in reversed(SOME)} == first
    assert lender.slices() == slices
    prune_slices_of_all(lender)
    assert {night: lender.windows(night) for night in sorted(SOME, reverse=True)} == first
    assert lender.slices() == slices


def test_nights_of_one_checkpoint_make_nothing_anew(lender: Lender) -> None:
    day = checkpoint_day(LAST)
    lender.windows(day + timedelta(days=1))
    slices = lender.slices()
    for offset in (3, NIGHTS):
        if (night := day + timedelta(days=offset)) <= LAST:
            lender.windows(night)
    assert lender.slices() == slices


def test_a_correction_gives_another_checkpoint_of_that_feed(lender: Lender) -> None:
    both = (BANK, ORDER)
    before, slices = lender.windows(LAST, feeds=both), lender.slices()
    lender.deliver(BANK, [date(2026, 1, 21)], sequence=2)
    after = lender.windows(LAST, feeds=both)
    made = {(table.rsplit("_", 1)[0], on) for table, on, _ in lender.slices() - slices}
    assert made == {("bank_bank_transaction_checkpoint", night) for night in checkpoint_nights(checkpoint_day(LAST))}
    assert after[BANK] != before[BANK]
    assert after[ORDER] == before[ORDER]


def test_a_delivery_backfilled_before_the_checkpoint_counts(lender: Lender) -> None:
    assert checkpoint_day(LAST) > MISSING
    before = lender.windows(LAST)
    lender.deliver(BANK, [MISSING])
    assert lender.windows(LAST)[BANK] != before[BANK]


def test_a_correction_since_the_checkpoint_needs_no_other(lender: Lender) -> None:
    before, slices = lender.windows(LAST), lender.slices()
    lender.deliver(BANK, [LAST], sequence=2)
    assert lender.windows(LAST)[BANK] != before[BANK]
    assert lender.slices() == slices


def test_a_night_goes_on_with_the_deliveries_it_knew(lender: Lender) -> None:
    """A correction landed while a night runs changes nothing under its feet, nor what it leaves in the cache."""
    night = lender.night(LAST)
    assert night.feed_snapshot.as_of == LAST
    lender.deliver(BANK, [date(2026, 2, 2)], sequence=3)
    prune_slices_of_all(lender)
    old = lender.windows(LAST, night)
    night.close(keep=False)
    assert lender.windows(LAST)[BANK] != old[BANK]


def test_an_earlier_date_is_what_its_own_night_would_find_tonight(lender: Lender) -> None:
    """Cooldowns look back: the windows of three months ago cost no more than another night's."""
    then = date(2025, 12, 6)
    own = lender.windows(then)
    slices = lender.slices()
    night = lender.night(LAST)
    assert lender.windows(then, night) == own
    assert lender.slices() == slices
    with pytest.raises(ValueError, match="knows nothing of 2026-03-07"):
        night.known(LAST + timedelta(days=1))
    night.close(keep=False)


def test_runs_at_once_find_the_same(lender: Lender) -> None:
    expected = {night: lender.windows(night) for night in SOME[:2]}
    prune_slices_of_all(lender)
    found: list[Any] = []

    def run() -> None:
        with Lake.open(lender.lake.settings) as own:
            another = Lender(own)
            another._runs = 100 + threading.get_ident()
            found.append({night: another.windows(night) for night in SOME[:2]})

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected, expected]
    assert len(lender.slices()) == lender.lake.con.execute("SELECT count(*) FROM lake.cache.slice").fetchall()[0][0]


def test_what_no_night_can_use_any_more_is_pruned(lender: Lender) -> None:
    lender.windows(date(2025, 12, 6))
    lender.windows(LAST)
    lender.deliver(BANK, [date(2026, 2, 8)], sequence=4)
    lender.windows(LAST)
    stale = lender.slices()
    night = lender.night(LAST)
    gone = prune_checkpoints(night, LAST - timedelta(days=10))
    night.close(keep=False)
    left = lender.slices()
    assert gone == len(stale - left) > 0
    kept = {night for day in (0, NIGHTS) for night in checkpoint_nights(checkpoint_day(LAST - timedelta(days=day)))}
    assert {on for table, on, _ in left if "checkpoint" in table} <= kept
    lender.windows(LAST)
    assert lender.slices() == left


def test_a_checkpoint_is_carried_over_from_another_one_forth_and_back(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All rows are read for whichever night comes first, and after a correction that every checkpoint rests on."""
    read: list[date] = []
    from_rows = CheckpointBuilder._from_rows

    def counted(builder: CheckpointBuilder, on: date) -> list[str]:
        read.append(on)
        return from_rows(builder, on)

    monkeypatch.setattr(CheckpointBuilder, "_from_rows", counted)
    prune_slices_of_all(lender)
    day = checkpoint_day(LAST)
    nights = [day, day - timedelta(days=30), LAST, day - timedelta(days=12), day - timedelta(days=50)]
    found = {night: lender.windows(night) for night in nights}
    assert read == [checkpoint_nights(checkpoint_day(day))[0]]
    lender.deliver(BANK, [date(2026, 2, 18)], sequence=5)
    assert lender.windows(LAST) != found[LAST]
    assert len(read) == 1, "on from a checkpoint before the correction"
    assert {night: lender.windows(night) for night in nights[3:]} == {night: found[night] for night in nights[3:]}
    lender.deliver(BANK, [date(2025, 9, 2)], sequence=5)
    lender.windows(LAST)
    assert read[1:] == [checkpoint_nights(day)[0]]


def test_a_month_that_has_closed_gets_its_tile_and_is_read_from_it(lender: Lender) -> None:
    """As a warehouse goes on night by night it has the tiles that a fresh start after a correction reads."""
    prune_slices_of_all(lender)
    for night in (date(2025, 12, 20), date(2026, 1, 20), date(2026, 2, 20), LAST):
        lender.windows(night)
    tiles = {on for table, on, _ in lender.slices() if "tile" in table}
    assert tiles == {date(2025, 12, 1), date(2026, 1, 1)}
    lender.deliver(BANK, [date(2025, 4, 1), date(2026, 1, 21)], sequence=6)
    night = lender.night(LAST)
    made = CheckpointBuilder(night, BANK, night.known(checkpoint_day(LAST)), Cache(lender.lake)).recipe()
    parts = made.slice_sql(made.rows, made.nights[0], None)
    night.close(keep=False)
    assert [re.findall(r"slice_on = DATE '([^']*)'", part) for part in parts] == [["2025-12-01"]] * len(parts)
    lender.windows(LAST)


def test_a_small_feed_is_read_as_it_is(lender: Lender) -> None:
    night = lender.night(LAST)
    rows = night.feed(BANK, SHARDS)
    known = sum(x.accepted_rows for x in night.feed_snapshot.deliveries[BANK] if x.business_date > date(2025, 3, 6))
    assert Checkpoints(lender.lake, known + 1).under(night, BANK, rows, LAST, SHARDS).checkpoint is None
    assert Checkpoints(lender.lake, known).under(night, BANK, rows, LAST, SHARDS).checkpoint is not None
    night.close(keep=False)


def test_before_the_first_delivery_there_is_no_checkpoint(lender: Lender) -> None:
    night = Night(lender.lake, load_keys(lender.lake.settings), FIRST + timedelta(days=1), "first")
    assert checkpoint_day(night.as_of) <= FIRST
    early = night.known(checkpoint_day(FIRST))
    assert early.deliveries[BANK] == ()
    rows = night.feed(BANK, SHARDS, FIRST)
    assert Checkpoints(lender.lake, 0).under(night, BANK, rows, FIRST, SHARDS) == rows
    night.close(keep=False)


def prune_slices_of_all(lender: Lender) -> None:
    from warehouse.windows.slices import prune_slices

    prune_slices(lender.lake, {})
    assert lender.slices() == set()
