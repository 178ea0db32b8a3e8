"""Windows from checkpoints are the windows from all rows, for each of the nights that share one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.profile.event_rows import Drawn, Events, drawn_rows
from transforms.windows import features
from transforms.windows.checkpoints import (
    NIGHTS,
    additive,
    checkpoint_day,
    checkpoint_days,
    checkpoint_nights,
    checkpoint_version,
    checkpointed_window_sql,
    moved_slice_sql,
    worth_carrying,
)
from transforms.windows.features import EVENT_DATE, Feature
from transforms.windows.windows import full_window_sql

BANK = "bank.bank_transaction"
#: Any night of eight years, and those where months and leap days meet windows.
NIGHT = st.one_of(
    st.dates(date(2020, 1, 1), date(2027, 12, 31)),
    st.sampled_from([date(2026, 3, 31), date(2026, 3, 1), date(2024, 2, 29), date(2025, 2, 28), date(2026, 5, 30)]),
)


@pytest.mark.parametrize("source", EVENT_DATE)
@settings(max_examples=10)
@given(rows=drawn_rows(), night=NIGHT)
def test_a_checkpoint_and_what_is_around_it_are_the_full_recompute(source: str, rows: list[Drawn], night: date) -> None:
    """Late arrivals, month ends, leap days, events announced ahead."""
    events, day = Events(source, rows, night), checkpoint_day(night)
    known = events.known(night)
    windows = checkpointed_window_sql(source, known.facts, known.late, events.slice(day, night), night, day)
    assert events.windows(windows) == events.windows(full_window_sql(source, known.all, night))


@settings(max_examples=6)
@given(rows=drawn_rows(), night=NIGHT, apart=st.sampled_from([-9, -4, -2, -1, 1, 2, 5, 9]))
def test_eight_nights_share_a_checkpoint_however_its_slices_are_made(
    rows: list[Drawn], night: date, apart: int
) -> None:
    """Carried over from an earlier or later checkpoint, near or far, and then in a chain; each made by itself."""
    events, day = Events(BANK, rows, night), checkpoint_day(night)
    other, nights = day + timedelta(days=NIGHTS * apart), checkpoint_nights(day)
    near = checkpoint_nights(other)[-1 if apart < 0 else 0]
    held = events.carried(events.slice(other, near), (other, near), day, nights[0], "carried")
    for before, of in zip([None, *nights], nights, strict=False):
        if before:
            held = events.moved(held, day, before, of, f"moved_{of:%d}")
        own = events.slice(day, of, "own")
        assert events.windows(f"FROM {held}") == events.windows(f"FROM {own}")
        known = events.known(of)
        windows = checkpointed_window_sql(BANK, known.facts, known.late, held, of, day)
        assert events.windows(windows) == events.windows(full_window_sql(BANK, known.all, of))


@pytest.mark.parametrize("source", EVENT_DATE)
@settings(max_examples=4)
@given(rows=drawn_rows(), night=NIGHT, spans=st.permutations([1, 3, 8]), share=st.sampled_from([1, 2, 13]))
def test_a_slice_can_be_moved_over_several_nights(
    source: str, rows: list[Drawn], night: date, spans: list[int], share: int
) -> None:
    """Of a checkpoint pruned in part, those left are no reason to make all of them; from tiles, some, or none."""
    events, day = Events(source, rows, night), checkpoint_day(night)
    held, here = events.slice(day, day, "began", share), day
    for span in sorted(spans):
        there = day + timedelta(days=span)
        held, here = events.moved(held, day, here, there, f"moved_{span}"), there
        assert events.windows(f"FROM {held}") == events.windows(f"FROM {events.slice(day, there, 'made')}")


@settings(max_examples=8)
@given(rows=drawn_rows(), night=NIGHT, since=st.integers(0, 100))
def test_as_of_an_earlier_day_with_what_has_arrived_since(rows: list[Drawn], night: date, since: int) -> None:
    """The windows of an earlier day take in what is known of it now: the date of the windows is not the knowledge."""
    as_of = night - timedelta(days=since)
    events, day = Events(BANK, rows, night), checkpoint_day(as_of)
    known = events.known(night, as_of)
    windows = checkpointed_window_sql(BANK, known.facts, known.late, events.slice(day, as_of), as_of, day)
    assert events.windows(windows) == events.counted(night, as_of)


@settings(max_examples=8)
@given(rows=drawn_rows(), night=NIGHT)
def test_what_arrives_or_happens_later_changes_nothing(rows: list[Drawn], night: date) -> None:
    """Point in time: rows after the night, by event or by arrival, leave every window and checkpoint as it was."""

    def arrival(row: Drawn) -> int:
        return row[1] - row[2]  # days before the night

    day = checkpoint_day(night)
    before = [row for row in rows if arrival(row) >= 0 and row[1] >= 0]
    alone, together = Events(BANK, before, night), Events(BANK, rows, night)
    found = []
    for events in (alone, together):
        known = events.known(night)
        held = events.slice(day, night)
        windows = checkpointed_window_sql(BANK, known.facts, known.late, held, night, day)
        found.append((events.windows(windows), events.windows(f"FROM {held}")))
    assert found[0] == found[1]


def test_every_aggregation_that_can_be_declared_is_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = tuple(
        Feature(f"amount_{kind}", BANK, kind, "direction = 'debit'", "amount_cents")
        for kind in features.Aggregation.__args__  # type: ignore[attr-defined]
    )
    monkeypatch.setattr(features, "FEATURES", declared)
    night, rows = date(2026, 3, 31), [(n % 2, n * 7, n % 3, n) for n in range(60)]
    events, day = Events(BANK, rows, night), checkpoint_day(night)
    known, held = events.known(night), events.slice(day, night)
    windows = checkpointed_window_sql(BANK, known.facts, known.late, held, night, day)
    assert events.windows(windows) == events.counted(night)
    assert not additive(BANK)
    with pytest.raises(ValueError, match="rows cannot be taken off its slices"):
        events.moved(held, day, night, night + timedelta(days=1), "again")
    assert len(next(iter(events.counted(night).values()))) == 4 * len(declared)


def test_a_slice_moves_to_later_nights_only() -> None:
    with pytest.raises(ValueError, match="a slice of 2026-03-17 cannot be moved to 2026-03-17: only to a later night"):
        moved_slice_sql(BANK, "rows", "held", date(2026, 3, 17), date(2026, 3, 17))


def test_a_checkpoint_far_behind_is_not_worth_carrying_on() -> None:
    """Each day on is five days of rows to read, with four windows; of a longest window of a year, so not over 73."""
    there = date(2026, 3, 22)
    assert worth_carrying(BANK, there - timedelta(days=72), there)
    assert not worth_carrying(BANK, there - timedelta(days=73), there)
    assert worth_carrying("commerce.order_refund", there - timedelta(days=120), there)


def test_a_night_stands_on_the_last_multiple_of_eight_days_before_it() -> None:
    for number in range(8 * 366):
        night = date(2020, 1, 1) + timedelta(days=number)
        day = checkpoint_day(night)
        assert 1 <= (night - day).days <= NIGHTS
        assert (day - date(2020, 1, 1)).days % NIGHTS == 0


def test_a_night_on_another_checkpoint_is_refused() -> None:
    with pytest.raises(ValueError, match="do not stand on the checkpoint of 2026-03-16"):
        checkpointed_window_sql(BANK, "f", "l", "c", date(2026, 3, 31), date(2026, 3, 16))


def test_the_checkpoints_of_a_range_of_nights() -> None:
    first, last = date(2026, 2, 1), date(2026, 4, 30)
    nights = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert checkpoint_days(first, last) == sorted({checkpoint_day(n) for n in nights})


def test_another_declaration_makes_other_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {source: checkpoint_version(source) for source in EVENT_DATE}
    assert len(set(before.values())) == len(before)
    more = (*features.FEATURES, Feature("line_max_cents", BANK, "max", "true", "amount_cents", windows=(3,)))
    monkeypatch.setattr(features, "FEATURES", more)
    assert {source for source in EVENT_DATE if checkpoint_version(source) != before[source]} == {BANK}
