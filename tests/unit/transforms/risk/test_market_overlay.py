"""The market overlay: tightens at once, eases late, never knows more than was released."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.outputs import market_overlay
from tests.unit.transforms.risk.support import shipped_policy
from tests.unit.transforms.support import reasons
from transforms.dates.calendar import add_months
from transforms.risk.market_overlay import State, overlay_path

if TYPE_CHECKING:
    from collections.abc import Sequence

SECTION = shipped_policy(date(2026, 3, 10)).market_overlay
FIRST = date(2023, 1, 1)
NIGHT = date(2026, 3, 25)


def releases(code: str, values: Sequence[str], lag_days: int = 15) -> list[tuple[str, date, date, Decimal]]:
    """Monthly figures from the first month on, each released so many days after the month's end."""
    ends = [add_months(FIRST, n + 1) - timedelta(days=1) for n in range(len(values))]
    return [(code, end, end + timedelta(days=lag_days), Decimal(v)) for end, v in zip(ends, values, strict=True)]


def frame(*rows: tuple[str, date, date, Decimal]) -> pl.DataFrame:
    names = ("indicator_code", "period_end", "released_on", "indicator_value")
    types = (pl.String(), pl.Date(), pl.Date(), pl.Decimal(18, 6))
    return pl.DataFrame(list(rows), schema=dict(zip(names, types, strict=True)), orient="row")


def rising(months: int, at: int, by: str = "0.45", back: int | None = None) -> pl.DataFrame:
    """Unemployment of 5.0 % that rises in month `at`, and falls back in month `back`."""
    high = str(Decimal("5.0") + Decimal(by))
    return frame(*releases("unemployment_rate", [high if at <= n < (back or months) else "5.0" for n in range(months)]))


def shift(path: Sequence[State], on: date) -> int:
    return [s.shift for s in path if s.day <= on][-1]


def test_a_rise_tightens_on_the_day_it_is_released_and_not_before() -> None:
    """Cut-offs tighten at once. The figure of January 2025 comes on 15 February."""
    path = overlay_path(rising(30, 24), SECTION, NIGHT)
    released = date(2025, 2, 15)
    assert shift(path, released - timedelta(days=1)) == 0
    assert shift(path, released) == SECTION.points_per_signal


def test_easing_waits_until_it_has_been_asked_for_throughout() -> None:
    """A year on the comparison is with the high figure and no signal is left; three months later it eases."""
    path = overlay_path(rising(37, 24), SECTION, NIGHT)
    asked = date(2026, 2, 15)
    assert next(s.day for s in path if s.day > date(2025, 3, 1) and s.target < s.shift) == asked
    assert shift(path, NIGHT) == SECTION.points_per_signal
    later = overlay_path(rising(37, 24), SECTION, add_months(asked, SECTION.loosen_after_m))
    assert later[-1].shift == 0
    assert later[-2].shift == SECTION.points_per_signal


def test_no_calendar_month_moves_further_than_the_bound() -> None:
    """Three adverse signals on one day ask for 30 points; 15 come in that month and 15 in the next."""
    worse = [
        *releases("unemployment_rate", ["5.0"] * 24 + ["6.0"]),
        *releases("portfolio_npl_ratio", ["0.020"] * 24 + ["0.030"]),
        *releases("lpr_1y", ["3.00"] * 24 + ["3.50"]),
    ]
    path = overlay_path(frame(*worse), SECTION, date(2025, 4, 20))
    assert path[-1].target == SECTION.max_shift_points
    assert shift(path, date(2025, 2, 28)) == SECTION.max_move_points_m
    assert shift(path, date(2025, 3, 1)) == SECTION.max_shift_points


@given(
    st.lists(st.sampled_from(["4.5", "5.0", "5.5", "6.0"]), min_size=14, max_size=34),
    st.lists(st.sampled_from(["0.015", "0.020", "0.025"]), min_size=14, max_size=34),
    st.integers(400, 1_150),
)
@settings(max_examples=25, deadline=None)
def test_a_replay_of_an_old_night_never_sees_a_later_release(jobs: list[str], bad: list[str], days: int) -> None:
    """The night's own row and all before it are the same whether later releases are on file or not."""
    night = FIRST + timedelta(days=days)
    every = frame(*releases("unemployment_rate", jobs), *releases("portfolio_npl_ratio", bad, lag_days=6))
    known = every.filter(pl.col("released_on") <= night)
    assert market_overlay(every, SECTION, reasons(), night).equals(market_overlay(known, SECTION, reasons(), night))
    earlier = market_overlay(every, SECTION, reasons(), night - timedelta(days=60)).select(pl.exclude("as_of_date"))
    now = market_overlay(every, SECTION, reasons(), night).select(pl.exclude("as_of_date"))
    closed = earlier.filter(pl.col("review_month") < (night - timedelta(days=60)).replace(day=1))
    kept = now.filter(pl.col("review_month").is_in(closed["review_month"].to_list()))
    assert kept.equals(closed.filter(pl.col("review_month").is_in(kept["review_month"].to_list())))


@given(
    st.lists(st.sampled_from(["4.5", "5.0", "5.5", "6.0"]), min_size=14, max_size=38),
    st.integers(1, 20),
    st.integers(0, 6),
)
@settings(max_examples=25, deadline=None)
def test_the_path_stays_within_its_bounds(jobs: list[str], move: int, after: int) -> None:
    section = replace(SECTION, max_move_points_m=move, loosen_after_m=after)
    path = overlay_path(frame(*releases("unemployment_rate", jobs)), section, NIGHT)
    assert all(-section.max_easing_points <= s.shift <= section.max_shift_points for s in path)
    ends = {s.day.replace(day=1): s.shift for s in path}
    shifts = [0, *ends.values()]
    assert all(abs(b - a) <= move for a, b in itertools.pairwise(shifts))
    for before, now in itertools.pairwise(path):
        assert not (now.target > before.shift > now.shift), "what asks for more is never eased"


def test_a_figure_released_anew_replaces_the_old_one_from_that_day() -> None:
    month = date(2025, 1, 31)
    corrected = frame(*rising(30, 24).rows(), ("unemployment_rate", month, date(2025, 2, 20), Decimal("5.1")))
    path = overlay_path(corrected.filter(pl.col("period_end") <= month), SECTION, date(2025, 2, 25))
    assert [s.target for s in path if s.day >= date(2025, 2, 15)] == [10, 0, 0]


def test_without_any_indicator_the_state_is_unknown_and_nothing_moves() -> None:
    (row,) = market_overlay(frame(), SECTION, reasons(), NIGHT).to_dicts()
    assert (row["regime"], row["shift_points"], row["unemployment_signal"]) == ("unknown", 0, None)


def test_words_say_what_moved_and_how_far() -> None:
    row = market_overlay(rising(30, 24), SECTION, reasons(), date(2025, 6, 20)).to_dicts()[-1]
    assert row["reason_en"] == (
        "The market calls for caution: unemployment up within 12 months, the cut-offs stand +10 points."
    )
    assert row["reason_zh"] == "市场需审慎:近12个月失业率上升,准入线调整 +10 分。"


def test_the_first_release_counts_and_a_figure_is_whole_basis_points() -> None:
    """A rise from the first month to the thirteenth, of 0.296 points: 29.6 bp count as 30, 29.4 as 29."""
    for by, signalled in (("0.296", True), ("0.294", False)):
        section = replace(SECTION, unemployment_move_bp=30, look_back_m=12)
        path = overlay_path(rising(13, 12, by=by), section, NIGHT)
        assert (path[-1].signals[0] == 1) is signalled, path[-1]
        assert path[-1].signals[0] is not None
