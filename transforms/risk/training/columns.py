"""What each column of a table is: numbers with their special codes, categories, or nothing to learn from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

Kind = Literal["number", "category"]

#: Attributes that may not be scored unless a lender's law allows and says so (`--keep`): by a word of the name.
PROTECTED = {
    *("sex", "gender", "marriage", "marital", "married", "race", "ethnic", "ethnicity", "religion", "nationality"),
    *("age", "birth", "birthdate", "birthday", "dob", "disability", "language"),
}
#: Conventional codes of surveys and bureaus for "no such thing", "refused", "not known".
_NINES = tuple(float(f"{'9' * digits}{last}") for digits in range(1, 8) for last in range(6, 10))
#: A category is worth a group of its own from this many on; text with more distinct values than this is grouped.
_MOST_CATEGORIES = 50
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True)
class Column:
    """A column to learn from: `numbers` (NaN where missing) or `texts` (null where missing), and its special codes."""

    name: str
    kind: Kind
    codes: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dropped:
    """A column not learned from, and why."""

    name: str
    reason: str


def understand(
    frame: pl.DataFrame,
    *,
    target: str,
    codes: Sequence[float] = (),
    exclude: Collection[str] = (),
    keep: Collection[str] = (),
) -> tuple[list[Column], list[Dropped]]:
    """Sort the columns of `frame` into those to learn from and those not, with a reason for each of these.

    `codes` are special values of any numeric column beside those found; `keep` names protected columns to use all
    the same.
    """
    columns: list[Column] = []
    dropped: list[Dropped] = []
    for name in frame.columns:
        if name == target:
            continue
        found = (
            Dropped(name, "excluded by the caller")
            if name in exclude
            else Dropped(name, "protected attribute: not scored unless kept on purpose")
            if name not in keep and _is_protected(name)
            else _understood(frame[name], tuple(codes))
        )
        if isinstance(found, Column):
            columns.append(found)
        else:
            dropped.append(found)
    return columns, dropped


def numbers(column: pl.Series) -> NDArray[np.float64]:
    """A numeric column as float64, NaN where missing; infinities count as missing."""
    values = column.cast(pl.Float64).to_numpy().astype(np.float64, copy=True)
    values[~np.isfinite(values)] = np.nan
    return values


def _is_protected(name: str) -> bool:
    return any(word.lower() in PROTECTED for word in _WORD.findall(name))


def _understood(series: pl.Series, codes: tuple[float, ...]) -> Column | Dropped:
    name, rows = series.name, len(series)
    present = series.drop_nulls()
    distinct = present.n_unique() if len(present) else 0
    if distinct == 0:
        return Dropped(name, "no value at all")
    if distinct == 1 and len(present) == rows:
        return Dropped(name, f"constant: every row is {_shown(present[0])}")
    if series.dtype.is_numeric():
        return _numeric(series, codes, distinct)
    return Column(name, "number") if series.dtype == pl.Boolean else _text(series, distinct)


def _text(series: pl.Series, distinct: int) -> Column | Dropped:
    if series.dtype.is_temporal():
        return Dropped(series.name, "a date or time: give durations as numbers instead")
    if series.dtype != pl.String:
        return Dropped(series.name, f"values of type {series.dtype} are not supported")
    if distinct > _MOST_CATEGORIES and distinct > (len(series) - series.null_count()) // 2:
        return Dropped(
            series.name, f"text with {distinct:,} different values in {len(series):,} rows: an identifier or free text"
        )
    return Column(series.name, "category")


def _numeric(series: pl.Series, codes: tuple[float, ...], distinct: int) -> Column | Dropped:
    values = numbers(series)
    present = values[~np.isnan(values)]
    if not len(present):
        return Dropped(series.name, "no finite value")
    if series.dtype.is_integer() and distinct == len(present) and distinct > _MOST_CATEGORIES:
        steps = np.unique(np.abs(np.diff(present)))
        if len(steps) == 1 or present.max() - present.min() > 10 * len(present):
            return Dropped(series.name, "an identifier: every value different")
    found = _special_codes(present)
    given = tuple(c for c in codes if _stands_out(present, c, codes))
    special = tuple(sorted({*found, *given}))
    if len(np.unique(present[~np.isin(present, special)])) == 0:
        special = ()  # nothing but codes: then they are its values
    because: dict[str, list[str]] = {}
    for code in special:
        because.setdefault(_why(code, given), []).append(_shown(code))
    notes = tuple(f"{', '.join(found)} taken for special codes ({why})" for why, found in because.items())
    return Column(series.name, "number", special, notes)


def _special_codes(present: NDArray[np.float64]) -> tuple[float, ...]:
    """Codes that stand apart from the values: a few negative whole numbers beside others, or nines far above.

    Negative codes: at most four distinct whole numbers down to -9999, beside values of which at least half of the
    distinct ones are not negative. Nines: 96..99, 996..999, ..., at least twice as large as any other value.
    """
    values = np.unique(present)
    negative = values[values < 0]
    codes: list[float] = []
    rest = values[values >= 0]
    if (
        0 < len(negative) <= 4
        and len(rest) >= len(negative)
        and np.all(negative == np.floor(negative))
        and negative[0] >= -9999
    ):
        small = negative[-1] >= -9 or np.all(np.isin(-negative, [*_NINES, 88.0, 888.0, 8888.0]))
        codes.extend(negative.tolist() if small else [])
    high = rest[np.isin(rest, _NINES)]
    for code in high[::-1]:
        below = rest[(rest < code) & ~np.isin(rest, _NINES)]
        if len(below) and below[-1] * 2 <= code and below[-1] < 10 ** (len(str(int(code))) - 1) * 5:
            codes.append(float(code))
    return tuple(sorted(codes))


def _stands_out(present: NDArray[np.float64], code: float, codes: Sequence[float]) -> bool:
    """Whether a code given for the whole table is one in this column: an age of 96 is an age.

    It is where it lies outside all other values, or is more than three times as frequent as either neighbour.
    """
    values, counts = np.unique(present[~np.isin(present, codes) | (present == code)], return_counts=True)
    place = int(np.searchsorted(values, code))
    if place == len(values) or values[place] != code:
        return False
    if place in (0, len(values) - 1):
        return True
    return bool(counts[place] > 3 * max(counts[place - 1], counts[place + 1]))


def _why(code: float, given: Sequence[float]) -> str:
    if code in given:
        return "given"
    return "negative whole numbers among values that are not" if code < 0 else "nines far above every other value"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
