"""The challenger: gradient-boosted trees under monotone constraints, to measure what the points miss.

It decides nothing. Where a variable's bins run in one direction, the trees may only run in it too; a variable with
special codes is left free, since its codes have no order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from transforms.risk.training.columns import Column, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

_ROUNDS, _PATIENCE = 1_500, 50
#: Boosters averaged, each from a seed of its own: the average ranks better than any of them.
_BOOSTERS = 3
#: A long table is learned in larger steps, from one booster, its rounds chosen on one fold: a minute instead of ten.
_LONG, _LONG_PARAMETERS = 40_000, {"learning_rate": 0.08, "max_bin": 127}
#: Small steps and shallow trees; leaves of many rows, so that a handful of cases decides nothing.
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 20,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 20.0,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Challenger:
    """Fitted boosters with the columns they were fitted on; `vocabulary` numbers the categories of each text."""

    boosters: tuple[Any, ...]
    columns: tuple[Column, ...]
    vocabulary: Mapping[str, Mapping[str, int]]
    rounds: int

    def pd(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """The probability of a bad outcome of each row."""
        data = _matrix(frame, self.columns, self.vocabulary)
        predicted = np.array([b.predict(data) for b in self.boosters], dtype=np.float64)
        mean: NDArray[np.float64] = predicted.mean(axis=0)
        return mean

    def text(self) -> str:
        """The boosters as LightGBM writes them, one after the other."""
        return "\n".join(str(b.model_to_string()) for b in self.boosters)


def fit_challenger(
    frame: pl.DataFrame, columns: Sequence[Column], target: NDArray[np.bool_], trends: Mapping[str, int], seed: int = 7
) -> Challenger:
    """Fit on `frame`; the number of trees is where held-out interleaved folds stop improving."""
    import lightgbm  # noqa: PLC0415 - the train extra

    vocabulary = {
        c.name: {text: n for n, text in enumerate(sorted(frame[c.name].drop_nulls().unique().to_list()))}
        for c in columns
        if c.kind == "category"
    }
    data = _matrix(frame, columns, vocabulary)
    categories = [place for place, c in enumerate(columns) if c.kind == "category"]
    constraints = [0 if c.codes else trends.get(c.name, 0) for c in columns]
    is_long = len(target) > _LONG
    settings = {
        **_PARAMETERS,
        **(_LONG_PARAMETERS if is_long else {}),
        "min_data_in_leaf": max(20, len(target) // 400),
        # On a busy machine threads spin while they wait for each other: five minutes for what one does in one.
        "num_threads": 1,
        "monotone_constraints": constraints,
        "monotone_constraints_method": "intermediate",
    }
    place = np.arange(len(target))

    def dataset() -> Any:
        return lightgbm.Dataset(data, target, categorical_feature=categories)

    tried = lightgbm.cv(
        {**settings, "seed": seed},
        dataset(),
        _ROUNDS,
        folds=[(place[place % 4 != k], place[place % 4 == k]) for k in range(1 if is_long else 4)],
        callbacks=[lightgbm.early_stopping(_PATIENCE, verbose=False)],
    )
    rounds = max(10, len(tried["valid binary_logloss-mean"]))
    boosters = tuple(
        lightgbm.train({**settings, "seed": seed + n}, dataset(), rounds) for n in range(1 if is_long else _BOOSTERS)
    )
    return Challenger(boosters, tuple(columns), vocabulary, rounds)


def _matrix(
    frame: pl.DataFrame, columns: Sequence[Column], vocabulary: Mapping[str, Mapping[str, int]]
) -> NDArray[np.float64]:
    """A float column per variable; a category by its number, NaN where missing or never seen."""
    parts = []
    for column in columns:
        if column.kind == "category":
            known = vocabulary[column.name]
            parts.append(np.array([known.get(v, np.nan) for v in frame[column.name].to_list()], dtype=np.float64))
        else:
            parts.append(numbers(frame[column.name]))
    return np.column_stack(parts)
