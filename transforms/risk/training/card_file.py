"""A fitted card as the text of a scorecard file, in the form `transforms.risk.scorecard` reads."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from transforms.risk.scorecard import GRADES
from transforms.risk.training.candidates import RATIO_SCALE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from transforms.risk.training.fit import PointsCard, Scored

#: Highest probability of default of each grade but the last; a lender moves them to its appetite.
GRADE_PD = {"A": 0.02, "B": 0.04, "C": 0.07, "D": 0.12, "E": 0.20, "F": 0.35}
#: Reasons are measured against applicants between these quantiles of the score: those just above a usual cut-off.
_NEAR_CUT_OFF = (0.30, 0.50)


#: Tables of a card that fitting does not decide, where no other card is given to take them from.
_TABLES: dict[str, dict[str, Any]] = {
    "loss": {"lgd": 0.55, "unused_line_share": 0.5},
    "stress": {
        "income_drop_bp": 2000,
        "service_rise_bp": 1000,
        "strong_dsr_bp": 4000,
        "adequate_dsr_bp": 5500,
        "tight_dsr_bp": 8000,
        "strong_buffer_months": 1,
    },
}
_FITTED = {"version", "description", "scale", "grades", "calibration", "variables"}


@dataclass(frozen=True)
class Surroundings:
    """What a card file says beside what was fitted.

    `ratios` are variables that are one column over another in basis points; `texts` the English and Chinese name of a
    variable; `champion` the body of the card in force: its tables other than points, and the axis and words of a
    variable it has too.
    """

    ratios: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    champion: Mapping[str, Any] = field(default_factory=dict)

    def tables(self) -> dict[str, dict[str, Any]]:
        """Loss, stress and whatever else a card of this warehouse holds."""
        others = {k: v for k, v in self.champion.items() if k not in _FITTED and isinstance(v, dict)}
        return {**_TABLES, **others}

    def of_champion(self, column: str, over: str | None) -> Mapping[str, Any]:
        """The champion's variable on the same column, if it has one."""
        same = (v for v in self.champion.get("variables", ()) if (v["column"], v.get("over")) == (column, over))
        return next(same, {})


def card_text(
    card: PointsCard, frame: pl.DataFrame, version: str, description: str, around: Surroundings | None = None
) -> str:
    """The card as TOML; `frame` is what it was fitted on, for the reference points of the reasons."""
    around = around or Surroundings()
    scale, score = card.scale, card.score(frame)
    range_of = around.champion.get("scale", {})  # what reads the score knows the range of the champion's
    lowest = int(range_of.get("lowest", np.floor(score.min() / 50) * 50))
    highest = int(range_of.get("highest", np.ceil(score.max() / 50) * 50))
    lines = [
        f"# {description}",
        "# Weights of evidence and logistic regression; loss and stress figures are the lender's to set.",
        f"version = {json.dumps(version)}",
        f"description = {json.dumps(description)}",
        "",
        "[scale]",
        f"base_points = {card.base_points}",
        f"lowest = {lowest}",
        f"highest = {highest}",
        f"odds_score = {scale.odds_score}",
        f"odds = {scale.odds}",
        f"points_to_double = {scale.points_to_double}",
        "",
        "[grades]",
        *(f"{grade} = {cut}" for grade, cut in _grades(card, lowest).items()),
        *(line for name, body in around.tables().items() for line in ("", f"[{name}]", *_flat(body))),
    ]
    near = (score >= np.quantile(score, _NEAR_CUT_OFF[0])) & (score <= np.quantile(score, _NEAR_CUT_OFF[1]))
    codes: set[str] = set()
    for variable in card.variables:
        lines += ["", *_variable(variable, frame.filter(near), around, codes)]
    return "\n".join(lines) + "\n"


