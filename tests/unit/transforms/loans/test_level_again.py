"""Installments to come computed anew by the method of the plan, worked by hand."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.transforms.loans.plans import plan
from transforms.loans.changes import draw_more, repay_in_part
from transforms.loans.level_again import flat_base
from transforms.loans.plan import RepayMethod
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule

START = date(2024, 1, 15)
FEB = date(2024, 2, 15)


def running(method: RepayMethod) -> Running:
    """12,000 at 12 % over four months from 15 January."""
    asked = plan(1_200_000, installments=4, start_on=START, method=method)
    return Running.of(asked, build_schedule(asked))


def rows(loan: Running) -> list[tuple[int, int]]:
    """(principal, interest) of every installment."""
    return [(row.principal_cents, row.interest_cents) for row in loan.schedule().installments]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # 9,000 left after the first; 3,000 repaid: 2,000 in each of three.
        (RepayMethod.EQ_PRIN, [(300_000, 12_000), (200_000, 6_000), (200_000, 4_000), (200_000, 2_000)]),
        # 9,000 left of which the interest is 1 % a month, and all of it with the last.
        (RepayMethod.INT_FIRST, [(0, 12_000), (0, 9_000), (0, 9_000), (900_000, 9_000)]),
        # 9,000 lent, 6,000 left: flat interest falls from 120.00 to 80.00.
        (RepayMethod.FLAT, [(300_000, 12_000), (200_000, 8_000), (200_000, 8_000), (200_000, 8_000)]),
    ],
)
def test_a_part_repaid_on_a_due_date_lowers_the_installments_after_it(
    method: RepayMethod, expected: list[tuple[int, int]]
) -> None:
    assert rows(repay_in_part(running(method), FEB, 300_000)) == expected


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (RepayMethod.EQ_PRIN, [(300_000, 12_000), (400_000, 12_000), (400_000, 8_000), (400_000, 4_000)]),
        (RepayMethod.INT_FIRST, [(0, 12_000), (0, 15_000), (0, 15_000), (1_500_000, 15_000)]),
        (RepayMethod.FLAT, [(300_000, 12_000), (400_000, 15_000), (400_000, 15_000), (400_000, 15_000)]),
    ],
)
def test_what_is_drawn_on_a_due_date_raises_the_installments_after_it(
    method: RepayMethod, expected: list[tuple[int, int]]
) -> None:
    assert rows(draw_more(running(method), FEB, 300_000)) == expected


def test_a_level_plan_becomes_level_again() -> None:
    """Four of 3,075.37; 9,044.63 are left after the first, 6,044.63 once 3,000 are repaid: 2,055.31 in three."""
    found = rows(repay_in_part(running(RepayMethod.ANNUITY), FEB, 300_000))
    assert [sum(row) for row in found[:3]] == [307_537, 205_531, 205_531]
    assert found[0] == (295_537, 12_000)
    assert sum(row[0] for row in found) == 900_000


@pytest.mark.parametrize(
    ("base", "owed", "moved", "expected"),
    [
        (1_200_000, 900_000, 300_000, 1_500_000),
        (1_200_000, 900_000, 1, 1_200_001),
        (1_200_000, 900_000, 0, 1_200_000),
        (1_200_000, 0, 0, 1_200_000),
        (1_200_000, 600_000, -300_000, 800_000),  # two thirds of the debt are left
        (1_200_000, 0, -300_000, 0),
        (3, 1, -1, 2),  # half of three, half up
    ],
)
def test_flat_interest_is_on_what_was_lent_less_the_part_of_the_debt_that_is_repaid(
    base: int, owed: int, moved: int, expected: int
) -> None:
    assert flat_base(base, owed, moved) == expected
