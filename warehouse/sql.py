"""Names and values as SQL text: the one place of this room, and of `quality` and `orchestration`, that quotes.

Values go to DuckDB as parameters where a statement takes them; these are for texts in a FROM, in options of `ATTACH`
and `CALL`, and in SQL that others run. (`transforms` has its own, :mod:`transforms.sql`: it imports no room.)
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
