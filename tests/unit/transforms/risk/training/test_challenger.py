"""The challenger's trees run in the direction of a variable's bins, and are free where there is none."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from transforms.risk.training.columns import understand

pytest.importorskip("lightgbm", reason="the train extra is not installed (make train-extra)")

from transforms.risk.training.challenger import fit_challenger


def test_codes_and_variables_without_a_direction_are_left_free() -> None:
    """-9 stands for no record, which is the worst of all; of `turns` both ends are bad and the middle is good."""
    rng = np.random.default_rng(11)
    record = np.where(rng.random(2_000) < 0.3, -9, rng.integers(0, 20, 2_000))
    turns = rng.integers(0, 30, 2_000)
    bad = rng.random(2_000) < np.where(record == -9, 0.6, 0.1 + record / 80) + 0.3 * (abs(turns - 14.5) > 9)
    frame = pl.DataFrame({"record": record, "turns": turns})
    columns, _ = understand(frame, target="none")
    assert {c.name: c.codes for c in columns} == {"record": (-9.0,), "turns": ()}
    challenger = fit_challenger(frame, columns, bad, {"record": 1})
    none, few, many = challenger.pd(pl.DataFrame({"record": [-9, 0, 19], "turns": [14] * 3}))
    assert few < many < none
    low, middle, high = challenger.pd(pl.DataFrame({"record": [10] * 3, "turns": [1, 14, 28]}))
    assert middle < low - 0.1
    assert middle < high - 0.1
