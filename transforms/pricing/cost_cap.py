"""Caps on the all-in annual cost: which figure they look at, and the highest nominal rate that stays under one.

A cap looks at the unrounded figure, so that a rounded one can never show above it, and at the dearest first period
that a product allows. Whether a risk price above a cap is declined is the caller's decision; nothing here lowers a
price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from transforms.loans.grid import price_many
from transforms.loans.levels import divide_rounded
from transforms.loans.plan import MILLION, RepayMethod
from transforms.pricing.annual_cost_many import monthly_irr_many
from transforms.pricing.first_period import REGULAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from transforms.loans.rounding import Rounding
    from transforms.pricing.first_period import FirstDue

CapMethod = Literal["simple_irr", "compound_irr"]
REFERENCE_CENTS = 1_000_000
"""Principal the rate card is priced on: 10,000 yuan."""
#: How far above a cap the solver's tolerance may show a rate that meets it.
_TOLERANCE = 1e-13


def cap_as_monthly_rate(cap_rate: float, method: CapMethod) -> float:
    """The monthly rate at which a cap is met exactly: 24 % is 2.000 % simple, 1.809 % compound."""
    return cap_rate / 12 if method == "simple_irr" else float(np.expm1(np.log1p(cap_rate) / 12))


def plan_flows(
    payments: NDArray[np.int64],
    term_m: NDArray[np.int64],
    upfront_fee_cents: ArrayLike,
    periodic_fee_cents: ArrayLike,
    principal_cents: ArrayLike = REFERENCE_CENTS,
) -> NDArray[np.int64]:
    """The customer's flows on the principal: a row a plan, the first day and a column a month."""
    months = np.arange(1, payments.shape[1] + 1)
    fees = np.where(months <= term_m[:, None], np.asarray(periodic_fee_cents).reshape(-1, 1), 0)
    received = np.broadcast_to(np.asarray(principal_cents) - np.asarray(upfront_fee_cents), (len(payments),))
    return np.concatenate([received[:, None], -(payments + fees)], axis=1)


def with_first_period(
    payments: NDArray[np.int64],
    principal_cents: ArrayLike,
    rate_ppm: NDArray[np.int64],
    method: RepayMethod,
    first: FirstDue,
) -> NDArray[np.int64]:
    """Installments of regular months whose first one bears what another first period charges more or less.

    As one schedule does it; where so little is left that it would be negative it is nothing.
    """
    if first.charged_years == REGULAR.charged_years or method == RepayMethod.FLAT:
        return payments
    lent, years = np.asarray(principal_cents) * rate_ppm, first.charged_years
    charged = divide_rounded(lent * years.numerator, years.denominator * MILLION, "half_up")
    usual = divide_rounded(lent, 12 * MILLION, "half_up")
    moved = payments.copy()
    moved[:, 0] = np.maximum(payments[:, 0] + charged - usual, 0)
    return moved


