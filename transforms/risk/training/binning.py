"""Binning a variable against a binary outcome: monotone bins of its values, special codes and missing values apart.

Weight of evidence follows the field: ln(share of goods / share of bads), positive where a bin is better than average
(Siddiqi, Credit Risk Scorecards). A bin's rate is first drawn towards the average by PRIOR rows, so that a bin of few
cases says little instead of infinitely much.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from transforms.risk.training.columns import Column, numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

#: Rows at the average rate that every bin is taken to hold beside its own.
PRIOR = 20.0
#: Fine bins before merging, and the fewest rows (share) and cases a bin of the result holds.
FINE, LEAST_SHARE, LEAST_ROWS = 50, 0.02, 30
MOST_BINS = 8
#: So many rare values of a category are named one by one.
_FEW = 3
#: Neighbours whose bad rates differ by less than this many standard errors are one bin.
_ALIKE = 1.0


@dataclass(frozen=True)
class Bin:
    """One bin: what it holds in words, its cases, bads and weight of evidence."""

    label: str
    rows: int
    bads: int
    woe: float


@dataclass(frozen=True)
class Binning:
    """A binned variable.

    Numbers: bin i holds values from `cuts[i - 1]` up to below `cuts[i]`. Then a bin per special code, and one for
    missing values. Categories: `groups` says which bin a text belongs to; a text never seen counts as missing.
    A value the sample did not hold (no missing value, say) has weight 0. `trend` is +1 where the bad rate rises with
    the value, -1 where it falls, 0 for categories and constants.
    """

    column: str
    kind: str
    cuts: tuple[float, ...]
    codes: tuple[float, ...]
    groups: dict[str, int]
    bins: tuple[Bin, ...]
    trend: int
    iv: float

    def assign(self, values: pl.Series) -> NDArray[np.int64]:
        """The bin of each value."""
        if self.kind == "category":
            last = len(self.bins) - 1
            return np.array([self.groups.get(v, last) if v is not None else last for v in values.to_list()], np.int64)
        data = numbers(values)
        which = np.searchsorted(np.asarray(self.cuts), data, side="right").astype(np.int64)
        for place, code in enumerate(self.codes):
            which[data == code] = len(self.cuts) + 1 + place
        which[np.isnan(data)] = len(self.bins) - 1
        return which

    def woe(self, values: pl.Series) -> NDArray[np.float64]:
        """The weight of evidence of each value's bin."""
        return np.array([b.woe for b in self.bins])[self.assign(values)]


def bin_column(column: Column, values: pl.Series, target: NDArray[np.bool_]) -> Binning:
    """Bin a column against `target` (True: bad). ValueError where only one outcome occurs."""
    if target.all() or not target.any():
        raise ValueError("both outcomes are needed to bin against")
    return _categories(column, values, target) if column.kind == "category" else _numbers(column, values, target)


def _numbers(column: Column, values: pl.Series, target: NDArray[np.bool_]) -> Binning:
    data = numbers(values)
    missing = np.isnan(data)
    regular = ~missing & ~np.isin(data, column.codes)
    cuts, trend = _monotone_cuts(data[regular], target[regular], len(data))
    which = np.searchsorted(np.asarray(cuts), data[regular], side="right")
    rows = np.bincount(which, minlength=len(cuts) + 1).tolist()
    bads = np.bincount(which[target[regular]], minlength=len(cuts) + 1).tolist()
    labels = _ranges(cuts)
    for code in column.codes:
        at = data == code
        labels.append(f"code {code:g}")
        rows.append(int(at.sum()))
        bads.append(int(target[at].sum()))
    labels.append("missing")
    rows.append(int(missing.sum()))
    bads.append(int(target[missing].sum()))
    return _binning(column, tuple(cuts), {}, labels, rows, bads, target, trend)


