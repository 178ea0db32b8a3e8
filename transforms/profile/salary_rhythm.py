"""Whether a customer's salary still comes as it used to, by the rhythm it is paid in and not by the calendar.

What counts is what labels itself salary or pension. A stream is followed once three cycles show how it is paid; wages
by the week, every second month or every quarter by their own interval. A pay is overdue when the latest usual day is
past by some days; until then its last amount is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.profile.pay_cycles import CYCLES, STREAM

if TYPE_CHECKING:
    from datetime import date

#: What :func:`salary_rhythm` finds.
SALARY = ("last_salary_on", "salary_due_by", "salary_now_cents", "salary_before_cents")
#: Cycles (of wages by the week: lines) that show how a stream is paid, how far they may lie from their median, tenths
#: of them that are paid.
_SHOWN, _STEADY, _OFTEN = 3, 0.25, 7
#: Days after which nobody waits any more for a pay that is overdue.
_WAITED_DAYS = 92
_BEFORE = [f"before{k}" for k in range(1, CYCLES)]


def salary_rhythm(lines: pl.DataFrame, streams: pl.DataFrame, seldom: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Per customer with a labelled line: when the last came and the next is due at the latest, pay now and before.

    `lines` are those that the `streams` of :func:`transforms.profile.payroll.pay_streams` are made of, `seldom` its
    streams that are paid seldom. `salary_now_cents` is what the cycle last due brought, or of one whose pay has come
    early that; `salary_before_cents` the median of the cycles with pay before it, of streams that are followed.
    """
    latest = (
        lines.filter(pl.col("origin") == "labelled")
        .group_by("stream", maintain_order=True)
        .agg(seen=pl.len(), latest=pl.col("cents").tail(4))
    )
    pooled = streams.filter("is_pool").select("customer_token", has_pool=pl.lit(value=True))
    monthly = (
        streams.filter(pl.col("origin") == "labelled")
        .join(latest, on="stream", maintain_order="left")
        .join(pooled, on="customer_token", how="left", maintain_order="left")
        # What the pool holds counts there.
        .filter(pl.col("is_pool") | pl.col("has_pool").is_null() | (pl.col("seen") >= _SHOWN))
        .join(seldom, on="stream", how="anti", maintain_order="left")
    )
    columns = [*STREAM, "last_on", "due_by", "now", *_BEFORE, "followed"]
    looked_at = pl.concat([_by_cycle(monthly, as_of).select(columns), _by_interval(seldom, as_of).select(columns)])
    return _added_up(looked_at, as_of)


def _by_cycle(streams: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Streams paid by the month or the week; of the latter the last four weeks are looked at."""
    weeks = pl.col("weeks")
    weekly = weeks.is_not_null()
    due_by = pl.when(weekly).then(pl.col("last_on") + pl.duration(days=(weeks + 1) * 7)).otherwise("due_by")
    month = pl.col("latest").list.tail(4 // weeks).list.mean() * 52 / (weeks * 12)
    cycles = [pl.col(f"c{k}") for k in range(CYCLES)]
    paid = pl.concat_list([pl.when(c > 0).then(c) for c in cycles]).list.drop_nulls()
    streams = streams.with_columns(due_by=due_by, usual=paid.list.median())
    off = [pl.when(c > 0).then((c - pl.col("usual")).abs()) for c in cycles]
    steady = pl.concat_list(off).list.drop_nulls().list.median() <= pl.col("usual") * _STEADY
    # A pay that comes back after months without is not held against those before: they are looked at by themselves too.
    earlier = pl.concat_list([pl.when(c > 0).then(k) for k, c in enumerate(cycles) if k]).list.drop_nulls()
    regular = _often(pl.col("paid"), pl.col("last")) | _often(earlier.list.len(), earlier.list.min())
    overdue = pl.col("due_by") < as_of
    level = pl.col("line_cents") * 52 / (weeks * 12)
    return streams.with_columns(
        now=pl.when(weekly & overdue).then(0.0).when(weekly).then(month).otherwise("c0"),
        followed=(pl.col("due_by") + pl.duration(days=_WAITED_DAYS) >= as_of)
        & pl.when(weekly).then(pl.col("lines") > _SHOWN).otherwise(steady & regular.fill_null(value=False)),
        **{
            name: pl.when(weekly & (pl.col(f"c{k}") > 0)).then(level).otherwise(pl.col(f"c{k}").cast(pl.Float64))
            for k, name in enumerate(_BEFORE, start=1)
        },
    )


def _often(paid: pl.Expr, last: pl.Expr) -> pl.Expr:
    """Whether the cycles from the first to the `last` were paid, most of them and enough to show how."""
    return (paid >= _SHOWN) & (paid * 10 >= (pl.col("first") - last + 1) * _OFTEN)


def _by_interval(seldom: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Streams paid every second month or every quarter, each pay spread over its months."""
    overdue = pl.col("due_by") < as_of
    return seldom.with_columns(
        now=pl.when(overdue).then(0.0).otherwise(pl.col("last_cents") / pl.col("every")),
        followed=pl.lit(value=True),
        **dict.fromkeys(_BEFORE, pl.col("level").cast(pl.Float64)),
    )


def _added_up(streams: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """A customer's streams added up, cycle by cycle; the date due is that of the largest still paid."""
    overdue = pl.col("due_by") < as_of
    main = streams.filter("followed").sort(
        "customer_token", overdue, pl.max_horizontal(_BEFORE), "payer", descending=[False, False, True, False]
    )
    due = main.unique("customer_token", keep="first", maintain_order=True)
    sums = streams.group_by("customer_token", maintain_order=True).agg(
        pl.col("last_on").max().alias("last_salary_on"),
        pl.col("now").sum().floor().cast(pl.Int64).alias("salary_now_cents"),
        *(pl.col(name).filter("followed").sum() for name in _BEFORE),
    )
    before = pl.concat_list([pl.when(pl.col(name) > 0).then(name) for name in _BEFORE]).list.drop_nulls().list.median()
    return (
        sums.with_columns(salary_before_cents=before.floor().cast(pl.Int64))
        .join(
            due.select("customer_token", salary_due_by="due_by"), on="customer_token", how="left", maintain_order="left"
        )
        .select("customer_token", *SALARY)
    )
