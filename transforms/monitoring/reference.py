"""Reference population of a model: frozen bins and counts of one published night, as data.

The file: `model_version`, `frozen_on` (the night it was taken from), `reason`, `[score]` with `cuts` and `counts`, and
`[variables.<reason code>]` with `counts` in the order of :func:`transforms.monitoring.score_bins.variable_bins`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from transforms.monitoring.score_bins import SCORE, variable_bins

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.risk.scorecard import Scorecard

#: Bins of the score: tenths of the customers of the frozen night.
SCORE_BINS = 10


class FrozenReferenceError(ValueError):
    """A frozen reference that does not fit its model; the message names file, variable and what was expected."""


@dataclass(frozen=True)
class Reference:
    """A frozen population: the night it was taken from, the score's cuts, counts by subject (score or reason code)."""

    model_version: str
    frozen_on: date
    score_cuts: tuple[int, ...]
    counts: Mapping[str, tuple[int, ...]]

    def holds_on(self, day: date) -> bool:
        """A night before the freezing knows nothing of it, so replaying that night gives what it gave."""
        return day >= self.frozen_on


def parse_reference(document: Mapping[str, Any], scorecard: Scorecard, *, source: str) -> Reference:
    """Read and check a frozen reference of `scorecard`; FrozenReferenceError names `source` and what does not fit."""
    if document.get("model_version") != scorecard.version:
        raise FrozenReferenceError(
            f"{source}: frozen for model {document.get('model_version')!r}, the model in force is {scorecard.version!r}"
        )
    frozen_on = document.get("frozen_on")
    if not isinstance(frozen_on, date):
        raise FrozenReferenceError(f"{source}: frozen_on must be a date")
    cuts = tuple(int(c) for c in document["score"]["cuts"])
    if list(cuts) != sorted(set(cuts)):
        raise FrozenReferenceError(f"{source}: the score's cuts must rise")
    counts = {SCORE: _counts(document["score"], len(cuts) + 1, f"{source}: score")}
    given = document.get("variables", {})
    for variable in scorecard.variables:
        if variable.code not in given:
            raise FrozenReferenceError(f"{source}: variable {variable.code} has no counts")
        where = f"{source}: variable {variable.code}"
        counts[variable.code] = _counts(given[variable.code], len(variable_bins(variable)), where)
    return Reference(scorecard.version, frozen_on, cuts, counts)


def _counts(table: Mapping[str, Any], bins: int, where: str) -> tuple[int, ...]:
    counts = tuple(int(n) for n in table["counts"])
    if len(counts) != bins or min(counts) < 0 or sum(counts) == 0:
        raise FrozenReferenceError(
            f"{where}: {bins} counts are needed, none negative, not all nil; found {list(counts)}"
        )
    return counts


def tenths(scores: Sequence[int]) -> tuple[int, ...]:
    """Rising cuts that part `scores` into up to ten bins of near the same size; ties stay together."""
    ordered = sorted(scores)
    if not ordered:
        raise ValueError("there is no score to freeze a reference from")
    cuts = {ordered[len(ordered) * k // SCORE_BINS] for k in range(1, SCORE_BINS)}
    return tuple(sorted(c for c in cuts if c > ordered[0]))
