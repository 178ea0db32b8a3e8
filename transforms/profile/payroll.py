"""Which of a customer's credits are pay, and how much a month: by regularity, and by text where there is any.

A stream is what one payer pays (where no payer is known: lines of one kind and about one amount). Its lines are put
into pay cycles of a month (:mod:`transforms.profile.pay_cycles`). What a stream pays a month is the lower of the
medians of its last six and its last three cycles, cycles without pay counting nil: a bonus or a thirteenth wage does
not lift it, a fall counts at once, and a rise once three payments show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.profile.pay_cycles import CYCLES, POOL, STREAM, in_cycles, numbered
from transforms.profile.salary_rhythm import salary_rhythm
from transforms.profile.seldom_pay import seldom_paid

if TYPE_CHECKING:
    from datetime import date

#: Cycles that count as recent.
RECENT = 3
#: How far the cycles of a regular stream lie from their median, at the median.
_STEADY = 0.25
#: Unlabelled lines have to be steadier to pass for pay, and not be small change.
_STEADY_UNLABELLED, _LEAST_CENTS = 0.15, 50_000
#: Equal enough to show a new level of pay, and equal, in thousandths.
_SAME, _EXACTLY = 30, 1
#: Tenths of the labelled lines that lie in steady streams where someone is on a payroll.
_MOSTLY = 6
#: A last Friday of the month comes after five weeks now and then; pay every four weeks never does, a holiday aside.
_FOUR_WEEKS_AT_MOST = 31


def bank_income(lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Monthly income by bank lines; grain: customers with any such line.

    `lines` has (customer_token, payer, origin, posted_on, cents), see :mod:`transforms.profile.income_lines`. Gives
    `bank_kind` (labelled, company, person, irregular, support), `bank_cents` a month, `bank_months` (paid cycles of the
    last six), `bank_missed` (due cycles of them without pay), `bank_deviation` (median distance of the cycles from
    their median, as a share), `bank_cv`, `bank_drift` (median of the last three cycles over that of six); and the
    columns of :mod:`transforms.profile.salary_rhythm` for labelled lines.
    """
    lines_of = stream_lines(lines)
    streams = pay_streams(lines_of, as_of)
    labelled = pl.col("origin") == "labelled"
    steady = streams.filter(labelled & pl.col("is_alive") & pl.col("is_regular") & (pl.col("paid") >= RECENT))
    steady = steady.join(_pieced_together(lines, steady), on="customer_token", how="anti")
    new = streams.filter(labelled & pl.col("is_alive") & (pl.col("paid") < RECENT) & ~pl.col("is_pool"))
    former = streams.filter(labelled & ~pl.col("is_alive") & pl.col("is_regular") & (pl.col("paid") >= RECENT))
    apart = {
        kind: streams.filter(
            (pl.col("origin") == kind)
            & pl.col("is_alive")
            & pl.col("is_regular")
            & (pl.col("paid") >= RECENT)
            & (pl.col("deviation") <= _STEADY_UNLABELLED)
            & (pl.col("level") >= _LEAST_CENTS)
        )
        for kind in ("company", "person", "support")
    }
    seldom = seldom_paid(lines_of, as_of)
    rare = seldom.join(_pieced_together(lines, seldom), on="customer_token", how="anti")
    others = lines.join(steady, on="customer_token", how="anti")
    found = [
        _per_customer(steady, "labelled", together=True),
        _per_customer(rare, "labelled", together=True),
        _per_customer(_employers(apart["company"]), "company", together=True),
        _per_customer(_beginning(new, former), "labelled", together=False),
        _per_customer(apart["person"].filter(~pl.col("is_round")), "person", together=False),
        _per_customer(_irregular(others, as_of), "irregular", together=False),
        _per_customer(pl.concat([apart["support"], apart["person"].filter("is_round")]), "support", together=False),
    ]
    incomes = pl.concat(found).unique("customer_token", keep="first", maintain_order=True)
    rhythm = salary_rhythm(lines_of, streams, seldom, as_of)
    return incomes.join(rhythm, on="customer_token", how="full", coalesce=True, maintain_order="left_right")


def stream_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines of each stream, by customer, origin and payer.

    Labelled lines of payers seen less than three times are also put together as one stream, for banks that give the
    same employer another number each time.
    """
    sorted_out = _split_unnamed(_one_origin(lines))
    seldom = (pl.col("origin") == "labelled") & (pl.len().over(STREAM) < RECENT)
    pool = sorted_out.filter(seldom).with_columns(payer=pl.lit(POOL))
    return numbered(pl.concat([sorted_out, pool.filter(pl.len().over(STREAM) >= RECENT)]))


def pay_streams(lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Each stream with its level of pay in cents a month and how regular it is; grain: customer, origin, payer.

    `lines` are those of :func:`stream_lines`; `is_pool` says which are put together.
    """
    cycles = in_cycles(lines, as_of)
    return _judged(cycles)


