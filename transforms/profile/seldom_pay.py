"""Wages that come every second month or every quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.profile.pay_cycles import CYCLES, GRACE_DAYS, POOL, STREAM

if TYPE_CHECKING:
    from datetime import date

#: Months from pay to pay → days between two of them at least and at most: a month is 31 days, and a day can be moved.
RHYTHMS = {2: (50, 72), 3: (80, 108)}
#: How far pays may lie from their median, at the median; two alone have to be the same.
_STEADY, _SAME = 0.25, 0.03


def seldom_paid(lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Labelled streams of one line every second month, three of them or more, or every quarter, two or more.

    As :func:`transforms.profile.payroll.pay_streams` gives them, of the same lines: a month's `level`, the months that
    are `paid`. Only streams whose next pay is not overdue, or was due in the last month.
    """
    labelled = lines.filter(pl.col("origin") == "labelled")
    # Two lines alone may be in what is put together, too.
    pooled = (pl.col("payer") == POOL).any().over("customer_token")
    apart = pl.col("posted_on").diff().dt.total_days().over("stream")
    median = pl.col("cents").median()
    streams = (
        labelled.with_columns(apart=apart, pooled=pooled)
        .group_by("stream", maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in STREAM),
            pays=pl.len().cast(pl.Int32),
            pooled=pl.col("pooled").first(),
            shortest=pl.col("apart").min(),
            longest=pl.col("apart").max(),
            since=pl.col("posted_on").min(),
            last_on=pl.col("posted_on").max(),
            last_cents=pl.col("cents").last(),
            usual_cents=median,
            deviation=(pl.col("cents") - median).abs().median() / median,
            cv=pl.col("cents").std(ddof=0) / pl.col("cents").mean(),
            drift=pl.col("cents").last() / median,
        )
    )
    every = pl.coalesce(
        pl.when((pl.col("shortest") >= least) & (pl.col("longest") <= most)).then(months)
        for months, (least, most) in RHYTHMS.items()
    )
    two = (pl.col("every") == 3) & (pl.col("deviation") <= _SAME) & ~pl.col("pooled")
    enough = (pl.col("pays") > 2) | ((pl.col("pays") == 2) & two)
    due_by = pl.col("last_on") + pl.duration(days=pl.max_horizontal(pl.col("every") * 31, "longest") + GRACE_DAYS)
    return (
        streams.with_columns(every=every)
        .filter(pl.col("every").is_not_null() & enough & (pl.col("deviation") <= _STEADY))
        .with_columns(
            due_by=due_by,
            level=(pl.col("usual_cents") / pl.col("every")).floor().cast(pl.Int64),
            paid=((pl.col("pays") - 1) * pl.col("every")).clip(0, CYCLES),
            missed=pl.lit(0, pl.Int32),
            lines=pl.col("pays").cast(pl.UInt32),
        )
        .filter(pl.col("due_by") + pl.duration(days=31) >= as_of)
    )
