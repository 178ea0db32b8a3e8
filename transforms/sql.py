"""Names and values as SQL text: the one place of this room that quotes.

The room makes text and runs none, so nothing can be a parameter. The same as `warehouse.sql`, which may not be imported
here.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def identifier(name: str) -> str:
    """A name of a column, table or schema, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def identifiers(names: Iterable[str]) -> str:
    """Names as a list."""
    return ", ".join(map(identifier, names))


def literal(value: str | float | date) -> str:
    """A text, a number, a day, or true or false."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"DATE '{value.isoformat()}'" if isinstance(value, date) else str(value)


def literals(values: Iterable[str | int | float | date]) -> str:
    """Values as a list, without the brackets."""
    return ", ".join(map(literal, values))
