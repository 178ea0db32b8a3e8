"""What the score was a cooldown ago, from facts, so that a better grade has to hold before it counts.

The rule is decision record 0007. Nothing here reads an earlier night's output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.profile.customer_profile import COMMERCE_COLUMNS
from transforms.risk.scorecard import Scorecard, points_column, with_points

if TYPE_CHECKING:
    from datetime import date


def reads_shopping(scorecard: Scorecard) -> bool:
    """Whether the score reads what orders and refunds decide; where not, they are not read as of a cooldown ago."""
    return not {name for v in scorecard.variables for name in (v.column, v.over)}.isdisjoint(COMMERCE_COLUMNS)


def earlier_assessment(
    earlier_customer_profile: pl.DataFrame,
    earlier_debt_ledger: pl.DataFrame,
    scorecard: Scorecard,
    as_of: date,
    earlier_as_of: date,
) -> pl.DataFrame:
    """`risk.earlier_assessment`: one row per customer who was one on `earlier_as_of`.

    Profile and ledger are as of that day, of facts known on the night `as_of`. A variable whose value was not known
    then has no points. Installment debt is what was owed on anything but cards, in cents.
    """
    scored = with_points(earlier_customer_profile, scorecard)
    points = [
        pl.when(v.known()).then(pl.col(points_column(v))).otherwise(None).alias(v.code) for v in scorecard.variables
    ]
    return (
        scored.select("customer_token", "shard", points=pl.concat_list(points))
        .join(installment_debt(earlier_debt_ledger), on="customer_token", how="left", maintain_order="left")
        .with_columns(
            as_of_date=pl.lit(as_of, pl.Date),
            assessed_on=pl.lit(earlier_as_of, pl.Date),
            installment_debt_cents=pl.col("installment_debt_cents").fill_null(0),
        )
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
