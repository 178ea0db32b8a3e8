"""Columns of frames from arrays of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from warehouse.simulator.draws import Bools, Ints


def numbered(number: Ints, digits: int = 7) -> npt.NDArray[np.str_]:
    """Numbers as text of at least so many digits."""
    return pl.Series(number).cast(pl.String).str.zfill(digits).to_numpy().astype(np.str_)


def texts(prefix: str, middle: npt.NDArray[np.str_], suffix: str = "") -> pl.Series:
    """A column of texts with the same beginning and end."""
    return pl.Series(np.char.add(np.char.add(prefix, middle), suffix))


def days(day: Ints) -> pl.Series:
    """A column of dates from epoch days."""
    return pl.Series(day.astype(np.int32)).cast(pl.Date)


def chosen(pool: Sequence[str | None], index: Ints, missing: Bools | None = None) -> pl.Series:
    """The texts of `pool` at the given positions; empty where `missing`."""
    column = pl.Series(list(pool), dtype=pl.String).gather(pl.Series(np.where(index < 0, 0, index)))
    return column if missing is None else blank(column, missing)


def blank(column: pl.Series, missing: Bools) -> pl.Series:
    """The column with nothing where `missing`; it loses its name."""
    return pl.select(pl.when(pl.Series(~missing)).then(column)).to_series()


def text_of(*parts: Any) -> pl.Expr:
    """An expression that writes its parts one after another."""
    return pl.concat_str([p if isinstance(p, pl.Expr) else pl.lit(p) for p in parts])


def padded(name: str, digits: int) -> pl.Expr:
    """A number's column as text of at least so many digits."""
    return pl.col(name).cast(pl.String).str.zfill(digits)


def year_month(month: Ints) -> Ints:
    """2026-03's number of the month as 202603."""
    return 100 * (month // 12) + month % 12 + 1


#: A customer's number as the feeds write it.
CUSTOMER_ID = text_of("C", padded("_number", 7))
