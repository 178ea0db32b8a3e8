"""The points of all bins fitted at once, drawn towards what each variable's weight of evidence says of them.

One logistic weight per variable scales all its bins alike, so a bin whose evidence overlaps with other variables' keeps
points it does not deserve. Here each bin has a weight of its own in the logistic regression of the good outcome, with a
normal prior around (weight of the variable) x (weight of evidence of the bin), and bins of numbers never give points
against the direction of their bad rates. Bins of few rows stay where the prior has them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from transforms.risk.training.binning import Binning

#: Precision of the prior of a bin's log odds, in units of what rows tell: each tells p x (1 - p).
DRAWN = 50.0
_STEPS = 500


def bin_weights(
    binnings: Sequence[Binning],
    assigned: Sequence[NDArray[np.int64]],
    weights: NDArray[np.float64],
    intercept: float,
    good: NDArray[np.bool_],
) -> tuple[list[NDArray[np.float64]], float]:
    """Log odds of the good outcome per bin of each variable, and the intercept.

    `assigned` holds each row's bin of each variable; `weights` and `intercept` are those of the regression on weights
    of evidence. A bin without rows stays at the prior, which is 0.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - the train extra

    starts = np.concatenate([[0], np.cumsum([len(b.bins) for b in binnings])])
    place = np.column_stack([which + start for which, start in zip(assigned, starts, strict=False)])
    prior = np.concatenate([w * np.array([one.woe for one in b.bins]) for w, b in zip(weights, binnings, strict=True)])
    stairs, rises = _stairs(binnings, starts)
    said = good.astype(np.float64)

    def cost(steps: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        bins = stairs @ steps[:-1]
        odds = steps[-1] + bins[place].sum(axis=1)
        off = 1 / (1 + np.exp(-odds)) - said
        away = bins - prior
        value = np.logaddexp(0, odds).sum() - odds[good].sum() + DRAWN / 2 * (away @ away)
        slope = np.bincount(place.ravel(), np.repeat(off, place.shape[1]), len(bins)) + DRAWN * away
        return float(value), np.append(stairs.T @ slope, off.sum())

    first = np.linalg.solve(stairs, prior)
    first[rises] = np.maximum(first[rises], 0.0)
    limits = [(0.0, None) if rise else (None, None) for rise in rises] + [(None, None)]
    found = minimize(
        cost, np.append(first, intercept), jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": _STEPS}
    )
    bins: NDArray[np.float64] = stairs @ found.x[:-1]
    return [bins[a:b] for a, b in pairwise(starts.tolist())], float(found.x[-1])


def _stairs(binnings: Sequence[Binning], starts: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The matrix that makes bins of steps, and which steps may only rise.

    Bins of numbers, from those with most bads to those with fewest, are sums of the steps so far; every other bin
    (special codes, missing values, categories) is a step of its own.
    """
    matrix = np.eye(int(starts[-1]))
    rises = np.zeros(int(starts[-1]), np.bool_)
    for binning, start in zip(binnings, starts, strict=False):
        if not binning.trend:
            continue
        ladder = [start + n for n in range(len(binning.cuts) + 1)][:: -1 if binning.trend > 0 else 1]
        rises[ladder[1:]] = True
        for n, place in enumerate(ladder):
            matrix[place, ladder[:n]] = 1.0
    return matrix, rises
