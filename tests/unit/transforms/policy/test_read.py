"""Figures as written: plain or with their source, from nested tables to single figures and back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from transforms.policy.mistakes import Mistakes, PolicyError
from transforms.policy.read import OWN_FIGURE, Figure, nested, read_figures

SINCE = date(2024, 7, 1)
LAW = {"citation": "art. 1", "verified": False}


def figures(tables: dict[str, Any], mistakes: Mistakes | None = None) -> dict[str, Figure]:
    return read_figures(tables, SINCE, "version 1", Mistakes("p.toml") if mistakes is None else mistakes)


def test_a_plain_figure_is_the_lenders_own_and_a_cited_one_is_cited() -> None:
    found = figures({"cap": {"rate_bp": 2_400, "method": {"value": "simple_irr", **LAW}}})
    assert found == {
        "cap.rate_bp": Figure(2_400, OWN_FIGURE, verified=True, since=SINCE),
        "cap.method": Figure("simple_irr", "art. 1", verified=False, since=SINCE),
    }


def test_a_list_is_one_figure_plain_or_cited_and_tables_go_as_deep_as_they_are_written() -> None:
    found = figures({"a": {"b": {"c": [1, 2]}, "d": {"value": ["x"], "citation": "art. 2"}}, "e": 3})
    assert {name: f.value for name, f in found.items()} == {"a.b.c": (1, 2), "a.d": ("x",), "e": 3}
    assert found["a.d"].citation == "art. 2"


def test_a_figure_that_is_wrongly_cited_still_has_its_value() -> None:
    mistakes = Mistakes("p.toml")
    found = figures({"cap": {"rate_bp": {"value": 7, "citation": 3, "verified": False}}}, mistakes)
    assert found == {"cap.rate_bp": Figure(7, OWN_FIGURE, verified=True, since=SINCE)}
    with pytest.raises(PolicyError, match=r"p.toml: version 1: cap.rate_bp: citation must be text, got 3"):
        mistakes.refuse()


def test_figures_go_back_into_the_tables_they_came_from_with_those_that_are_empty() -> None:
    tables = {"a": {"b": {"c": 1, "d": 2}, "e": True}, "f": {"value": 3, **LAW}, "g": {"h": {}}}
    assert nested(figures(tables), tables) == {"a": {"b": {"c": 1, "d": 2}, "e": True}, "f": 3, "g": {"h": {}}}


def test_where_a_table_now_stands_in_the_place_of_a_figure_the_table_stands() -> None:
    assert nested(figures({"a": 1}) | figures({"a": {"b": 2}}), {}) == {"a": {"b": 2}}
