"""What the portfolio's figures are made of: plans and cents by bucket, flow and vintage, adding up over shards."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from transforms.dates.calendar import add_months
from transforms.dates.months import calendar_months
from transforms.loans.positions import OWES_NOTHING, plan_positions, play

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars.datatypes import DataType, DataTypeClass

    from transforms.loans.product_conventions import ProductConventions
    from transforms.loans.version_tables import Versions
    from transforms.policy.policy import Policy

#: Months looked back for flows and vintages.
MONTHS = 13
ALL = "all"
CLOSED, WRITTEN_OFF = "closed", "written_off"
#: A vintage is watched at these days past due, by the lender's own count.
VINTAGE_DPD = (30, 90)
_FIRST_DEFAULT_DPD = 30

#: A partial: plans and cents of a cell, and of what it is a share of (0 where that is known once all is added up).
COUNTED: Mapping[str, DataType | DataTypeClass] = {
    "measure": pl.String,
    "segment": pl.String,
    "period": pl.Date,
    "band": pl.String,
    "plan_cnt": pl.Int64,
    "base_cnt": pl.Int64,
    "amount_cents": pl.Int64,
    "base_cents": pl.Int64,
}
KEY = ("measure", "segment", "period", "band")


def looks(as_of: date) -> list[date]:
    """The month ends of the last 13 whole months, and the night itself, oldest first."""
    ends = [add_months(as_of, -back, anchor_day=31) for back in range(MONTHS + 1)]
    return sorted({as_of, *[end for end in ends if end <= as_of][:MONTHS]})


def book_counts(
    installment_plan_known: pl.DataFrame,
    repayment_known: pl.DataFrame,
    plan_versions: Versions,
    as_of: date,
    policy: Policy,
    conventions: ProductConventions,
) -> pl.DataFrame:
    """:func:`portfolio_counts` of some shards' plans, from the facts as the night knows them."""
    played = play(installment_plan_known, repayment_known, looks(as_of), policy, plan_versions, conventions)
    return portfolio_counts(played.latest, plan_positions(played), as_of)


