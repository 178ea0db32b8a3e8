"""Payments and costs of the offers on their personal amounts, by the exact schedules of `transforms.pricing`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import polars as pl

from transforms.loans.grid import price_many
from transforms.loans.plan import RepayMethod
from transforms.policy.product import REPAY_METHODS
from transforms.pricing.cost_cap import cost_figures, dearest_monthly_cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from transforms.loans.grid import GridPrices
    from transforms.loans.rounding import Rounding
    from transforms.policy.policy import Policy
    from transforms.pricing.first_period import FirstDue

#: How near to its cap a cell may stand before the cost of a personal amount is worked out: rounding to the cent moves
#: the annual cost of the smallest plan sold (500 yuan, three months) by less than a tenth of this.
NEAR_CAP = 0.003

_PRICES = {"payment_cents": pl.Int64, "last_payment_cents": pl.Int64, "total_interest_cents": pl.Int64}


def priced(offers: pl.DataFrame, policy: Policy, first_periods: Sequence[Sequence[FirstDue]]) -> pl.DataFrame:
    """`offers` with payments, interest, fees, cost and subsidies on `amount_cents`; those above their cap are dropped.

    Needs the columns of :func:`transforms.offers.candidates.candidates`; `first_no` is the place in
    `first_periods` of those on which the offer's cap is held. Payments are those of `build_schedule` to the cent.
    """
    rounding = policy.pricing.payment_rounding
    groups = [
        _group(rows, RepayMethod(REPAY_METHODS[cast("int", method)]), rounding, policy.cap.method, first_periods)
        for (method, _), rows in offers.group_by("method_no", "term_m")
    ]
    whole = (
        pl.concat(groups) if groups else offers.with_columns(pl.lit(0, dtype=t).alias(c) for c, t in _PRICES.items())
    )
    each = fee_cents("periodic_fee_bp")
    state_pays = pl.col("total_interest_cents") * pl.col("fiscal_ppm") // pl.max_horizontal("rate_ppm", pl.lit(1))
    return whole.with_columns(
        payment_cents=pl.col("payment_cents") + each,
        last_payment_cents=pl.col("last_payment_cents") + each,
        total_fee_cents=fee_cents("upfront_fee_bp") + each * pl.col("term_m").cast(pl.Int64),
        merchant_subsidy_cents=pl.col("amount_cents") * pl.col("subsidy_bp") // 10_000,
        # Interest is the rate on each month's balance, so the state's part of it is in proportion of the rates.
        fiscal_subsidy_cents=state_pays,
    ).with_columns(total_cost_cents=pl.col("total_interest_cents") + pl.col("total_fee_cents"))


def fee_cents(rate_bp: str) -> pl.Expr:
    """A fee on the amount, rounded half up to the cent as :meth:`transforms.loans.plan.Fee.cents`."""
    return (pl.col("amount_cents") * pl.col(rate_bp) + 5_000) // 10_000


def _group(
    rows: pl.DataFrame,
    method: RepayMethod,
    rounding: Rounding,
    cap_method: str,
    first_periods: Sequence[Sequence[FirstDue]],
) -> pl.DataFrame:
    """Offers of one method and term, priced, without those whose own amount costs more than the cap."""
    prices = _schedules(rows, method, rounding)
    columns = (prices.payment_cents, prices.last_payment_cents, prices.interest_cents)
    whole = rows.with_columns(pl.Series(c, v, dtype=t) for (c, t), v in zip(_PRICES.items(), columns, strict=True))
    doubtful = rows["near_cap"].to_numpy()
    if not doubtful.any():
        return whole
    fits = np.ones(len(rows), dtype=bool)
    number = rows["first_no"].to_numpy()
    for no in np.unique(number[doubtful]):
        these = doubtful & (number == no)
        fits[these] = _within_cap(whole.filter(pl.Series(these)), method, rounding, cap_method, first_periods[no])
    return whole.filter(pl.Series(fits))


def _schedules(rows: pl.DataFrame, method: RepayMethod, rounding: Rounding, *, keep: bool = False) -> GridPrices:
    """The exact schedules of the rows on their own amounts."""
    return price_many(
        rows["amount_cents"].to_numpy(),
        rows["rate_ppm"].to_numpy(),
        rows["term_m"].cast(pl.Int64).to_numpy(),
        method,
        balloon_bp=rows["balloon_bp"].cast(pl.Int64).to_numpy(),
        step_bp=rows["step_bp"].cast(pl.Int64).to_numpy(),
        payment_rounding=rounding,
        keep_payments=keep,
    )


def _within_cap(
    rows: pl.DataFrame, method: RepayMethod, rounding: Rounding, cap_method: str, first_periods: Sequence[FirstDue]
) -> NDArray[np.bool_]:
    """Whether the annual cost on the row's own amount, fees included, is not above its cap on any first due date."""
    kept = _schedules(rows, method, rounding, keep=True).payments
    assert kept is not None  # noqa: S101 - kept on request
    fees = rows.select(upfront=fee_cents("upfront_fee_bp"), each=fee_cents("periodic_fee_bp"))
    dearest, _ = dearest_monthly_cost(
        kept,
        rows["term_m"].cast(pl.Int64).to_numpy(),
        rows["rate_ppm"].to_numpy(),
        method,
        (fees["upfront"].to_numpy(), fees["each"].to_numpy()),
        first_periods,
        rows["amount_cents"].to_numpy(),
    )
    simple, compound = cost_figures(dearest)
    cost = simple if cap_method == "simple_irr" else compound
    # 1e-10 is the solver's tolerance, far below what any figure shows.
    return np.asarray(cost <= rows["cap"].to_numpy() + 1e-10)
