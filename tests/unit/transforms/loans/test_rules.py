"""Buckets and classes of days past due, on both sides of every bound."""

from __future__ import annotations

import polars as pl
import pytest

from tests.unit.transforms.support import policy
from transforms.loans.rules import bucket, class_name, class_place


@pytest.mark.parametrize(
    ("dpd", "expected"),
    [(0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (150, 5), (151, 6), (180, 6), (181, 7), (211, 7), (999, 7)],
)
def test_a_bucket_is_thirty_days(dpd: int, expected: int) -> None:
    assert pl.DataFrame({"dpd": [dpd]}).select(bucket(pl.col("dpd"))).item() == expected


@pytest.mark.parametrize(
    ("dpd", "expected"),
    [
        (0, "normal"),
        (1, "special_mention"),
        (90, "special_mention"),
        (91, "substandard"),
        (270, "substandard"),
        (271, "doubtful"),
        (360, "doubtful"),
        (361, "loss"),
    ],
)
def test_a_class_begins_the_day_after_its_bound(dpd: int, expected: str) -> None:
    place = class_place(pl.col("dpd"), policy().classification)
    assert pl.DataFrame({"dpd": [dpd]}).select(class_name(place)).item() == expected
