"""Amounts a period in the forms sources write them in, and what is refused."""

from __future__ import annotations

import pytest

from tests.vectors.answers import NotUnderstoodError
from tests.vectors.series import amounts, is_series

LENT = [-1000.0, *[100.0] * 12]
UNEQUAL = [250.0, *[230.0] * 22, 280.0]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("first -1000, then 12 x 100", LENT),
        ("[-1000] + [100] * 12", LENT),
        ("-1000 followed by 12 payments of 100", LENT),
        ([-1000, [100, 12]], LENT),
        ({"first": -1000, "then": 100, "count": 12}, LENT),
        ({"first": -1000, "rest": [[100, 12]]}, LENT),
        ("first 250 then 22 equal payments of 230, last 280", UNEQUAL),
        ({"first": 250, "regular": 230, "last": 280, "n": 24}, UNEQUAL),
        ({"firstPayment": 250, "payment": "230.00", "times": 22, "lastPayment": 280}, UNEQUAL),
        (["250", {"amount": 230, "count": 22}, 280], UNEQUAL),
        ("230.5 x 2", [230.5, 230.5]),
        ("falling from 100 to 90 over 11 months", [float(x) for x in range(100, 89, -1)]),
        ("1,250.50, 3", [1250.5, 3.0]),
    ],
)
def test_forms_of_the_same_amounts(written: object, expected: list[float]) -> None:
    assert amounts(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "some payments",
        "1.5 x 2.5",
        "100 x 5 for 3",
        "",
        7,
        {"first": 1, "then": 2},
        {"first": 1, "start": 2},
        {"first": 1, "then": 2, "count": 3, "times": 3},
        {"then": 2, "rest": 3, "count": 4},
        {"first": 1, "rest": [2], "count": 4},
        [[1, 2, 3]],
        [[1, 2.5]],
        [[1, 1_000_000]],
        "falling from 3 to 2 over 1 months",
    ],
)
def test_what_can_be_read_in_no_way_is_refused(written: object) -> None:
    with pytest.raises(NotUnderstoodError):
        amounts(written)


def test_an_object_is_a_series_by_its_first_or_last_amount() -> None:
    assert is_series({"first": 1, "then": 2, "count": 3})
    assert not is_series({"amount": 1, "count": 2, "first_month": 3})
    assert not is_series([1])
