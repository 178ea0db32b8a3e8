"""A frozen reference fits its model or is refused; it is in force from its night on."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.transforms.monitoring.test_score_bins import card
from transforms.monitoring.reference import FrozenReferenceError, parse_reference, tenths
from transforms.monitoring.score_bins import variable_bins


def document() -> dict[str, Any]:
    variables = {v.code: {"counts": [10] * len(variable_bins(v))} for v in card().variables}
    score = {"cuts": [500, 600], "counts": [5, 10, 15]}
    return {"model_version": card().version, "frozen_on": date(2026, 3, 30), "score": score, "variables": variables}


def test_it_holds_from_its_night_on() -> None:
    reference = parse_reference(document(), card(), source="x.toml")
    assert not reference.holds_on(date(2026, 3, 29))
    assert reference.holds_on(date(2026, 3, 30))
    assert reference.counts["score"] == (5, 10, 15)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model_version": "other"}, "frozen for model 'other'"),
        ({"frozen_on": "soon"}, "frozen_on must be a date"),
        ({"score": {"cuts": [600, 500], "counts": [1, 1, 1]}}, "cuts must rise"),
        ({"score": {"cuts": [500], "counts": [1, 1, 1]}}, "2 counts are needed"),
        ({"variables": {}}, "has no counts"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change: dict[str, Any], told: str) -> None:
    with pytest.raises(FrozenReferenceError, match=rf"x\.toml.*{told}"):
        parse_reference(document() | change, card(), source="x.toml")


@given(st.lists(st.integers(300, 850), min_size=1, max_size=200))
def test_tenths_rise_and_leave_no_bin_empty(scores: list[int]) -> None:
    cuts = tenths(scores)
    assert list(cuts) == sorted(set(cuts))
    edges = [-1, *cuts, 10_000]
    assert all(any(low <= s < high for s in scores) for low, high in itertools.pairwise(edges))


def test_there_must_be_a_score() -> None:
    with pytest.raises(ValueError, match="no score"):
        tenths([])
