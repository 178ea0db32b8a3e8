"""The report has each column's distribution, and what was done with outliers and special values."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.risk.training.shape import of_numbers, of_texts


@pytest.mark.parametrize(
    ("values", "codes", "notes"),
    [
        ([*range(100)], (), ()),
        ([*range(90), *[None] * 10], (), ("10 rows missing (10.0%): a bin of their own",)),
        (
            [*map(float, range(98)), float("inf"), float("nan")],
            (),
            ("2 rows missing (2.0%): a bin of their own", "1 infinite values among the missing"),
        ),
        ([*[0] * 80, *range(1, 21)], (), ("0 in 80.0% of rows",)),
        ([*[0] * 50, *[1] * 50], (), ()),
        ([*range(1, 1_000), 10**9], (), ("values up to 1e+09, 99 of 100 up to 990.01: outliers share the last bin",)),
        ([*range(1, 1_000), 99_999], (99_999.0,), ()),
        ([*range(1, 1_001), 19_819], (), ()),
        (
            [*range(1, 1_001), 19_820],
            (),
            ("values up to 19820, 99 of 100 up to 991: outliers share the last bin",),
        ),
    ],
)
def test_numbers(values: list[float | None], codes: tuple[float, ...], notes: tuple[str, ...]) -> None:
    assert of_numbers(pl.Series(values, strict=False), codes) == notes


def test_texts() -> None:
    assert of_texts(pl.Series(["a", "b", None, "a"]), 2) == ("1 rows missing (25.0%): a bin of their own",)
    assert of_texts(pl.Series([f"t{n}" for n in range(30)]), 30) == ("30 different texts: rare ones share a bin",)
