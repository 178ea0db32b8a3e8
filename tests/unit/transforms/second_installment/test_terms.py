"""Terms of relief worked by hand: the shortest agreement that can be borne, its down payment, waiver and rate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.transforms.second_installment.one_plan import POLICY, six_paid, states
from transforms.second_installment.terms import restructure_terms, spare_deposits

if TYPE_CHECKING:
    from transforms.loans.states import LoanState

ROW: dict[str, Any] = {
    "payment_before_cents": 106_619,
    "stressed_income_cents": 800_000,
    "balance_avg_cents_3m": 0,
}
HALF = six_paid().of("P1")
#: 12,000 at 20 % of which nothing is repaid yet.
WHOLE = states(annual_rate=Decimal("0.2"), installment_cents=111_161, on=date(2025, 1, 20)).of("P1")


@pytest.mark.parametrize(
    ("state", "share", "term", "rate", "highest"),
    [
        (HALF, 91_838, 7, "0.12", 91_838),
        (HALF, 91_837, 8, "0.12", 80_754),
        (HALF, 106_618, 7, "0.12", 91_838),
        (HALF, 500_000, 7, "0.12", 91_838),  # less than before, whatever could be borne
        (HALF, 33_000, 21, "0.12", 32_768),
        (HALF, 13_745, 60, "0.12", 13_745),
        (HALF, 13_744, 52, "0.06", 13_524),
        (HALF, 10_320, 60, "0", 10_320),
        (HALF, 10_319, None, None, 0),
        (HALF, 0, None, None, 0),
        (HALF, -1, None, None, 0),
        (WHOLE, 33_000, 57, "0.2", 32_789),  # 37 months of 330.00 would repay no interest
        (WHOLE, 31_793, 60, "0.2", 31_793),
        (WHOLE, 31_792, 46, "0.1", None),
    ],
)
def test_the_fewest_months_within_the_share_at_the_highest_rate_that_allows_one(
    state: LoanState, share: int, term: int | None, rate: str | None, highest: int | None
) -> None:
    """The policy tries the contract's rate, half of it and none, over 60 months at most."""
    found = restructure_terms(ROW, state, share, POLICY)
    if term is None or rate is None:
        assert found is None
        return
    assert found is not None
    terms, made = found
    assert (terms.route, terms.term_m, terms.annual_rate) == ("art70_restructure", term, Decimal(rate))
    most = max(row.payment_cents for row in made.rows)
    assert most <= share
    assert highest in (None, most)


@pytest.mark.parametrize(
    ("deposits", "stressed", "spare"),
    [(2_000_000, 800_000, 400_000), (1_600_000, 800_000, 0), (1_600_001, 800_000, 1), (9, None, 9), (None, 800_000, 0)],
)
def test_two_months_of_income_stay_with_the_customer(deposits: int | None, stressed: int | None, spare: int) -> None:
    row = {"balance_avg_cents_3m": deposits, "stressed_income_cents": stressed}
    assert spare_deposits(row, POLICY) == spare


@pytest.mark.parametrize(
    ("spare", "down"), [(0, 0), (99, 0), (100, 100), (61_700, 61_700), (61_799, 61_700), (900_000, 61_700)]
)
def test_a_down_payment_is_a_tenth_at_most_of_spare_deposits_in_whole_yuan(spare: int, down: int) -> None:
    """A tenth of 6,179.02 is 617.90: 617 yuan."""
    found = restructure_terms({**ROW, "balance_avg_cents_3m": 1_600_000 + spare}, HALF, 91_838, POLICY)
    assert found is not None
    assert (found[0].down_payment_cents, found[0].waived_cents) == (down, 0)


def test_half_of_the_interest_overdue_is_waived_and_the_rest_is_spread() -> None:
    """Of six installments two were missed, and the interest in them is overdue."""
    missed = states(*((date(2025, month, 10), 106_619) for month in range(2, 6))).of("P1")
    found = restructure_terms(ROW, missed, 80_000, POLICY)
    assert missed.arrears_interest_cents > 0
    assert found is not None
    terms, made = found
    assert terms.waived_cents == missed.arrears_interest_cents // 2
    assert sum(row.principal_cents for row in made.rows if row.installment_no > 0) == missed.outstanding_cents
    assert max(row.payment_cents for row in made.rows if row.installment_no > 0) <= 80_000
