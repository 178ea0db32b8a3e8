"""Text that is numbers or dates, as extracts write them: percent signs, currency, separators, words for "not known".

A table's texts are made plain once, before anything is learned from them, and each change is noted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A text column is numbers where at least this share of its values reads as numbers, and at most so many words do not.
_MOST_ARE_NUMBERS, _WORDS_BESIDE = 0.8, 12
#: ... and dates where this share of its values reads as dates of one form.
_MOST_ARE_DATES = 0.95
_DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y.%m.%d", "%d-%b-%Y", "%d %b %Y"),
    *("%d %B %Y", "%b %d, %Y", "%d-%b-%y", "%Y年%m月%d日", "%Y%m%d"),
)
_MONTHS = (("%b-%Y", "%d-%b-%Y", "01-"), ("%b-%y", "%d-%b-%y", "01-"), ("%Y-%m", "%d-%Y-%m", "01-"))
_CLOCK = r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$"
_THOUSANDS, _DECIMAL_COMMA = r"^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$", r"^[-+]?\d+(\.\d{3})*,\d+$"
_TRIED = 2_000


def plain(frame: pl.DataFrame, skip: Sequence[str] = ()) -> tuple[pl.DataFrame, dict[str, tuple[str, ...]]]:
    """`frame` with its texts as numbers and dates where they are such, and what was done, by column.

    Columns of `skip` are left as they are. Blanks around texts go; an empty text is a missing value.
    """
    notes: dict[str, tuple[str, ...]] = {}
    made: list[pl.Series] = []
    for series in frame.get_columns():
        if series.name in skip or not (series.dtype == pl.String or series.dtype.is_integer()):
            made.append(series)
            continue
        changed, note = _plain_text(series) if series.dtype == pl.String else _written_as_number(series)
        made.append(changed)
        if note:
            notes[series.name] = note
    return pl.DataFrame(made), notes


def _plain_text(series: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    stripped = series.str.strip_chars()
    texts = pl.select(pl.when(stripped != "").then(stripped).alias(series.name)).to_series()
    present = texts.drop_nulls()
    if present.is_empty():
        return texts, ()
    number, notes = _as_numbers(texts)
    if number is not None:
        return number, notes
    day = as_dates(texts)
    if day is not None:
        return day, ("text read as dates",)
    return texts, ()


def _as_numbers(texts: pl.Series) -> tuple[pl.Series | None, tuple[str, ...]]:
    """The column as numbers, or None where too many of its values are none."""
    bare = texts.str.replace_all(r"[$€£¥￥元%\s]", "")
    continental = bool(bare.str.contains(_DECIMAL_COMMA).any()) and not bool(bare.str.contains(_THOUSANDS).any())
    if continental:
        bare = bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    else:
        commas = bare.str.contains(_THOUSANDS)
        bare = pl.select(pl.when(commas).then(bare.str.replace_all(",", "", literal=True)).otherwise(bare)).to_series()
    number = bare.cast(pl.Float64, strict=False).alias(texts.name)
    words = texts.filter(number.is_null() & texts.is_not_null())
    present = len(texts) - texts.null_count()
    if len(words) > (1 - _MOST_ARE_NUMBERS) * present or words.n_unique() > _WORDS_BESIDE:
        return None, ()
    notes = [f"text read as numbers{', with decimal commas' if continental else ''}"]
    if bool(texts.str.contains("%", literal=True).any()):
        notes.append("percent signs taken off: 12% is 12")
    if len(words):
        named = ", ".join(repr(w) for w in sorted(words.unique().to_list())[:5])
        notes.append(f"{len(words):,} rows of words ({named}) taken for missing")
    whole = number.drop_nulls().drop_nans()
    if (whole == whole.floor()).all() and whole.abs().max() < 2**53:  # type: ignore[operator]  # it is not empty
        number = number.cast(pl.Int64, strict=False)
    return number, tuple(notes)


def as_dates(texts: pl.Series) -> pl.Series | None:
    """Texts as dates (the clock time of each is left out), or None where they are not of one known form."""
    some = texts.drop_nulls().unique(maintain_order=True).head(_TRIED)
    if some.is_empty():
        return None
    forms = [(form, "") for form in _DATES] + [(form, before) for _, form, before in _MONTHS]
    for form, before in forms:
        if _share_of_dates(some, form, before) >= _MOST_ARE_DATES:
            day = _days(texts, form, before)
            if day.null_count() - texts.null_count() <= (1 - _MOST_ARE_DATES) * len(texts):
                return day
    return None


def _share_of_dates(some: pl.Series, form: str, before: str) -> float:
    return 1 - _days(some, form, before).null_count() / len(some)


def _days(texts: pl.Series, form: str, before: str) -> pl.Series:
    bare = texts.str.replace(_CLOCK, "")
    return (before + bare if before else bare).str.to_date(form, strict=False).alias(texts.name)


def _written_as_number(series: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """20240131 is a day where every value of the column is one."""
    present = series.drop_nulls()
    if present.n_unique() < 2 or not bool(present.is_between(19_000_101, 21_001_231).all()):
        return series, ()
    day = series.cast(pl.String).str.to_date("%Y%m%d", strict=False)
    return (day, ("numbers read as dates",)) if day.null_count() == series.null_count() else (series, ())
