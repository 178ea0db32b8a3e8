"""Scorecard and drift measures against brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.risk import measures

scored = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({event for _, event in rows}) == 2
)


@settings(max_examples=80, deadline=None)
@given(scored)
def test_auc_is_the_share_of_ordered_pairs_with_ties_half(rows: list[tuple[int, bool]]) -> None:
    bad = [score for score, event in rows if event]
    good = [score for score, event in rows if not event]
    wins = sum((b > g) + (b == g) / 2 for b in bad for g in good)
    score, target = zip(*rows, strict=True)
    assert measures.auc(score, target) == pytest.approx(wins / (len(bad) * len(good)))
    assert measures.gini(score, target) == pytest.approx(2 * measures.auc(score, target) - 1)
    gaps = [abs(sum(b <= s for b in bad) / len(bad) - sum(g <= s for g in good) / len(good)) for s in range(7)]
    assert measures.ks(score, target) == pytest.approx(max(gaps))


def test_empty_bins_are_floored_not_infinite() -> None:
    assert measures.psi([0, 10], [5, 5]) == pytest.approx(
        (1e-4 - 0.5) * math.log(1e-4 / 0.5) + 0.5 * math.log(2), rel=1e-9
    )
    assert math.isfinite(measures.psi([0, 10], [10, 0]))


def test_bin_with_one_outcome_has_no_weight() -> None:
    table = measures.bin_measures([10, 0, 5], [5, 3, 0])
    assert table.woe[1] == table.woe[2] == 0
    assert table.js_by_bin[1] == table.js_by_bin[2] == 0
    assert np.isfinite([table.iv, table.js, table.gini, table.ks]).all()


def test_bins_that_hold_nothing_change_nothing() -> None:
    """A table lists the bins of special and missing values though there are none."""
    table, longer = (
        measures.bin_measures([30, 20, 10], [5, 10, 25]),
        measures.bin_measures([30, 20, 10, 0, 0], [5, 10, 25, 0, 0]),
    )
    assert longer.woe.tolist() == [*table.woe, 0, 0]
    for name in ("iv", "js", "gini", "ks", "hellinger", "triangular"):
        assert getattr(longer, name) == pytest.approx(getattr(table, name))


def test_ks_is_read_along_the_bins_and_gini_by_their_rates() -> None:
    """A special code at the end of the table, as safe as the first bin, does not move KS to the front."""
    table = measures.bin_measures([40, 10, 40], [10, 40, 10])
    shares = np.cumsum([40, 10, 40]) / 90 - np.cumsum([10, 40, 10]) / 60
    assert table.ks == pytest.approx(np.abs(shares).max())
    assert table.gini == pytest.approx(measures.bin_measures([40, 40, 10], [10, 10, 40]).gini)
    assert measures.bin_measures([9], [3]).gini == 0


def test_the_divergences_by_hand() -> None:
    """Shares 0.8, 0.2 of goods and 0.4, 0.6 of bads."""
    table = measures.bin_measures([8, 2], [4, 6])
    assert table.iv == pytest.approx(0.4 * math.log(2) + 0.4 * math.log(3))
    assert table.triangular == pytest.approx(0.16 / 1.2 + 0.16 / 0.8)
    assert table.triangular_by_bin.tolist() == pytest.approx([0.16 / 1.2, 0.16 / 0.8])
    assert table.hellinger == pytest.approx(1 - math.sqrt(0.8 * 0.4) - math.sqrt(0.2 * 0.6))
    assert table.hellinger_by_bin.tolist() == pytest.approx([0.6 - math.sqrt(0.32), 0.4 - math.sqrt(0.12)])
    entropy = [sum(-x * math.log(x) for x in shares) for shares in ((0.6, 0.4), (0.8, 0.2), (0.4, 0.6))]
    assert table.js == pytest.approx(entropy[0] - (entropy[1] + entropy[2]) / 2)


def test_better_than_average_is_positive() -> None:
    assert measures.weight_of_evidence(0.3, 0.2) == pytest.approx(math.log(1.5))


@pytest.mark.parametrize(
    "compute",
    [
        lambda: measures.auc([1, 2], [1, 1]),
        lambda: measures.auc([1, np.nan], [0, 1]),
        lambda: measures.auc([1, 2, 3], [0, 1]),
        lambda: measures.bin_measures([1], [0]),
        lambda: measures.bin_measures([1, 2], [1]),
        lambda: measures.psi([0, 0], [1, 1]),
    ],
)
def test_impossible_samples_are_refused(compute: object) -> None:
    with pytest.raises(ValueError):
        compute()  # type: ignore[operator]
