"""Arrears taken out of the installments that bore them, and moved to the next one: nothing lost, nothing twice."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.transforms.loans.plans import plan
from transforms.loans.arrears import coming_of, move_arrears, reopened, take_out_arrears
from transforms.loans.changes import paid
from transforms.loans.running import Running
from transforms.loans.schedule import build_schedule

FEB, MAR, APR = date(2024, 2, 15), date(2024, 3, 15), date(2024, 4, 15)


def running() -> Running:
    """10,000 at 12 % over three months from 15 January: 3,400.22 each, of the first 100.00 interest."""
    asked = plan(1_000_000, installments=3, start_on=date(2024, 1, 15))
    return Running.of(asked, build_schedule(asked))


def rows(loan: Running) -> list[tuple[int, int]]:
    """(principal, interest) of every installment."""
    return [(row.principal_cents, row.interest_cents) for row in loan.schedule().installments]


@pytest.mark.parametrize(
    ("unpaid", "first"),
    [
        ((330_022, 10_000), (0, 0)),
        ((330_022, 0), (0, 10_000)),
        ((0, 10_000), (330_022, 0)),
        ((0, 0), (330_022, 10_000)),
        ((1, 1), (330_021, 9_999)),
    ],
)
def test_what_is_unpaid_is_taken_out_of_its_installment(unpaid: tuple[int, int], first: tuple[int, int]) -> None:
    taken, principal, interest = take_out_arrears(running(), FEB, {FEB: unpaid})
    assert (principal, interest) == unpaid
    assert rows(taken)[0] == first


@pytest.mark.parametrize("unpaid", [(330_023, 0), (0, 10_001), (-1, 0), (0, -1)])
def test_no_more_than_an_installment_is_can_be_unpaid_of_it(unpaid: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="cannot be unpaid"):
        take_out_arrears(running(), FEB, {FEB: unpaid})


def test_an_installment_that_is_not_due_is_not_unpaid() -> None:
    with pytest.raises(ValueError, match="cannot be unpaid on 2024-02-14"):
        take_out_arrears(running(), date(2024, 2, 14), {FEB: (1, 0)})
    assert take_out_arrears(running(), date(2024, 2, 14), None)[1:] == (0, 0)
    assert take_out_arrears(running(), FEB, None)[1:] == (330_022, 10_000)


def test_what_is_paid_by_then_is_not_taken_out() -> None:
    late = paid(running(), FEB, date(2024, 2, 20))
    assert take_out_arrears(late, date(2024, 2, 25), None)[1:] == (0, 0)


def test_the_next_installment_bears_the_interest_and_the_last_the_principal() -> None:
    """100.00 of February with 100.00 of March on 10,000; April repays what is left of them."""
    moved = move_arrears(running(), FEB)
    first, second, third = rows(moved)
    assert (first, second) == ((0, 0), (330_022, 20_000))
    assert third == (669_978, 6_700)


@pytest.mark.parametrize(("waived", "borne"), [(0, 20_000), (4_000, 16_000), (10_000, 10_000), (15_000, 10_000)])
def test_interest_that_is_waived_moves_nowhere(waived: int, borne: int) -> None:
    assert rows(move_arrears(running(), FEB, waived_cents=waived))[1] == (330_022, borne)


def test_after_the_last_due_date_there_is_nowhere_to_move_to() -> None:
    assert coming_of(running(), date(2024, 4, 14)) == [2]
    assert coming_of(running(), APR) == []
    with pytest.raises(ValueError, match="no installment falls due after 2024-04-15"):
        move_arrears(running(), APR)


def test_installments_to_come_follow_from_the_balance_again() -> None:
    """One that was agreed at 3,000.00 and 100.00 asks for as much, with its interest carried to it."""
    agreed = running().changed(1, lambda p: p.__class__(p.start, p.due_on, p.payment_cents, fixed=(300_000, 10_000)))
    again = reopened(agreed, FEB)
    assert (again.periods[1].fixed, again.periods[1].carried_cents) == (None, 10_000)
    assert sum(rows(again)[1]) == 310_000
    assert reopened(agreed, MAR).periods[1] == agreed.periods[1]
    assert again.periods[0] == agreed.periods[0]
