"""Target leakage: columns filled in after the outcome was known, or that are the outcome in other words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.risk import measures
from transforms.risk.training.binning import Binning, bin_column
from transforms.risk.training.columns import Column, Dropped

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

#: One variable alone that ranks better than this knows the outcome; better than the second, it is looked at twice.
KNOWS, SUSPECT = 0.97, 0.90
#: A bin of one outcome only is a sign where so many of the other were to be expected in it.
_EXPECTED = 30


@dataclass(frozen=True)
class Sifted:
    """The columns to learn from, with what was noticed in their notes; those left out; those that look like leaks."""

    columns: tuple[Column, ...]
    dropped: tuple[Dropped, ...]
    suspects: tuple[str, ...]


def sift(
    frame: pl.DataFrame, columns: Sequence[Column], target: NDArray[np.bool_], keep: Collection[str] = ()
) -> Sifted:
    """Leave out columns that alone give away the outcome, unless kept on purpose, and note those that nearly do."""
    kept, dropped, suspects = [], [], []
    for column in columns:
        binning = bin_column(column, frame[column.name], target)
        alone = ranking(binning)
        why = ""
        if alone >= KNOWS:
            why = f"it tells the outcome by itself (AUC {alone:.3f}): known only afterwards?"
            if column.name not in keep:
                dropped.append(Dropped(column.name, f"LEAK: {why} --keep it if it is not"))
                suspects.append(column.name)
                continue
        elif alone >= SUSPECT:
            why = f"ranks almost by itself (AUC {alone:.3f}): is it known before the outcome?"
        elif pure := _pure(binning):
            why = f"rows of {pure} have one outcome only: is it known before the outcome?"
        if why:
            suspects.append(column.name)
        kept.append(replace(column, notes=(*column.notes, f"possible leak: {why}")) if why else column)
    return Sifted(tuple(kept), tuple(dropped), tuple(suspects))


def ranking(binning: Binning) -> float:
    """How well the variable's bins rank by themselves: AUC, 0.5 for nothing."""
    held = [b for b in binning.bins if b.rows]
    return (measures.bin_measures([b.rows - b.bads for b in held], [b.bads for b in held]).gini + 1) / 2


def _pure(binning: Binning) -> str:
    rows, bads = sum(b.rows for b in binning.bins), sum(b.bads for b in binning.bins)
    for b in binning.bins:
        if (b.bads == b.rows and b.rows * (1 - bads / rows) >= _EXPECTED) or (
            b.bads == 0 and b.rows * bads / rows >= _EXPECTED
        ):
            return b.label
    return ""
