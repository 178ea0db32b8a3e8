"""What a table's columns are taken for, before anything is learned from them."""

from __future__ import annotations

from datetime import date

import numpy as np
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
        "row_id": "an identifier by its name, with 4,000 different values",
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
        ([20, 49, 98] * 3, (98.0,)),  # just twice any other
        ([20.0, 49.5, 98.0] * 3, ()),
        ([20, 30, -99999, -99998] * 3, (-99999.0, -99998.0)),
    ],
)
def test_special_codes_are_found_and_values_are_left_alone(values: list[float], codes: tuple[float, ...]) -> None:
    column = one(list(values))
    assert isinstance(column, Column)
    assert column.codes == codes


def test_a_value_repeated_far_above_all_others_is_a_code() -> None:
    """Days employed are counted back from today, and 365243 stands for none."""
    days = one([*range(-3_000, 0), *[365_243] * 300], "DAYS_EMPLOYED")
    assert isinstance(days, Column)
    assert (days.codes, days.notes) == (
        (365_243.0,),
        ("365243 in 300 rows taken for special codes (repeated far above every other value)",),
    )
    incomes = one([*range(1_000, 9_000, 10), *[60_000] * 5], "income")
    assert isinstance(incomes, Column)
    assert incomes.codes == (), "a few rich are rich"


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


@pytest.mark.parametrize("name", ["personal status", "foreign_worker", "性别", "出生日期", "NAME_FAMILY_STATUS"])
def test_protected_in_other_words_and_in_chinese(name: str) -> None:
    assert isinstance(one([1, 2, 3], name), Dropped)


@pytest.mark.parametrize(
    ("name", "left_out"), [("afam", True), ("is_male", True), ("black_list", False), ("单身", False)]
)
def test_a_group_of_people_named_by_one_word(name: str, left_out: bool) -> None:
    assert isinstance(one([1, 2, 3], name), Dropped) is left_out


def test_a_telephone_number_is_an_identifier_in_chinese_too() -> None:
    numbers = np.random.default_rng(1).integers(13 * 10**9, 14 * 10**9, 400).tolist()
    assert isinstance(one([*numbers, None], "手机号"), Dropped)


@pytest.mark.parametrize("name", ["credit_age", "AgeOfOldestAccount", "car_age", "家庭收入"])
def test_the_age_of_a_thing_is_not_a_persons(name: str) -> None:
    assert isinstance(one([1, 2, 3], name), Column)


def test_identifiers_are_told_from_amounts_that_happen_to_differ() -> None:
    rng = np.random.default_rng(1)
    assert isinstance(one(rng.permutation(500).tolist()), Dropped)
    assert isinstance(one(np.arange(100, 600).tolist()), Dropped)
    assert isinstance(one([*rng.integers(0, 10**9, 400).tolist(), None], "member_id"), Dropped)
    amounts = rng.choice(10**9, 400, replace=False).tolist()
    assert isinstance(one(amounts, "amount_cents"), Column), "too few draws of so many for one to come twice"
    assert isinstance(one(rng.permutation(500).tolist(), keep={"x"}), Column)


@pytest.mark.parametrize(("span", "left_out"), [(1_000, True), (1_001, False)])
def test_whole_numbers_all_different_identify_rows_where_chance_would_have_repeated_five(
    span: int, left_out: bool
) -> None:
    """A hundred draws out of a thousand repeat five times, 100² / 2000; out of a thousand and one not quite."""
    values = [span - 1, *range(99)]
    assert isinstance(one(values), Dropped) is left_out


def test_a_column_that_repeats_another_is_left_out() -> None:
    columns, dropped = understand(pl.DataFrame({"a": [1, 2, 3], "b": [1.0, 2.0, 3.0]}), target="y")
    assert [c.name for c in columns] == ["a"]
    assert dropped == [Dropped("b", "the same values as a in every row")]


def test_a_date_is_left_out_with_what_it_spans() -> None:
    found = one([date(2024, 1, 1), date(2024, 3, 1)], "opened")
    assert isinstance(found, Dropped)
    assert "2024-01-01 to 2024-03-01" in found.reason


@pytest.mark.parametrize("name", ["package", "usage", "average_balance", "mortgage", "percentage", "sextant"])
def test_a_word_that_only_contains_one_is_not_protected(name: str) -> None:
    assert isinstance(one([1, 2, 3], name), Column)


def test_infinite_values_count_as_missing() -> None:
    assert [str(v) for v in numbers(pl.Series([1.0, float("inf"), None]))] == ["1.0", "nan", "nan"]
