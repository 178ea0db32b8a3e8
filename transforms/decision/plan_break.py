"""Upper bound of the probability that a plan breaks within a year, from income, its variation, payments and savings.

A plan breaks when a fall of the income uses up what the month leaves and the savings. The income of the year to come
is taken to be unimodal about the estimate with the coefficient of variation seen; a month leaves the free cash flow
less the payment, and savings are spread over the first twelve months. With margin m and standard deviation s,

    P(break) <= 4 / 9 * s² / (s² + m²)            where m² >= 5/3 s²
    P(break) <= 4 / 3 * s² / (s² + m²) - 1 / 3    where it is less

Source: the one-sided Vysochanskij-Petunin inequality (Mercadier and Strobel, European Journal of Operational Research
295 (2021) 374-377), which sharpens Cantelli's for unimodal distributions. It bounds from above and so says "at most".
A higher payment never lowers it, more savings or a steadier income never raise it.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING

import polars as pl

from transforms.risk.affordability import not_below_zero

if TYPE_CHECKING:
    from transforms.policy.policy import Policy

#: Months the bound looks ahead.
HORIZON_M = 12
_PPM = 1_000_000


def margin_in_deviations_ppm(most_bp: int) -> int:
    """How many standard deviations (in millionths, rounded up) a month must leave for a bound of `most_bp`.

    The inequality of the module solved for m / s; ValueError unless the bound lies between 0 and 10000.
    """
    if not 0 < most_bp < 10_000:
        raise ValueError(f"a bound of {most_bp} bp is none: it lies between 0 and 10000")
    q = Fraction(most_bp, 10_000)
    square = Fraction(4, 9) / q - 1 if q <= Fraction(1, 6) else Fraction(4, 3) / (q + Fraction(1, 3)) - 1
    scaled = square * _PPM * _PPM
    # One more than the root rounded down: what rounding of money to the cent takes away stays below the bound.
    return isqrt(int(scaled)) + 1


def stability(income_estimate: pl.DataFrame, customer_profile: pl.DataFrame) -> pl.DataFrame:
    """(customer_token, income_cv, balance_min_cents_3m): how steady incomes are, and what is saved."""
    saved = customer_profile.select("customer_token", "balance_min_cents_3m")
    return income_estimate.select("customer_token", "income_cv").join(saved, on="customer_token", how="left")


def with_steadiness(persons: pl.DataFrame, stability: pl.DataFrame | None, policy: Policy) -> pl.DataFrame:
    """`persons` with `deviation_cents` of the monthly income, `savings_cents`, `steady_cents`.

    `persons` has customer_token, income_cents and free_cash_flow_cents; `stability` has customer_token, income_cv (a
    fraction, NULL where unknown) and balance_min_cents_3m (NULL: no savings are known). `steady_cents` is what a month
    leaves for a payment before savings so that the policy's bound holds.
    """
    s = policy.sustainability
    if stability is None:
        joined = persons.with_columns(_cv=pl.lit(None, dtype=pl.Float64), _saved=pl.lit(None, dtype=pl.Int64))
    else:
        known = stability.select("customer_token", _cv="income_cv", _saved="balance_min_cents_3m")
        joined = persons.join(known, on="customer_token", how="left", maintain_order="left")
    # Whole basis points rounded up, so that no float is compared.
    seen = (pl.col("_cv") * 10_000).ceil().clip(s.income_cv_floor_bp, s.income_cv_cap_bp).cast(pl.Int64)
    factor = margin_in_deviations_ppm(s.plan_break_max_bp)
    return (
        joined.with_columns(
            deviation_cents=(pl.col("income_cents").fill_null(0) * seen.fill_null(s.income_cv_unknown_bp) + 9_999)
            // 10_000,
            savings_cents=not_below_zero(pl.col("_saved")),
        )
        .with_columns(
            steady_cents=not_below_zero(pl.col("free_cash_flow_cents"))
            - (pl.col("deviation_cents") * factor + _PPM - 1) // _PPM
        )
        .drop("_cv", "_saved")
    )


def sustainable_payment(steady: pl.Expr, savings: pl.Expr, term_m: pl.Expr) -> pl.Expr:
    """Highest payment (cents) at which the policy's bound holds over the first year of `term_m` months."""
    return steady + savings // _months(term_m)


def plan_break_bp(
    payment: pl.Expr, term_m: pl.Expr, free_cash_flow: pl.Expr, savings: pl.Expr, deviation: pl.Expr
) -> pl.Expr:
    """The bound in whole basis points, rounded up; amounts in cents a month, savings in cents."""
    margin = (not_below_zero(free_cash_flow) + savings // _months(term_m) - payment).cast(pl.Float64)
    square, variance = margin * margin, deviation.cast(pl.Float64) * deviation.cast(pl.Float64)
    share = variance * 10_000.0 / (square + variance)
    far, near = share * 4.0 / 9.0, share * 4.0 / 3.0 - 10_000.0 / 3.0
    bound = pl.when(square * 3.0 >= variance * 5.0).then(far).otherwise(near)
    # 1e-6 bp is beyond what these floats can be off, and keeps an exact figure from being rounded up.
    return pl.when(margin <= 0).then(10_000.0).otherwise((bound - 1e-6).ceil().clip(0.0, 10_000.0)).cast(pl.Int64)


def _months(term_m: pl.Expr) -> pl.Expr:
    """Months of the term within the horizon; at least one, so that no term of nil divides."""
    return term_m.cast(pl.Int64).clip(1, HORIZON_M)
