"""What the score was a cooldown ago, from facts, so that a better grade has to hold before it counts.

The rule is decision record 0007. Nothing here reads an earlier night's output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.profile.customer_profile import COMMERCE_COLUMNS
from transforms.risk.scorecard import Scorecard, points_column, with_points

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

COLUMNS: Mapping[str, DataType | DataTypeClass] = {
    "as_of_date": pl.Date,
    "customer_token": pl.String,
    "shard": pl.Int16,
    "assessed_on": pl.Date,
    "points": pl.List(pl.Int32),
    "installment_debt_cents": pl.Int64,
}


def unneeded(scorecard: Scorecard, queries: Mapping[str, str]) -> frozenset[str]:
    """Names of the profile's `queries` that the score has no use for: those of shopping, unless it reads shopping."""
    read = {name for v in scorecard.variables for name in (v.column, v.over)}
    if read & set(COMMERCE_COLUMNS):
        return frozenset()
    return frozenset(name for name, query in queries.items() if ".commerce." in query)


def earlier_assessment(
    profile: pl.DataFrame, ledger: pl.DataFrame, scorecard: Scorecard, as_of: date, assessed_on: date
) -> pl.DataFrame:
    """`risk.earlier_assessment`: one row per customer who was one on `assessed_on`.

    `profile` (the scorecard's columns) and `ledger` (`profile.debt_ledger`) are as of `assessed_on`, of facts known
    on the night `as_of`. A variable whose value was not known then has no points. Installment debt is what was owed
    on anything but cards, in cents.
    """
    scored = with_points(profile, scorecard)
    points = [
        pl.when(v.known()).then(pl.col(points_column(v))).otherwise(None).alias(v.code) for v in scorecard.variables
    ]
    return (
        scored.select("customer_token", "shard", points=pl.concat_list(points))
        .join(installment_debt(ledger), on="customer_token", how="left", maintain_order="left")
        .with_columns(
            as_of_date=pl.lit(as_of, pl.Date),
            assessed_on=pl.lit(assessed_on, pl.Date),
            installment_debt_cents=pl.col("installment_debt_cents").fill_null(0),
        )
        .select(pl.col(name).cast(type_) for name, type_ in COLUMNS.items())
    )


def installment_debt(ledger: pl.DataFrame) -> pl.DataFrame:
    """(customer_token, installment_debt_cents): what is owed on anything but cards."""
    return (
        ledger.filter(pl.col("account_kind") != "credit_card")
        .group_by("customer_token")
        .agg(installment_debt_cents=pl.col("balance_cents").sum().cast(pl.Int64))
    )


def earlier_score(scorecard: Scorecard) -> pl.Expr:
    """The score a cooldown ago, from the list `earlier_points` and tonight's points columns; null where no list is.

    A variable not known then takes tonight's points: that something has become known is neither better nor worse.
    """
    then = [
        pl.coalesce(pl.col("earlier_points").list.get(n, null_on_oob=True), pl.col(points_column(v)))
        for n, v in enumerate(scorecard.variables)
    ]
    total = pl.sum_horizontal(then) + scorecard.scale.base_points
    kept = total.clip(scorecard.scale.lowest, scorecard.scale.highest).cast(pl.Int32)
    return pl.when(pl.col("earlier_points").is_not_null()).then(kept)


def held_score(exit_band_points: int, lowest: int) -> pl.Expr:
    """The score the grade is read at: tonight's, unless the one a cooldown ago, less the exit band, is lower.

    A grade is left at once when tonight's score falls below it. It is entered once a score that clears it by the exit
    band has held for the cooldown: it did so then, and tonight's has not fallen below the grade. A customer without an
    earlier assessment enters by tonight's alone, by the same band.
    """
    then = pl.coalesce("earlier_score", "score") - exit_band_points
    return pl.min_horizontal(pl.col("score"), then).clip(lower_bound=lowest).cast(pl.Int32)
