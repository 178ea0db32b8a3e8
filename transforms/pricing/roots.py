"""The rate at which dated amounts balance: every sign change is bracketed, then polished by guarded Newton steps.

Why not a library's: docs/decisions/0015.

Tolerance: the rate is found to about 1e-14 of one plus the rate; callers round for display.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_TOLERANCE = 1e-15
_MAX_STEPS = 200
_GRID = np.concatenate(
    [np.linspace(-30.0, -3.0, 600), np.linspace(-3.0, 3.0, 6001)[1:], np.linspace(3.0, 30.0, 600)[1:]]
)
#: Where there is but one rate: ever wider steps from none, so that Newton's begin near it.
_STEPS = np.array([0.0, *(30.0 / 2**k for k in range(12, -1, -1))])
_COARSE = np.concatenate([-_STEPS[:0:-1], _STEPS])


class NoRateError(ValueError):
    """No rate above -100 % balances the amounts."""


def solve_bracketed(value_and_slope: Callable[[float], tuple[float, float]], low: float, high: float) -> float:
    """The zero between `low` and `high`, whose values have opposite signs: Newton, bisection where it leaves."""
    low_value = value_and_slope(low)[0]
    if low_value == 0:
        return low
    if value_and_slope(high)[0] == 0:
        return high
    x = (low + high) / 2
    for _ in range(_MAX_STEPS):
        value, slope = value_and_slope(x)
        if value == 0:
            return x
        if (value > 0) == (low_value > 0):
            low = x
        else:
            high = x
        step = x - value / slope if slope else math.nan
        if abs(step - x) <= _TOLERANCE * max(1.0, abs(x)) or high - low <= _TOLERANCE * max(1.0, abs(x)):
            return x
        x = step if low < step < high else (low + high) / 2
    return x


def _exponents(years: NDArray[np.float64], odd: NDArray[np.float64], force: float) -> NDArray[np.float64]:
    """Logarithms of the discount factors at a continuous rate; `odd` parts of a period bear simple interest."""
    return np.asarray(-force * years - np.log1p(odd * math.expm1(force)))


def _scaled_value(
    amounts: NDArray[np.float64], years: NDArray[np.float64], odd: NDArray[np.float64], force: float
) -> tuple[float, float]:
    """Present value and its slope at a continuous rate, both scaled by one positive number against overflow."""
    exponents = _exponents(years, odd, force)
    weights = amounts * np.exp(exponents - exponents.max())
    growth = math.exp(force)
    return float(weights.sum()), float(-(weights * (years + odd * growth / (1 + odd * (growth - 1)))).sum())


def balancing_rates(amounts: Sequence[float], years: Sequence[float], odd: Sequence[float] = ()) -> list[float]:
    """Every effective rate a period above -100 % at which the present values sum to zero, ascending.

    `years` are the distances of the amounts from a common day in periods of the rate; `odd` parts of a period besides
    them bear simple interest. Two zeros closer than 0.1 % of one plus the rate may be taken for none.
    """
    flows, times = np.asarray(amounts, dtype=np.float64), np.asarray(years, dtype=np.float64)
    parts = np.asarray(odd, dtype=np.float64) if len(odd) else np.zeros_like(times)
    if flows.shape != times.shape or flows.shape != parts.shape or flows.ndim != 1:
        raise ValueError("as many times as amounts are needed")
    if not (np.any(flows > 0) and np.any(flows < 0)):
        return []
    # Descartes' rule of signs: amounts that change sign once in order of time have one rate, which needs no search.
    grid = _COARSE if _changes_sign_once(flows, times) and not parts.any() else _GRID
    exponents = -np.outer(grid, times) - np.log1p(np.outer(np.expm1(grid), parts))
    values = (np.exp(exponents - exponents.max(axis=1, keepdims=True)) * flows).sum(axis=1)
    signs = np.sign(values)
    found = [float(force) for force in grid[signs == 0]]
    found.extend(
        solve_bracketed(lambda x: _scaled_value(flows, times, parts, x), float(grid[at]), float(grid[at + 1]))
        for at in np.flatnonzero(signs[:-1] * signs[1:] < 0)
    )
    return sorted(math.expm1(force) for force in found)


def _changes_sign_once(amounts: NDArray[np.float64], years: NDArray[np.float64]) -> bool:
    signs = np.sign(amounts[np.argsort(years, kind="stable")])
    signs = signs[signs != 0]
    return int(np.count_nonzero(signs[1:] != signs[:-1])) == 1


def balancing_rate(amounts: Sequence[float], years: Sequence[float], odd: Sequence[float] = ()) -> float:
    """The one rate people mean: the smallest that is not negative, else the negative one nearest to zero.

    Raises NoRateError where there is none.
    """
    rates = balancing_rates(amounts, years, odd)
    if not rates:
        raise NoRateError("no rate above -100 % balances these amounts; they need both inflows and outflows")
    not_negative = [r for r in rates if r >= -1e-15]
    return min(not_negative) if not_negative else max(rates)
