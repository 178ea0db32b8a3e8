"""Measures of a score and of a population: weight of evidence, information value, KS, AUC, Gini, stability index.

Ties are counted half in AUC; KS is read only where the score changes. Shapes are one-dimensional unless said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

PSI_FLOOR = 1e-4
"""Share taken for an empty bin in the stability index, so that it stays finite and comparable."""
PSI_MINOR = 0.10
PSI_MAJOR = 0.25


@dataclass(frozen=True)
class BinMeasures:
    """Measures of a binned variable: `woe` and those `by_bin` a value a bin, the rest of the whole table."""

    woe: NDArray[np.float64]
    iv_by_bin: NDArray[np.float64]
    js_by_bin: NDArray[np.float64]
    hellinger_by_bin: NDArray[np.float64]
    triangular_by_bin: NDArray[np.float64]
    gini: float
    ks: float

    @property
    def iv(self) -> float:
        """Information value (Jeffrey's divergence)."""
        return float(self.iv_by_bin.sum())

    @property
    def js(self) -> float:
        """Jensen-Shannon divergence in nats."""
        return float(self.js_by_bin.sum())

    @property
    def hellinger(self) -> float:
        """Hellinger discrimination, half the squared distance of the roots of the shares."""
        return float(self.hellinger_by_bin.sum())

    @property
    def triangular(self) -> float:
        """Triangular discrimination (LeCam)."""
        return float(self.triangular_by_bin.sum())


def weight_of_evidence(non_event_share: ArrayLike, event_share: ArrayLike) -> NDArray[np.float64]:
    """ln(share of non-events / share of events): positive where a bin is better than average.

    An empty side gives zero: a sample of this size supports no evidence for such a bin.
    """
    good, bad = np.asarray(non_event_share, dtype=np.float64), np.asarray(event_share, dtype=np.float64)
    both = (good > 0) & (bad > 0)
    return np.log(np.where(both, good, 1.0)) - np.log(np.where(both, bad, 1.0))


def _cumulative_shares(good: NDArray[np.float64], bad: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    return np.cumsum(good) / good.sum(), np.cumsum(bad) / bad.sum()


def _area(good: NDArray[np.float64], bad: NDArray[np.float64]) -> float:
    """AUC of groups in ascending score order: chance that an event scores higher, ties half."""
    below = np.cumsum(good) - good
    return float((bad * (below + good / 2)).sum() / (good.sum() * bad.sum()))


def bin_measures(non_event: ArrayLike, event: ArrayLike) -> BinMeasures:
    """Measures of counts a bin, as optbinning defines them; special and missing values are bins like any other.

    A bin with an empty side adds nothing to the divergences, as its weight is nil. Gini ranks the bins by their event
    rate; KS is read along the bins in the order given, which is that of the variable's values. Raises ValueError where
    one side has no case at all.
    """
    good, bad = np.asarray(non_event, dtype=np.float64), np.asarray(event, dtype=np.float64)
    if good.shape != bad.shape or good.ndim != 1:
        raise ValueError("events and non-events need one count a bin each")
    if good.sum() <= 0 or bad.sum() <= 0 or (good < 0).any() or (bad < 0).any():
        raise ValueError("counts must not be negative and each side needs a case")
    p, q = good / good.sum(), bad / bad.sum()
    woe = weight_of_evidence(p, q)
    both = (good > 0) & (bad > 0)
    goods, bads = np.where(both, p, 1.0), np.where(both, q, 1.0)
    middle = (goods + bads) / 2
    js = np.where(both, (goods * np.log(goods / middle) + bads * np.log(bads / middle)) / 2, 0.0)
    hellinger = (np.sqrt(goods) - np.sqrt(bads)) ** 2 / 2
    triangular = (goods - bads) ** 2 / (goods + bads)
    order = np.argsort(bad / np.maximum(good + bad, 1e-300), kind="stable")
    gini = 2 * _area(good[order], bad[order]) - 1
    ks = float(np.abs(np.cumsum(p) - np.cumsum(q)).max())
    return BinMeasures(woe, (p - q) * woe, js, hellinger, triangular, gini, ks)


def _by_score(score: ArrayLike, target: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values, event = np.asarray(score, dtype=np.float64), np.asarray(target).astype(bool)
    if values.shape != event.shape:
        raise ValueError(f"{values.shape} scores for {event.shape} targets")
    if event.all() or not event.any():
        raise ValueError("both outcomes are needed")
    if np.isnan(values).any():
        raise ValueError("a score is missing; give it a value or leave the case out")
    _, group = np.unique(values, return_inverse=True)
    size = int(group.max()) + 1
    good = np.bincount(group[~event], minlength=size)
    bad = np.bincount(group[event], minlength=size)
    return good.astype(np.float64), bad.astype(np.float64)


def auc(score: ArrayLike, target: ArrayLike) -> float:
    """Chance that a case with target 1 has the higher score, ties half. Raises ValueError for one outcome only."""
    return _area(*_by_score(score, target))


def gini(score: ArrayLike, target: ArrayLike) -> float:
    """2 AUC - 1."""
    return 2 * auc(score, target) - 1


def ks(score: ArrayLike, target: ArrayLike) -> float:
    """Largest distance of the two cumulative distributions of the score."""
    goods, bads = _cumulative_shares(*_by_score(score, target))
    return float(np.abs(goods - bads).max())


def psi_by_bin(actual: ArrayLike, expected: ArrayLike, *, floor: float = PSI_FLOOR) -> NDArray[np.float64]:
    """Terms of the population stability index from counts or shares a bin; shares below `floor` are taken for it."""
    now, then = np.asarray(actual, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if now.shape != then.shape or now.sum() <= 0 or then.sum() <= 0:
        raise ValueError("actual and expected need the same bins and at least one case each")
    p, q = np.maximum(now / now.sum(), floor), np.maximum(then / then.sum(), floor)
    terms: NDArray[np.float64] = (p - q) * (np.log(p) - np.log(q))
    return terms


def psi(actual: ArrayLike, expected: ArrayLike, *, floor: float = PSI_FLOOR) -> float:
    """Population stability index: below 0.10 stable, below 0.25 a minor shift, above a major one."""
    return float(psi_by_bin(actual, expected, floor=floor).sum())