def _one_origin(lines: pl.DataFrame) -> pl.DataFrame:
    """A payer has one origin, the one that says most. Of one that mostly labels its pay the rest is not pay.

    An employer whose bonus alone is labelled is known by it: its other lines are pay too.
    """
    payer = ["customer_token", "payer"]
    month = pl.col("posted_on").dt.truncate("1mo")
    labelled = pl.col("origin") == "labelled"
    lines = lines.with_columns(
        known=~pl.col("payer").str.starts_with("unknown"),
        months=month.n_unique().over(payer),
        labelled_months=month.filter(labelled).n_unique().over(payer),
        from_company=(pl.col("origin") == "company").any().over(payer),
    )
    mostly = pl.col("labelled_months") * 2 >= pl.col("months")
    named = (
        pl.when(pl.col("labelled_months") > 0)
        .then(pl.lit("labelled"))
        .when(pl.col("from_company"))
        .then(pl.lit("company"))
        .otherwise("origin")
    )
    kept = lines.filter(~pl.col("known") | (pl.col("labelled_months") == 0) | ~mostly | labelled)
    return kept.with_columns(origin=pl.when("known").then(named).otherwise("origin")).select(
        "customer_token", "payer", "origin", "posted_on", "cents"
    )


def _split_unnamed(lines: pl.DataFrame) -> pl.DataFrame:
    """Unlabelled lines without a payer, split where amounts leave a gap of a third."""
    unnamed = pl.col("payer").str.starts_with("unknown") & (pl.col("origin") != "labelled")
    rest, split = lines.filter(~unnamed), lines.filter(unnamed).sort(*STREAM, "cents")
    jump = pl.col("cents") * 3 > pl.col("cents").shift(1).over(STREAM) * 4
    number = jump.fill_null(value=False).cast(pl.Int32).cum_sum().over(STREAM)
    return pl.concat([rest, split.with_columns(payer=pl.col("payer") + "#" + number.cast(pl.String))])


def _judged(lines: pl.DataFrame) -> pl.DataFrame:
    """Streams with their six cycles, level, and whether they are alive and regular."""
    named = lines.with_columns(
        apart=pl.col("posted_on").diff().dt.total_days().over("stream"), weekday=pl.col("posted_on").dt.weekday()
    )
    interval = pl.col("apart").filter(pl.col("apart") > 0).median()
    one_weekday = pl.col("weekday").value_counts(sort=True).first().struct.field("count") * 10 >= pl.len() * 7
    streams = named.group_by("stream", maintain_order=True).agg(
        *(pl.col(name).first() for name in STREAM),
        *(pl.col("cents").filter(pl.col("ago") == k).sum().alias(f"c{k}") for k in range(CYCLES)),
        *(pl.col("cents").filter(pl.col("ago") == k).max().alias(f"largest{k}") for k in range(RECENT)),
        since=pl.col("posted_on").min(),
        first=pl.col("ago").max(),
        last=pl.col("ago").min(),
        paid=pl.col("ago").n_unique().cast(pl.Int32),
        lines=pl.len(),
        interval=interval,
        longest=pl.col("apart").max(),
        one_weekday=one_weekday,
        line_cents=pl.col("cents").median(),
        line_deviation=(pl.col("cents") - pl.col("cents").median()).abs().median() / pl.col("cents").median(),
        line_cv=pl.col("cents").std(ddof=0) / pl.col("cents").mean(),
        line_drift=pl.col("cents").filter(pl.col("ago") < RECENT).median() / pl.col("cents").median(),
        is_round=(pl.col("cents") % 10_000 == 0).all(),
        last_on=pl.col("last_on").first(),
        due_by=pl.col("due_by").first(),
    )
    weeks = (
        pl.when(pl.col("one_weekday") & pl.col("interval").is_between(13, 15))
        .then(2)
        .when(pl.col("one_weekday") & pl.col("interval").is_between(6, 8))
        .then(1)
        .when(
            pl.col("one_weekday") & pl.col("interval").is_between(27, 29) & (pl.col("longest") <= _FOUR_WEEKS_AT_MOST)
        )
        .then(4)
    )
    return _levels(streams.with_columns(weeks=weeks))


