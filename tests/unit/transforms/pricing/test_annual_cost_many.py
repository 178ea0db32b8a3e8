"""The annual cost of many plans at once agrees with one at a time, under every regime, and fast."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.pricing.annual_cost import annual_cost
from transforms.pricing.annual_cost_many import monthly_irr_many
from transforms.pricing.roots import NoRateError, balancing_rate


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
@given(credit, st.floats(0.2, 3.0))
def test_first_periods_of_another_length_agree_with_one_at_a_time(
    asked: list[tuple[int, list[float]]], first: float
) -> None:
    flows = np.zeros((len(asked), 37))
    for row, (amount, shares) in enumerate(asked):
        flows[row, 0] = amount
        flows[row, 1 : 1 + len(shares)] = [-round(amount * share) for share in shares]
    got = monthly_irr_many(flows, first)
    for row, (_, shares) in enumerate(asked):
        times = [0.0, *(first + k for k in range(len(shares)))]
        one = balancing_rate(flows[row, : 1 + len(shares)].tolist(), times)
        assert got[row] == pytest.approx(one, rel=1e-8, abs=1e-10)


def test_very_dear_short_credit_has_a_rate() -> None:
    """200 for a month at the price of 150 is 75 % a month."""
    assert monthly_irr_many(np.array([[200.0, -350.0]]))[0] == pytest.approx(0.75, abs=1e-12)


def test_thousands_of_schedules_a_second() -> None:
    """Issue 4 item 2; the bound is a twentieth of what two slow cores do, so that a busy machine passes."""
    payments = np.repeat(np.arange(33_000, 38_000)[:, None], 36, axis=1)
    flows = np.concatenate([np.full((5_000, 1), 1_000_000), -payments], axis=1)
    began = process_time()
    assert all(np.isfinite(monthly_irr_many(flows, first)).all() for first in (1.0, 1.5))
    assert 10_000 / (process_time() - began) > 2_000
