"""What each column of a table is: numbers with their special codes, categories, or nothing to learn from."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from transforms.risk.training.shape import of_numbers, of_texts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

Kind = Literal["number", "category"]

#: Attributes that may not be scored unless a lender's law allows and says so (`--keep`): by a word of the name.
PROTECTED = {
    *("sex", "gender", "marriage", "marital", "married", "race", "ethnic", "ethnicity", "religion", "nationality"),
    *("age", "birth", "birthdate", "birthday", "dob", "disability", "language", "citizenship", "ethnicgroup"),
}
#: The same where a word is the whole name: black may be a list, single a family home, and a white paper is none.
_PROTECTED_ALONE = {
    *("afam", "african", "black", "white", "hispan", "hispanic", "latino", "asian", "male", "female", "single"),
    *("women", "men", "woman", "man"),
}
#: The same by two words together, and in Chinese by any part of the name.
_PROTECTED_PAIRS = ({"foreign", "worker"}, {"family", "status"}, {"civil", "status"}, {"personal", "status"})
_PROTECTED_ZH = ("性别", "年龄", "婚姻", "民族", "种族", "宗教", "国籍", "出生", "生日", "残疾")
#: An age of one of these is not a person's.
_AGE_OF = {
    *("account", "accounts", "credit", "oldest", "newest", "trade", "trades", "tradeline", "loan"),
    *("loans", "file", "history", "relationship", "car", "vehicle", "house", "property", "book"),
    *("card", "line", "bureau", "open", "opened", "facility"),
}
#: Words of a name that numbers or names a row: by them a column of mostly different values is an identifier.
_ID_WORDS = {
    *("id", "ids", "uid", "uuid", "guid", "number", "no", "num", "nr", "key", "code", "index", "idx"),
    *("rowid", "seq", "sequence", "account", "url", "phone", "mobile", "telephone", "tel", "email", "ssn", "passport"),
}
_ID_ZH = ("编号", "号码", "序号", "证号", "卡号", "账号", "客户号", "单号", "手机", "电话", "邮箱")
#: Conventional codes of surveys and bureaus for "no such thing", "refused", "not known".
_NINES = tuple(float(f"{'9' * digits}{last}") for digits in range(1, 9) for last in range(6, 10))
#: The same below zero, of any length.
_NEGATIVE_NINES = frozenset((*_NINES, *(float("8" * digits) for digits in range(2, 9))))
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
    notes: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[list[Column], list[Dropped]]:
    """Sort the columns of `frame` into those to learn from and those not, with a reason for each of these.

    `codes` are special values of any numeric column beside those found; `keep` names protected columns (and
    identifiers) to use all the same; `notes` are those of what was done with a column before.
    """
    columns: list[Column] = []
    dropped: list[Dropped] = []
    seen: dict[bytes, str] = {}
    for name in frame.columns:
        if name == target:
            continue
        found = (
            Dropped(name, "excluded by the caller")
            if name in exclude
            else Dropped(name, "protected attribute: not scored unless kept on purpose")
            if name not in keep and _is_protected(name)
            else _understood(frame[name], tuple(codes), kept=name in keep)
        )
        if isinstance(found, Column):
            found = replace(found, notes=(*(notes or {}).get(name, ()), *found.notes))
            found = _once(found, frame[name], seen)
        if isinstance(found, Column):
            columns.append(found)
        else:
            dropped.append(found)
    return columns, dropped


def _once(column: Column, series: pl.Series, seen: dict[bytes, str]) -> Column | Dropped:
    """The column, or that it repeats an earlier one value by value; `seen` remembers columns by digest."""
    values = series.cast(pl.Float64) if column.kind == "number" else series.cast(pl.String)
    digest = hashlib.sha256(values.hash().to_numpy().tobytes()).digest()
    first = seen.setdefault(digest, column.name)
    return column if first == column.name else Dropped(column.name, f"the same values as {first} in every row")


def numbers(column: pl.Series) -> NDArray[np.float64]:
    """A numeric column as float64, NaN where missing; infinities count as missing."""
    values = column.cast(pl.Float64).to_numpy().astype(np.float64, copy=True)
    values[~np.isfinite(values)] = np.nan
    return values


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def _is_protected(name: str) -> bool:
    words = _words(name)
    named = words & PROTECTED
    if named == {"age"} and words & _AGE_OF:
        return False
    if words - {"is", "applicant", "borrower", "customer"} <= _PROTECTED_ALONE and words & _PROTECTED_ALONE:
        return True
    return bool(named) or any(pair <= words for pair in _PROTECTED_PAIRS) or any(part in name for part in _PROTECTED_ZH)


def _names_rows(name: str) -> bool:
    return bool(_words(name) & _ID_WORDS) or name.strip() == "" or any(part in name for part in _ID_ZH)


def _understood(series: pl.Series, codes: tuple[float, ...], *, kept: bool) -> Column | Dropped:
    name, rows = series.name, len(series)
    present = series.drop_nulls()
    distinct = present.n_unique() if len(present) else 0
    if distinct == 0:
        return Dropped(name, "no value at all")
    if distinct == 1 and len(present) == rows:
        return Dropped(name, f"constant: every row is {_shown(present[0])}")
    if series.dtype.is_numeric():
        return _numeric(series, codes, distinct, kept=kept)
    if series.dtype == pl.Boolean:
        return Column(name, "number", notes=("true is 1, false is 0", *of_numbers(series, ())))
    return _text(series, distinct)


def _text(series: pl.Series, distinct: int) -> Column | Dropped:
    if series.dtype.is_temporal():
        first, last = str(series.min())[:10], str(series.max())[:10]
        return Dropped(
            series.name,
            f"a date or time, {first} to {last}: tells when, not who; give durations as numbers, or judge with --time",
        )
    if series.dtype != pl.String:
        return Dropped(series.name, f"values of type {series.dtype} are not supported")
    present = len(series) - series.null_count()
    if distinct > _MOST_CATEGORIES and (
        distinct > present // 2 or (distinct > present // 10 and _names_rows(series.name))
    ):
        return Dropped(
            series.name, f"text with {distinct:,} different values in {len(series):,} rows: an identifier or free text"
        )
    return Column(series.name, "category", notes=of_texts(series, distinct))


def _numeric(series: pl.Series, codes: tuple[float, ...], distinct: int, *, kept: bool) -> Column | Dropped:
    values = numbers(series)
    present = values[~np.isnan(values)]
    if not len(present):
        return Dropped(series.name, "no finite value")
    if not kept and (reason := _identifies(series.name, present, distinct)):
        return Dropped(series.name, reason)
    found = _special_codes(present)
    given = tuple(c for c in codes if _stands_out(present, c, codes))
    special = tuple(sorted({*found, *given}))
    if len(np.unique(present[~np.isin(present, special)])) == 0:
        special = ()  # nothing but codes: then they are its values
    because: dict[str, list[str]] = {}
    for code in special:
        rows = np.count_nonzero(present == code)
        because.setdefault(_why(code, given), []).append(f"{_shown(code)} in {rows:,} rows")
    notes = tuple(f"{', '.join(found)} taken for special codes ({why})" for why, found in because.items())
    return Column(series.name, "number", special, (*notes, *of_numbers(series, special)))


def _identifies(name: str, present: NDArray[np.float64], distinct: int) -> str:
    """Why a column of numbers identifies rows instead of describing them; empty where it does not.

    Amounts can be all different by chance. Whole numbers are not, where chance would have repeated some: n draws out of
    a range R repeat about n² / 2R times. Nor are they where they only count the rows, or are named like an identifier.
    """
    if distinct <= _MOST_CATEGORIES or np.any(present != np.floor(present)):
        return ""
    if distinct > len(present) // 2 and _names_rows(name):
        return f"an identifier by its name, with {distinct:,} different values"
    if distinct < len(present):
        return ""
    repeats = len(present) ** 2 / (2 * (present.max() - present.min() + 1))
    in_order = bool(np.all(np.diff(present) > 0))
    return "an identifier: every value different" if repeats >= 5 or in_order else ""


def _special_codes(present: NDArray[np.float64]) -> tuple[float, ...]:
    """Codes apart from the values: a few negative whole numbers beside others, or nines far above.

    Negative codes: at most four distinct whole numbers, -9 to -1 or nines (-99, -998, ...), beside values of which at
    least half of the distinct ones are not negative. Nines: 96..99, 996..999, ..., at least twice any other value.
    """
    values = np.unique(present)
    negative = values[values < 0]
    codes: list[float] = []
    rest = values[values >= 0]
    if 0 < len(negative) <= 4 and len(rest) >= len(negative) and np.all(negative == np.floor(negative)):
        conventional = np.isin(-negative, sorted(_NEGATIVE_NINES)) | (negative >= -9)
        codes.extend(negative.tolist() if conventional.all() else [])
    if (spike := _spike(present, values)) is not None:
        codes.append(spike)
    high = rest[np.isin(rest, _NINES)]
    for code in high[::-1]:
        below = rest[(rest < code) & ~np.isin(rest, _NINES)]
        if len(below) and below[-1] * 2 <= code:
            codes.append(float(code))
    return tuple(sorted(set(codes)))


def _spike(present: NDArray[np.float64], values: NDArray[np.float64]) -> float | None:
    """The greatest value where it is repeated and far above all others: days employed of 365243 among negative ones.

    It has to be a whole number of at least four digits, ten times any other in size, and held by one row in two
    hundred at least; beside values enough to see that it is none of them.
    """
    top, others = float(values[-1]), values[:-1]
    if len(others) <= _MOST_CATEGORIES or top != np.floor(top) or top < 1_000:
        return None
    far = top >= 10 * others[-1] and (others[-1] <= 0 or top >= 10 * float(np.abs(others).max()))
    return top if far and np.count_nonzero(present == top) >= max(30, len(present) / 200) else None


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
    if code < 0:
        return "negative whole numbers among values that are not"
    return "nines far above every other value" if code in _NINES else "repeated far above every other value"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
