"""The scorecard as a table: whoever has a customer's points can say which bins gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.risk.scorecard import Scorecard, Variable

COLUMNS: Mapping[str, DataType | DataTypeClass] = {
    "as_of_date": pl.Date,
    "model_version": pl.String,
    "place": pl.Int16,
    "bin_no": pl.Int16,
    "variable": pl.String,
    "over_variable": pl.String,
    "scale": pl.Int32,
    "axis": pl.String,
    "reason_code": pl.String,
    "bin_kind": pl.String,
    "from_units": pl.Int64,
    "below_units": pl.Int64,
    "category": pl.String,
    "points": pl.Int32,
    "reference_points": pl.Int32,
    "reason_en": pl.String,
    "reason_zh": pl.String,
}


def scorecard_rows(scorecard: Scorecard, as_of: date) -> pl.DataFrame:
    """`reference.scorecard`: one row per variable and bin of the scorecard in force, and one of the base points.

    `place` is the variable's position in `risk.risk_assessment.points`, from 1; the base points have place 0. Units
    are whole: the value times `scale` (over `over_variable` where it is a share), rounded down.
    """
    scale = scorecard.scale
    bounds = ("base", scale.lowest, scale.highest + 1, None, scale.base_points, None)
    rows: list[tuple[object, ...]] = [
        (as_of, scorecard.version, 0, 0, "base", None, 1, "none", "BASE", *bounds, "Base points", "基础分")
    ]
    for place, v in enumerate(scorecard.variables, 1):
        for number, (kind, low, high, category, points) in enumerate(_bins(v), 1):
            unknown = kind == "missing"
            rows.append(
                (
                    *(as_of, scorecard.version, place, number, v.column, v.over, v.scale, v.axis),
                    f"{v.code}_UNKNOWN" if unknown else v.code,
                    *(kind, low, high, category, points, v.reference),
                    *((v.unknown_en, v.unknown_zh) if unknown else (v.en, v.zh)),
                )
            )
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def _bins(v: Variable) -> Iterator[tuple[str, int | None, int | None, str | None, int]]:
    """(kind, from, below, category, points) of every bin."""
    if v.categories:
        yield from (("category", None, None, text, points) for text, points in v.categories)
        yield "category", None, None, None, v.points[-1]
    else:
        edges = (None, *v.uppers, None)
        for n, points in enumerate(v.points):
            yield "range", edges[n], edges[n + 1], None, points
        yield from (("code", value, value + 1, None, points) for value, points in v.codes)
    yield "missing", None, None, None, v.missing
