"""Which rows went bad: a column with two values, or with more of which some are said to be bad and some good."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    from numpy.typing import NDArray

_BAD = {
    *("1", "bad", "b", "yes", "y", "true", "t", "default", "defaulted", "charged off", "charge off"),
    *("charged-off", "charge-off", "chargeoff", "written off", "write-off", "delinquent", "late"),
    *("overdue", "npl", "loss", "high", "high risk", "risky", "坏", "坏客户", "坏账", "违约", "是", "逾期", "有逾期"),
    *("不良", "高风险"),
}
_GOOD = {
    *("0", "good", "g", "no", "n", "false", "f", "paid", "fully paid", "paid off", "repaid", "current"),
    *("performing", "non-default", "no default", "not default", "ok", "low", "low risk", "好", "好客户"),
    *("正常", "否", "未违约", "未逾期", "无逾期", "良", "低风险"),
}
_NAMED_GOOD = {
    *("good", "goods", "paid", "repaid", "repay", "performing", "approved", "creditability", "creditworthy", "solvent"),
    *("creditworthiness", "kredit"),
}
_NOT = {"not", "no", "un", "non", "bad"}


@dataclass(frozen=True)
class Outcome:
    """`kept` marks the rows whose outcome is known; `bad` is of those rows only; `notes` say in words what was done."""

    kept: pl.Series
    bad: NDArray[np.bool_]
    notes: tuple[str, ...]


def outcome_of(column: pl.Series, bad: Collection[str] = (), good: Collection[str] = ()) -> Outcome:
    """The outcome in `column`; `bad` and `good` are values as they are written in the table.

    Two values need no word: of numbers the greater is bad, of words the one known for it, else the rarer. With `bad`
    alone every other value is good; with `good` too, the rest is neither and left out. Rows without a value are left
    out. ValueError where this does not make two outcomes.
    """
    texts = pl.Series([_written(v) for v in column.to_list()], dtype=pl.String)
    counts: dict[str, int] = dict(texts.drop_nulls().value_counts(sort=True).iter_rows())
    if unknown := sorted({*bad, *good} - set(counts)):
        raise ValueError(
            f"{column.name} holds no {', '.join(map(repr, unknown))}; it holds: {', '.join(map(repr, counts))}"
        )
    if bad or good:
        bads, goods = set(bad), set(good)
        bads = bads or {*counts} - goods
        goods = goods or set(counts) - bads
        how = "as told"
    else:
        bads, how = _read(column, counts)
        goods = set(counts) - bads
    kept = texts.is_in(sorted(bads | goods)).fill_null(value=False)
    is_bad = texts.filter(kept).is_in(sorted(bads))
    notes = [
        f"{column.name}: {' or '.join(map(repr, sorted(bads)))} is taken for bad ({how}), "
        f"{int(is_bad.sum()) / max(len(is_bad), 1):.2%} of {len(is_bad):,} rows"
    ]
    if empty := texts.null_count():
        notes.append(f"{empty:,} rows without an outcome are left out")
    if between := len(texts) - texts.null_count() - len(is_bad):
        notes.append(f"{between:,} rows that are neither bad nor good are left out")
    words = {w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", column.name)}
    if not (bad or good) and words & _NAMED_GOOD and not words & _NOT:
        notes.append(f"the name {column.name!r} sounds like a good outcome: say --bad if this is the wrong way round")
    return Outcome(kept, is_bad.to_numpy(), tuple(notes))


def _read(column: pl.Series, counts: dict[str, int]) -> tuple[set[str], str]:
    if len(counts) != 2:
        shown = ", ".join(f"{v!r} ({n:,})" for v, n in list(counts.items())[:8])
        raise ValueError(
            f"{column.name} must have exactly two values, good and bad; it has {len(counts)}: {shown}. "
            "Name the bad ones with --bad (and the good ones with --good; rows of others are then left out)"
        )
    if column.dtype == pl.Boolean:
        return {"true"}, "true is bad"
    if column.dtype.is_numeric():
        return {max(counts, key=float)}, "the greater value is bad"
    first, second = counts  # the commoner one first
    signs = [(v.lower() in _BAD) - (v.lower() in _GOOD) for v in (first, second)]
    if signs[0] == signs[1]:
        return {second}, "the rarer value is bad: say --bad if it is not"
    return {first if signs[0] > signs[1] else second}, "what the word says"


def _written(value: Any) -> str | None:
    """A value as a person would write it: 1.0 is 1, blanks around a text do not count."""
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None
