"""A fitted card as the text of a scorecard file, in the form `transforms.risk.scorecard` reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from transforms.risk.scorecard import GRADES

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from transforms.risk.training.fit import PointsCard, Scored

#: Highest probability of default of each grade but the last; a lender moves them to its appetite.
GRADE_PD = {"A": 0.02, "B": 0.04, "C": 0.07, "D": 0.12, "E": 0.20, "F": 0.35}
#: Reasons are measured against applicants between these quantiles of the score: those just above a usual cut-off.
_NEAR_CUT_OFF = (0.30, 0.50)


def card_text(card: PointsCard, frame: pl.DataFrame, version: str, description: str) -> str:
    """The card as TOML; `frame` is what it was fitted on, for the reference points of the reasons."""
    scale, score = card.scale, card.score(frame)
    lowest, highest = int(np.floor(score.min() / 50) * 50), int(np.ceil(score.max() / 50) * 50)
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
        "",
        "[loss]",
        "lgd = 0.55",
        "unused_line_share = 0.5",
        "",
        "[stress]",
        "income_drop_bp = 2000",
        "service_rise_bp = 1000",
        "strong_dsr_bp = 4000",
        "adequate_dsr_bp = 5500",
        "tight_dsr_bp = 8000",
        "strong_buffer_months = 1",
    ]
    near = (score >= np.quantile(score, _NEAR_CUT_OFF[0])) & (score <= np.quantile(score, _NEAR_CUT_OFF[1]))
    for variable in card.variables:
        lines += ["", *_variable(variable, frame.filter(near))]
    return "\n".join(lines) + "\n"


def _grades(card: PointsCard, lowest: int) -> dict[str, int]:
    """The lowest score of each grade: the first whole score whose probability is at most the grade's."""
    scores = np.arange(lowest, lowest + 2_000)
    pd: NDArray[np.float64] = card.scale.pd(scores.astype(np.float64))
    cuts = {grade: int(scores[np.argmax(pd <= most)]) for grade, most in GRADE_PD.items()}
    return {**cuts, GRADES[-1]: lowest}


def _variable(variable: Scored, near: pl.DataFrame) -> list[str]:
    binning, points = variable.binning, variable.points
    which = binning.assign(near[binning.column])
    reference = round(float(np.mean(np.array(points)[which]))) if len(which) else 0
    lines = ["[[variables]]", f"column = {json.dumps(binning.column)}", 'axis = "none"']
    if binning.kind == "category":
        members: dict[int, list[str]] = {}
        for text, number in binning.groups.items():
            members.setdefault(number, []).append(text)
        listed = (
            f"{{ values = {json.dumps(sorted(members[n]), ensure_ascii=False)}, points = {points[n]} }}"
            for n in sorted(members)
        )
        lines.append(f"categories = [ {', '.join(listed)} ]")
        lines.append(f"bins = [ {{ points = {points[-1]} }} ]")
    else:
        # Whole units of a float are rounded down only where it is scaled at all.
        least = 1 if near.schema[binning.column].is_integer() else 10
        factor = max(_whole(binning.cuts + binning.codes), least)
        if factor != 1:
            lines.append(f"scale = {factor}")
        bins = [f"{{ below = {round(c * factor)}, points = {p} }}" for c, p in zip(binning.cuts, points, strict=False)]
        lines.append(f"bins = [ {', '.join([*bins, f'{{ points = {points[len(binning.cuts)]} }}'])} ]")
        if binning.codes:
            coded = zip(binning.codes, points[len(binning.cuts) + 1 :], strict=False)
            lines.append(
                f"codes = [ {', '.join(f'{{ value = {round(c * factor)}, points = {p} }}' for c, p in coded)} ]"
            )
    name = binning.column
    return [
        *lines,
        f"missing = {points[-1]}",
        f"reference = {reference}",
        f"code = {json.dumps(name.upper())}",
        f"en = {json.dumps(f'The value of {name}')}",
        f"zh = {json.dumps(f'{name} 的取值', ensure_ascii=False)}",
        f"unknown_en = {json.dumps(f'{name} is not known')}",
        f"unknown_zh = {json.dumps(f'{name} 未知', ensure_ascii=False)}",
    ]


def _whole(values: tuple[float, ...]) -> int:
    """The power of ten that makes every value a whole number, up to a million."""
    for power in range(7):
        if all(abs(v * 10**power - round(v * 10**power)) < 1e-9 for v in values):
            return int(10**power)
    return 1_000_000
