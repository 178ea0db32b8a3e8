"""Out-of-sample evaluation of a model: folds or later rows, ranking, calibration, stability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transforms.risk import measures
from transforms.risk.training.binning import bin_column
from transforms.risk.training.challenger import Challenger, fit_challenger
from transforms.risk.training.fit import PointsCard, Recipe, fit_card

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from transforms.risk.training.columns import Column

POINTS, CHALLENGER = "points scorecard", "challenger"
_TENTHS = 10
#: Bounds of the search for a slope of calibration: log odds that still have a probability, and a step.
_LARGEST_ODDS, _LARGEST_STEP = 500.0, 5.0


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
class Sample:
    """Rows to learn from and rows to judge on. Samples of one name are judged together."""

    name: str
    learned: NDArray[np.bool_]
    asked: NDArray[np.bool_]


@dataclass(frozen=True)
class Evaluation:
    """Measures per sample and model, their means per model, and every row's out-of-sample probability per model."""

    by_sample: tuple[Measures, ...]
    pd: dict[str, NDArray[np.float64]]
    target: NDArray[np.bool_]

    def mean(self, model: str, measure: str) -> float:
        """The mean of a measure over the samples."""
        return float(np.mean([getattr(m, measure) for m in self.by_sample if m.model == model]))

    def pooled(self, model: str, measure: str) -> float:
        """A measure over all rows asked, whichever sample they were asked in: AUC, KS, Gini and Brier score only."""
        seen = ~np.isnan(self.pd[model])
        pd, target = self.pd[model][seen], self.target[seen]
        auc = measures.auc(pd, target)
        found = {"auc": auc, "gini": 2 * auc - 1, "ks": measures.ks(pd, target)}
        return found[measure] if measure in found else float(np.mean((pd - target) ** 2))

    def models(self) -> list[str]:
        """The models evaluated, the card first."""
        return list(self.pd)


def evaluate(
    frame: pl.DataFrame,
    columns: Sequence[Column],
    target: NDArray[np.bool_],
    samples: Sequence[Sample],
    *,
    recipe: Recipe | None = None,
    challenge: bool = True,
    others: Mapping[str, NDArray[np.float64]] | None = None,
) -> Evaluation:
    """Fit on the rows each sample learns from and judge on those it asks of; everything is learned anew each time.

    `others` are probabilities of models fitted elsewhere, judged on the same rows. A row asked twice keeps its last
    probability; one never asked has none (NaN).
    """
    fitted = [POINTS, CHALLENGER] if challenge else [POINTS]
    others = others or {}
    pd = {name: np.full(len(target), np.nan) for name in (*fitted, *others)}
    found: list[Measures] = []
    for name in dict.fromkeys(s.name for s in samples):
        asked = np.zeros(len(target), np.bool_)
        learned_pd: dict[str, list[NDArray[np.float64]]] = {model: [] for model in fitted}
        for sample in (s for s in samples if s.name == name):
            asked |= sample.asked
            learned, held, known = frame.filter(sample.learned), frame.filter(sample.asked), target[sample.learned]
            models: dict[str, PointsCard | Challenger] = {POINTS: fit_card(learned, columns, known, recipe)}
            if challenge:
                models[CHALLENGER] = fit_challenger(learned, columns, known, trends_of(learned, columns, known))
            for model, one in models.items():
                pd[model][sample.asked] = one.pd(held)
                learned_pd[model].append(one.pd(learned))
        found += [_measured(m, name, pd[m][asked], target[asked], np.concatenate(learned_pd[m])) for m in fitted]
        for model, given in others.items():
            pd[model][asked] = given[asked]
            # Where every row is asked, as folds of one date do, there are none learned from to compare with.
            compared = given[asked] if asked.all() else given[~asked]
            found.append(_measured(model, name, given[asked], target[asked], compared))
    return Evaluation(tuple(found), pd, target)


def measured_by(evaluation: Evaluation, labels: NDArray[np.str_]) -> list[Measures]:
    """The measures of each model among the rows of each label that were asked of it; labels of one outcome left out."""
    found = []
    for model, pd in evaluation.pd.items():
        seen = ~np.isnan(pd)
        for label in np.unique(labels[seen]):
            rows = seen & (labels == label)
            if 0 < evaluation.target[rows].sum() < rows.sum():
                found.append(_measured(model, str(label), pd[rows], evaluation.target[rows], pd[seen]))
    return found


def trends_of(frame: pl.DataFrame, columns: Sequence[Column], target: NDArray[np.bool_]) -> dict[str, int]:
    """The direction in which each variable's risk runs, of those with any predictive power."""
    binnings = [bin_column(c, frame[c.name], target) for c in columns]
    return {b.column: b.trend for b in binnings if b.iv >= 0.02}


def folds_by_order(rows: int, folds: int) -> list[Sample]:
    """Row i is held out in fold i modulo `folds`."""
    place = np.arange(rows) % folds
    return [Sample(f"fold {k}", place != k, place == k) for k in range(folds)]


def later_rows(moment: NDArray[np.float64], share: float = 0.25) -> list[Sample]:
    """The rows after the moment before which `1 - share` of them lie; rows of one moment stay together."""
    late = moment >= np.quantile(moment, 1 - share, method="higher")
    return [Sample("out of time", ~late, late)]


def later_others(moment: NDArray[np.float64], who: NDArray[np.int64], folds: int = 4) -> list[Sample]:
    """Later rows of customers the model has not learned from: `who` numbers the customers.

    A customer sampled on several dates is much the same each time; judged on customers it knows, a model looks better
    than it is. Each fold learns from the earlier rows of other customers and is asked of its own customers' later rows;
    together the folds ask every later row once.
    """
    late, fold = moment >= np.quantile(moment, 0.75, method="higher"), who % folds
    return [Sample("out of time, other customers", ~late & (fold != k), late & (fold == k)) for k in range(folds)]


def calibration(pd: NDArray[np.float64], target: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and intercept of the outcome's log odds on the model's (Cox): Newton's method, to 1e-9.

    Where the model parts the outcomes without an error the slope has no bound; it is given as far as the steps went.
    """
    odds = np.log(np.clip(pd, 1e-9, 1 - 1e-9)) - np.log1p(-np.clip(pd, 1e-9, 1 - 1e-9))
    x = np.column_stack([np.ones(len(odds)), odds])
    beta = np.array([0.0, 1.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -_LARGEST_ODDS, _LARGEST_ODDS)))
        weight = np.maximum(p * (1 - p), 1e-12)
        step = np.linalg.solve(x.T @ (x * weight[:, None]) + 1e-9 * np.eye(2), x.T @ (target - p))
        step = np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)
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
