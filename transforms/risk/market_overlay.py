"""Shift of the cut-offs by the market's state: tightened at once, eased late, from indicators released by the night.

The path is walked from the first release to the night, every time anew: what a past night saw depends on nothing but
the releases it could know. Values are compared as whole basis points.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.dates.calendar import add_months
from transforms.policy.reasons import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from transforms.policy.reasons import Language, Reasons
    from transforms.policy.sections_risk import MarketOverlay

#: Months of the path that are published.
SHOWN_M = 24
#: Indicator → its factor to basis points (percent: 100, a ratio: 10,000).
INDICATORS = {"unemployment_rate": 100, "portfolio_npl_ratio": 10_000, "lpr_1y": 100}


@dataclass(frozen=True)
class State:
    """One day: each indicator's signal (1 adverse, -1 benign, None unknown), the shift asked for, the shift made."""

    day: date
    signals: tuple[int | None, ...]
    target: int
    shift: int

    @property
    def regime(self) -> str:
        """The state of the market in a word."""
        known = [s for s in self.signals if s is not None]
        if not known:
            return "unknown"
        net = sum(known)
        return "benign" if net < 0 else ("normal", "caution", "stress")[min(net, 2)]


class _Series:
    """One indicator as a walk through its releases learns it: for each period the value last released."""

    def __init__(self, releases: Sequence[tuple[date, date, int]]) -> None:
        self.releases = releases
        self._next = 0
        self._periods: list[date] = []
        self._values: dict[date, int] = {}

    def learn(self, on: date) -> None:
        """Take in what was released up to `on`; days must not go back."""
        while self._next < len(self.releases) and self.releases[self._next][0] <= on:
            _, period, value = self.releases[self._next]
            if period not in self._values:
                insort(self._periods, period)
            self._values[period] = value
            self._next += 1

    def move(self, look_back_m: int) -> int | None:
        """By how many basis points the last period known is above the one `look_back_m` earlier; None: not known."""
        if not self._periods:
            return None
        last = self._periods[-1]
        # A period ends with its month or within it: compared is the last one of the month so many months earlier.
        bound = add_months(last.replace(day=1), 1 - look_back_m)
        place = bisect_left(self._periods, bound)
        return self._values[last] - self._values[self._periods[place - 1]] if place else None


def market_overlay(
    market_indicator_rows: pl.DataFrame, market_overlay_policy: MarketOverlay, reasons: Reasons, as_of: date
) -> list[dict[str, Any]]:
    """`reference.market_overlay`: the last review of each of the last months, the night's own last.

    A release after `as_of` counts for nothing. Shifts are points added to the cut-offs.
    """
    months: dict[date, State] = {
        s.day.replace(day=1): s for s in overlay_path(market_indicator_rows, market_overlay_policy, as_of)
    }
    first = add_months(as_of.replace(day=1), 1 - SHOWN_M)
    return [
        _row(as_of, month, state, market_overlay_policy.look_back_m, reasons)
        for month, state in months.items()
        if month >= first
    ]


def overlay_path(indicators: pl.DataFrame, section: MarketOverlay, as_of: date) -> list[State]:
    """The overlay on each day it was reviewed: every release, every first of a month, and the night."""
    series = _series(indicators, as_of)
    days = _review_days({day for s in series.values() for day, _, _ in s.releases}, as_of)
    path: list[State] = []
    month_began_with = 0
    asked_since: date | None = None
    for day in days:
        before = path[-1].shift if path else 0
        if path and path[-1].day.replace(day=1) != day.replace(day=1):
            month_began_with = before
        signals = _signals(series, section, day)
        target = _target(signals, section)
        # Easing has been asked for throughout since `asked_since`; one review that does not ask begins it anew.
        asked_since = (asked_since or day) if target < before else None
        shift = before
        if target > before:
            shift = max(before, min(target, month_began_with + section.max_move_points_m))
        elif asked_since is not None and add_months(asked_since, section.loosen_after_m) <= day:
            shift = min(before, max(target, month_began_with - section.max_move_points_m))
        path.append(State(day, signals, target, shift))
    return path


def cutoff_shift_points(market_overlay: pl.DataFrame, as_of: date) -> int:
    """Points by which the review of the night itself raises the cut-offs."""
    return int(market_overlay.filter(pl.col("reviewed_on") == as_of)["shift_points"].item())


def _series(indicators: pl.DataFrame, as_of: date) -> dict[str, _Series]:
    known = indicators.filter(pl.col("released_on") <= as_of).sort("released_on", "period_end")
    found = {}
    for code, factor in INDICATORS.items():
        rows = known.filter(pl.col("indicator_code") == code)
        value = (pl.col("indicator_value").cast(pl.Float64) * factor).round().cast(pl.Int64)
        found[code] = _Series(rows.select("released_on", "period_end", value).rows())
    return found


def _review_days(released: set[date], as_of: date) -> list[date]:
    days = released | {as_of}
    month = add_months(min(days).replace(day=1), 1)
    while month <= as_of:
        days.add(month)
        month = add_months(month, 1)
    return sorted(days)


def _signals(series: Mapping[str, _Series], section: MarketOverlay, day: date) -> tuple[int | None, ...]:
    moves = (section.unemployment_move_bp, section.npl_move_bp, section.lpr_move_bp)
    signals: list[int | None] = []
    for one, enough in zip(series.values(), moves, strict=True):
        one.learn(day)
        move = one.move(section.look_back_m)
        signals.append(None if move is None else int(move >= enough) - int(move <= -enough))
    return tuple(signals)


def _target(signals: Iterable[int | None], section: MarketOverlay) -> int:
    net = sum(s for s in signals if s is not None)
    if net >= 0:
        return min(net * section.points_per_signal, section.max_shift_points)
    return -min(-net * section.easing_points_per_signal, section.max_easing_points)


def _row(as_of: date, month: date, state: State, look_back_m: int, reasons: Reasons) -> dict[str, Any]:
    unemployment, npl, lpr = state.signals
    return {
        "as_of_date": as_of,
        "review_month": month,
        "reviewed_on": state.day,
        "regime": state.regime,
        "unemployment_signal": unemployment,
        "npl_signal": npl,
        "lpr_signal": lpr,
        "target_shift_points": state.target,
        "shift_points": state.shift,
        "reason_en": _reason(state, look_back_m, reasons, "en"),
        "reason_zh": _reason(state, look_back_m, reasons, "zh"),
    }


def _reason(state: State, look_back_m: int, reasons: Reasons, language: Language) -> str:
    n, names = LANGUAGES.index(language), reasons.words("market_indicator", language)
    moved = [(names[code], signal) for code, signal in zip(INDICATORS, state.signals, strict=True)]
    up, down = ((" and ", "和")[n].join(name for name, signal in moved if signal == way) for way in (1, -1))
    parts = [reasons.reason("market_regime", state.regime).words(language)]
    if up:
        parts.append((f"{up} up within {look_back_m} months", f"近{look_back_m}个月{up}上升")[n])
    if down:
        parts.append((f"{down} down within {look_back_m} months", f"近{look_back_m}个月{down}下降")[n])
    if state.shift != state.target:
        parts.append(
            (
                f"the cut-offs stand {state.shift:+} points, on the way to {state.target:+}",
                f"准入线现为 {state.shift:+} 分,目标 {state.target:+} 分",
            )[n]
        )
    else:
        parts.append((f"the cut-offs stand {state.shift:+} points", f"准入线调整 {state.shift:+} 分")[n])
    return (": ", ":")[n].join([parts[0], (", ", ",")[n].join(parts[1:])]) + (".", "。")[n]
