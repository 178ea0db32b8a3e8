"""The book's figures: vintages, roll rates, flow, five classes, check of the 90-day rule, early warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.monitoring.portfolio_counts import ALL, COUNTED, KEY, WRITTEN_OFF, added

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.sections_monitoring import Monitoring
    from transforms.reading import PerRange

#: Rolls watched for early warnings and chained into the forecast: the last begins at 61–90 days.
_ROLLS = ("M0>M1", "M1>M2", "M2>M3", "M3>M4")
_BEFORE, _FORECAST_MONTHS = 3, 3
_NPL_DPD, _OVER_90 = 90, "over 90 days"


def class_counts(plan_progress: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """`COUNTED` partials of `servicing.plan_progress`: plans that still owe by class, and those over 90 days."""
    owing = plan_progress.filter(pl.col("outstanding_cents") > 0)
    owed, late = pl.col("outstanding_cents"), pl.col("own_dpd") > _NPL_DPD
    parts = []
    for segment in (pl.col("product_code"), pl.lit(ALL)):
        classes = owing.group_by(segment=segment, band="five_class").agg(
            measure=pl.lit("five_class"), plan_cnt=pl.len(), base_cnt=0, amount_cents=owed.sum(), base_cents=0
        )
        guard = owing.group_by(segment=segment, band=pl.lit(_OVER_90)).agg(
            measure=pl.lit("guard_90"),
            plan_cnt=late.sum(),
            base_cnt=pl.len(),
            amount_cents=owed.filter(late).sum(),
            base_cents=owed.sum(),
        )
        parts += [f.with_columns(period=pl.lit(as_of, pl.Date)) for f in (classes, guard)]
    return pl.concat(p.select(pl.col(name).cast(dtype) for name, dtype in COUNTED.items()) for p in parts)


def portfolio(
    book_counts: PerRange, class_counts: PerRange, monitoring_policy: Monitoring, as_of: date
) -> pl.DataFrame:
    """`monitoring.portfolio`: a row per measure, segment (product or all), period and band.

    Rates are of plans and of cents. Beside the counted measures: `early_warning`, a roll of the last whole month
    against the mean of the three before (`amount_rate` is that ratio), and `npl_forecast`, what of tonight's stock is
    over 90 days late three months on if it rolls as in the last three months. `alert` where the policy's threshold is
    reached and the base is no smaller than its minimum cell.
    """
    counted = _based(added([*book_counts, *class_counts]))
    rows = pl.concat([counted, _forecast(counted, as_of), _warnings(counted)])
    rated = rows.with_columns(
        plan_rate=pl.when((pl.col("base_cnt") > 0) & (pl.col("measure") != "npl_forecast")).then(
            pl.col("plan_cnt") / pl.col("base_cnt")
        ),
        amount_rate=pl.when(pl.col("base_cents") > 0).then(pl.col("amount_cents") / pl.col("base_cents")),
    )
    threshold = (
        pl.when(pl.col("measure").is_in(["guard_90", "npl_forecast"]))
        .then(pl.lit(monitoring_policy.npl_limit_bp))
        .when(pl.col("measure") == "early_warning")
        .then(pl.lit(monitoring_policy.early_warning_rise_bp))
        .when(pl.col("measure") == "first_default")
        .then(pl.lit(monitoring_policy.first_default_limit_bp))
    )
    watched = pl.when(pl.col("measure") == "first_default").then("plan_rate").otherwise("amount_rate")
    reached = (watched * 10_000).round(6) >= threshold
    return rated.with_columns(
        as_of_date=pl.lit(as_of, pl.Date),
        threshold_rate=threshold / 10_000.0,
        alert=(reached & (pl.col("base_cnt") >= monitoring_policy.minimum_cell)).fill_null(value=False),
    ).sort(KEY)


def _based(counted: pl.DataFrame) -> pl.DataFrame:
    """The base of stock, flow and classes: all of the segment and period, of a flow all that began in its bucket.

    Taken once all shards are added: a shard without a plan of some band has no row for it.
    """
    start = pl.when(pl.col("measure") == "flow").then(pl.col("band").str.extract(r"^(M\d)>")).fill_null("")
    wholes = [pl.col(c).sum().over("measure", "segment", "period", start) for c in ("plan_cnt", "amount_cents")]
    shared = pl.col("measure").is_in(["stock", "flow", "five_class"])
    return counted.with_columns(
        base_cnt=pl.when(shared).then(wholes[0]).otherwise("base_cnt"),
        base_cents=pl.when(shared).then(wholes[1]).otherwise("base_cents"),
    )


def _rolls(counted: pl.DataFrame) -> pl.DataFrame:
    """Per segment, month and watched roll: plans and cents that went further or were written off, and the base."""
    flow = counted.filter(pl.col("measure") == "flow").with_columns(
        start=pl.col("band").str.extract(r"^(M\d)>"), went=pl.col("band").str.extract(r">(.+)$")
    )
    place = pl.col("start").str.slice(1).cast(pl.Int32)
    went = pl.col("went").str.extract(r"^M(\d)$").cast(pl.Int32)
    worse = (went > place).fill_null(value=False) | (pl.col("went") == WRITTEN_OFF)
    watched = [roll.partition(">")[0] for roll in _ROLLS]
    names = dict(zip(watched, _ROLLS, strict=True))
    return (
        flow.filter(pl.col("start").is_in(watched))
        .group_by("segment", "period", roll=pl.col("start").replace_strict(names, return_dtype=pl.String, default=None))
        .agg(
            plan_cnt=pl.col("plan_cnt").filter(worse).sum(),
            base_cnt=pl.col("base_cnt").max(),
            amount_cents=pl.col("amount_cents").filter(worse).sum(),
            base_cents=pl.col("base_cents").max(),
        )
    )


def _warnings(counted: pl.DataFrame) -> pl.DataFrame:
    """The last month's roll in millionths of the mean of the three months before, as a share of that mean."""
    rolls = _rolls(counted)
    if rolls.is_empty():
        return pl.DataFrame(schema=COUNTED)
    last = rolls["period"].max()
    months = rolls["period"].unique().sort(descending=True).to_list()[1 : 1 + _BEFORE]
    before = (
        rolls.filter(pl.col("period").is_in(months))
        .group_by("segment", "roll")
        .agg(_then=pl.col("amount_cents").sum(), _of=pl.col("base_cents").sum())
    )
    now = rolls.filter(pl.col("period") == last).join(before, on=["segment", "roll"], how="inner")
    expected = pl.col("base_cents").cast(pl.Float64) * pl.col("_then") / pl.col("_of")
    return now.filter((pl.col("_of") > 0) & (pl.col("_then") > 0)).select(
        measure=pl.lit("early_warning"),
        segment="segment",
        period="period",
        band="roll",
        plan_cnt="plan_cnt",
        base_cnt="base_cnt",
        amount_cents="amount_cents",
        base_cents=expected.round().cast(pl.Int64),
    )


