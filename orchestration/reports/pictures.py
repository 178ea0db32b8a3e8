"""Pictures of a report as SVG inside its page: bars by name, and lines over common axes.

Drawn by Altair (Vega-Lite), rendered by vl-convert without a browser or a network. Text stays text, in the reader's
fonts, so that Chinese shows as on the rest of the page.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

#: Of the axes, of a bar with the room beside it, and of the longest name of a bar before it is cut, in pixels.
_WIDTH, _HEIGHT, _BAR, _LONGEST = 380, 220, 20, 260
_FONT = 'system-ui, "Noto Sans CJK SC", sans-serif'
_COLOURS = ("#2f6fb0", "#c8553d", "#4a9c6d", "#8a63b5")
_GREY = "#9aa7b4"
#: From here on the axis counts in thousands, millions, billions.
_LARGE = 10_000


@dataclass(frozen=True)
class Line:
    """One line of a plot: its name and points (x, y); `dots` draws the points themselves too."""

    name: str
    points: Sequence[tuple[float, float]]
    dots: bool = False


@dataclass(frozen=True)
class Bars:
    """What a picture of bars shows: a bar per name, right or left from zero, in a unit."""

    title: str
    unit: str
    bars: Sequence[tuple[str, float]]


def bar_plot(drawn: Bars) -> Markup:
    """Horizontal bars, so that names of any length can be read; the value is at the end of each."""
    if not drawn.bars:
        return _nothing(drawn.title)
    import altair as alt  # noqa: PLC0415 - half a second of CPU, only where a picture is drawn

    names, values = zip(*drawn.bars, strict=True)
    rows = [{"no": no, "value": value, "shown": _shown(value)} for no, value in enumerate(values)]
    low, high = _range([0.0, *values])
    # Room beyond the longest bar on either side, where its value stands.
    room = (high - low) * 0.24
    domain = (low - room if low < 0 else low, high + room if high > 0 else high)
    # A bar stands by its number, so that two of one name stay two.
    axis = alt.Axis(
        labelExpr=f"{json.dumps(names)}[datum.value]",
        labelLimit=_LONGEST,
        minExtent=min(max(map(_width, names)), _LONGEST),
        labelPadding=6,
        ticks=False,
        domain=False,
    )
    # Counts are marked at whole numbers, however few there are.
    marks = min(5, int(high - low)) if all(value == int(value) for value in values) else 5
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("no:O", title=None, axis=axis),
        x=alt.X(
            "value:Q",
            title=drawn.unit,
            scale=alt.Scale(domain=domain, nice=False),
            axis=_axis(alt, domain, tickCount=marks),
        ),
    )
    bars = base.mark_bar().encode(
        color=alt.condition("datum.value < 0", alt.value(_COLOURS[1]), alt.value(_COLOURS[0]))
    )
    up = base.transform_filter("datum.value >= 0").mark_text(align="left", dx=4).encode(text="shown:N")
    down = base.transform_filter("datum.value < 0").mark_text(align="right", dx=-4).encode(text="shown:N")
    return _svg(alt, alt.layer(bars, up, down), drawn.title, height=_BAR * len(rows))


def line_plot(title: str, lines: Sequence[Line], x_label: str, y_label: str, *, diagonal: bool = False) -> Markup:
    """Lines over common axes; `diagonal` adds the line y = x."""
    if not any(line.points for line in lines):
        return _nothing(title)
    import altair as alt  # noqa: PLC0415 - half a second of CPU, only where a picture is drawn

    rows = [{"name": line.name, "x": x, "y": y, "no": no} for line in lines for no, (x, y) in enumerate(line.points)]
    xs = _range([x for line in lines for x, _ in line.points])
    ys = _range([0.0, *(y for line in lines for _, y in line.points)])
    names = [line.name for line in lines]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("x:Q", title=x_label, scale=alt.Scale(domain=xs, nice=False), axis=_axis(alt, xs, tickCount=5)),
        y=alt.Y("y:Q", title=y_label, scale=alt.Scale(domain=ys), axis=_axis(alt, ys, tickCount=5, minExtent=40)),
        color=alt.Color("name:N", title=None, scale=alt.Scale(domain=names, range=list(_COLOURS))),
        order="no:Q",
    )
    dotted = [line.name for line in lines if line.dots]
    layers = [base.mark_line(strokeWidth=1.8)]
    if dotted:
        layers.append(
            base.transform_filter(alt.FieldOneOfPredicate(field="name", oneOf=dotted)).mark_point(filled=True, size=35)
        )
    if diagonal:
        ends = alt.Data(values=[{"x": end, "y": end} for end in (max(xs[0], ys[0]), min(xs[1], ys[1]))])
        layers.insert(0, alt.Chart(ends).mark_line(strokeDash=[4, 3], color=_GREY).encode(x="x:Q", y="y:Q"))
    return _svg(alt, alt.layer(*layers), title, height=_HEIGHT)


def _nothing(title: str) -> Markup:
    """Placeholder of a picture without data."""
    from markupsafe import Markup  # noqa: PLC0415 - with the templates, only where a page is made

    return Markup("<p>{}: none</p>").format(title)


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The smallest and the largest; widened where they are one."""
    low, high = min(values), max(values)
    return (low, high) if high > low else (low, low + 1.0)


def _axis(alt: Any, ends: tuple[float, float], **options: Any) -> Any:
    """An axis at round numbers, large ones as 20k or 3M."""
    large = max(abs(end) for end in ends) >= _LARGE
    return alt.Axis(**({"format": "~s"} if large else {}), **options)


def _width(name: str) -> int:
    """Pixels that a name may need: the reader's font can be wider than the one it is measured in here."""
    return sum(11 if letter > "\u2e80" else 7 for letter in name)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1_000 else f"{value:.3g}"


def _svg(alt: Any, chart: Any, title: str, *, height: int) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - with the templates, only where a page is made

    whole = chart.properties(title=title, width=_WIDTH, height=height).configure(
        font=_FONT,
        background="transparent",
        title=alt.TitleConfig(anchor="start", fontSize=13, offset=10),
        axis=alt.AxisConfig(
            titleFontWeight="normal", titlePadding=8, gridColor="#e6ebf0", domainColor=_GREY, tickColor=_GREY
        ),
        legend=alt.LegendConfig(orient="bottom", labelLimit=_LONGEST),
        view=alt.ViewConfig(stroke=None),
    )
    drawn = io.StringIO()
    whole.save(drawn, format="svg")
    return Markup(drawn.getvalue())  # noqa: S704 - Vega escapes the names and titles it draws
