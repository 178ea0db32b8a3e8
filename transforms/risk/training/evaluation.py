"""How good a model is where it has not learned: folds or later rows, ranking, calibration, stability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transforms.risk import measures
from transforms.risk.training.binning import bin_column
from transforms.risk.training.challenger import Challenger, fit_challenger
from transforms.risk.training.fit import PointScale, PointsCard, fit_card

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from transforms.risk.training.columns import Column

POINTS, CHALLENGER = "points scorecard", "challenger"
_TENTHS = 10


@dataclass(frozen=True)
class Measures:
    """Measures of one model on one set of rows it has not seen.

    `slope` and `intercept` are of the logistic regression of the outcome on the model's log odds: 1 and 0 when the
    probabilities mean what they say. `psi` compares the scores with those of the rows learned from.
    """

    model: str
    sample: str
    rows: int
    bads: int
    auc: float
    ks: float
    brier: float
    slope: float
    intercept: float
    psi: float

    @property
    def gini(self) -> float:
        """2 AUC - 1."""
        return 2 * self.auc - 1


@dataclass(frozen=True)
class Evaluation:
    """Measures per sample and model, their means per model, and every row's out-of-sample probability per model."""

    by_sample: tuple[Measures, ...]
    pd: dict[str, NDArray[np.float64]]
    target: NDArray[np.bool_]

    def mean(self, model: str, measure: str) -> float:
        """The mean of a measure over the samples."""
        return float(np.mean([getattr(m, measure) for m in self.by_sample if m.model == model]))

    def models(self) -> list[str]:
        """The models evaluated, the card first."""
        return list(self.pd)


def evaluate(
    frame: pl.DataFrame,
    columns: Sequence[Column],
    target: NDArray[np.bool_],
    samples: Sequence[tuple[str, NDArray[np.bool_]]],
    *,
    scale: PointScale | None = None,
    challenge: bool = True,
) -> Evaluation:
    """Fit on the rows outside each sample and judge on the rows inside; everything is learned anew each time.

    `samples` are (name, mask of the rows held out). A row held out twice keeps its last probability; one never held
    out has none (NaN).
    """
    found: list[Measures] = []
    pd = {name: np.full(len(target), np.nan) for name in ([POINTS, CHALLENGER] if challenge else [POINTS])}
    for name, held in samples:
        learned, asked = frame.filter(~held), frame.filter(held)
        card = fit_card(learned, columns, target[~held], scale)
        fitted: list[tuple[str, PointsCard | Challenger]] = [(POINTS, card)]
        if challenge:
            fitted.append(
                (
                    CHALLENGER,
                    fit_challenger(learned, columns, target[~held], trends_of(learned, columns, target[~held])),
                )
            )
        for model, one in fitted:
            pd[model][held] = one.pd(asked)
            found.append(_measured(model, name, pd[model][held], target[held], one.pd(learned)))
    return Evaluation(tuple(found), pd, target)


def trends_of(frame: pl.DataFrame, columns: Sequence[Column], target: NDArray[np.bool_]) -> dict[str, int]:
    """The direction in which each variable's risk runs, of those that tell anything."""
    binnings = [bin_column(c, frame[c.name], target) for c in columns]
    return {b.column: b.trend for b in binnings if b.iv >= 0.02}


def folds_by_order(rows: int, folds: int) -> list[tuple[str, NDArray[np.bool_]]]:
    """Row i is held out in fold i modulo `folds`."""
    place = np.arange(rows) % folds
    return [(f"fold {k}", place == k) for k in range(folds)]


def later_rows(moment: NDArray[np.float64], share: float = 0.25) -> list[tuple[str, NDArray[np.bool_]]]:
    """The rows after the moment before which `1 - share` of them lie; rows of one moment stay together."""
    cut = np.quantile(moment, 1 - share, method="higher")
    return [("out of time", moment >= cut)]


def calibration(pd: NDArray[np.float64], target: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and intercept of the outcome's log odds on the model's (Cox): Newton's method, to 1e-9."""
    odds = np.log(np.clip(pd, 1e-9, 1 - 1e-9)) - np.log1p(-np.clip(pd, 1e-9, 1 - 1e-9))
    x = np.column_stack([np.ones(len(odds)), odds])
    beta = np.array([0.0, 1.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ beta)))
        weight = np.maximum(p * (1 - p), 1e-12)
        step = np.linalg.solve(x.T @ (x * weight[:, None]) + 1e-9 * np.eye(2), x.T @ (target - p))
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    return float(beta[1]), float(beta[0])


def _measured(
    model: str, sample: str, pd: NDArray[np.float64], target: NDArray[np.bool_], learned: NDArray[np.float64]
) -> Measures:
    slope, intercept = calibration(pd, target)
    cuts = np.unique(np.quantile(learned, np.linspace(0, 1, _TENTHS + 1)[1:-1]))
    then, now = (np.bincount(np.searchsorted(cuts, p, side="right"), minlength=len(cuts) + 1) for p in (learned, pd))
    return Measures(
        model=model,
        sample=sample,
        rows=len(target),
        bads=int(target.sum()),
        auc=measures.auc(pd, target),
        ks=measures.ks(pd, target),
        brier=float(np.mean((pd - target) ** 2)),
        slope=slope,
        intercept=intercept,
        psi=measures.psi(now, then),
    )
