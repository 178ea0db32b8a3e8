"""A purchase that ends early: the course stops and so does billing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.transforms.support import catalogue, policy
from transforms.disclosure.cancellation import Ending, ended, service_given
from transforms.loans.plan import Plan
from transforms.loans.schedule import Schedule, build_schedule

if TYPE_CHECKING:
    from transforms.policy.product import Product

START = date(2026, 3, 10)


def product(code: str) -> Product:
    return next(p for p in catalogue().under(policy()) if p.product_code == code)


def plan(term: int = 12, down: int = 0) -> Schedule:
    """12,000 yuan at 12 % from 10 March 2026 (level payments), less a down payment."""
    return build_schedule(Plan(1_200_000, Decimal("0.12"), term, START, down_payment_cents=down))


def test_a_course_that_stops_halfway_by_hand() -> None:
    """Stopped on 8 September, 182 of 365 days: 6,016.44 of 12,000 given back.

    Five installments are due by then; of what they leave outstanding the refund repays its part, the rest is owed at
    once, and nothing is billed later.
    """
    course, schedule = product("education"), plan()
    stopped = date(2026, 9, 8)
    assert service_given(course, START, stopped) == Fraction(182, 365)
    made = ended(course, schedule, stopped, 1_200_000)
    outstanding = schedule.installments[4].balance_cents
    assert made == Ending(stopped, 601_644, 601_644, 0, outstanding - 601_644, undone=False)


def test_what_a_refund_leaves_over_is_the_customers() -> None:
    """Nearly all is paid when the treatment stops early: the lender takes what is owed, the customer the rest."""
    schedule = plan(3)
    stopped = date(2026, 6, 10)
    made = ended(product("medical"), schedule, stopped, 1_200_000)
    assert (made.to_lender_cents, made.owed_cents) == (0, 0)
    assert made.to_customer_cents == made.refund_cents > 0
    assert made.billing_stops_on == stopped


def test_within_the_cooling_off_days_the_plan_never_was() -> None:
    made = ended(product("education"), plan(down=200_000), date(2026, 3, 17), 1_200_000)
    assert made == Ending(date(2026, 3, 17), 1_200_000, 1_000_000, 200_000, 0, undone=True)
    assert not ended(product("education"), plan(), date(2026, 3, 18), 1_200_000).undone


def test_goods_returned_in_part_leave_the_plan_running() -> None:
    schedule = plan()
    made = ended(product("appliance"), schedule, date(2026, 4, 10), 1_200_000, refund_cents=300_000)
    assert made.billing_stops_on is None
    assert made.owed_cents == schedule.installments[0].balance_cents - 300_000
    full = ended(product("appliance"), schedule, date(2026, 4, 10), 1_200_000, refund_cents=1_200_000)
    assert (full.billing_stops_on, full.owed_cents) == (date(2026, 4, 10), 0)


@pytest.mark.parametrize(
    ("code", "refund", "said"),
    [
        ("card_general", None, "may be settled early instead"),
        ("travel", None, "refund_cents is missing"),
        ("travel", 1_200_001, "is not within the price"),
        ("travel", -1, "is not within the price"),
    ],
)
def test_what_cannot_be_said_is_refused(code: str, refund: int | None, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ended(product(code), plan(), date(2026, 6, 1), 1_200_000, refund_cents=refund)


@given(st.integers(0, 364), st.integers(0, 400_000), st.sampled_from([3, 6, 12]))
def test_no_cent_is_lost_and_a_later_stop_gives_back_no_more(day: int, down: int, term: int) -> None:
    schedule, course = plan(term, down), product("education")
    on, later = (date.fromordinal(START.toordinal() + 8 + d) for d in (day, day + 1))
    made, after = (ended(course, schedule, d, 1_200_000) for d in (on, later))
    assert made.to_lender_cents + made.to_customer_cents == made.refund_cents
    assert after.refund_cents <= made.refund_cents
    assert min(made.owed_cents, made.to_lender_cents, made.to_customer_cents) >= 0
    assert made.owed_cents == 0 or made.to_customer_cents == 0
