"""Small plots as SVG text, for pages that open without a network."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 460, 260, 52, 40, 26
#: Characters of bar names that fit side by side, and the height of the strip where they lie aslant.
_NAMES_FIT, _STRIP = 80, 60
COLOURS = ("#2f6fb0", "#c8553d", "#4a9c6d", "#8a63b5")


@dataclass(frozen=True)
class Line:
    """One line of a plot: its name and points (x, y); `dots` draws the points themselves too."""

    name: str
    points: Sequence[tuple[float, float]]
    dots: bool = False


def line_plot(title: str, lines: Sequence[Line], x_label: str, y_label: str, *, diagonal: bool = False) -> str:
    """Lines over common axes; `diagonal` adds the line y = x."""
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    axes = _Axes(min(xs, default=0), max(xs, default=1), min([0.0, *ys]), max(ys, default=1))
    parts = [axes.frame(title, x_label, y_label)]
    if diagonal:
        end = min(axes.x1, axes.y1)
        parts.append(
            f'<line x1="{axes.x(axes.x0):.1f}" y1="{axes.y(axes.x0):.1f}" x2="{axes.x(end):.1f}" '
            f'y2="{axes.y(end):.1f}" stroke="#9aa7b4" stroke-dasharray="4 3"/>'
        )
    # The legend stands where the lines are not: below a diagonal, else above.
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{axes.x(x):.1f},{axes.y(y):.1f}" for x, y in line.points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        if line.dots:
            parts += [
                f'<circle cx="{axes.x(x):.1f}" cy="{axes.y(y):.1f}" r="3" fill="{colour}"/>' for x, y in line.points
            ]
        parts.append(_legend(number, line.name, colour, above=not diagonal))
    return _svg(parts)


def bar_plot(title: str, bars: Sequence[tuple[str, float]], y_label: str) -> str:
    """A bar per name, up or down from zero."""
    values = [v for _, v in bars]
    axes = _Axes(0, max(len(bars), 1), min([0.0, *values]), max([0.0, *values]))
    parts = [axes.frame(title, "", y_label, ticks_x=False)]
    # Names that would run into each other lie aslant, in a strip of their own.
    aslant = len(bars) * max((len(_shortened(name)) for name, _ in bars), default=0) > _NAMES_FIT
    for number, (name, value) in enumerate(bars):
        left, right = axes.x(number + 0.15), axes.x(number + 0.85)
        top, foot = axes.y(max(value, 0)), axes.y(min(value, 0))
        parts.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{max(foot - top, 0.5):.1f}" '
            f'fill="{COLOURS[0 if value >= 0 else 1]}"><title>{html.escape(name)}: {value:.4g}</title></rect>'
            f"{_name((left + right) / 2, _shortened(name, 24 if aslant else 13), aslant=aslant)}"
        )
    return _svg(parts, _STRIP if aslant else 0)


def _name(middle: float, name: str, *, aslant: bool) -> str:
    ground = _HEIGHT - _BOTTOM + 12
    place = (
        f'transform="translate({middle + 4:.1f} {ground}) rotate(-40)" text-anchor="end"'
        if aslant
        else f'x="{middle:.1f}" y="{ground}" text-anchor="middle"'
    )
    return f'<text {place} font-size="9">{html.escape(name)}</text>'


class _Axes:
    """Maps values to the picture; an empty range is widened so that it has a middle."""

    def __init__(self, x0: float, x1: float, y0: float, y1: float) -> None:
        self.x0, self.x1 = (x0, x1) if x1 > x0 else (x0 - 0.5, x0 + 0.5)
        self.y0, self.y1 = (y0, y1) if y1 > y0 else (y0 - 0.5, y0 + 0.5)

    def x(self, value: float) -> float:
        return _LEFT + (value - self.x0) / (self.x1 - self.x0) * (_WIDTH - _LEFT - 12)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - self.y0) / (self.y1 - self.y0) * (_HEIGHT - _BOTTOM - _TOP)

    def frame(self, title: str, x_label: str, y_label: str, *, ticks_x: bool = True) -> str:
        ground, zero, end = _HEIGHT - _BOTTOM, f"{self.y(max(self.y0, 0)):.1f}", _WIDTH - 12
        middle = 'text-anchor="middle" font-size'
        parts = [
            f'<text x="{_LEFT}" y="14" font-size="12" font-weight="600">{html.escape(title)}</text>',
            f'<line x1="{_LEFT}" y1="{zero}" x2="{end}" y2="{zero}" stroke="#9aa7b4"/>',
            f'<line x1="{_LEFT}" y1="{_TOP}" x2="{_LEFT}" y2="{ground}" stroke="#9aa7b4"/>',
            f'<text x="{_WIDTH / 2:.0f}" y="{_HEIGHT - 4}" {middle}="10">{html.escape(x_label)}</text>',
            f'<text transform="translate(10 {_HEIGHT / 2:.0f}) rotate(-90)" font-size="10" text-anchor="middle">'
            f"{html.escape(y_label)}</text>",
        ]
        parts += [
            f'<text x="{_LEFT - 4}" y="{self.y(y) + 3:.1f}" font-size="9" text-anchor="end">{_tick(y)}</text>'
            for y in _round_marks(self.y0, self.y1)
        ]
        if ticks_x:
            parts += [
                f'<text x="{self.x(x):.1f}" y="{ground + 12}" font-size="9" text-anchor="middle">{_tick(x)}</text>'
                for x in _round_marks(self.x0, self.x1)
            ]
        return "".join(parts)


def _round_marks(low: float, high: float) -> list[float]:
    """Three to seven round numbers from `low` to `high`: multiples of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10((high - low) / 6))
    step = next((power * m for m in (1, 2, 5) if (high - low) / (power * m) <= 6), power * 10)
    first = math.ceil(low / step - 1e-9)
    return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]


def _legend(number: int, name: str, colour: str, *, above: bool) -> str:
    y = _TOP + 10 + 13 * number if above else _HEIGHT - _BOTTOM - 10 - 13 * number
    place = f'x="{_WIDTH - 24}" y="{y}"'
    return f'<text {place} font-size="10" text-anchor="end" fill="{colour}">{html.escape(name)}</text>'


def _tick(value: float) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 10 * size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.4g}" if abs(value) >= 100 else f"{value:.3g}"


def _shortened(name: str, most: int = 13) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _svg(parts: Sequence[str], strip: int = 0) -> str:
    height = _HEIGHT + strip
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img" '
        f'xmlns="http://www.w3.org/2000/svg" font-family="system-ui,sans-serif" fill="#1b2733">{"".join(parts)}</svg>'
    )
