"""Figures of a policy file: from nested tables, as written, to single figures with their citations, and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import SkipValidation

from transforms.policy.mistakes import Flag, Mistakes, Table, Text
from transforms.policy.rules import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OWN_FIGURE = "lender's own figure"


@dataclass(frozen=True)
class CitedFigure(Table):
    """A figure as written: its value is judged by its section, where it comes from and whether that was read here."""

    value: SkipValidation[Value]
    citation: Text = OWN_FIGURE
    verified: Flag = True


@dataclass(frozen=True, kw_only=True)
class Figure(CitedFigure):
    """One figure: value, its source, whether the primary text was read, and since when it is in force."""

    since: date


def read_figures(tables: Mapping[str, Any], since: date, where: str, mistakes: Mistakes) -> dict[str, Figure]:
    """Nested tables as `{"section.field": Figure}`; a figure that is wrongly cited still has its value."""
    figures = {}
    for path, item in _leaves(tables):
        written = item if isinstance(item, dict) and "value" in item else {"value": item}
        value = tuple(written["value"]) if isinstance(written["value"], list) else written["value"]
        read = mistakes.read(CitedFigure, {**written, "value": value}, where, path)
        figures[path] = Figure(**vars(read or CitedFigure(value)), since=since)
    return figures


def _leaves(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each figure of nested tables, with its path; a table with `value` is one figure."""
    for key, item in tables.items():
        if _is_table(item):
            yield from _leaves(item, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", item


def _is_table(item: object) -> bool:
    return isinstance(item, dict) and "value" not in item


def nested(figures: Mapping[str, Figure], written: Mapping[str, Any]) -> dict[str, Any]:
    """The values of figures as the tables they were written in; with those of `written`, even where they are empty."""
    tables = _tables(written)
    for path, figure in figures.items():
        *above, name = path.split(".")
        table = tables
        for key in above:
            if not isinstance(table.get(key), dict):
                table[key] = {}
            table = table[key]
        table[name] = figure.value
    return tables


def _tables(written: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _tables(item) for key, item in written.items() if _is_table(item)}
