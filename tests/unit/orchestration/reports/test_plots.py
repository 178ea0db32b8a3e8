"""A plot is a picture of its own that holds what it was given, escaped."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from orchestration.reports.plots import Line, _round_marks, bar_plot, line_plot


@pytest.mark.parametrize(
    "svg",
    [
        line_plot("a < b", [Line("one & two", [(0, 0), (1, 2)], dots=True)], "x", "y", diagonal=True),
        line_plot("nothing", [], "x", "y"),
        line_plot("flat", [Line("same", [(1, 1), (1, 1)])], "x", "y"),
        bar_plot("up and down", [("good", 0.4), ("a very long name <b>", -0.3)], "weight"),
        bar_plot("none", [], "weight"),
    ],
)
def test_a_plot_is_a_picture_of_its_own(svg: str) -> None:
    root = ET.fromstring(svg)  # noqa: S314 - our own text
    assert root.tag.endswith("svg")
    assert "nan" not in svg


def test_a_line_goes_through_its_points() -> None:
    svg = line_plot("t", [Line("l", [(0, 0), (10, 5)])], "x", "y")
    points = next(e for e in ET.fromstring(svg).iter() if e.tag.endswith("polyline")).attrib["points"]  # noqa: S314
    (x0, y0), (x1, y1) = (tuple(map(float, p.split(","))) for p in points.split())
    assert x1 > x0
    assert y1 < y0


@pytest.mark.parametrize(
    ("ends", "marks"),
    [((0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]), ((-1.2, 0.72), [-1, -0.5, 0, 0.5]), ((3, 3.4), [3, 3.1, 3.2, 3.3, 3.4])],
)
def test_axes_are_marked_at_round_numbers(ends: tuple[float, float], marks: list[float]) -> None:
    assert _round_marks(*ends) == pytest.approx(marks)


def test_long_names_of_bars_lie_aslant() -> None:
    assert "rotate(-40)" in bar_plot("t", [(f"{n} to below {n + 1}", 1.0) for n in range(9)], "w")
    assert "rotate(-40)" not in bar_plot("t", [("a", 1.0), ("b", 2.0)], "w")
