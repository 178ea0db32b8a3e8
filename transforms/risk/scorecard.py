"""A scorecard as data: parsed, checked, and applied as a table lookup plus a sum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from transforms.risk.capacity import Quant, Stress
from transforms.risk.loss import Loss, LossTableError, parse_loss

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

    def known(self) -> pl.Expr:
        """Whether the variable has a value at all."""
        return pl.col(self.column).is_not_null() if self.categories else self.units().is_not_null()

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
class Calibration:
    """From the probability the scale says to the one that is believed: log-odds = intercept + slope x log-odds.

    A probability is kept between `floor` and `ceiling`. Fitted on outcomes by training; as shipped it changes nothing
    but the floor.
    """

    intercept: float = 0.0
    slope: float = 1.0
    floor: float = 0.0005
    ceiling: float = 0.9999

    def pd(self, raw: float) -> float:
        """The calibrated probability of default."""
        inside = min(max(raw, 1e-12), 1 - 1e-12)
        log_odds = self.intercept + self.slope * math.log(inside / (1 - inside))
        return min(max(1 / (1 + math.exp(-log_odds)), self.floor), self.ceiling)


@dataclass(frozen=True)
class Scorecard:
    """A whole scorecard. `grades` are the lowest scores of A..G, descending."""

    version: str
    variables: tuple[Variable, ...]
    scale: Scale
    grades: Mapping[str, int]
    loss: Loss
    stress: Stress
    calibration: Calibration
    quant: Quant

    def total(self) -> pl.Expr:
        """The score: base points and the points columns, kept within the scale."""
        points = pl.sum_horizontal([pl.col(points_column(v)) for v in self.variables])
        return (points + self.scale.base_points).clip(self.scale.lowest, self.scale.highest).cast(pl.Int32)

    def grade(self, score: pl.Expr) -> pl.Expr:
        """The grade whose band a whole score lies in; below the last band it is the last."""
        expression = pl.lit(GRADES[-1])
        for name in reversed(GRADES[:-1]):
            expression = pl.when(score >= self.grades[name]).then(pl.lit(name)).otherwise(expression)
        return expression

    def score_table(self) -> pl.DataFrame:
        """(score, pd_12m, risk_grade) of every score of the scale: scoring looks up, so equal scores are equal."""
        scores = range(self.scale.lowest, self.scale.highest + 1)
        return pl.DataFrame(
            {
                "score": list(scores),
                "pd_12m": [self.calibration.pd(self.scale.pd(s)) for s in scores],
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
        loss, quant = parse_loss(document["loss"], source), Quant(**document.get("quant", {}))
        calibration = Calibration(**document.get("calibration", {}))
        version, listed = str(document["version"]), document["variables"]
    except LossTableError as error:
        raise ScorecardError(str(error)) from error
    except (KeyError, TypeError) as error:
        raise ScorecardError(f"{source}: {error} is missing or not of its form") from error
    if calibration.slope <= 0 or not 0 < calibration.floor < calibration.ceiling < 1:
        raise ScorecardError(f"{source}: calibration needs a slope above 0 and 0 < floor < ceiling < 1")
    if quant.score_weight_bp + quant.loss_weight_bp + quant.dsr_weight_bp != 10_000:
        raise ScorecardError(f"{source}: the weights of quant must sum to 10000")
    if list(grades.values()) != sorted(grades.values(), reverse=True) or grades["G"] > scale.lowest:
        raise ScorecardError(f"{source}: grades must fall from A to G, and G start at the lowest score {scale.lowest}")
    variables = tuple(_variable(raw, source) for raw in listed)
    codes = [v.code for v in variables]
    if len(set(codes)) != len(codes):
        raise ScorecardError(f"{source}: reason codes are not unique: {sorted(codes)}")
    return Scorecard(version, variables, scale, grades, loss, stress, calibration, quant)


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
