"""Notes on a column's values for the reader of a report: missing values, ties, outliers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

#: A value that so large a share of the rows holds is noted.
_TIED = 0.5
#: The greatest value is noted where it is so many times the value that 99 of 100 rows are below.
_FAR = 20.0
#: Texts with more different values than this are noted.
_MANY = 20


def of_numbers(series: pl.Series, codes: Sequence[float]) -> tuple[str, ...]:
    """Notes on a column of numbers; `codes` are its special values, which are none of its range."""
    values = series.cast(float).to_numpy()
    infinite = int(np.isinf(values).sum())
    finite = values[np.isfinite(values)]
    notes = _missing(len(values) - len(finite), len(values))
    if infinite:
        notes.append(f"{infinite:,} infinite values among the missing")
    regular = finite[~np.isin(finite, codes)]
    if len(regular):
        distinct, counts = np.unique(regular, return_counts=True)
        top = int(np.argmax(counts))
        if len(distinct) > 2 and counts[top] >= _TIED * len(values):
            notes.append(f"{distinct[top]:g} in {counts[top] / len(values):.1%} of rows")
        most = float(np.quantile(regular, 0.99))
        if most > 0 and regular.max() >= _FAR * most:
            notes.append(f"values up to {regular.max():g}, 99 of 100 up to {most:g}: outliers share the last bin")
    return tuple(notes)


def of_texts(series: pl.Series, distinct: int) -> tuple[str, ...]:
    """Notes on a column of texts."""
    notes = _missing(series.null_count(), len(series))
    if distinct > _MANY:
        notes.append(f"{distinct:,} different texts: rare ones share a bin")
    return tuple(notes)


def _missing(rows: int, of: int) -> list[str]:
    return [f"{rows:,} rows missing ({rows / of:.1%}): a bin of their own"] if rows else []
