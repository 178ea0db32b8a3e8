"""How stable an occupation is and how its industry's wages grow: reference data, dated and cited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class OccupationError(ValueError):
    """The reference table is wrong; the message says where."""


@dataclass(frozen=True)
class Occupations:
    """The table as it stands on one day.

    `base` gives each employment type a stability in basis points; `tenure` adds by full months in the job (from,
    basis points), `industry` by industry. `wage_growth` gives an industry's last released yearly growth in basis
    points.
    """

    base: Mapping[str, int]
    tenure: tuple[tuple[int, int], ...]
    industry: Mapping[str, int]
    wage_growth: Mapping[str, int]


def parse_occupations(body: Mapping[str, Any], as_of: date, source: str) -> Occupations:
    """Read the reference document as known on `as_of`: the version in force, and each industry's newest release."""
    versions = [v for v in body.get("version", ()) if v["effective_from"] <= as_of]
    if not versions:
        raise OccupationError(f"{source}: no version is in force on {as_of}")
    version = max(versions, key=lambda v: v["effective_from"])
    releases = sorted(
        (r for r in body.get("wage_growth", ()) if r["released_on"] <= as_of),
        key=lambda r: (r["released_on"], r["year"]),
    )
    growth = {industry: int(bp) for release in releases for industry, bp in release["growth_bp"].items()}
    tenure = tuple(sorted((int(step["from_m"]), int(step["bp"])) for step in version["tenure"]))
    return Occupations(
        {k: int(v) for k, v in version["employment_type"].items()},
        tenure,
        {k: int(v) for k, v in version["industry"].items()},
        growth,
    )


def occ_stability(table: Occupations) -> pl.Expr:
    """Stability from 0 to 1 from employment_type, job_tenure_m and industry_code; empty for an unknown type."""
    base = pl.col("employment_type").replace_strict(dict(table.base), default=None, return_dtype=pl.Int64)
    tenure = pl.lit(0, pl.Int64)
    for months, step in table.tenure:
        tenure = pl.when(pl.col("job_tenure_m") >= months).then(pl.lit(step, pl.Int64)).otherwise(tenure)
    industry = pl.col("industry_code").replace_strict(dict(table.industry), default=0, return_dtype=pl.Int64)
    # Rounded, since Polars divides by a literal through its reciprocal.
    return ((base + tenure + industry).clip(0, 10_000) / 10_000.0).round(4).alias("occ_stability")


def wage_growth_bp(table: Occupations) -> pl.Expr:
    """Last released yearly wage growth of the industry, basis points; empty without one."""
    growth = dict(table.wage_growth)
    code = pl.col("industry_code")
    found = code.replace_strict(growth, default=growth.get("other"), return_dtype=pl.Int32)
    return pl.when(code.is_not_null()).then(found).alias("industry_wage_growth_bp")
