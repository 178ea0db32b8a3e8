"""The spreadsheet functions hold their own equations, and agree with the product's rows."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vectors import textbook as tb
from transforms.dates.day_count import DayCount
from transforms.pricing.roots import NoRateError


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 0.05), st.integers(1, 60), st.floats(-1e6, 1e6), st.floats(-1e5, 1e5), st.booleans())
def test_payment_repays_the_present_value(rate: float, nper: int, pv: float, fv: float, begin: bool) -> None:
    payment = tb.pmt(rate, nper, pv, fv, begin=begin)
    assert tb.fv(rate, nper, payment, pv, begin=begin) == pytest.approx(fv, rel=1e-8, abs=1e-3)
    parts = sum(tb.ppmt(rate, k, nper, pv, fv, begin=begin) for k in range(1, nper + 1))
    interest = sum(tb.ipmt(rate, k, nper, pv, fv, begin=begin) for k in range(1, nper + 1))
    assert parts + interest == pytest.approx(payment * nper, rel=1e-8, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 0.05), st.integers(1, 60), st.floats(1, 1e6), st.floats(-1e5, 1e5), st.integers(1, 60))
def test_interest_of_the_rows_is_that_of_the_balance(rate: float, nper: int, pv: float, fv: float, per: int) -> None:
    """A balance of which something is left or that grows has rows the product does not write: the same figures."""
    if per > nper:
        assert math.isnan(tb.ipmt(rate, per, nper, pv, fv))
        return
    balance = -tb.fv(rate, per - 1, tb.pmt(rate, nper, pv, fv), pv)
    assert tb.ipmt(rate, per, nper, pv, fv) == pytest.approx(-rate * balance, rel=1e-8, abs=1e-5)


def test_rate_and_nper_invert_the_payment() -> None:
    payment = tb.pmt(0.01, 24, 1000)
    assert tb.rate(24, payment, 1000) == pytest.approx(0.01, abs=1e-14)
    assert tb.nper(0.01, payment, 1000) == pytest.approx(24)
    assert tb.rate(24.5, tb.pmt(0.01, 24.5, 1000), 1000) == pytest.approx(0.01, abs=1e-12)
    assert tb.rate(24, tb.pmt(0.01, 24, 1000, begin=True), 1000, begin=True) == pytest.approx(0.01, abs=1e-12)


def test_per_outside_the_term_is_no_number() -> None:
    assert math.isnan(tb.ipmt(0.01, 0, 12, 100))
    assert math.isnan(tb.ppmt(0.01, 13, 12, 100))


def test_never_repaid_takes_for_ever() -> None:
    assert tb.nper(0, 0, 1000) == math.inf
    with pytest.raises(NoRateError):
        tb.nper(0.1, -50, 1000)
    with pytest.raises(NoRateError):
        tb.rate(10.5, 100, 1000)


def test_net_present_value_is_zero_at_the_rate() -> None:
    dates = [date(2024, 1, 1), date(2024, 7, 1), date(2025, 1, 1)]
    rate = tb.xirr(dates, [-100, 40, 70], DayCount.ACT_365F)
    assert tb.xnpv(rate, dates, [-100, 40, 70], DayCount.ACT_365F) == pytest.approx(0, abs=1e-10)
    assert tb.npv(tb.irr([-100, 40, 70]), [-100, 40, 70]) == pytest.approx(0, abs=1e-10)