def _grades(card: PointsCard, lowest: int) -> dict[str, int]:
    """The lowest score of each grade: the first whole score whose probability is at most the grade's."""
    scores = np.arange(lowest, lowest + 2_000)
    pd: NDArray[np.float64] = card.scale.pd(scores.astype(np.float64))
    cuts = {grade: int(scores[np.argmax(pd <= most)]) for grade, most in GRADE_PD.items()}
    return {**cuts, GRADES[-1]: lowest}


def _flat(body: Mapping[str, Any]) -> list[str]:
    """A table of a card as TOML lines; tables in it are on one line each."""
    return [f"{key} = {_value(value)}" for key, value in body.items()]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{k} = {_value(v)}' for k, v in value.items())} }}"
    if isinstance(value, list):
        return f"[ {', '.join(_value(v) for v in value)} ]"
    return json.dumps(value, ensure_ascii=False)


def _variable(variable: Scored, near: pl.DataFrame, around: Surroundings, codes: set[str]) -> list[str]:
    binning, points = variable.binning, variable.points
    which = binning.assign(near[binning.column])
    reference = round(float(np.mean(np.array(points)[which]))) if len(which) else 0
    column, over = around.ratios.get(binning.column, (binning.column, None))
    known = around.of_champion(column, over)
    lines = ["[[variables]]", f"column = {_text(column)}", f"axis = {_text(known.get('axis', 'none'))}"]
    if binning.kind == "category":
        lines += _categories(variable)
    elif over is not None:
        lines += [f"over = {_text(over)}", f"scale = {RATIO_SCALE}", *_bins(variable, 1)]
    else:
        # Whole units of a float are rounded down only where it is scaled at all.
        least = 1 if near.schema[column].is_integer() else 10
        factor = max(_whole(binning.cuts + binning.codes), least)
        lines += [*([f"scale = {factor}"] if factor != 1 else []), *_bins(variable, factor)]
    en, zh = around.texts.get(binning.column, (f"The value of {binning.column}", f"{binning.column} 的取值"))
    words = {
        "en": known.get("en", en),
        "zh": known.get("zh", zh),
        "unknown_en": known.get("unknown_en", f"Not known: {en}"),
        "unknown_zh": known.get("unknown_zh", f"未知：{zh}"),
    }
    code = str(known.get("code", _code(binning.column)))
    while code in codes:
        code += "_X"
    codes.add(code)
    return [
        *lines,
        f"missing = {points[-1]}",
        f"reference = {reference}",
        f"code = {_text(code)}",
        *(f"{name} = {_text(text)}" for name, text in words.items()),
    ]


def _categories(variable: Scored) -> list[str]:
    members: dict[int, list[str]] = {}
    for text, number in variable.binning.groups.items():
        members.setdefault(number, []).append(text)
    listed = (
        f"{{ values = {json.dumps(sorted(members[n]), ensure_ascii=False)}, points = {variable.points[n]} }}"
        for n in sorted(members)
    )
    return [f"categories = [ {', '.join(listed)} ]", f"bins = [ {{ points = {variable.points[-1]} }} ]"]


def _bins(variable: Scored, factor: int) -> list[str]:
    """Bins, and codes where there are any, in whole units: `factor` of them to one."""
    cuts, codes, points = variable.binning.cuts, variable.binning.codes, variable.points
    bins = [f"{{ below = {round(c * factor)}, points = {p} }}" for c, p in zip(cuts, points, strict=False)]
    lines = [f"bins = [ {', '.join([*bins, f'{{ points = {points[len(cuts)]} }}'])} ]"]
    if codes:
        coded = zip(codes, points[len(cuts) + 1 :], strict=False)
        lines.append(f"codes = [ {', '.join(f'{{ value = {round(c * factor)}, points = {p} }}' for c, p in coded)} ]")
    return lines


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _code(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_").upper() or "VARIABLE"


def _whole(values: tuple[float, ...]) -> int:
    """The power of ten that makes every value a whole number, up to a million."""
    for power in range(7):
        if all(abs(v * 10**power - round(v * 10**power)) < 1e-9 for v in values):
            return int(10**power)
    return 1_000_000
