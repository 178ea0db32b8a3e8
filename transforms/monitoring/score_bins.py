"""The bins a scorecard's variables and its score are watched in: numbered, named, counted."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from transforms.risk.scorecard import GRADES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.risk.scorecard import Scorecard, Variable

SCORE = "score"


def variable_bins(variable: Variable) -> list[str]:
    """Names of a variable's bins in order: not known, then special codes, then from low to high (or by category)."""
    special = ["not known", *(f"= {value}" for value, _ in variable.codes)]
    if variable.categories:
        return [*special, *(text for text, _ in variable.categories), "any other"]
    return [*special, *cut_names(variable.uppers)]


def cut_names(cuts: Sequence[int]) -> list[str]:
    """Names of the bins between rising `cuts`; a bin begins with its lower cut and ends before the next."""
    if not cuts:
        return ["any"]
    between = [f"{low} to below {high}" for low, high in pairwise(cuts)]
    return [f"below {cuts[0]}", *between, f"{cuts[-1]} and above"]


def variable_bin(variable: Variable) -> pl.Expr:
    """The place of a customer's value in :func:`variable_bins`."""
    first = 1 + len(variable.codes)
    if variable.categories:
        places = {text: first + place for place, (text, _) in enumerate(variable.categories)}
        text = pl.col(variable.column)
        known = text.replace_strict(places, default=first + len(places), return_dtype=pl.Int16)
        return pl.when(text.is_null()).then(pl.lit(0, pl.Int16)).otherwise(known)
    units = variable.units()
    place = _place(units, variable.uppers, first)
    for number, (value, _) in enumerate(variable.codes, start=1):
        place = pl.when(units == value).then(pl.lit(number, pl.Int16)).otherwise(place)
    return pl.when(units.is_null()).then(pl.lit(0, pl.Int16)).otherwise(place)


def score_bin(cuts: Sequence[int]) -> pl.Expr:
    """The place of a customer's score among the bins of `cuts`."""
    return _place(pl.col(SCORE), cuts, 0)


def grade_cuts(scorecard: Scorecard) -> tuple[int, ...]:
    """The lowest scores of the grades F to A: the score's bins where no reference has been frozen."""
    return tuple(scorecard.grades[grade] for grade in reversed(GRADES[:-1]))


def _place(value: pl.Expr, cuts: Sequence[int], first: int) -> pl.Expr:
    place = pl.lit(first + len(cuts), pl.Int16)
    for number, cut in reversed(list(enumerate(cuts))):
        place = pl.when(value < cut).then(pl.lit(first + number, pl.Int16)).otherwise(place)
    return place
