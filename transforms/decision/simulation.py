"""What another policy or model would have decided: swap sets, cost and earnings, treatment by group.

All figures are of one night's customers, decided twice; nothing here is published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from transforms.risk.affordability import ceil_ratio_bp

if TYPE_CHECKING:
    from collections.abc import Mapping

DECISIONS = ("eligible", "review", "declined")
#: Groups of fewer customers say nothing reliable about treatment.
LEAST_CELL = 30
#: Completed years from which on each age band is.
_AGES = ((0, "up to 25"), (26, "26 to 40"), (41, "41 to 55"), (56, "56 and over"))


@dataclass(frozen=True)
class Book:
    """The portfolio a policy gives over a night's customers: counts, money in cents, the median ratio in basis points.

    `limit_cents` is the volume if every eligible customer took the whole limit; `loss_cents` a year's expected loss
    on it (limit times expected loss), `revenue_cents` a year's interest on it at each customer's lowest rate, both
    rounded down per customer. `payment_cents` is the sum of affordable payments a month, and `median_dsr_after_bp` the
    median of debt service over income if each is taken up in full.
    """

    decisions: Mapping[str, int]
    limit_cents: int
    loss_cents: int
    revenue_cents: int
    payment_cents: int
    median_dsr_bp: int | None
    median_dsr_after_bp: int | None
    bound_by: Mapping[str, int]
    reasons: Mapping[str, int]


@dataclass(frozen=True)
class Swaps:
    """Customers by what changed: `in` became eligible, `out` no longer is; the rest are eligible both times."""

    matrix: Mapping[tuple[str, str], int]
    swapped_in: int
    swapped_out: int
    limit_up: int
    limit_down: int
    dearer: int
    cheaper: int
    unchanged: int


@dataclass(frozen=True)
class Treatment:
    """How one group fares: customers, eligible, and its rate over that of the best group (None: too few)."""

    attribute: str
    group: str
    customers: int
    eligible: int
    ratio: float | None


def booked(eligibility: pl.DataFrame) -> Book:
    """Sum up an `eligibility.customer_eligibility`."""
    counted = dict(eligibility.group_by("decision").len().iter_rows())
    taken = eligibility.filter(pl.col("decision") == "eligible").with_columns(
        loss=pl.col("limit_cents") * pl.col("expected_loss_bp").cast(pl.Int64) // 10_000,
        # Rates are decimals of six places: whole millionths keep the product exact.
        revenue=pl.col("limit_cents") * (pl.col("min_rate") * 1_000_000).round().cast(pl.Int64) // 1_000_000,
    )
    sums = taken.select(pl.col("limit_cents", "loss", "revenue", "max_payment_cents").sum()).row(0)
    after = pl.col("debt_service_cents").fill_null(0) + pl.col("max_payment_cents")
    ratios = taken.select("dsr_bp", after=ceil_ratio_bp(after, pl.col("income_cents")))
    fired = eligibility.select(pl.col("reasons").explode(empty_as_null=False)).to_series().drop_nulls()
    return Book(
        decisions={d: int(counted.get(d, 0)) for d in DECISIONS},
        limit_cents=int(sums[0]),
        loss_cents=int(sums[1]),
        revenue_cents=int(sums[2]),
        payment_cents=int(sums[3]),
        median_dsr_bp=_median(ratios["dsr_bp"]),
        median_dsr_after_bp=_median(ratios["after"]),
        bound_by=_counts(taken["limit_bound_by"]),
        reasons=_counts(fired),
    )


def swaps(before: pl.DataFrame, after: pl.DataFrame) -> Swaps:
    """Compare two `eligibility.customer_eligibility` of the same customers; ValueError where they are not the same."""
    kept = ["customer_token", "decision", "limit_cents", "max_term_m", "min_rate", "reasons"]
    joined = before.select(kept).join(after.select(kept), on="customer_token", how="inner", suffix="_after")
    if not joined.height == before.height == after.height:
        raise ValueError("the two decisions are not of the same customers")
    pairs = joined.group_by("decision", "decision_after").len().iter_rows()
    matrix = {(was, now): int(n) for was, now, n in pairs}
    both = joined.filter((pl.col("decision") == "eligible") & (pl.col("decision_after") == "eligible"))
    same = pl.all_horizontal(pl.col(c).eq_missing(pl.col(f"{c}_after")) for c in kept[1:])

    def count(frame: pl.DataFrame, condition: pl.Expr) -> int:
        return frame.filter(condition).height

    return Swaps(
        matrix={(a, b): matrix.get((a, b), 0) for a in DECISIONS for b in DECISIONS},
        swapped_in=sum(matrix.get((d, "eligible"), 0) for d in DECISIONS[1:]),
        swapped_out=sum(matrix.get(("eligible", d), 0) for d in DECISIONS[1:]),
        limit_up=count(both, pl.col("limit_cents_after") > pl.col("limit_cents")),
        limit_down=count(both, pl.col("limit_cents_after") < pl.col("limit_cents")),
        dearer=count(both, pl.col("min_rate_after") > pl.col("min_rate")),
        cheaper=count(both, pl.col("min_rate_after") < pl.col("min_rate")),
        unchanged=count(joined, same),
    )


def treatments(eligibility: pl.DataFrame, profile: pl.DataFrame, least_cell: int = LEAST_CELL) -> list[Treatment]:
    """The adverse impact ratio by age band and kind of employment: a group's share eligible over the best group's.

    Below 0.8 a difference wants an explanation by allowed factors (four-fifths rule; PIPL art. 24 on unreasonable
    difference). Groups of fewer than `least_cell` customers have no ratio and are not the best group.
    """
    band = pl.lit("unknown")
    for least, name in _AGES:
        band = pl.when(pl.col("age_years") >= least).then(pl.lit(name)).otherwise(band)
    known = profile.select("customer_token", age=band, employment=pl.col("employment_type").fill_null("unknown"))
    joined = eligibility.select("customer_token", yes=pl.col("decision") == "eligible").join(known, on="customer_token")
    found = []
    for attribute in ("age", "employment"):
        groups = joined.group_by(attribute).agg(pl.len(), pl.col("yes").sum()).sort(attribute).rows()
        rates = [yes / n for _, n, yes in groups if n >= least_cell]
        best = max(rates, default=None)
        found += [
            Treatment(attribute, group, n, yes, yes / n / best if n >= least_cell and best else None)
            for group, n, yes in groups
        ]
    return found


def _median(values: pl.Series) -> int | None:
    median = values.median()
    return None if median is None else int(median)  # type: ignore[arg-type]  # a number or None


def _counts(values: pl.Series) -> dict[str, int]:
    counted = values.value_counts().sort(["count", values.name], descending=[True, False])
    return {str(name): int(n) for name, n in counted.iter_rows()}
