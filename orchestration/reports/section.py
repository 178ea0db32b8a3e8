"""A table of a report as text: the screen, a page and JSON show the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?%?")


@dataclass(frozen=True)
class Section:
    """One table of a report: a title, column names, rows as text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def numeric(self) -> list[bool]:
        """Which columns hold numbers, or nothing, in every row: those are set to the right."""
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(self.columns)
        return [any(values) and all(is_number(v) for v in values if v) for values in columns]


def is_number(text: str) -> bool:
    """Whether a cell is a number, with or without a percent sign."""
    return _NUMBER.fullmatch(text) is not None
