"""The annual cost of many plans at once agrees with one at a time, under every regime, and fast."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.pricing.annual_cost import UnitFlow, actuarial_apr, annual_cost, aprc, aprc_years
from transforms.pricing.annual_cost_many import actuarial_apr_many, aprc_many, monthly_irr_many
from transforms.pricing.roots import NoRateError


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(10_000, 10**9), st.lists(st.floats(0.01, 0.5), min_size=1, max_size=60)),
        min_size=1,
        max_size=8,
    )
)
def test_many_at_once_agree_with_one_at_a_time(loans: list[tuple[int, list[float]]]) -> None:
    flows = np.zeros((len(loans), 61))
    for row, (amount, shares) in enumerate(loans):
        flows[row, 0] = amount
        flows[row, 1 : 1 + len(shares)] = [-round(amount * share) for share in shares]
    for row, rate in enumerate(monthly_irr_many(flows)):
        one = annual_cost([int(flow) for flow in np.trim_zeros(flows[row], "b")]).period_irr
        assert rate == pytest.approx(one, rel=1e-9, abs=1e-12)


def test_rows_without_a_rate_are_nan() -> None:
    assert np.isnan(monthly_irr_many(np.array([[0.0, 0.0], [100.0, 0.0]]))).all()
    with pytest.raises(NoRateError):
        annual_cost([100, 100])


def test_thousands_of_schedules_are_solved_at_once() -> None:
    payments = np.repeat(np.arange(85_000, 95_000)[:, None], 12, axis=1)
    rates = monthly_irr_many(np.concatenate([np.full((10_000, 1), 1_000_000), -payments], axis=1))
    assert np.isfinite(rates).all()
    assert (np.diff(rates) > 0).all()


credit = st.lists(
    st.tuples(st.integers(10_000, 10**8), st.lists(st.floats(0.1, 0.4), min_size=10, max_size=36)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(credit, st.integers(0, 2), st.integers(0, 29), st.sampled_from([12, 26, 52]))
def test_regulation_z_of_many_agrees_with_one(
    asked: list[tuple[int, list[float]]], whole: int, days: int, per_year: int
) -> None:
    """Odd first periods of up to three unit-periods: Appendix J (b)(8)."""
    odd = Fraction(days, 30)
    whole += not days and not whole
    payments = np.zeros((len(asked), 36))
    for row, (amount, shares) in enumerate(asked):
        payments[row, : len(shares)] = [round(amount * share) for share in shares]
    got = actuarial_apr_many([amount for amount, _ in asked], payments, whole, float(odd), per_year)
    for row, (amount, _) in enumerate(asked):
        paid = [UnitFlow(p, whole + k, odd) for k, p in enumerate(payments[row]) if p]
        assert got[row] == pytest.approx(actuarial_apr([UnitFlow(amount, 0)], paid, per_year), rel=1e-9, abs=1e-11)


@settings(max_examples=40, deadline=None)
@given(credit, st.integers(7, 90), st.integers(7, 45))
def test_european_rate_of_many_agrees_with_one(asked: list[tuple[int, list[float]]], first: int, gap: int) -> None:
    start = date(2026, 1, 31)
    years = [float(aprc_years(start, start + timedelta(days=first + k * gap))) for k in range(36)]
    amounts = np.zeros((len(asked), 37))
    for row, (amount, shares) in enumerate(asked):
        amounts[row, 0] = amount
        amounts[row, 1 : 1 + len(shares)] = [-round(amount * share) for share in shares]
    got = aprc_many(amounts, np.array([[0.0, *years]]))
    for row, (amount, shares) in enumerate(asked):
        paid = [(years[k], -amounts[row, k + 1]) for k in range(len(shares))]
        assert got[row] == pytest.approx(aprc([(0.0, amount)], paid), rel=1e-8, abs=1e-10)


def test_very_dear_short_credit_has_a_rate() -> None:
    """Commission's example of a bank overdraft: 200 for a month at the price of 150."""
    assert aprc_many(np.array([[200.0, -350.0]]), np.array([[0.0, 1 / 12]]))[0] == pytest.approx(824.005, abs=5e-4)


def test_thousands_of_schedules_a_second_under_every_regime() -> None:
    """Issue 4 item 2; the bound is a twentieth of what two slow cores do, so that a busy machine passes."""
    payments = np.repeat(np.arange(33_000, 38_000)[:, None], 36, axis=1)
    flows = np.concatenate([np.full((5_000, 1), 1_000_000), -payments], axis=1)
    years = np.concatenate([[0.0], 20 / 365 + np.arange(1, 37) / 12])[None, :]
    began = process_time()
    solved = monthly_irr_many(flows), actuarial_apr_many(1_000_000, payments, 1, 0.5, 12), aprc_many(flows, years)
    assert all(np.isfinite(rates).all() for rates in solved)
    assert 15_000 / (process_time() - began) > 2_000