def _levels(streams: pl.DataFrame) -> pl.DataFrame:
    due = [pl.when(pl.col("first") >= k).then(pl.col(f"c{k}")) for k in range(CYCLES)]
    streams = streams.with_columns(
        all=pl.concat_list(due).list.drop_nulls(), recent=pl.concat_list(due[:RECENT]).list.drop_nulls()
    ).with_columns(
        six=pl.col("all").list.median(),
        three=pl.col("recent").list.median(),
        mean=pl.col("all").list.mean(),
        spread=pl.col("all").list.std(ddof=0),
        low=pl.col("recent").list.min(),
        high=pl.col("recent").list.max(),
    )
    # A rise is believed once three payments in a row show the new level; one of them may have back pay beside it, or in
    # it where the other two are the same.
    largest = [pl.col(f"largest{k}") for k in range(RECENT)]
    beside = _same(pl.min_horizontal(largest), pl.max_horizontal(largest)) & _same(pl.col("low"), pl.col("three"))
    within = _same(pl.col("low"), pl.col("three"), _EXACTLY)
    risen = (pl.col("recent").list.len() == RECENT) & (_same(pl.col("low"), pl.col("high")) | beside | within)
    monthly = pl.when(risen).then("three").otherwise(pl.min_horizontal("six", "three"))
    weekly = pl.col("line_cents") * 52 / (pl.col("weeks") * 12)
    off = [(pl.col(f"c{k}") - pl.col("six")).abs() for k in range(CYCLES)]
    paid_off = pl.concat_list(
        [pl.when((pl.col("first") >= k) & (pl.col(f"c{k}") > 0)).then(d) for k, d in enumerate(off)]
    )
    deviation = pl.when(pl.col("six") > 0).then(paid_off.list.drop_nulls().list.median() / pl.col("six"))
    by_week = pl.col("weeks").is_not_null()
    streams = streams.with_columns(
        level=pl.when(by_week).then(weekly).otherwise(monthly).floor().cast(pl.Int64),
        deviation=pl.when(by_week).then("line_deviation").otherwise(deviation).fill_null(1.0),
        missed=(pl.col("first") + 1 - pl.col("paid")).cast(pl.Int32),
        cv=pl.when(by_week).then("line_cv").when(pl.col("mean") > 0).then(pl.col("spread") / pl.col("mean")),
        drift=pl.when(by_week).then("line_drift").when(pl.col("six") > 0).then(pl.col("three") / pl.col("six")),
        is_pool=pl.col("payer") == POOL,
        is_alive=pl.col("last") <= 1,
    )
    few = (pl.col("lines") <= 3 * pl.col("paid")) | by_week
    often = pl.col("paid") * 10 >= (pl.col("first") - pl.col("last") + 1) * 7
    return streams.with_columns(is_regular=few & often & (pl.col("deviation") <= _STEADY))


def _same(low: pl.Expr, high: pl.Expr, thousandths: int = _SAME) -> pl.Expr:
    return (high - low) * 1000 <= low * thousandths


def _pieced_together(lines: pl.DataFrame, steady: pl.DataFrame) -> pl.DataFrame:
    """Customers most of whose labelled lines lie outside their steady streams since these began: paid by the piece."""
    inside = steady.group_by("customer_token").agg(inside=pl.col("lines").sum(), since=pl.col("since").min())
    labelled = (
        lines.filter(pl.col("origin") == "labelled")
        .join(inside, on="customer_token")
        .filter(pl.col("posted_on") >= pl.col("since"))
    )
    counted = labelled.group_by("customer_token").agg(all=pl.len(), inside=pl.col("inside").first())
    return counted.filter(pl.col("inside") * 10 < pl.col("all") * _MOSTLY).select("customer_token")


def _beginning(new: pl.DataFrame, former: pl.DataFrame) -> pl.DataFrame:
    """A job just begun: its largest stream, at no more than the former job paid, since a first pay says little."""
    before = former.group_by("customer_token").agg(before=pl.col("level").max())
    largest = new.sort("customer_token", "level", "payer", descending=[False, True, False]).unique(
        "customer_token", keep="first", maintain_order=True
    )
    joined = largest.join(before, on="customer_token", how="left", maintain_order="left")
    return joined.with_columns(level=pl.min_horizontal("level", "before")).drop("before")


def _employers(firms: pl.DataFrame) -> pl.DataFrame:
    """Firms that pay regularly without saying what for: the one that pays most, and others but for round amounts.

    A second wage is no round number as a rule; what a letting agency or an annuity pays is.
    """
    most = pl.col("level") == pl.col("level").max().over("customer_token")
    return firms.filter(most | ~pl.col("is_round"))


def _irregular(lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """All labelled lines of a customer as one stream, for pay that comes irregularly, of one platform or of many."""
    all_of_it = lines.filter(pl.col("origin") == "labelled").with_columns(payer=pl.lit("all"))
    streams = _judged(in_cycles(numbered(all_of_it), as_of))
    return streams.filter(pl.col("is_alive")).with_columns(
        level=pl.min_horizontal("six", "three").floor().cast(pl.Int64)
    )


def _per_customer(streams: pl.DataFrame, kind: str, *, together: bool) -> pl.DataFrame:
    """One row per customer of its streams: added up, or the largest of them."""
    ranked = streams.filter(pl.col("level") > 0).sort(
        "customer_token", "level", "payer", descending=[False, True, False]
    )
    main = ranked.group_by("customer_token", maintain_order=True)
    return main.agg(
        bank_kind=pl.lit(kind),
        bank_cents=pl.col("level").sum() if together else pl.col("level").first(),
        bank_months=pl.col("paid").first(),
        bank_missed=pl.col("missed").first(),
        bank_deviation=pl.col("deviation").first(),
        bank_cv=pl.col("cv").first(),
        bank_drift=pl.col("drift").first(),
    )
