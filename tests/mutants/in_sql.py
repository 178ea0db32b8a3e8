"""Mutants of SQL inside string literals: a condition dropped, a boundary moved, min for max, a figure off by one.

Works on the text of the literal as it stands in the file, so that it knows nothing of what is put in for `{…}`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutants.mutant import Mutant, Source

_KEYWORD = re.compile(r"\b(SELECT|WHERE|FROM|AND|OR|NOT|CASE|FILTER|HAVING|JOIN|BETWEEN|QUALIFY|DELETE|coalesce)\b")
_COMPARED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "="}
_COMPARISON = re.compile(r"(?<=[\w)}\"' ])(<=|>=|<>|<|>|=)(?=[\s({'\"\w?])")
_TWIN = re.compile(r"\b(min|max|least|greatest|arg_min|arg_max|bool_or|bool_and)(?=\()")
_TWINS = {"min": "max", "least": "greatest", "arg_min": "arg_max", "bool_or": "bool_and"}
_TWINS |= {other: one for one, other in _TWINS.items()}
_FIGURE = re.compile(r"(?<![\w.{'\"$-])\d+(?![\w.}'%])")
_BETWEEN = re.compile(r"\bBETWEEN\s+\S+\s*$")
#: Where a condition that began after AND or WHERE ends, outside brackets.
_NEXT = re.compile(r"\b(AND|OR|GROUP|ORDER|HAVING|QUALIFY|LIMIT|UNION|WINDOW|THEN|WHEN|ELSE|END|AS|LEFT|JOIN|SELECT)\b")


def is_sql(literal: str) -> bool:
    """Whether a string literal (its text in the file) holds SQL: a keyword of it in capitals."""
    return _KEYWORD.search(literal) is not None


def sql_mutants(source: Source, start: int, end: int, scope: str) -> Iterator[Mutant]:
    """Every mutant of the SQL in the literal at the bytes `start`..`end`."""
    text = source.data[start:end].decode()
    free = _outside_braces(text)
    for first, last, after, kind in (*_replaced(free), *_dropped(free)):
        lead = start + len(text[:first].encode())
        yield source.mutant(lead, lead + len(text[first:last].encode()), after, f"{kind} in SQL", scope)


def _replaced(text: str) -> Iterator[tuple[int, int, str, str]]:
    """(from, to, replacement, kind) of operators, functions and figures taken for another."""
    for found in _COMPARISON.finditer(text):
        if text[found.end(1) : found.end(1) + 1] != ">" and text[found.start(1) - 1] not in "=:-":
            yield found.start(1), found.end(1), _COMPARED[found[1]], "comparison"
    for found in _TWIN.finditer(text):
        yield found.start(), found.end(), _TWINS[found[0]], "twin"
    for found in _FIGURE.finditer(text):
        yield found.start(), found.end(), str(int(found[0]) + 1), "figure"


def _dropped(text: str) -> Iterator[tuple[int, int, str, str]]:
    """(from, to, replacement, kind) of conditions and words left out."""
    for found in re.finditer(r"\bAND\b", text):
        last = _end_of_condition(text, found.end())
        # The AND of BETWEEN … AND is no condition.
        if not _BETWEEN.search(text[: found.start()]) and text[found.end() : last].strip():
            yield found.start(), last, " " if text[last : last + 1].isalpha() else "", "condition dropped"
    for found in re.finditer(r"\b(?:WHERE|HAVING)\b", text):
        last = _end_of_condition(text, found.end())
        if text[found.end() : last].strip():
            yield found.end(), last, " true ", "condition dropped"
    for found in re.finditer(r" FILTER (?=\()", text):
        if (last := _closing(text, found.end())) is not None:
            yield found.start(), last + 1, "", "condition dropped"
    for found in re.finditer(r"\b(?:NOT |DISTINCT | DESC\b)", text):
        yield found.start(), found.end(), "", f"{found[0].strip()} dropped"


def _outside_braces(text: str) -> str:
    """The same text with all that stands in braces blanked by letters, so that it counts as one word."""
    kept, depth = [], 0
    for character in text:
        depth += character == "{"
        kept.append("x" if depth else character)
        depth -= character == "}"
    return "".join(kept)


def _end_of_condition(text: str, start: int) -> int:
    """Where the condition that begins at `start` ends: a keyword, a bracket that closes more, a quote, or the line."""
    depth, quoted = 0, False
    for place in range(start, len(text)):
        character = text[place]
        if character == "'":
            quoted = not quoted
        if quoted:
            continue
        depth += (character == "(") - (character == ")")
        if depth < 0 or character in '\n"\\':
            return place
        if depth == 0 and (found := _NEXT.match(text, place)) and not text[place - 1].isalnum():
            # The two ends of a BETWEEN are one condition.
            if found[0] == "AND" and _BETWEEN.search(text[start:place]):
                continue
            return place
    return len(text)


def _closing(text: str, start: int) -> int | None:
    """Where the bracket that opens at `start` closes; None where not in this literal."""
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            return place
        if text[place] == '"':
            return None
    return None
