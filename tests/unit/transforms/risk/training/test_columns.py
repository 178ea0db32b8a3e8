"""M75, M80: what a table's columns are taken for, before anything is learned from them."""

from __future__ import annotations

import polars as pl
import pytest

from tests.unit.transforms.risk.training.support import lender
from transforms.risk.training.columns import Column, Dropped, numbers, understand


def one(values: list[object], name: str = "x", **given: object) -> Column | Dropped:
    columns, dropped = understand(pl.DataFrame({name: values}), target="none", **given)  # type: ignore[arg-type]
    return (columns or dropped)[0]


def test_each_column_of_a_table_is_used_or_left_out_for_a_reason() -> None:
    columns, dropped = understand(lender()[0], target="bad")
    assert [c.name for c in columns] == ["income", "late", "bureau", "noise", "region"]
    assert {d.name: d.reason.split(":")[0] for d in dropped} == {
        "row_id": "an identifier",
        "SEX": "protected attribute",
        "currency": "constant",
        "comment": "text with 4,000 different values in 4,000 rows",
    }


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([0, 1, 2, 5, -9, -8, -7] * 3, (-9.0, -8.0, -7.0)),  # a bureau's "no such record"
        ([0, 1, 3, 13, 96, 98] * 3, (96.0, 98.0)),  # a survey's nines, far above
        ([-2, -1, 0, 1, 2] * 3, (-2.0, -1.0)),
        ([0, 50, 90, 96, 98, 120] * 3, ()),  # nines among values like them
        ([-350, -20, 10, 400] * 3, ()),  # balances may be negative
        ([0.5, -0.25, 0.75, 1.5] * 3, ()),
        ([20, 30, 999] * 3, (999.0,)),
    ],
)
def test_special_codes_are_found_and_values_are_left_alone(values: list[float], codes: tuple[float, ...]) -> None:
    column = one(list(values))
    assert isinstance(column, Column)
    assert column.codes == codes


def test_codes_given_are_taken_and_noted() -> None:
    column = one([1, 2, 3, 7777] * 3, codes=[7777.0, 5.0])
    assert isinstance(column, Column)
    assert column.codes == (7777.0,)
    assert "given" in column.notes[0]


def test_a_code_given_for_the_table_is_a_value_where_it_lies_among_values() -> None:
    ages = one([float(n) for n in range(20, 110)] * 3, "years", codes=[96.0])
    assert isinstance(ages, Column)
    assert ages.codes == ()
    spike = one([*range(90, 103), *[96] * 12], "months", codes=[96.0])
    assert isinstance(spike, Column)
    assert spike.codes == (96.0,)


@pytest.mark.parametrize("name", ["SEX", "sex", "customerAge", "AGE", "marital_status", "Gender", "race_code"])
def test_protected_attributes_are_left_out_unless_kept(name: str) -> None:
    assert isinstance(one([1, 2, 3], name), Dropped)
    assert isinstance(one([1, 2, 3], name, keep={name}), Column)


@pytest.mark.parametrize("name", ["package", "usage", "average_balance", "mortgage", "percentage", "sextant"])
def test_a_word_that_only_contains_one_is_not_protected(name: str) -> None:
    assert isinstance(one([1, 2, 3], name), Column)


def test_infinite_values_count_as_missing() -> None:
    assert [str(v) for v in numbers(pl.Series([1.0, float("inf"), None]))] == ["1.0", "nan", "nan"]
