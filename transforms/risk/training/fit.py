"""A points scorecard from binned variables: logistic weights of variables, then of their bins, scaled to points."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transforms.risk.training.binning import Binning, bin_column
from transforms.risk.training.columns import Column, Dropped
from transforms.risk.training.joint_fit import bin_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

#: Below this information value a variable tells nothing worth a line on the card (Siddiqi: "unpredictive").
LEAST_IV = 0.02


@dataclass(frozen=True)
class PointScale:
    """`odds` goods to one bad at `odds_score`, doubling every `points_to_double`."""

    odds_score: int = 600
    odds: float = 15.0
    points_to_double: int = 40

    @property
    def factor(self) -> float:
        """Points per unit of log odds."""
        return self.points_to_double / math.log(2)

    @property
    def offset(self) -> float:
        """Points at even odds."""
        return self.odds_score - self.factor * math.log(self.odds)

    def pd(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability of a bad outcome at a score."""
        result: NDArray[np.float64] = 1 / (1 + np.exp((score - self.offset) / self.factor))
        return result


@dataclass(frozen=True)
class Recipe:
    """How a card is fitted: its scale; how many variables it may hold at most, and how alike two of them may be.

    `most_alike` is the greatest correlation of two variables' weights of evidence; of two more alike the one of less
    information is left out. Where many columns say nearly the same, as profiles do, a card of few is steadier.
    """

    scale: PointScale = PointScale()
    most_variables: int = 1_000
    most_alike: float = 1.0


@dataclass(frozen=True)
class Scored:
    """A variable on the card: its bins, its logistic weight as a whole, and the points of each bin (`bin_weights`)."""

    binning: Binning
    weight: float
    points: tuple[int, ...]


@dataclass(frozen=True)
class PointsCard:
    """A fitted card: score = base_points + the points of each variable's bin."""

    base_points: int
    variables: tuple[Scored, ...]
    scale: PointScale
    dropped: tuple[Dropped, ...]

    def score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """The score of each row."""
        total = np.full(frame.height, float(self.base_points))
        for variable in self.variables:
            total += np.array(variable.points, np.float64)[variable.binning.assign(frame[variable.binning.column])]
        return total

    def pd(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """The probability of a bad outcome of each row."""
        return self.scale.pd(self.score(frame))


def fit_card(
    frame: pl.DataFrame, columns: Sequence[Column], target: NDArray[np.bool_], recipe: Recipe | None = None
) -> PointsCard:
    """Fit a card on `frame` (`target` True: bad).

    A variable below LEAST_IV is left out, and so is one whose weight comes out negative beside the others: it would
    give points against the evidence of its own bins. The last variable is never left out.
    """
    recipe = recipe or Recipe()
    scale = recipe.scale
    binnings = [bin_column(c, frame[c.name], target) for c in columns]
    informative = [b for b in binnings if b.iv >= LEAST_IV] or sorted(binnings, key=lambda b: b.iv)[-1:]
    dropped = [
        Dropped(b.column, f"information value {b.iv:.3f} is below {LEAST_IV}") for b in binnings if b not in informative
    ]
    if not informative:
        raise ValueError("no column to learn from")
    woe = np.column_stack([b.woe(frame[b.column]) for b in informative])
    picked = _picked(informative, woe, recipe, dropped)
    informative, woe = [informative[n] for n in picked], woe[:, picked]
    while True:
        weights, intercept = _logistic(woe, ~target)
        worst = int(np.argmin(weights))
        if weights[worst] > 0 or len(informative) == 1:
            break
        dropped.append(
            Dropped(
                informative[worst].column, f"weight {weights[worst]:.3f} beside the others: tells nothing they do not"
            )
        )
        informative = [b for n, b in enumerate(informative) if n != worst]
        woe = np.delete(woe, worst, axis=1)
    bins, intercept = bin_weights(
        informative, [b.assign(frame[b.column]) for b in informative], weights, intercept, ~target
    )
    variables = tuple(
        Scored(b, float(w), tuple(round(scale.factor * float(one)) for one in of_bins))
        for b, w, of_bins in zip(informative, weights, bins, strict=True)
    )
    return PointsCard(round(scale.offset + scale.factor * intercept), variables, scale, tuple(dropped))


def _picked(
    informative: Sequence[Binning], woe: NDArray[np.float64], recipe: Recipe, dropped: list[Dropped]
) -> list[int]:
    """Places of the variables to keep, in their order; the others go to `dropped` with the reason."""
    if recipe.most_alike >= 1.0 and recipe.most_variables >= len(informative):
        return list(range(len(informative)))
    alike = np.abs(np.atleast_2d(np.corrcoef(woe, rowvar=False)))
    picked: list[int] = []
    for place in sorted(range(len(informative)), key=lambda n: -informative[n].iv):
        close = [other for other in picked if alike[place, other] > recipe.most_alike]
        if close:
            reason = f"says what {informative[close[0]].column} says (correlation {alike[place, close[0]]:.2f})"
            dropped.append(Dropped(informative[place].column, reason))
        elif len(picked) >= recipe.most_variables:
            dropped.append(Dropped(informative[place].column, f"beyond the {recipe.most_variables} that tell most"))
        else:
            picked.append(place)
    return sorted(picked)


def _logistic(woe: NDArray[np.float64], good: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    """Weights and intercept of a barely regularised logistic regression of the good outcome."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - the train extra

    model = LogisticRegression(C=100.0, max_iter=1_000).fit(woe, good)
    return np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0])