def _categories(column: Column, values: pl.Series, target: NDArray[np.bool_]) -> Binning:
    """Categories of enough rows, ordered by bad rate, alike neighbours together; rare ones share a bin."""
    texts = values.to_list()
    names = sorted({t for t in texts if t is not None})
    place = {name: number for number, name in enumerate(names)}
    coded = np.array([place.get(t, len(names)) if t is not None else len(names) for t in texts])
    rows = np.bincount(coded, minlength=len(names) + 1)
    bads = np.bincount(coded[target], minlength=len(names) + 1)
    least = max(LEAST_ROWS, int(LEAST_SHARE * len(texts)))
    common = [n for n in range(len(names)) if rows[n] >= least]
    rare = [n for n in range(len(names)) if rows[n] < least]
    common.sort(key=lambda n: bads[n] / rows[n])
    sizes = [(float(rows[n]), float(bads[n])) for n in common]
    parts = _merge_alike(sizes) if sizes else []
    groups: dict[str, int] = {}
    labels: list[str] = []
    for number, (start, end) in enumerate(parts):
        members = [names[common[i]] for i in range(start, end)]
        groups |= dict.fromkeys(members, number)
        labels.append(", ".join(members))
    counted = [common[start:end] for start, end in parts]
    if rare:
        groups |= {names[n]: len(labels) for n in rare}
        few = len(rare) <= _FEW
        labels.append(f"rare: {', '.join(names[n] for n in rare)}" if few else f"{len(rare)} rare values")
        counted.append(rare)
    labels.append("missing or never seen")
    counted.append([len(names)])
    in_bin = [int(rows[c].sum()) for c in counted]
    bad_in_bin = [int(bads[c].sum()) for c in counted]
    return _binning(column, (), groups, labels, in_bin, bad_in_bin, target, 0)


def _binning(
    column: Column,
    cuts: tuple[float, ...],
    groups: dict[str, int],
    labels: Sequence[str],
    rows: Sequence[int],
    bads: Sequence[int],
    target: NDArray[np.bool_],
    trend: int,
) -> Binning:
    total, bad = len(target), int(target.sum())
    rate = bad / total
    weights, value = [], 0.0
    for n, b in zip(rows, bads, strict=True):
        shrunk = (b + PRIOR * rate) / (n + PRIOR)
        weights.append(float(np.log((1 - shrunk) / shrunk) - np.log((1 - rate) / rate)) if n else 0.0)
        value += ((n - b) / (total - bad) - b / bad) * weights[-1]
    bins = tuple(Bin(text, n, b, w) for text, n, b, w in zip(labels, rows, bads, weights, strict=True))
    return Binning(column.name, column.kind, cuts, column.codes, groups, bins, trend, value)


def _monotone_cuts(data: NDArray[np.float64], target: NDArray[np.bool_], total: int) -> tuple[list[float], int]:
    """Cuts between monotone bins and the direction of the bad rate, the one that keeps more information."""
    if len(data) < 2 * LEAST_ROWS or target.all() or not target.any():
        return [], 0
    fine = _fine_cuts(data)
    which = np.searchsorted(np.asarray(fine), data, side="right")
    rows = np.bincount(which, minlength=len(fine) + 1).astype(np.float64)
    bads = np.bincount(which[target], minlength=len(fine) + 1).astype(np.float64)
    least = max(float(LEAST_ROWS), LEAST_SHARE * total)
    best: tuple[float, list[float], int] = (-1.0, [], 0)
    for trend in (1, -1):
        parts = _pool(rows, bads, trend, least)
        sizes = [(float(rows[a:b].sum()), float(bads[a:b].sum())) for a, b in parts]
        merged = _merge_alike(sizes)
        spans = [(parts[a][0], parts[b - 1][1]) for a, b in merged]
        information = _information([(rows[a:b].sum(), bads[a:b].sum()) for a, b in spans])
        if information > best[0]:
            best = (information, [fine[b - 1] for _, b in spans[:-1]], trend if len(spans) > 1 else 0)
    return best[1], best[2]