def portfolio_counts(plans: pl.DataFrame, positions: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Counts and sums (`COUNTED`) of some shards' plans.

    `plans` has the latest row of each plan of `credit.installment_plan`, `positions` a row per plan and day of
    :func:`looks` (`plan_positions`). Buckets and vintages are by the lender's own days past due, which later agreements
    do not reset. Measures: `stock` (bucket at each look), `flow` (bucket to bucket from one month end to the next),
    `vintage_30` and `vintage_90` (plans of a start month that were ever so late, by months on book), `first_default`
    (start month, plans whose first payment was 30 days late at a look).
    """
    known = positions.join(
        plans.select("plan_id", "product_code", "principal_cents", "first_due_on", last_status="status"),
        on="plan_id",
        how="inner",
    ).with_columns(
        where=pl.when(pl.col("status") == "written_off")
        .then(pl.lit(WRITTEN_OFF))
        .when(pl.col("status").is_in(OWES_NOTHING) | (pl.col("open_cents") == 0))
        .then(pl.lit(CLOSED))
        .otherwise(pl.format("M{}", "own_bucket")),
        vintage=pl.col("started_on").dt.month_start(),
    )
    ends = [day for day in looks(as_of) if day != as_of or (day + timedelta(days=1)).day == 1]
    parts = [_stock(known), _flow(known, ends), *(_vintage(known, ends, dpd) for dpd in VINTAGE_DPD)]
    parts.append(_first_default(known, as_of))
    return pl.concat(_by_segment(p) for p in parts)


def added(partials: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Partials added up, in order of their key."""
    sums = [pl.col(c).sum() for c in COUNTED if c not in KEY]
    return pl.concat(partials).group_by(KEY).agg(sums).sort(KEY)


def _by_segment(frame: pl.DataFrame) -> pl.DataFrame:
    """Each row for its product and for all products; cells of the same key added up."""
    both = pl.concat([frame, frame.with_columns(segment=pl.lit(ALL))])
    return added([both.select(pl.col(name).cast(dtype) for name, dtype in COUNTED.items())])


def _rows(frame: pl.DataFrame, measure: str, **columns: pl.Expr) -> pl.DataFrame:
    return frame.select(measure=pl.lit(measure), segment=pl.col("product_code"), **columns)


def _stock(known: pl.DataFrame) -> pl.DataFrame:
    """Plans still owing at each look, by bucket."""
    owing = known.filter(pl.col("where").str.starts_with("M"))
    cells = owing.group_by("product_code", "as_of_date", "where").agg(
        plan_cnt=pl.len(), amount_cents=pl.col("outstanding_cents").sum()
    )
    return _spread(cells, "stock", pl.col("as_of_date"), pl.col("where"))


def _flow(known: pl.DataFrame, ends: Sequence[date]) -> pl.DataFrame:
    """From one month end to the next: where the plans of each bucket went; amounts as outstanding before."""
    following = dict(pairwise(ends))
    if not following:
        return _spread(_nothing(), "flow", pl.col("as_of_date"), pl.col("where"))
    before = known.filter(
        pl.col("where").str.starts_with("M") & pl.col("as_of_date").is_in(list(following))
    ).with_columns(next_on=pl.col("as_of_date").replace_strict(following, return_dtype=pl.Date))
    after = known.select("plan_id", next_on="as_of_date", went="where")
    moved = before.join(after, on=["plan_id", "next_on"], how="inner")
    cells = moved.group_by("product_code", "next_on", "where", "went").agg(
        plan_cnt=pl.len(), amount_cents=pl.col("outstanding_cents").sum()
    )
    return _spread(cells, "flow", pl.col("next_on"), pl.format("{}>{}", "where", "went"))


def _vintage(known: pl.DataFrame, ends: Sequence[date], dpd: int) -> pl.DataFrame:
    """Of the plans of a start month: those ever `dpd` days late by each month on book; amounts as financed."""
    on = pl.col("as_of_date")
    months = calendar_months(pl.col("vintage"), on)
    since = looks(ends[-1])[0].replace(day=1) if ends else None
    aged = known.filter(on.is_in(list(ends)) & (pl.col("vintage") >= since) & (pl.col("last_status") != "cancelled"))
    late = pl.col("own_max_dpd") >= dpd
    cells = aged.group_by("product_code", "vintage", mob=months).agg(
        plan_cnt=late.sum(),
        base_cnt=pl.len(),
        amount_cents=pl.col("principal_cents").filter(late).sum(),
        base_cents=pl.col("principal_cents").sum(),
    )
    band = pl.format("mob {}", pl.col("mob").cast(pl.String).str.zfill(2))
    return _spread(cells, f"vintage_{dpd}", pl.col("vintage"), band)


def _first_default(known: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Of the plans of a start month whose first payment fell due 30 days ago or more: those it was 30 days late of."""
    due = known.filter(
        (pl.col("first_due_on") <= as_of - timedelta(days=_FIRST_DEFAULT_DPD)) & (pl.col("last_status") != "cancelled")
    )
    missed = (pl.col("oldest_due_on") == pl.col("first_due_on")) & (pl.col("own_dpd") >= _FIRST_DEFAULT_DPD)
    plans = due.group_by("product_code", "vintage", "plan_id", "principal_cents").agg(
        missed=missed.fill_null(value=False).any()
    )
    recent = looks(as_of)[0].replace(day=1)
    cells = (
        plans.filter(pl.col("vintage") >= recent)
        .group_by("product_code", "vintage")
        .agg(
            plan_cnt=pl.col("missed").sum(),
            base_cnt=pl.len(),
            amount_cents=pl.col("principal_cents").filter("missed").sum(),
            base_cents=pl.col("principal_cents").sum(),
        )
    )
    return _spread(cells, "first_default", pl.col("vintage"), pl.lit("first payment 30+"))


def _spread(cells: pl.DataFrame, measure: str, period: pl.Expr, band: pl.Expr) -> pl.DataFrame:
    """The cells under the names of `COUNTED`."""
    amounts = {
        c: pl.col(c) if c in cells.columns else pl.lit(0)
        for c in ("plan_cnt", "base_cnt", "amount_cents", "base_cents")
    }
    return _rows(cells, measure, period=period, band=band.cast(pl.String), **amounts)


def _nothing() -> pl.DataFrame:
    text = dict.fromkeys(("product_code", "where"), pl.String)
    numbers = dict.fromkeys(("plan_cnt", "base_cnt", "amount_cents", "base_cents"), pl.Int64)
    return pl.DataFrame(schema={**text, "as_of_date": pl.Date, **numbers})
