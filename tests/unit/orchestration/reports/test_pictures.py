"""A picture is SVG that fetches nothing, shows what it was given as text, escaped, and is the same each time."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from orchestration.reports.pictures import Bars, Line, bar_plot, line_plot

LINE = Line("card 评分卡", [(0, 0), (10, 5)])


def texts(svg: str) -> list[str]:
    root = ET.fromstring(svg)  # noqa: S314 - our own text
    assert root.tag.endswith("svg")
    return [t.strip() for e in root.iter() if e.tag.endswith("text") and (t := "".join(e.itertext()))]


def shapes(svg: str, kind: str) -> list[str]:
    """The outlines of the marks of a kind."""
    group = re.search(rf'<g class="mark-{kind} role-mark[^>]*>(.*?)</g>', svg)
    return re.findall(r' d="([^"]+)"', group[1]) if group else []


@pytest.mark.parametrize(
    ("svg", "said"),
    [
        (line_plot("a < b", [LINE], "months", "share", diagonal=True), {"a < b", "card 评分卡", "months", "share"}),
        (line_plot("flat", [Line("same", [(1, 1), (1, 1)], dots=True)], "x", "y"), {"flat", "same", "x", "y"}),
        (bar_plot(Bars("&", "元", [("<b>", 0.4), ("'x'", -0.3)])), {"&", "元", "<b>", "'x'", "0.4", "-0.3"}),
        (bar_plot(Bars("zero", "customers", [("a", 0.0)])), {"zero", "customers", "a", "0"}),
        (bar_plot(Bars("money", "yuan", [("a", 12_345_678.0)])), {"12,345,678", "10M"}),
    ],
)
def test_titles_names_units_and_values_are_text_in_the_picture(svg: str, said: set[str]) -> None:
    assert said <= set(texts(svg))
    assert "NaN" not in svg
    assert "http" not in svg.replace('"http://www.w3.org/', "")


def test_where_there_is_nothing_to_show_it_says_so() -> None:
    assert bar_plot(Bars("<none>", "customers", [])) == "<p>&lt;none&gt;: none</p>"
    assert line_plot("<none>", [Line("l", [])], "x", "y") == "<p>&lt;none&gt;: none</p>"


def test_a_line_goes_through_its_points_in_their_order() -> None:
    [path] = shapes(line_plot("t", [Line("l", [(0, 0), (10, 5), (5, 10)])], "x", "y"), "line")
    points = [tuple(map(float, p.split(","))) for p in re.findall(r"[-\d.]+,[-\d.]+", path)]
    assert [x for x, _ in points] == [0, 380, 190]
    assert [y for _, y in points] == [220, 110, 0]


def test_dots_and_the_diagonal_are_drawn_where_asked() -> None:
    plain, dotted = (line_plot("t", [Line("l", [(0, 0), (1, 2)], dots=d)], "x", "y") for d in (False, True))
    assert "mark-symbol role-mark" not in plain
    assert "mark-symbol role-mark" in dotted
    assert "stroke-dasharray" not in plain
    assert "stroke-dasharray" in line_plot("t", [LINE], "x", "y", diagonal=True)


def test_bars_of_one_name_stay_two_and_go_to_either_side_of_zero() -> None:
    svg = bar_plot(Bars("t", "w", [("same", 2.0), ("same", -1.0)]))
    assert texts(svg).count("same") == 2
    up, down = (re.fullmatch(r"M([\d.]+),[\d.]+h([\d.]+)v[\d.]+h-[\d.]+Z", path) for path in shapes(svg, "rect"))
    assert up is not None
    assert down is not None
    assert float(up[2]) == pytest.approx(2 * float(down[2]), rel=1e-3)
    assert float(down[1]) + float(down[2]) == pytest.approx(float(up[1]), abs=0.01), "both begin at zero"


def test_an_axis_of_counts_has_no_parts_of_one() -> None:
    assert set(texts(bar_plot(Bars("t", "customers", [("a", 1.0)])))) == {"t", "customers", "a", "0", "1"}
    assert "0.2" in texts(bar_plot(Bars("t", "share", [("a", 0.9)])))


def test_the_same_picture_is_the_same_text() -> None:
    bars = Bars("t", "u", [("a", 1.0)])
    assert bar_plot(bars) == bar_plot(bars)
    assert line_plot("t", [LINE], "x", "y") == line_plot("t", [LINE], "x", "y")


def test_a_report_without_pictures_does_not_load_what_draws_them() -> None:
    code = (
        "import sys; from orchestration.reports import summary, report, simulation, model_report; "
        "sys.exit(any(name in sys.modules for name in ('altair', 'vl_convert')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