def _fine_cuts(data: NDArray[np.float64]) -> list[float]:
    """Thresholds at quantiles, each written with as few digits as part the same values."""
    distinct = np.unique(data)
    if len(distinct) <= FINE:
        marks = distinct[1:]
    else:
        marks = np.unique(np.quantile(data, np.linspace(0, 1, FINE + 1)[1:-1], method="higher"))
        marks = marks[marks > distinct[0]]
    return sorted({_short(float(distinct[np.searchsorted(distinct, m) - 1]), float(m)) for m in marks})


def _short(below: float, above: float) -> float:
    """The number with the fewest digits that is greater than `below` and at most `above`."""
    for digits in range(1, 16):
        step = 10.0 ** (np.floor(np.log10(max(abs(below), abs(above), 1e-300))) + 1 - digits)
        candidate = float(np.floor(above / step) * step)
        rounded = float(f"{candidate:.{digits}g}")
        if below < rounded <= above:
            return rounded
    return above


def _pool(rows: NDArray[np.float64], bads: NDArray[np.float64], trend: int, least: float) -> list[tuple[int, int]]:
    """Adjacent violators pooled until rates move in one direction and every block has `least` rows."""
    blocks: list[list[float]] = []  # start, end, rows, bads
    for number in range(len(rows)):
        blocks.append([number, number + 1, rows[number], bads[number]])
        while len(blocks) > 1 and _violates(blocks[-2], blocks[-1], trend, least):
            last = blocks.pop()
            blocks[-1] = [blocks[-1][0], last[1], blocks[-1][2] + last[2], blocks[-1][3] + last[3]]
    if len(blocks) > 1 and blocks[-1][2] < least:
        last = blocks.pop()
        blocks[-1] = [blocks[-1][0], last[1], blocks[-1][2] + last[2], blocks[-1][3] + last[3]]
        while len(blocks) > 1 and _violates(blocks[-2], blocks[-1], trend, least):
            last = blocks.pop()
            blocks[-1] = [blocks[-1][0], last[1], blocks[-1][2] + last[2], blocks[-1][3] + last[3]]
    return [(int(b[0]), int(b[1])) for b in blocks]


def _violates(left: Sequence[float], right: Sequence[float], trend: int, least: float) -> bool:
    if left[2] < least:
        return True
    return (right[3] * left[2] - left[3] * right[2]) * trend <= 0


def _merge_alike(sizes: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    """Neighbours merged while their rates cannot be told apart, and then the closest until MOST_BINS are left."""
    parts = [[n, n + 1, rows, bads] for n, (rows, bads) in enumerate(sizes)]
    while len(parts) > 1:
        distances = [_standard_errors(parts[i], parts[i + 1]) for i in range(len(parts) - 1)]
        closest = int(np.argmin(distances))
        if distances[closest] >= _ALIKE and len(parts) <= MOST_BINS:
            break
        left, right = parts[closest], parts.pop(closest + 1)
        parts[closest] = [left[0], right[1], left[2] + right[2], left[3] + right[3]]
    return [(int(p[0]), int(p[1])) for p in parts]


def _standard_errors(left: Sequence[float], right: Sequence[float]) -> float:
    pooled = (left[3] + right[3]) / (left[2] + right[2])
    spread = np.sqrt(max(pooled * (1 - pooled), 1e-12) * (1 / left[2] + 1 / right[2]))
    return float(abs(left[3] / left[2] - right[3] / right[2]) / spread)


def _information(sizes: Sequence[tuple[float, float]]) -> float:
    total, bad = sum(n for n, _ in sizes), sum(b for _, b in sizes)
    rate, value = bad / total, 0.0
    for n, b in sizes:
        shrunk = (b + PRIOR * rate) / (n + PRIOR)
        weight = np.log((1 - shrunk) / shrunk) - np.log((1 - rate) / rate)
        value += float(((n - b) / (total - bad) - b / bad) * weight)
    return value


def _ranges(cuts: Sequence[float]) -> list[str]:
    if not cuts:
        return ["any value"]
    middle = [f"{a:g} to below {b:g}" for a, b in pairwise(cuts)]
    return [f"below {cuts[0]:g}", *middle, f"{cuts[-1]:g} and above"]
