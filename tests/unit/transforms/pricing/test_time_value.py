"""Textbook functions hold their own equations; several roots give the one people mean."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.loans.day_count import DayCount
from transforms.loans.rounding import round_ratio
from transforms.pricing import time_value as tv
from transforms.pricing.roots import NoRateError, balancing_rates


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 0.05), st.integers(1, 60), st.floats(-1e6, 1e6), st.floats(-1e5, 1e5), st.booleans())
def test_payment_repays_the_present_value(rate: float, nper: int, pv: float, fv: float, begin: bool) -> None:
    payment = tv.pmt(rate, nper, pv, fv, begin=begin)
    assert tv.fv(rate, nper, payment, pv, begin=begin) == pytest.approx(fv, rel=1e-8, abs=1e-3)
    parts = sum(tv.ppmt(rate, k, nper, pv, fv, begin=begin) for k in range(1, nper + 1))
    interest = sum(tv.ipmt(rate, k, nper, pv, fv, begin=begin) for k in range(1, nper + 1))
    assert parts + interest == pytest.approx(payment * nper, rel=1e-8, abs=1e-3)


def test_rate_and_nper_invert_the_payment() -> None:
    payment = tv.pmt(0.01, 24, 1000)
    assert tv.rate(24, payment, 1000) == pytest.approx(0.01, abs=1e-14)
    assert tv.nper(0.01, payment, 1000) == pytest.approx(24)


def test_per_outside_the_term_is_no_number() -> None:
    assert math.isnan(tv.ipmt(0.01, 0, 12, 100))
    assert math.isnan(tv.ppmt(0.01, 13, 12, 100))


def test_never_repaid_takes_for_ever() -> None:
    assert tv.nper(0, 0, 1000) == math.inf
    with pytest.raises(NoRateError):
        tv.nper(0.1, -50, 1000)


def test_two_rates_are_found_and_the_small_one_is_meant() -> None:
    assert balancing_rates([-100, 230, -132], [0, 1, 2]) == pytest.approx([0.1, 0.2])
    assert tv.irr([-100, 230, -132]) == pytest.approx(0.1)


def test_rates_near_a_total_loss_are_found() -> None:
    assert tv.irr([-3000.0, 2.3926932267015667e-07, 4.1672087103345505e-16]) == pytest.approx(-1, abs=1e-6)


def test_net_present_value_is_zero_at_the_rate() -> None:
    dates = [date(2024, 1, 1), date(2024, 7, 1), date(2025, 1, 1)]
    rate = tv.xirr(dates, [-100, 40, 70], DayCount.ACT_365F)
    assert tv.xnpv(rate, dates, [-100, 40, 70], DayCount.ACT_365F) == pytest.approx(0, abs=1e-10)
    assert tv.npv(tv.irr([-100, 40, 70]), [-100, 40, 70]) == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize(
    ("mode", "expected"), [("half_up", [1, 2, 3, -3]), ("half_even", [0, 2, 2, -2]), ("up", [1, 2, 3, -3])]
)
def test_halves_follow_the_lenders_rule(mode: str, expected: list[int]) -> None:
    assert [round_ratio(n, 2, mode) for n in (1, 3, 5, -5)] == expected


def test_rounding_to_a_unit() -> None:
    assert round_ratio(12_349, 1, "half_up", 100) == 12_300
    assert round_ratio(12_301, 1, "up", 100) == 12_400
    with pytest.raises(ValueError, match="rounding"):
        round_ratio(1, 2, "down")
    with pytest.raises(ValueError, match="at least 1"):
        round_ratio(1, 0)