def _forecast(counted: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Tonight's stock by bucket, and how much of it is beyond 90 days three months on by the mean rolls."""
    stock = counted.filter((pl.col("measure") == "stock") & (pl.col("period") == as_of))
    rolls = _rolls(counted)
    months = rolls["period"].unique().sort(descending=True).to_list()[:_FORECAST_MONTHS]
    mean = (
        rolls.filter(pl.col("period").is_in(months))
        .group_by("segment", "roll")
        .agg(_went=pl.col("amount_cents").sum(), _of=pl.col("base_cents").sum())
    )
    cells = mean.select("segment", "roll", "_went", "_of").iter_rows()
    share = {(segment, roll): went / base if base else 0.0 for segment, roll, went, base in cells}
    rows = []
    for segment in stock["segment"].unique().sort().to_list():
        own = stock.filter(pl.col("segment") == segment)
        held = dict(own.select("band", "amount_cents").iter_rows())
        plans, cents = int(own["plan_cnt"].sum()), int(own["amount_cents"].sum())
        rolled = _rolled(held, [share.get((segment, roll), 0.0) for roll in _ROLLS])
        rows.append(("npl_forecast", segment, as_of, f"{_OVER_90} in 3 months", 0, plans, rolled, cents))
    return pl.DataFrame(rows, schema=COUNTED, orient="row")


def _rolled(held: dict[str, int], shares: list[float]) -> int:
    """Cents beyond 90 days after three months: what is there stays, each bucket below gets there by its rolls."""
    total = float(sum(cents for band, cents in held.items() if band > "M3"))
    for start in range(1, len(shares)):
        reach = 1.0
        for share in shares[start:]:
            reach *= share
        total += held.get(f"M{start}", 0) * reach
    return round(total)
