"""The annual cost of many plans at once: a matrix of flows, one Newton step for all of them at a time.

For flows that change sign once (credit: received, then paid), where the rate is unique. Tolerance: as one at a time,
about 1e-14 of one plus the rate; a plan without such a rate gives NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_NEWTON_STEPS = 60
_CONVERGED = 1e-14


def monthly_irr_many(
    cash_flows: NDArray[np.float64] | NDArray[np.int64], first_months: ArrayLike = 1.0
) -> NDArray[np.float64]:
    """Monthly rates of many plans: a row a plan, the first day and then a column a month, zeros after its end.

    `first_months`: how long after the first day the first column falls due, by row or for all of them.
    """
    flows = np.asarray(cash_flows, dtype=np.float64)
    first = np.broadcast_to(np.asarray(first_months, dtype=np.float64), (len(flows),))
    later = first[:, None] + np.arange(flows.shape[1] - 1)[None, :]
    return _balancing(flows, np.concatenate([np.zeros((len(flows), 1)), later], axis=1))


def _balancing(amounts: NDArray[np.float64], powers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rate i of each row with Σ amount / (1 + i)^power = 0.

    Newton steps within a bracket that every step narrows.
    """
    flows = np.where(amounts[:, :1] < 0, -amounts, amounts)
    solvable = (flows[:, 0] > 0) & (flows[:, 1:] < 0).any(axis=1) & (flows[:, 1:] <= 0).all(axis=1)
    low, high = np.full(len(flows), -0.999), np.full(len(flows), 10.0)
    paid = -flows[:, 1:].sum(axis=1)
    owed = np.where(paid > 0, (-flows * powers).sum(axis=1), 1.0)
    rate: NDArray[np.float64] = np.clip(
        (paid - flows[:, 0]) / np.maximum(owed, 1e-9) * paid / np.maximum(flows[:, 0], 1.0), -0.5, 1.0
    )
    high = _raised(flows, powers, high)
    done = ~solvable
    for _ in range(_NEWTON_STEPS):
        discount = 1.0 / (1.0 + rate)
        weighted = flows * np.power(discount[:, None], powers)
        value = weighted.sum(axis=1)
        slope = -(weighted * powers).sum(axis=1) * discount
        low, high = np.where(value < 0, rate, low), np.where(value > 0, rate, high)
        step = np.divide(value, slope, out=np.zeros_like(value), where=slope != 0)
        moved = rate - step
        moved = np.where((moved > low) & (moved < high) | (np.abs(step) <= _CONVERGED), moved, (low + high) / 2)
        done |= np.isclose(moved, rate, rtol=_CONVERGED, atol=_CONVERGED)
        rate = np.where(solvable, moved, np.nan)
        if done.all():
            break
    return rate


def _raised(flows: NDArray[np.float64], powers: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """A rate so high for each row that what is received outweighs what is paid; short credit can cost thousands."""
    for _ in range(_NEWTON_STEPS):
        short = (flows * np.power(1.0 + high[:, None], -powers)).sum(axis=1) < 0
        if not short.any():
            break
        high = np.where(short, high * 10, high)
    return high
