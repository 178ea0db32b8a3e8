"""Why a score is not better, by the method Reg B describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.risk.scorecard import Scorecard, points_column, with_points

if TYPE_CHECKING:
    from datetime import date

#: More than four reasons tell an applicant nothing more (12 CFR 1002, comment 9(b)(2)-1).
MAX_REASONS = 4


def risk_reason(customer_profile: pl.DataFrame, scorecard: Scorecard, as_of: date) -> pl.DataFrame:
    """`risk.risk_reason`: up to four rows per customer, the variable that costs most first.

    A variable costs what its points fall below the scorecard's `reference`, the points of applicants just above the
    cut-off (12 CFR 1002, comment 9(b)(2)-5). Ties go by the scorecard's order, so the same customer always gets the
    same reasons. Where the value is not known, the reason says that instead.
    """
    variables = pl.DataFrame(
        {
            "variable": [v.column for v in scorecard.variables],
            "code": [v.code for v in scorecard.variables],
            "reference": [v.reference for v in scorecard.variables],
            "en": [v.en for v in scorecard.variables],
            "zh": [v.zh for v in scorecard.variables],
            "unknown_en": [v.unknown_en for v in scorecard.variables],
            "unknown_zh": [v.unknown_zh for v in scorecard.variables],
            "place": list(range(len(scorecard.variables))),
        },
        schema_overrides={"reference": pl.Int32, "place": pl.Int32},
    )
    scored = with_points(customer_profile, scorecard)
    who = ["customer_token", "shard"]
    points = scored.select(*who, *(pl.col(points_column(v)).alias(v.code) for v in scorecard.variables))
    unknown = scored.select(*who, *(v.known().not_().alias(v.code) for v in scorecard.variables))
    long = (
        points.unpivot(index=who, variable_name="code", value_name="points")
        .with_columns(unknown.unpivot(index=who, value_name="unknown")["unknown"])
        .join(variables, on="code", how="inner")
        .with_columns(points_below=pl.col("reference") - pl.col("points"))
        .filter(pl.col("points_below") > 0)
        .sort(["customer_token", "points_below", "place"], descending=[False, True, False])
        .with_columns(reason_rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int16).over("customer_token"))
        .filter(pl.col("reason_rank") <= MAX_REASONS)
    )
    return long.select(
        as_of_date=pl.lit(as_of, pl.Date),
        customer_token="customer_token",
        reason_rank="reason_rank",
        shard="shard",
        reason_code=pl.when("unknown").then(pl.col("code") + "_UNKNOWN").otherwise("code"),
        variable="variable",
        points="points",
        points_below="points_below",
        reason_en=pl.when("unknown").then("unknown_en").otherwise("en"),
        reason_zh=pl.when("unknown").then("unknown_zh").otherwise("zh"),
    )
