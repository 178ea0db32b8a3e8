"""Windows from all rows are the windows counted one by one; months are kept to the last day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.profile.event_rows import Drawn, Events, drawn_rows
from transforms.dates.calendar import add_months
from transforms.windows.features import EVENT_DATE, WINDOWS
from transforms.windows.windows import full_window_sql, window_starts

BANK = "bank.bank_transaction"
NIGHTS = [date(2026, 3, 31), date(2024, 2, 29), date(2026, 7, 15)]


@pytest.mark.parametrize("source", EVENT_DATE)
@settings(max_examples=8)
@given(rows=drawn_rows(), night=st.sampled_from(NIGHTS))
def test_a_window_is_what_its_declaration_counts(source: str, rows: list[Drawn], night: date) -> None:
    events = Events(source, rows, night)
    assert events.windows(full_window_sql(source, events.known(night).all, night)) == events.counted(night)


def test_a_window_begins_after_the_same_day_of_an_earlier_month_and_ends_with_the_night() -> None:
    """Exact trailing windows, by hand: one line on each side of each edge."""
    night = date(2026, 3, 31)
    edges = [window_starts(BANK, night)[n] + timedelta(days=extra) for n in range(4) for extra in (0, 1)]
    assert window_starts(BANK, night) == [date(2026, 2, 28), date(2025, 12, 31), date(2025, 9, 30), date(2025, 3, 31)]
    rows = [(0, (night - day).days, 0, n) for n, day in enumerate([*edges, night, night + timedelta(days=1)])]
    events = Events(BANK, rows, night)
    windows = events.windows(full_window_sql(BANK, events.known(night).all, night))
    (counts,) = windows.values()
    assert [counts[f"bank_txn_cnt_{w}m"] for w in WINDOWS] == [2, 4, 6, 8]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2026, 1, 15), -12, date(2025, 1, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
    ],
)
def test_months_are_kept_to_the_last_day(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected
