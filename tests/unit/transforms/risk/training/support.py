"""A small credit table whose truth is known."""

from __future__ import annotations

import numpy as np
import polars as pl


def lender(rows: int = 4_000, seed: int = 3) -> tuple[pl.DataFrame, np.ndarray]:
    """Income lowers risk, late payments raise it; -9 and 98 are codes; some columns tell nothing or are none."""
    rng = np.random.default_rng(seed)
    income = np.round(rng.lognormal(8.5, 0.5, rows), 2)
    late = rng.poisson(0.6, rows).astype(float)
    risk = 1 / (1 + np.exp(1.0 + 1.2 * (np.log(income) - 8.5) - 0.8 * late))
    bad = rng.random(rows) < risk
    bureau = np.where(rng.random(rows) < 0.1, -9, rng.integers(0, 40, rows))
    late = np.where(rng.random(rows) < 0.03, 98, late).astype(int)
    frame = pl.DataFrame(
        {
            "row_id": np.arange(rows) + 10_000,
            "income": income,
            "late": late,
            "bureau": bureau,
            "noise": rng.normal(size=rows),
            "region": rng.choice(["north", "south", "west"], rows, p=[0.5, 0.3, 0.2]),
            "SEX": rng.integers(1, 3, rows),
            "currency": ["CNY"] * rows,
            "comment": [f"text {n}" for n in range(rows)],
            "bad": bad.astype(int),
        }
    )
    income_unknown = pl.int_range(pl.len()) % 17 == 0
    return frame.with_columns(pl.when(~income_unknown).then("income").alias("income")), bad
