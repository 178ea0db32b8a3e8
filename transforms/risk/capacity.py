"""Risk capacity: stressed debt service, buffer and default probability as a band, and one figure of them all."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Stress:
    """The stress of the debt service ratio and the bands it is read against, in basis points.

    Income falls by `income_drop_bp`; every payment rises by `service_rise_bp`, and on all debt outstanding the rate
    rises by `rate_rise_bp` a year. `strong` needs a buffer of months besides.
    """

    income_drop_bp: int
    service_rise_bp: int
    strong_dsr_bp: int
    adequate_dsr_bp: int
    tight_dsr_bp: int
    strong_buffer_months: float
    rate_rise_bp: int = 0

    def service(self) -> pl.Expr:
        """Stressed debt service a month, in cents, rounded up."""
        raised = pl.col("debt_service_cents") * (10_000 + self.service_rise_bp)
        dearer = pl.col("debt_balance_cents").fill_null(0) * self.rate_rise_bp // 12
        return (raised + dearer + 9_999) // 10_000

    def income(self) -> pl.Expr:
        """Stressed monthly income in cents, rounded down."""
        return pl.col("income_cents") * (10_000 - self.income_drop_bp) // 10_000

    def dsr(self) -> pl.Expr:
        """Stressed service over stressed income; null when income is unknown or nil."""
        income = self.income()
        return pl.when(income > 0).then(self.service() / income).otherwise(None)

    def within(self, limit_bp: int) -> pl.Expr:
        """Whether the stressed ratio is at most `limit_bp`, compared in whole cents."""
        return self.service() * 10_000 <= self.income() * limit_bp

    def band(self) -> pl.Expr:
        """Risk capacity: strong, adequate, tight, or none where income is unknown or the stress breaks it."""
        buffered = pl.col("liquid_buffer_m").fill_null(0) >= self.strong_buffer_months
        return (
            pl.when(pl.col("income_cents").is_null() | (pl.col("income_cents") <= 0))
            .then(pl.lit("none"))
            .when(self.within(self.strong_dsr_bp) & buffered)
            .then(pl.lit("strong"))
            .when(self.within(self.adequate_dsr_bp))
            .then(pl.lit("adequate"))
            .when(self.within(self.tight_dsr_bp))
            .then(pl.lit("tight"))
            .otherwise(pl.lit("none"))
        )


@dataclass(frozen=True)
class Quant:
    """How the quantitative figure is put together: weights in basis points (sum 10000), and where a part is worst.

    Expected loss counts from nil (best) to `worst_loss_bp` of the exposure, the stressed debt service ratio from nil
    to `worst_dsr_bp`; an unknown ratio is the worst.
    """

    score_weight_bp: int = 6_000
    loss_weight_bp: int = 2_500
    dsr_weight_bp: int = 1_500
    worst_loss_bp: int = 2_400
    worst_dsr_bp: int = 10_000

    def figure(self, lowest: int, highest: int) -> pl.Expr:
        """0 (worst) to 100: score within its scale, expected loss, stressed ratio; whole basis points, rounded down."""
        place_bp = (pl.col("score").cast(pl.Int64) - lowest) * 10_000 // (highest - lowest)
        loss_bp = (pl.col("pd_12m") * pl.col("lgd") * 10_000).ceil().cast(pl.Int64)
        ratio_bp = (pl.col("stressed_dsr") * 10_000).ceil().cast(pl.Int64).fill_null(self.worst_dsr_bp)
        parts = (
            place_bp * self.score_weight_bp
            + _headroom(loss_bp, self.worst_loss_bp) * self.loss_weight_bp
            + _headroom(ratio_bp, self.worst_dsr_bp) * self.dsr_weight_bp
        )
        return (parts // 1_000_000).cast(pl.Int32)


def _headroom(value_bp: pl.Expr, worst_bp: int) -> pl.Expr:
    """10000 at nil, 0 at the worst and beyond."""
    return (worst_bp - value_bp).clip(lower_bound=0, upper_bound=worst_bp) * 10_000 // worst_bp
