"""Caps on the all-in annual cost: which figure they look at, and the highest nominal rate that stays under one.

A cap looks at the unrounded figure, so that a rounded one can never show above it. Whether a risk price above a cap
is declined is the caller's decision; nothing here lowers a price.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import numpy as np

from transforms.loans.grid import price_many
from transforms.loans.plan import MILLION, RepayMethod
from transforms.loans.rounding import round_ratio
from transforms.pricing.annual_cost import schedule_cost
from transforms.pricing.annual_cost_many import monthly_irr_many

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from transforms.loans.rounding import Rounding
    from transforms.loans.schedule import Schedule

CapMethod = Literal["simple_irr", "compound_irr"]
REFERENCE_CENTS = 1_000_000
"""Principal the rate card is priced on: 10,000 yuan."""


def all_in_cost(schedule: Schedule, method: CapMethod, periods_per_year: int = 12) -> float:
    """The figure a cap is measured on: `simple_irr` (period rate times periods) or `compound_irr`. All fees count."""
    cost = schedule_cost(schedule, periods_per_year)
    if method not in {"simple_irr", "compound_irr"}:
        raise ValueError(f"cap method {method!r} is neither simple_irr nor compound_irr")
    return cost.apr_simple if method == "simple_irr" else cost.apr_irr


def cap_as_monthly_rate(cap_rate: float, method: CapMethod) -> float:
    """The monthly rate at which a cap is met exactly: 24 % is 2.000 % simple, 1.809 % compound."""
    return cap_rate / 12 if method == "simple_irr" else float(np.expm1(np.log1p(cap_rate) / 12))


def plan_flows(
    payments: NDArray[np.int64], term_m: NDArray[np.int64], upfront_fee_cents: ArrayLike, periodic_fee_cents: ArrayLike
) -> NDArray[np.int64]:
    """The customer's flows on the reference principal: a row a plan, the first day and a column a month."""
    months = np.arange(1, payments.shape[1] + 1)
    fees = np.where(months <= term_m[:, None], np.asarray(periodic_fee_cents).reshape(-1, 1), 0)
    received = REFERENCE_CENTS - np.broadcast_to(np.asarray(upfront_fee_cents), (len(payments),))
    return np.concatenate([received[:, None], -(payments + fees)], axis=1)


def monthly_cost(
    rate_ppm: NDArray[np.int64],
    term_m: NDArray[np.int64],
    method: RepayMethod,
    upfront_fee_cents: NDArray[np.int64],
    periodic_fee_cents: NDArray[np.int64],
    payment_rounding: Rounding = "half_up",
    *,
    balloon_bp: ArrayLike = 0,
    step_bp: ArrayLike = 0,
) -> NDArray[np.float64]:
    """Monthly internal rate of return of many plans on the reference principal."""
    prices = price_many(
        REFERENCE_CENTS,
        rate_ppm,
        term_m,
        method,
        balloon_bp=balloon_bp,
        step_bp=step_bp,
        payment_rounding=payment_rounding,
        keep_payments=True,
    )
    assert prices.payments is not None  # noqa: S101 - kept on request
    return monthly_irr_many(plan_flows(prices.payments, term_m, upfront_fee_cents, periodic_fee_cents))


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
    step_ppm: int = 100,
) -> NDArray[np.int64]:
    """Highest nominal rate in millionths, a multiple of `step_ppm`, whose cost is not above the cap; -1 for none.

    `cap_monthly` is the cap as a monthly rate (:func:`cap_as_monthly_rate`); measured on the reference principal with
    its exact rounded schedule, so a cap of 24 % may allow only 23.99 %.
    """
    low, high = np.full(len(term_m), -1), np.full(len(term_m), MILLION // step_ppm + 1)
    while (high - low > 1).any():
        middle = (low + high) // 2
        tried = np.clip(middle, 0, MILLION // step_ppm) * step_ppm
        if method == RepayMethod.INTEREST_FREE:
            tried = np.zeros_like(tried)
        cost = monthly_cost(
            tried,
            term_m,
            method,
            upfront_fee_cents,
            periodic_fee_cents,
            payment_rounding,
            balloon_bp=balloon_bp,
            step_bp=step_bp,
        )
        fits = cost <= cap_monthly + 1e-13
        open_ = high - low > 1
        low, high = np.where(open_ & fits, middle, low), np.where(open_ & ~fits, middle, high)
    return np.where(low < 0, -1, low * step_ppm)


def max_nominal_rate_under_cap(
    cap_rate: float,
    cap_method: CapMethod,
    term_m: int,
    repay_method: RepayMethod = RepayMethod.ANNUITY,
    *,
    upfront_fee_ppm: int = 0,
    periodic_fee_ppm: int = 0,
    payment_rounding: Rounding = "half_up",
    step_ppm: int = 100,
) -> Decimal | None:
    """Highest nominal rate a year, in steps of one basis point, under a cap; None where the fees alone break it."""
    upfront, periodic = (round_ratio(REFERENCE_CENTS * ppm, MILLION) for ppm in (upfront_fee_ppm, periodic_fee_ppm))
    found = max_nominal_rates(
        np.array([cap_as_monthly_rate(cap_rate, cap_method)]),
        np.array([term_m], dtype=np.int64),
        repay_method,
        np.array([upfront], dtype=np.int64),
        np.array([periodic], dtype=np.int64),
        payment_rounding=payment_rounding,
        step_ppm=step_ppm,
    )
    ppm = int(found[0])
    return None if ppm < 0 else Decimal(ppm) / MILLION


def cost_figures(monthly: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(simple, compound) annual figures of monthly rates."""
    return monthly * 12, np.expm1(12 * np.log1p(monthly))
