"""Reads a file of vectors, sends each to its kind and collects the outcomes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.vectors import rates, regulation_z, risk
from tests.vectors.answers import NotUnderstoodError, Outcome, Vector, brief
from tests.vectors.schedules import schedule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_KINDS = {
    **rates.KINDS,
    **risk.KINDS,
    "apr_us_actuarial": regulation_z.apr_us_actuarial,
    "apr_us_actuarial_single": regulation_z.apr_us_actuarial_single,
}
# Kinds that may refer to another vector of the file.
_REFERRING = {"schedule": schedule, "aprc_eu": rates.aprc_eu}
KINDS = frozenset({*_REFERRING, *_KINDS})


def read_vectors(path: Path) -> list[Vector]:
    """The vectors of a file: a list, or an object with the list under `vectors`."""
    document = json.loads(path.read_text(encoding="utf-8"))
    found = document["vectors"] if isinstance(document, dict) else document
    if not isinstance(found, list) or not found:
        raise NotUnderstoodError(f"{path} holds no list of vectors")
    return found


def check(vector: Vector, others: Mapping[str, Vector]) -> Outcome:
    """One vector's outcome; whatever cannot be understood or computed is a fail that says why."""
    kind = vector.get("kind")
    expected = brief(vector.get("expected", {}))
    try:
        if kind in _REFERRING:
            return _REFERRING[kind](vector, others)
        if kind not in _KINDS:
            return Outcome(expected, f"kind {kind!r} is not known; known: {', '.join(sorted(KINDS))}", passed=False)
        return _KINDS[kind](vector)
    except NotUnderstoodError as error:
        return Outcome(expected, f"not understood: {error}", passed=False)
    except (ArithmeticError, ValueError, LookupError, TypeError, AttributeError) as error:
        return Outcome(expected, f"{type(error).__name__}: {error}", passed=False)


def outcomes(path: Path) -> Iterator[tuple[str, Outcome]]:
    """(id, outcome) of every vector of a file, in its order."""
    vectors: list[dict[str, Any]] = read_vectors(path)
    by_id = {str(vector.get("id")): vector for vector in vectors}
    for vector in vectors:
        yield str(vector.get("id")), check(vector, by_id)
