"""The pay cycles of a stream of credits: months that begin where the stream never pays, so that none falls apart.

A cycle begins with the first day of the month on which the stream pays after the longest stretch without pay. So a pay
day moved by a weekend, over a month's end even, or pay in two parts stays in one cycle. A wage at a month's end that is
paid two weeks early, before a long holiday, leaves a cycle empty and another with two wages: then another pay day
begins the cycles, if that leaves none of them empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import date

#: Key of a stream.
STREAM = ["customer_token", "origin", "payer"]
#: The payer of a stream that is put together from several.
POOL = "pool"
#: Cycles looked at.
CYCLES = 6
#: Days a pay may be late before the cycle counts as one without pay, and early for a pay that is lower than usual.
GRACE_DAYS, EARLY_DAYS = 5, 3
#: Two wages of one cycle are so many days apart or more (a bonus comes nearer to the wage) and so many tenths alike.
_APART_DAYS, _ALIKE = 12, 9
#: Tenths of the usual pay that make a cycle a paid one, whatever comes later in it.
_PAID = 9
#: Lines a cycle at most that are pay in parts, and not by the piece.
_PARTS = 2


def numbered(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` in the order of their streams and days, with the number of the `stream`: quicker than its names."""
    return lines.sort(*STREAM, "posted_on", "cents").with_columns(stream=pl.struct(STREAM).rle_id())


