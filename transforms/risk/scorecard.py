"""A scorecard as data: parsed, checked, and applied as a table lookup plus a sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Axis = Literal["ability", "willingness", "none"]

#: Columns that may never be scored, whatever a file says (rules on discrimination and on social-network data).
FORBIDDEN = frozenset({"sex", "marital_status", "age_years", "birth_month", "ethnicity", "religion", "province_code"})
GRADES = ("A", "B", "C", "D", "E", "F", "G")
_TEXTS = ("en", "zh", "unknown_en", "unknown_zh")
_OPTIONAL = frozenset({"over", "scale", "codes", "categories"})
_KEYS = frozenset({"column", "axis", "bins", "missing", "reference", "code", *_TEXTS, *_OPTIONAL})


class ScorecardError(ValueError):
    """A scorecard that cannot be used; the message names file, variable and bin."""


@dataclass(frozen=True)
class Variable:
    """One variable: bin i takes whole-unit values below `uppers[i]`, the last bin the rest.

    `codes` are whole-unit values with points of their own, whatever bin they would fall in ("no such account");
    `categories` are the points of texts, and a text not listed takes the points of the one bin.
    """

    column: str
    over: str | None
    scale: int
    axis: Axis
    uppers: tuple[int, ...]
    points: tuple[int, ...]
    missing: int
    reference: int
    code: str
    en: str
    zh: str
    unknown_en: str
    unknown_zh: str
    codes: tuple[tuple[int, int], ...] = ()
    categories: tuple[tuple[str, int], ...] = ()

    @property
    def range(self) -> tuple[int, int]:
        """Fewest and most points it can give."""
        every = (*self.points, self.missing, *(p for _, p in self.codes), *(p for _, p in self.categories))
        return min(every), max(every)

    def units(self) -> pl.Expr:
        """The variable's value in whole units (basis points of a fraction, …), rounded down; null where unknown."""
        value = pl.col(self.column)
        if self.over is not None:
            whole = pl.col(self.over)
            return pl.when(whole > 0).then(value.cast(pl.Int64) * self.scale // whole).otherwise(None)
        if self.scale == 1:
            return value.cast(pl.Int64)
        # A fraction of two integers can sit a hair below the threshold it stands for: snap before cutting.
        return (value * self.scale + 1e-6).floor().cast(pl.Int64)

    def scored(self) -> pl.Expr:
        """The points of the variable's bin."""
        if self.categories:
            text = pl.col(self.column)
            known = text.replace_strict(dict(self.categories), default=self.points[-1], return_dtype=pl.Int32)
            return pl.when(text.is_null()).then(pl.lit(self.missing, pl.Int32)).otherwise(known)
        units = self.units()
        expression = pl.lit(self.points[-1], pl.Int32)
        for upper, points in reversed(list(zip(self.uppers, self.points[:-1], strict=True))):
            expression = pl.when(units < upper).then(pl.lit(points, pl.Int32)).otherwise(expression)
        for value, points in self.codes:
            expression = pl.when(units == value).then(pl.lit(points, pl.Int32)).otherwise(expression)
        return pl.when(units.is_null()).then(pl.lit(self.missing, pl.Int32)).otherwise(expression)


@dataclass(frozen=True)
class Scale:
    """How points become odds: `odds` good for one bad at `odds_score`, doubling every `points_to_double`."""

    base_points: int
    lowest: int
    highest: int
    odds_score: int
    odds: float
    points_to_double: int

    def pd(self, score: int) -> float:
        """Probability of default of a score: 1 / (1 + odds)."""
        return 1 / (1 + self.odds * 2 ** ((score - self.odds_score) / self.points_to_double))


@dataclass(frozen=True)
class Stress:
    """The stress of the debt service ratio and the bands it is read against, in basis points."""

    income_drop_bp: int
    service_rise_bp: int
    strong_dsr_bp: int
    adequate_dsr_bp: int
    tight_dsr_bp: int
    strong_buffer_months: float


@dataclass(frozen=True)
class Scorecard:
    """A whole scorecard. `grades` are the lowest scores of A..G, descending."""

    version: str
    variables: tuple[Variable, ...]
    scale: Scale
    grades: Mapping[str, int]
    lgd: float
    unused_line_share: float
    stress: Stress

    def score_table(self) -> pl.DataFrame:
        """(score, pd_12m, risk_grade) of every score of the scale: scoring looks up, so equal scores are equal."""
        scores = range(self.scale.lowest, self.scale.highest + 1)
        return pl.DataFrame(
            {
                "score": list(scores),
                "pd_12m": [self.scale.pd(s) for s in scores],
                "risk_grade": [next(g for g in GRADES if s >= self.grades[g]) for s in scores],
            },
            schema={"score": pl.Int32, "pd_12m": pl.Float64, "risk_grade": pl.String},
        )


def points_column(variable: Variable) -> str:
    """Name of the working column that holds a variable's points."""
    return f"points:{variable.code}"


def with_points(profile: pl.DataFrame, scorecard: Scorecard) -> pl.DataFrame:
    """`profile` with a points column per variable."""
    return profile.with_columns(v.scored().alias(points_column(v)) for v in scorecard.variables)


def parse_scorecard(document: Mapping[str, Any], *, source: str) -> Scorecard:
    """Read and check a scorecard; ScorecardError names `source`, variable and bin."""
    try:
        scale = Scale(**document["scale"])
        grades = {g: int(document["grades"][g]) for g in GRADES}
        stress = Stress(**document["stress"])
        lgd, share = float(document["loss"]["lgd"]), float(document["loss"]["unused_line_share"])
        version, listed = str(document["version"]), document["variables"]
    except (KeyError, TypeError) as error:
        raise ScorecardError(f"{source}: {error} is missing or not of its form") from error
    if list(grades.values()) != sorted(grades.values(), reverse=True) or grades["G"] > scale.lowest:
        raise ScorecardError(f"{source}: grades must fall from A to G, and G start at the lowest score {scale.lowest}")
    variables = tuple(_variable(raw, source) for raw in listed)
    codes = [v.code for v in variables]
    if len(set(codes)) != len(codes):
        raise ScorecardError(f"{source}: reason codes are not unique: {sorted(codes)}")
    return Scorecard(version, variables, scale, grades, lgd, share, stress)


def _variable(raw: Mapping[str, Any], source: str) -> Variable:
    where = f"{source}: variable {raw.get('column', '?')}"
    if unknown := set(raw) - _KEYS:
        raise ScorecardError(f"{where}: unknown {', '.join(sorted(unknown))}")
    if missing := _KEYS - _OPTIONAL - set(raw):
        raise ScorecardError(f"{where}: {', '.join(sorted(missing))} not given")
    if raw["column"] in FORBIDDEN or raw.get("over") in FORBIDDEN:
        raise ScorecardError(f"{where}: this attribute may not be scored")
    if raw["axis"] not in ("ability", "willingness", "none"):
        raise ScorecardError(f"{where}: axis must be ability, willingness or none")
    uppers = _uppers(raw["bins"], where)
    return Variable(
        column=raw["column"],
        over=raw.get("over"),
        scale=int(raw.get("scale", 1)),
        axis=raw["axis"],
        uppers=uppers,
        points=tuple(int(b["points"]) for b in raw["bins"]),
        missing=int(raw["missing"]),
        reference=int(raw["reference"]),
        code=raw["code"],
        en=raw["en"],
        zh=raw["zh"],
        unknown_en=raw["unknown_en"],
        unknown_zh=raw["unknown_zh"],
        codes=tuple((int(c["value"]), int(c["points"])) for c in raw.get("codes", ())),
        categories=tuple((text, int(c["points"])) for c in raw.get("categories", ()) for text in c["values"]),
    )


def _uppers(bins: Sequence[Mapping[str, Any]], where: str) -> tuple[int, ...]:
    for number, b in enumerate(bins, 1):
        last = number == len(bins)
        if "points" not in b or ("below" in b) is last:
            raise ScorecardError(f"{where}: bin {number}: needs points" + ("" if last else " and below"))
    uppers = tuple(int(b["below"]) for b in bins[:-1])
    if list(uppers) != sorted(set(uppers)):
        raise ScorecardError(f"{where}: the bins' upper bounds must rise")
    return uppers
