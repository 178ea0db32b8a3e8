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


def monthly_irr_many(cash_flows: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
    """Period rates of many plans: a row a plan, a column a period from the first day, zeros after its end."""
    flows = np.asarray(cash_flows, dtype=np.float64)
    return _balancing(flows, np.arange(flows.shape[1], dtype=np.float64)[None, :], np.zeros(1))


def actuarial_apr_many(
    advances: ArrayLike,
    payments: NDArray[np.float64] | NDArray[np.int64],
    whole: ArrayLike,
    odd: ArrayLike,
    unit_periods_per_year: ArrayLike,
) -> NDArray[np.float64]:
    """Regulation Z rates of many plans: an advance, then even payments that start after an odd first period.

    A row of `payments` a plan, zeros after its end; the first is due `whole` unit-periods and a fraction `odd` of one
    after the advance, the others a unit-period apart (12 CFR 1026 Appendix J (b)(8)).
    """
    paid = np.asarray(payments, dtype=np.float64)
    first = np.broadcast_to(np.asarray(whole, dtype=np.float64), (len(paid),))
    powers = np.concatenate([np.zeros((len(paid), 1)), first[:, None] + np.arange(paid.shape[1])[None, :]], axis=1)
    lent = np.broadcast_to(np.asarray(advances, dtype=np.float64), (len(paid),))
    flows = np.concatenate([lent[:, None], -paid], axis=1)
    fraction = np.broadcast_to(np.asarray(odd, dtype=np.float64), (len(paid),))
    return _balancing(flows, powers, fraction) * np.asarray(unit_periods_per_year, dtype=np.float64)


def aprc_many(amounts: NDArray[np.float64] | NDArray[np.int64], years: NDArray[np.float64]) -> NDArray[np.float64]:
    """European effective rates of many plans: a row a plan, the drawdown (positive), then what is paid (negative).

    `years` are the intervals of Annex I remark (c) from the drawdown, see :func:`annual_cost.aprc_years`.
    """
    return _balancing(np.asarray(amounts, dtype=np.float64), np.asarray(years, dtype=np.float64), np.zeros(1))


def _balancing(
    amounts: NDArray[np.float64], powers: NDArray[np.float64], odd: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The rate i of each row with Σ amount / ((1 + odd·i)(1 + i)^power) = 0, `odd` touching all but the first column.

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
    high = _raised(flows, powers, odd, high)
    done = ~solvable
    for _ in range(_NEWTON_STEPS):
        discount = 1.0 / (1.0 + rate)
        later = 1.0 / (1.0 + odd * rate)
        weighted = flows * np.power(discount[:, None], powers)
        weighted[:, 1:] *= later[:, None]
        value = weighted.sum(axis=1)
        slope = -(weighted * powers).sum(axis=1) * discount - weighted[:, 1:].sum(axis=1) * odd * later
        low, high = np.where(value < 0, rate, low), np.where(value > 0, rate, high)
        step = np.divide(value, slope, out=np.zeros_like(value), where=slope != 0)
        moved = rate - step
        moved = np.where((moved > low) & (moved < high) | (np.abs(step) <= _CONVERGED), moved, (low + high) / 2)
        done |= np.abs(moved - rate) <= _CONVERGED * (1.0 + np.abs(rate))
        rate = np.where(solvable, moved, np.nan)
        if done.all():
            break
    return rate


def _raised(
    flows: NDArray[np.float64], powers: NDArray[np.float64], odd: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A rate so high for each row that what is received outweighs what is paid; short credit can cost thousands."""
    for _ in range(_NEWTON_STEPS):
        weighted = flows * np.power(1.0 + high[:, None], -powers)
        weighted[:, 1:] /= (1.0 + odd * high)[:, None]
        short = weighted.sum(axis=1) < 0
        if not short.any():
            break
        high = np.where(short, high * 10, high)
    return high