def dearest_monthly_cost(
    payments: NDArray[np.int64],
    term_m: NDArray[np.int64],
    rate_ppm: NDArray[np.int64],
    method: RepayMethod,
    fees: tuple[ArrayLike, ArrayLike],
    first_periods: Sequence[FirstDue],
    principal_cents: ArrayLike = REFERENCE_CENTS,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Monthly cost of each plan with the first period that costs most, and which of `first_periods` that is.

    `payments` are those of regular months, a row a plan; `fees` up front and with each installment, cents.
    """
    costs = []
    for first in first_periods:
        moved = with_first_period(payments, principal_cents, rate_ppm, method, first)
        costs.append(monthly_irr_many(plan_flows(moved, term_m, *fees, principal_cents), float(first.months)))
    stacked = np.stack(costs)
    return stacked.max(axis=0), stacked.argmax(axis=0)


class _Cells:
    """Plans on the reference principal whose rate is looked for."""

    def __init__(
        self,
        term_m: NDArray[np.int64],
        method: RepayMethod,
        fees: tuple[NDArray[np.int64], NDArray[np.int64]],
        shares: tuple[ArrayLike, ArrayLike],
        payment_rounding: Rounding,
    ) -> None:
        """`fees` up front and with each installment, cents; `shares` of balloon and step, basis points."""
        self.term_m, self.method, self.fees, self.shares = term_m, method, fees, shares
        self.payment_rounding = payment_rounding

    def cost(
        self, rate_ppm: NDArray[np.int64], first_periods: Sequence[FirstDue]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Monthly cost of each plan at a nominal rate with the dearest first period, and which one that is."""
        balloon_bp, step_bp = self.shares
        prices = price_many(
            REFERENCE_CENTS,
            rate_ppm,
            self.term_m,
            self.method,
            balloon_bp=balloon_bp,
            step_bp=step_bp,
            payment_rounding=self.payment_rounding,
            keep_payments=True,
        )
        assert prices.payments is not None  # noqa: S101 - kept on request
        return dearest_monthly_cost(prices.payments, self.term_m, rate_ppm, self.method, self.fees, first_periods)

    def highest(self, cap_monthly: NDArray[np.float64], first: FirstDue, step_ppm: int) -> NDArray[np.int64]:
        """Highest rate of each plan whose cost with one first period is not above its cap; -1 for none."""
        low, high = np.full(len(self.term_m), -1), np.full(len(self.term_m), MILLION // step_ppm + 1)
        while (high - low > 1).any():
            middle = (low + high) // 2
            tried = np.clip(middle, 0, MILLION // step_ppm) * step_ppm
            if self.method == RepayMethod.INTEREST_FREE:
                tried = np.zeros_like(tried)
            fits = self.cost(tried, [first])[0] <= cap_monthly + _TOLERANCE
            open_ = high - low > 1
            low, high = np.where(open_ & fits, middle, low), np.where(open_ & ~fits, middle, high)
        return np.where(low < 0, -1, low * step_ppm)


def max_nominal_rates(
    cap_monthly: NDArray[np.float64],
    term_m: NDArray[np.int64],
    method: RepayMethod,
    upfront_fee_cents: NDArray[np.int64],
    periodic_fee_cents: NDArray[np.int64],
    *,
    balloon_bp: ArrayLike = 0,
    step_bp: ArrayLike = 0,
    payment_rounding: Rounding = "half_up",
    first_periods: Sequence[FirstDue] = (REGULAR,),
    step_ppm: int = 100,
) -> NDArray[np.int64]:
    """Highest nominal rate in millionths, a multiple of `step_ppm`, whose cost is not above the cap; -1 for none.

    `cap_monthly` is the cap as a monthly rate (:func:`cap_as_monthly_rate`); measured on the reference principal with
    its exact rounded schedule, so a cap of 24 % may allow only 23.99 %. Of several `first_periods` the dearest counts.
    """
    fees = (upfront_fee_cents, periodic_fee_cents)
    cells = _Cells(term_m, method, fees, (balloon_bp, step_bp), payment_rounding)
    highest = cells.highest(cap_monthly, first_periods[-1], step_ppm)
    for _ in first_periods:
        # The dearest period at the rate found so far; its own highest rate can only be lower.
        asked = np.maximum(highest, 0) if method != RepayMethod.INTEREST_FREE else np.zeros_like(highest)
        cost, dearest = cells.cost(asked, first_periods)
        broken = (highest >= 0) & (cost > cap_monthly + _TOLERANCE)
        if not broken.any():
            break
        for number in np.unique(dearest[broken]):
            lower = cells.highest(cap_monthly, first_periods[number], step_ppm)
            highest = np.where(broken, np.minimum(highest, lower), highest)
    return highest


def cost_figures(monthly: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(simple, compound) annual figures of monthly rates."""
    return monthly * 12, np.expm1(12 * np.log1p(monthly))
