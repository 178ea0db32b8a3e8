"""The balancing rate: several roots give the one people mean, rates near a total loss are found."""

from __future__ import annotations

import pytest

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
