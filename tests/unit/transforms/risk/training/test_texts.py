"""Text that is numbers or dates is read as such, and the report says so."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from transforms.risk.training.texts import plain


def one(values: list[str | int | None]) -> tuple[pl.Series, str]:
    frame, notes = plain(pl.DataFrame({"x": values}))
    return frame["x"], "; ".join(notes.get("x", ()))


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["13.5%", " 7.25% ", None], [13.5, 7.25, None]),
        (["$1,234", "$12,000,500", "¥7"], [1_234, 12_000_500, 7]),
        (["1.234,50", "0,5", "-3,25"], [1_234.5, 0.5, -3.25]),
        (["1,234.5", "7", ""], [1_234.5, 7.0, None]),
        ([*["1", "2", "3"] * 10, "unknown"], [*[1, 2, 3] * 10, None]),
    ],
)
def test_text_that_is_numbers_becomes_numbers(values: list[str | None], numbers: list[float | None]) -> None:
    series, told = one(list(values))
    assert series.to_list() == numbers
    assert told.startswith("text read as numbers")


def test_words_among_numbers_are_told() -> None:
    assert "1 rows of words ('unknown') taken for missing" in one([*["1", "2", "3"] * 10, "unknown"])[1]


@pytest.mark.parametrize("values", [["A11", "A12", "A13"], ["36 months", "60 months"], ["1", "b", "c", "d"]])
def test_other_text_stays_text(values: list[str]) -> None:
    series, told = one(list(values))
    assert (series.to_list(), told) == (values, "")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("2024/02/29", date(2024, 2, 29)),
        ("29/02/2024", date(2024, 2, 29)),
        ("02/29/2024", date(2024, 2, 29)),
        ("29.02.2024", date(2024, 2, 29)),
        ("2024-02-29T13:01:02Z", date(2024, 2, 29)),
        ("2024-02-29 13:01", date(2024, 2, 29)),
        ("Feb-2024", date(2024, 2, 1)),
        ("2024-02", date(2024, 2, 1)),
        ("2024年02月29日", date(2024, 2, 29)),
    ],
)
def test_dates_of_every_usual_form_are_dates(text: str, day: date) -> None:
    series, told = one([text, None, text])
    assert (series.name, series.to_list()) == ("x", [day, None, day])
    assert told == "text read as dates"


def test_a_number_is_a_day_only_where_every_value_is_one() -> None:
    assert one([20240131, 20240201])[0].to_list() == [date(2024, 1, 31), date(2024, 2, 1)]
    assert one([20240131, 20240232])[0].to_list() == [20240131, 20240232]


def test_blanks_are_missing_and_skipped_columns_stay() -> None:
    assert one([" ", "b ", None])[0].to_list() == [None, "b", None]
    assert plain(pl.DataFrame({"x": ["1", "2"]}), skip=["x"])[0]["x"].to_list() == ["1", "2"]
