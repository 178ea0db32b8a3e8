"""The balancing rate: several roots give the one people mean, rates near a total loss are found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.pricing import roots
from transforms.pricing.roots import NoRateError, balancing_rate, balancing_rates


def test_two_rates_are_found_and_the_small_one_is_meant() -> None:
    assert balancing_rates([-100, 230, -132], [0, 1, 2]) == pytest.approx([0.1, 0.2])
    assert balancing_rate([-100, 230, -132], range(3)) == pytest.approx(0.1)


def test_a_negative_rate_is_meant_only_where_no_other_balances() -> None:
    assert balancing_rates([100, -180, 82], [0, 1, 2]) == []
    assert balancing_rates([100, -150, 55], [0, 1, 2]) == pytest.approx(
        [-1 + (15 - 5**0.5) / 20, -1 + (15 + 5**0.5) / 20]
    )
    assert balancing_rate([100, -150, 55], range(3)) == pytest.approx(-1 + (15 + 5**0.5) / 20)


def test_rates_near_a_total_loss_are_found() -> None:
    flows = [-3000.0, 2.3926932267015667e-07, 4.1672087103345505e-16]
    assert balancing_rate(flows, range(3)) == pytest.approx(-1, abs=1e-6)


def test_amounts_of_one_sign_have_no_rate() -> None:
    with pytest.raises(NoRateError, match="both inflows and outflows"):
        balancing_rate([1, 2], [0, 1])


def test_an_odd_part_of_a_period_bears_simple_interest() -> None:
    """100 for half a period at 10 % a period grows to 105, and over one and a half to 115.5."""
    assert balancing_rate([-100, 105], [0, 0], [0, 0.5]) == pytest.approx(0.1)
    assert balancing_rate([-100, 115.5], [0, 1], [0, 0.5]) == pytest.approx(0.1)


def test_as_many_times_as_amounts_are_needed() -> None:
    with pytest.raises(ValueError, match="as many times"):
        balancing_rates([1, -2], [0])


@pytest.mark.parametrize(("amounts", "years"), [([1, -2.205, 1.2155], [0, 1, 2]), ([1, 1.2155, -2.205], [0, 2, 1])])
def test_rates_near_each_other_are_told_apart_in_any_order_of_the_amounts(
    amounts: list[float], years: list[float]
) -> None:
    assert balancing_rates(amounts, years) == pytest.approx([0.1, 0.105])


def test_odd_parts_may_have_two_rates_though_the_amounts_change_sign_once() -> None:
    assert len(balancing_rates([1, -5.79], [0, 0.1], [0.9, 0])) == 2


payments = st.lists(st.floats(0.1, 3), min_size=1, max_size=400)


@given(payments, st.floats(0.25, 3), st.booleans())
def test_amounts_that_change_sign_once_have_the_rate_that_a_search_finds(
    paid: list[float], first: float, lent: bool
) -> None:
    amounts = np.array([1.0, *(-x / len(paid) for x in paid)]) * (1 if lent else -1)
    years = [0.0, *(first + k for k in range(len(paid)))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roots, "_changes_sign_once", lambda *_: False)
        searched = balancing_rates(amounts.tolist(), years)
    found = balancing_rates(amounts.tolist(), years)
    assert len(found) == 1
    assert searched == pytest.approx(found, rel=1e-12, abs=1e-13)


def test_such_amounts_are_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search looks at seven thousand rates; thousands of plans a night have none to look for."""
    monkeypatch.setattr(roots, "_GRID", None)
    assert balancing_rate([-100, 50, 60.5], [0, 1, 2]) == pytest.approx(0.0670067, abs=1e-7)
