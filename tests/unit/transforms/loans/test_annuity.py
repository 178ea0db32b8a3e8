"""Payments and rows from exact factors: worked by hand where that is short, held to their equation elsewhere."""

from __future__ import annotations

from fractions import Fraction

import pytest

from transforms.loans.annuity import amortise, closed_payment, equal_parts, least_residual_payment, weighted_payments

HALF, TENTH = Fraction(1, 2), Fraction(1, 10)


@pytest.mark.parametrize(
    ("balance", "factor", "count", "payment"),
    [
        (900, HALF, 2, 810),  # 900·1.5² / (1 + 1.5)
        (1_000, Fraction(0), 3, 333),
        (1_000, TENTH, 1, 1_100),
        (100_000, TENTH, 3, 40_211),  # 133,100 / 3.31
    ],
)
def test_the_level_payment(balance: int, factor: Fraction, count: int, payment: int) -> None:
    assert closed_payment(balance, factor, count, "half_up") == payment
    assert weighted_payments(balance, [factor] * count, [Fraction(1)] * count, "half_up") == [payment] * count


def test_payments_in_proportion_and_a_final_amount_balance_their_value() -> None:
    """1·(1 + 0.5) + 2 = 3.5 parts are worth 700·1.5² less the final 175: 400 a part."""
    assert weighted_payments(700, [HALF, HALF], [Fraction(1), Fraction(2)], "half_up", final=175) == [400, 800]
    # Unequal periods: 300·1.5·1.1 over 1.1 + 1, the first period's interest on the second's place.
    assert weighted_payments(420, [HALF, TENTH], [Fraction(1)] * 2, "half_up") == [330, 330]


def test_rows_pay_interest_first_and_the_last_takes_what_is_left() -> None:
    assert amortise(1_000, [TENTH] * 3, [400, 400, 1], "half_up") == [(300, 100, 700), (330, 70, 370), (370, 37, 0)]


def test_interest_above_a_payment_waits_without_interest() -> None:
    """100 earned, 60 paid: 40 wait; then 100 more are earned and 140 paid with 10 of principal."""
    rows = amortise(1_000, [TENTH] * 3, [60, 150, 0], "half_up")
    assert rows == [(0, 60, 1_000), (10, 140, 990), (990, 99, 0)]
    assert amortise(1_000, [TENTH] * 2, [150, 0], "half_up", waiting=30)[0] == (20, 130, 980)
    assert amortise(100, [TENTH] * 2, [500, 0], "half_up") == [(100, 10, 0), (0, 0, 0)]


@pytest.mark.parametrize(
    ("amount", "count", "parts"),
    [(100, 3, [33, 33, 34]), (101, 3, [34, 34, 33]), (5, 1, [5]), (2, 4, [0, 0, 0, 2]), (3, 2, [2, 1])],
)
def test_equal_parts_leave_the_residual_to_the_last(amount: int, count: int, parts: list[int]) -> None:
    assert equal_parts(amount, count, "half_up") == parts


@pytest.mark.parametrize(
    ("count", "off", "payment"),
    [
        (6, 3, 100),  # within half the number of periods
        (6, 4, 101),  # beyond it: 4/6 of a cent is one
        (6, -4, 99),
        (6, 60, 110),
        (1, 50, 100),  # one period has nothing to spread over
    ],
)
def test_a_last_installment_that_is_off_is_spread_over_the_periods(count: int, off: int, payment: int) -> None:
    def difference(level: int) -> int:
        return off - count * (level - 100)

    assert least_residual_payment(100, count, difference, "half_up") == payment


def test_a_move_that_does_not_lessen_the_difference_is_not_made() -> None:
    assert least_residual_payment(100, 6, lambda level: 20 if level == 100 else -20, "half_up") == 100


def test_a_payment_is_moved_three_times_at_most() -> None:
    """Each move halves the difference: from 100 off to 50, 25, 12."""
    offs = {100: 120, 120: 60, 130: 30, 135: 15, 138: 7}
    assert least_residual_payment(100, 6, lambda level: offs[level], "half_up") == 135
