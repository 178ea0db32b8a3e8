"""Arrears that a change moved to later installments: how much of them still stands, and how long they had been late."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from transforms.loans.moved import change_looks, moved_arrears
from transforms.loans.prepayments import PREPAID

VERSION: dict[str, Any] = {
    "plan_id": "P1",
    "version_no": 2,
    "route": "term_change",
    "effective_on": date(2025, 4, 20),
    "down_payment_cents": 0,
    "waived_cents": 0,
    "overdue_cents": 500,
}
LATE = date(2025, 7, 20)
Found = tuple[int, int, int, int]


def moved(*versions: tuple[dict[str, Any], int, int, int]) -> list[Found]:
    """(version, cents, days, counted) of changes, each with (change, money by then, arrears found, days past due)."""
    rows = [
        {**VERSION, "version_no": n, "effective_on": date(2025, 2 + n, 20), **change}
        for n, (change, *_) in enumerate(versions, start=2)
    ]
    of = pl.DataFrame(rows, schema_overrides={"version_no": pl.Int32})
    looks = change_looks(of)["day"].to_list()
    positions = pl.DataFrame(
        [
            ("P1", n - 1, day, money, 0, late, dpd)
            for n, (day, (_, money, late, dpd)) in enumerate(zip(looks, versions, strict=True), start=2)
        ],
        schema=[
            *("plan_id", "version_no", "as_of_date", "paid_cents", "waived_cents", "arrears_cents", "dpd"),
        ],
        orient="row",
    ).with_columns(pl.col("version_no").cast(pl.Int32))
    return [row[1:] for row in moved_arrears(of, positions).iter_rows()]


@pytest.mark.parametrize(
    ("change", "late", "expected"),
    [
        ({}, 500, (2, 500, 12, 1_000)),
        ({}, 501, (2, 500, 12, 1_000)),  # what the schedule counted as paid stays overdue under it
        ({}, 499, (2, 499, 12, 1_000)),
        ({}, 0, (2, 0, 0, 1_000)),
        ({"waived_cents": 200}, 500, (2, 300, 12, 1_000)),
        ({"waived_cents": 500}, 500, (2, 0, 0, 1_000)),
        ({"waived_cents": 499}, 500, (2, 1, 12, 1_000)),
        ({"waived_cents": 900}, 500, (2, 0, 0, 1_000)),
        ({"down_payment_cents": 200}, 500, (2, 300, 13, 1_200)),  # the eve of the change is a day short of it
        ({"route": PREPAID}, 500, (2, 0, 0, 1_000)),
    ],
)
def test_a_change_moves_what_it_finds_overdue(change: dict[str, Any], late: int, expected: Found) -> None:
    assert moved((change, 1_000, late, 12)) == [expected]


@pytest.mark.parametrize(
    ("money", "expected"),
    [
        (1_000, (3, 500, 12, 1_000)),
        (1_001, (3, 499, 12, 1_001)),
        (1_499, (3, 1, 12, 1_499)),
        (1_500, (3, 0, 0, 1_500)),
        (2_000, (3, 0, 0, 2_000)),
        (900, (3, 500, 12, 900)),
    ],
)
def test_money_that_comes_later_pays_what_was_moved(money: int, expected: Found) -> None:
    """500 were moved when 1,000 had come; the next change finds nothing overdue."""
    assert moved(({}, 1_000, 500, 12), ({}, money, 0, 0))[1] == expected


def test_arrears_moved_twice_keep_the_days_of_both() -> None:
    assert moved(({}, 1_000, 500, 12), ({}, 1_200, 400, 7)) == [(2, 500, 12, 1_000), (3, 700, 19, 1_200)]
    assert moved(({}, 1_000, 500, 12), ({}, 1_600, 400, 7))[1] == (3, 400, 7, 1_600)


def test_each_plan_is_counted_for_itself() -> None:
    first, second = VERSION, {**VERSION, "plan_id": "P2"}
    of = pl.DataFrame([first, second], schema_overrides={"version_no": pl.Int32})
    positions = pl.DataFrame(
        {
            "plan_id": ["P1", "P2"],
            "version_no": [1, 1],
            "as_of_date": [date(2025, 4, 20)] * 2,
            "paid_cents": [0, 70],
            "waived_cents": [0, 30],
            "arrears_cents": [500, 0],
            "dpd": [12, 0],
        },
        schema_overrides={"version_no": pl.Int32},
    )
    assert moved_arrears(of, positions).rows() == [("P1", 2, 500, 12, 0), ("P2", 2, 0, 0, 100)]


@pytest.mark.parametrize(("down", "day"), [(0, LATE), (1, date(2025, 7, 19))])
def test_a_down_payment_of_the_day_is_paid_by_the_change_itself(down: int, day: date) -> None:
    of = pl.DataFrame([{**VERSION, "effective_on": LATE, "down_payment_cents": down}])
    assert change_looks(of).rows() == [("P1", 2, day)]