def in_cycles(lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """`lines` of the last six cycles with `ago`, the cycles between the line's and the last one due (0).

    Lines are those of :func:`numbered`. The cycle under way is due once it has been paid as usual, or once the usual
    day is past. Each line also has its stream's `last_on`, the day of its last line, and `due_by`, by when the one
    after it is due.
    """
    lines = lines.with_columns(day=pl.col("posted_on").dt.day().cast(pl.Int32))
    placed = _placed(lines.join(_starts(lines), on="stream", how="left", maintain_order="left"), as_of)
    doubtful = lines.join(_doubtful(placed), on="stream", how="semi", maintain_order="left")
    if doubtful.is_empty():
        return placed.drop("start")
    every = doubtful.select("stream", start="day").unique(maintain_order=True)
    tried = _placed(doubtful.join(every, on="stream", how="left", maintain_order="left"), as_of)
    best = (
        tried.group_by("stream", "start", maintain_order=True)
        .agg(empty=pl.col("ago").max() + 1 - pl.col("ago").n_unique().cast(pl.Int32))
        .filter(empty=0)
        .group_by("stream", maintain_order=True)
        .agg(pl.col("start").min())
    )
    chosen = tried.join(best, on=["stream", "start"], how="semi", maintain_order="left")
    return pl.concat([placed.join(best, on="stream", how="anti", maintain_order="left"), chosen]).drop("start")


def _starts(lines: pl.DataFrame) -> pl.DataFrame:
    """Per stream the pay day after its longest stretch of the month without pay."""
    paydays = lines.select("stream", "day").unique().sort("stream", "day")
    following = pl.col("day").shift(-1).over("stream")
    first = pl.col("day").first().over("stream")
    return (
        paydays.with_columns(next=following.fill_null(first + 31))
        .with_columns(gap=pl.col("next") - pl.col("day"))
        .group_by("stream", maintain_order=True)
        .agg(start=(pl.col("next").sort_by("gap", "day").last() - 1) % 31 + 1)
    )


def _begin(cycle: pl.Expr) -> pl.Expr:
    """The first day of a cycle, numbered by its month."""
    month = pl.date((cycle - 1) // 12, (cycle - 1) % 12 + 1, 1)
    return month + pl.duration(days=pl.min_horizontal("start", month.dt.month_end().dt.day().cast(pl.Int32)) - 1)


def _placed(lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Lines in the cycles that begin with their `start`; a stream may be there with several."""
    key = ["stream", "start"]
    month = pl.col("posted_on").dt.year() * 12 + pl.col("posted_on").dt.month().cast(pl.Int32)
    lines = lines.with_columns(cycle=month - (pl.col("day") < pl.col("start")).cast(pl.Int32))
    lines = lines.with_columns(into=(pl.col("posted_on") - _begin(pl.col("cycle"))).dt.total_days().cast(pl.Int32))
    streams = _due(lines, key, as_of)
    return (
        lines.join(streams, on=key, how="left", maintain_order="left")
        .with_columns(ago=pl.col("due") - pl.col("cycle"))
        .filter(pl.col("ago").is_between(0, CYCLES - 1))
        .select(*STREAM, "stream", "start", "posted_on", "cents", "ago", "last_on", "due_by")
    )


def _due(lines: pl.DataFrame, key: list[str], as_of: date) -> pl.DataFrame:
    """Per stream the cycle last `due`, the day of the last line, and by when the one after it is due."""
    now = as_of.year * 12 + as_of.month - (pl.col("start") > as_of.day).cast(pl.Int32)
    under_way = lines.filter(pl.col("cycle") == now)
    came = under_way.group_by(key).agg(came=pl.len(), came_cents=pl.col("cents").sum(), came_day=pl.col("into").max())
    streams = (
        lines.group_by(key, maintain_order=True)
        .agg(last_on=pl.col("posted_on").max(), last=pl.col("cycle").max())
        .join(_habits(lines.filter(pl.col("cycle") < now), key), on=key, how="left", maintain_order="left")
        .join(came, on=key, how="left", maintain_order="left")
        .with_columns(now=now)
    )
    enough = pl.col("came_cents") * 10 >= pl.col("usual_cents") * _PAID
    in_time = pl.col("came_day") >= pl.col("first_day") - EARLY_DAYS
    all_of_it = pl.col("came") >= pl.col("usual_cnt").fill_null(1)
    paid = (all_of_it & (enough | in_time).fill_null(value=True)).fill_null(value=False)
    # Of pay in parts the first shows whether there is any; where some has come, the rest has its own day.
    waits = pl.col("came").is_not_null() & ~paid
    first_part = ~waits & (pl.col("usual_cnt") <= _PARTS)
    day = pl.when(first_part).then("first_line").otherwise("last_day")
    expected = pl.duration(days=day + GRACE_DAYS)
    late = (_begin(pl.col("now")) + expected < as_of).fill_null(value=False)
    return streams.select(
        *key,
        "last_on",
        due=pl.col("now") - (~(paid | late)).cast(pl.Int32),
        due_by=_begin(pl.col("last") + 1 - waits.cast(pl.Int32)) + expected,
    )


def _habits(before: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Per stream what a cycle before the one under way usually brings, in how many lines, and when it is paid.

    A cycle is paid with the line that brings it to the usual; one that never reaches it, with its last. `first_line` is
    the latest day on which a cycle had its first line.
    """
    cycle = [*key, "cycle"]
    so_far = before.with_columns(so_far=pl.col("cents").cum_sum().over(cycle))
    cycles = before.group_by(cycle, maintain_order=True).agg(cnt=pl.len(), sum=pl.col("cents").sum())
    usual = cycles.group_by(key, maintain_order=True).agg(
        usual_cnt=pl.col("cnt").median(), usual_cents=pl.col("sum").median()
    )
    reached = pl.col("so_far") * 10 >= pl.col("usual_cents") * _PAID
    days = (
        so_far.join(usual, on=key, how="left", maintain_order="left")
        .group_by(cycle, maintain_order=True)
        .agg(day=pl.coalesce(pl.col("into").filter(reached).min(), pl.col("into").max()), line=pl.col("into").min())
        .group_by(key, maintain_order=True)
        .agg(
            first_day=pl.col("day").min(),
            last_day=pl.col("day").max(),
            # Of the first of all only the end may be known.
            first_line=pl.coalesce(pl.col("line").slice(1).max(), pl.col("line").max()),
        )
    )
    return usual.join(days, on=key, how="left", maintain_order="left")


def _doubtful(placed: pl.DataFrame) -> pl.DataFrame:
    """Streams that pay on one day of a cycle, but had two wages in one of them and none in another."""
    days = placed.group_by("stream", "ago", "posted_on", maintain_order=True).agg(pl.col("cents").sum())
    cycles = days.group_by("stream", "ago", maintain_order=True).agg(
        days=pl.len(),
        twice=(pl.len() == 2)
        & ((pl.col("posted_on").max() - pl.col("posted_on").min()).dt.total_days() >= _APART_DAYS)
        & (pl.col("cents").min() * 10 >= pl.col("cents").max() * _ALIKE),
    )
    streams = cycles.group_by("stream", maintain_order=True).agg(
        usual=pl.col("days").median(),
        twice=pl.col("twice").any(),
        empty=pl.col("ago").max() + 1 - pl.len().cast(pl.Int32),
    )
    return streams.filter((pl.col("usual") == 1) & pl.col("twice") & (pl.col("empty") > 0)).select("stream")
