"""No text of the product puts quotes around a value by hand: `warehouse.sql` and `transforms.sql` do.

A name with a quote in it (a home folder called it's, a file of a deliverer) would end the text early, and what follows
would be run. Read from the source with `ast`: a value in an f-string with the same quote before and behind it.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("orchestration", "quality", "transforms", "warehouse")
#: What is no SQL, or is what quotes.
EXCEPT = {
    "orchestration/inputs/frozen_reference.py": "writes TOML",
    "warehouse/adapters/run.py": "names a key of a TOML file in a message",
    "warehouse/simulator/feeds.py": "writes Python in a message",
    "warehouse/sql.py": "writes a date, which has no quotes",
    "transforms/sql.py": "the same",
}


def quoted_by_hand(source: str) -> list[int]:
    """Lines of the f-strings that put a value between quotes."""
    found = []
    for node in ast.walk(ast.parse(source)):
        for before, value, behind in zip(*(getattr(node, "values", [])[n:] for n in range(3)), strict=False):
            sides = [part.value for part in (before, behind) if isinstance(part, ast.Constant)]
            if isinstance(value, ast.FormattedValue) and value.conversion == -1 and len(sides) == 2:
                quote = str(sides[0])[-1:]
                if quote in {"'", '"'} and str(sides[1]).startswith(quote):
                    found.append(value.lineno)
    return found


def by_module() -> dict[str, list[int]]:
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    found = {path.relative_to(ROOT).as_posix(): quoted_by_hand(path.read_text(encoding="utf-8")) for path in paths}
    return {name: lines for name, lines in found.items() if lines}


def test_no_value_is_quoted_by_hand() -> None:
    assert {name: lines for name, lines in by_module().items() if name not in EXCEPT} == {}


def test_each_exception_is_still_needed() -> None:
    assert set(EXCEPT) <= set(by_module())


@pytest.mark.parametrize(
    "source", ["""f"FROM '{path}'" """, """f'SELECT "{name}"'""", """f"WHERE d = DATE '{day}' AND {x}" """]
)
def test_a_value_between_quotes_is_found(source: str) -> None:
    assert quoted_by_hand(source) == [1]


@pytest.mark.parametrize("source", ["""f"{name!r} is not known" """, """f"FROM {literal(path)}" """, """f"'{{x}}'" """])
def test_other_texts_are_let_be(source: str) -> None:
    assert quoted_by_hand(source) == []
