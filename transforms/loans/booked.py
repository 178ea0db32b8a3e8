"""The installments of many booked plans at once, to the cent, from the terms the lender's books give.

The regular payment is the books' own (`installment_cents`), the last installment takes the residual; interest of a
month is the balance times a twelfth of the rate, rounded half up. The anchor day of the due date is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from transforms.loans.grid import divide_rounded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from polars.datatypes import DataType, DataTypeClass

#: One installment of a plan's schedule.
INSTALLMENT: Mapping[str, DataType | DataTypeClass] = {
    "plan_id": pl.String,
    "installment_no": pl.Int32,
    "due_on": pl.Date,
    "principal_cents": pl.Int64,
    "interest_cents": pl.Int64,
    "fee_cents": pl.Int64,
}
_TWELVE_MILLION = 12_000_000


def booked_installments(plans: pl.DataFrame) -> pl.DataFrame:
    """The schedule each plan was booked with: one row per plan and installment, columns of `INSTALLMENT`.

    `plans` has one row per plan with the columns of `credit.installment_plan`. An up-front fee is paid with the
    drawdown and is no installment; periodic fees are interest by another name and not known to the feed (0).
    """
    if plans.is_empty():
        return pl.DataFrame(schema=INSTALLMENT)
    plans = plans.sort("term_m", "plan_id")
    term = plans["term_m"].cast(pl.Int64).to_numpy()
    plan, number = np.repeat(np.arange(term.size), term), _ordinals(term)
    principal, interest = _parts(plans, term)
    cells = (plan, number - 1)
    frame = pl.DataFrame(
        {
            "_plan": plan,
            "installment_no": number.astype(np.int32),
            "principal_cents": principal[cells],
            "interest_cents": interest[cells],
        }
    )
    dues = plans.select("plan_id", "first_due_on", _anchor_day().alias("_anchor")).with_row_index("_plan")
    first, months = pl.col("first_due_on"), (pl.col("installment_no") - 1).cast(pl.String) + "mo"
    month = first.dt.month_start().dt.offset_by(months)
    day = pl.min_horizontal(pl.col("_anchor"), month.dt.month_end().dt.day().cast(pl.Int32))
    return (
        frame.join(dues.with_columns(pl.col("_plan").cast(pl.Int64)), on="_plan", how="left", maintain_order="left")
        .with_columns(
            due_on=pl.when(pl.col("installment_no") == 1)
            .then(first)
            .otherwise(month + pl.duration(days=day.cast(pl.Int64) - 1)),
            fee_cents=pl.lit(0, pl.Int64),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in INSTALLMENT.items())
    )


def _anchor_day() -> pl.Expr:
    """Day of the month a plan falls due: that of the first due date, or the start's where a short month cut it."""
    first, start = pl.col("first_due_on"), pl.col("started_on")
    cut = (first.dt.month_end() == first) & (start.dt.day() > first.dt.day())
    return pl.when(cut).then(start.dt.day()).otherwise(first.dt.day()).cast(pl.Int32)


def _ordinals(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """1 … n for each n, one after the other."""
    ends = np.cumsum(counts)
    return np.asarray(np.arange(int(ends[-1])) - np.repeat(ends - counts, counts) + 1)


def _parts(plans: pl.DataFrame, term: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Principal and interest of every plan (row) and installment (column), cents."""
    rate = (plans["annual_rate"].cast(pl.Float64) * 1_000_000).round().cast(pl.Int64).to_numpy()
    payment, method = plans["installment_cents"].to_numpy(), plans["repay_method"].to_numpy()
    balance: NDArray[np.int64] = plans["principal_cents"].to_numpy().copy()
    flat = payment - np.where(method == "EQ_PRIN", _month(balance, rate), 0)
    bullet, by_principal = method == "INT_FIRST", np.isin(method, ("EQ_PRIN", "INTEREST_FREE"))
    principals = np.zeros((term.size, int(term.max())), np.int64)
    interests = np.zeros_like(principals)
    for number in range(1, int(term.max()) + 1):
        interest = np.where(method == "INTEREST_FREE", 0, _month(balance, rate))
        repaid = np.select([bullet, by_principal], [0, flat], np.maximum(payment - interest, 0))
        repaid = np.where(term == number, balance, np.minimum(repaid, balance))
        principals[:, number - 1], interests[:, number - 1] = repaid, interest
        balance = balance - repaid
    return principals, interests


def _month(balance: NDArray[np.int64], rate_ppm: NDArray[np.int64]) -> NDArray[np.int64]:
    return divide_rounded(balance * rate_ppm, _TWELVE_MILLION, "half_up")
