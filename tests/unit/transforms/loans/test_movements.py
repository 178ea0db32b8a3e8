"""What money moved on a plan: each movement once, less what was taken back of it, in the order in which it counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.loans.books import paid
from transforms.loans.movements import concerning, net_movements, once, orphan_reversals

DAY = date(2025, 3, 10)


def net(*rows: tuple[Any, ...]) -> dict[str, int]:
    """What is left of each movement that counts."""
    return dict(net_movements(paid(*rows)).select("repayment_id", "amount_cents").iter_rows())


def back(cents: int, of: str) -> tuple[Any, ...]:
    """A reversal of a movement, by its number."""
    return (DAY, cents, "reversal", None, of)


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        ([(DAY, 100), (DAY, 200)], {"R1": 100, "R2": 200}),
        ([(DAY, 100), back(40, "R1")], {"R1": 60}),
        ([(DAY, 100), back(100, "R1")], {}),
        ([(DAY, 100), back(99, "R1")], {"R1": 1}),
        ([(DAY, 100), back(140, "R1"), (DAY, 7)], {"R3": 7}),
        ([(DAY, 100), back(30, "R1"), back(30, "R1")], {"R1": 40}),
        ([(DAY, 100), back(100, "R1"), back(100, "R2")], {"R1": 100}),
        ([(DAY, 100), back(100, "R1"), back(40, "R2")], {"R1": 40}),
        ([(DAY, 100), back(100, "R1"), back(300, "R2")], {"R1": 100}),
        ([(DAY, 100), back(100, "R1"), back(100, "R2"), back(100, "R3")], {}),
        ([(DAY, 100), back(50, "R9")], {"R1": 100}),
        ([(DAY, 100, "failed_debit")], {}),
        ([(DAY, 100, "waiver"), (DAY, 50, "early_settlement")], {"R1": 100, "R2": 50}),
        ([], {}),
    ],
    ids=[
        "payments",
        "taken back in part",
        "taken back",
        "but for a cent",
        "more than there was",
        "twice",
        "and given again",
        "and given again in part",
        "and more than that given again",
        "and taken back once more",
        "a movement that is not known",
        "a failed debit",
        "waived or settled",
        "nothing",
    ],
)
def test_what_is_left_of_each_movement(rows: list[tuple[Any, ...]], left: dict[str, int]) -> None:
    assert net(*rows) == left


def test_a_reversal_takes_back_of_its_own_plan_only() -> None:
    other = paid(back(100, "R1"), plan_id="P2").with_columns(repayment_id=pl.lit("X1"))
    found = net_movements(pl.concat([paid((DAY, 100)), other]))
    assert found.select("plan_id", "amount_cents").rows() == [("P1", 100)]


def test_of_one_day_installments_are_paid_before_anything_is_repaid_early() -> None:
    rows = [(DAY, 1, "early_settlement"), (DAY, 2), (date(2025, 3, 9), 3), (DAY, 4, "waiver")]
    assert net_movements(paid(*rows))["amount_cents"].to_list() == [3, 2, 4, 1]


def test_a_movement_counts_from_its_value_day() -> None:
    early = (date(2025, 3, 20), 1, "payment", date(2025, 3, 1))
    assert net_movements(paid((DAY, 2), early))["value_on"].to_list() == [date(2025, 3, 1), DAY]


@pytest.mark.parametrize(
    ("known", "expected"), [(date(2025, 3, 12), date(2025, 3, 12)), (date(2025, 3, 9), DAY), (None, DAY)]
)
def test_a_movement_is_known_on_the_day_it_was_booked_or_later(known: date | None, expected: date) -> None:
    rows = paid((DAY, 100)).with_columns(known_on=pl.lit(known, pl.Date))
    assert once(rows)["known_on"].to_list() == [expected]


def test_an_older_feed_says_nothing_of_what_a_part_repaid_early_does() -> None:
    old, new = paid((DAY, 100)), paid((DAY, 100)).with_columns(prepayment_effect=pl.lit("shorter"))
    assert once(old).select("known_on", "prepayment_effect").rows() == [(DAY, None)]
    assert once(new)["prepayment_effect"].to_list() == ["shorter"]
    assert net_movements(new)["prepayment_effect"].to_list() == ["shorter"]


def test_a_number_that_comes_again_counts_as_it_came_first() -> None:
    first = paid((DAY, 100)).with_columns(feed_date=pl.lit(date(2025, 3, 11)), delivery_seq=pl.lit(2))
    again = paid((DAY, 999)).with_columns(feed_date=pl.lit(date(2025, 3, 12)), delivery_seq=pl.lit(1))
    earlier = paid((DAY, 50)).with_columns(feed_date=pl.lit(date(2025, 3, 11)), delivery_seq=pl.lit(1))
    assert once(pl.concat([again, first]))["amount_cents"].to_list() == [100]
    assert once(pl.concat([again, first, earlier]))["amount_cents"].to_list() == [50]


def test_movements_of_a_kind_come_with_all_that_takes_them_back() -> None:
    rows = [(DAY, 100, "waiver"), (DAY, 5), back(100, "R1"), back(100, "R3"), back(5, "R2"), (DAY, 1, "waiver")]
    assert sorted(concerning(paid(*rows), "waiver")["repayment_id"]) == ["R1", "R3", "R4", "R6"]
    assert concerning(paid((DAY, 5)), "waiver").is_empty()


def test_a_reversal_of_nothing_known_is_an_orphan() -> None:
    rows = paid((DAY, 100), back(100, "R1"), back(30, "R9"), back(20, "R2"))
    assert orphan_reversals(rows).rows() == [("P1", "R3", 30)]
    other = paid(back(100, "R1"), plan_id="P2").with_columns(repayment_id=pl.lit("X1"))
    assert orphan_reversals(pl.concat([paid((DAY, 100)), other])).rows() == [("P2", "X1", 100)]
