"""The scorecard as a table, so that a customer's points can be traced to their bins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from transforms.risk.scorecard import Scale, Scorecard, Variable


def scorecard(scorecard: Scorecard, as_of: date) -> list[dict[str, Any]]:
    """`reference.scorecard`: one row per variable and bin of the scorecard in force, and one of the base points.

    `place` is the variable's position in `risk.risk_assessment.points`, from 1; the base points have place 0. Units
    are whole: the value times `scale` (over `over_variable` where it is a share), rounded down.
    """
    stamp = {"as_of_date": as_of, "model_version": scorecard.version}
    rows = [_base(scorecard.scale)]
    for place, variable in enumerate(scorecard.variables, 1):
        for number, found in enumerate(_bins(variable), 1):
            rows.append({"place": place, "bin_no": number, **_bin(variable, *found)})
    return [stamp | row for row in rows]


def _base(scale: Scale) -> dict[str, Any]:
    return {
        "place": 0,
        "bin_no": 0,
        "variable": "base",
        "over_variable": None,
        "scale": 1,
        "axis": "none",
        "reason_code": "BASE",
        "bin_kind": "base",
        "from_units": scale.lowest,
        "below_units": scale.highest + 1,
        "category": None,
        "points": scale.base_points,
        "reference_points": None,
        "reason_en": "Base points",
        "reason_zh": "基础分",
    }


def _bin(
    v: Variable, kind: str, low: int | None, high: int | None, category: str | None, points: int
) -> dict[str, Any]:
    unknown = kind == "missing"
    return {
        "variable": v.column,
        "over_variable": v.over,
        "scale": v.scale,
        "axis": v.axis,
        "reason_code": f"{v.code}_UNKNOWN" if unknown else v.code,
        "bin_kind": kind,
        "from_units": low,
        "below_units": high,
        "category": category,
        "points": points,
        "reference_points": v.reference,
        "reason_en": v.unknown_en if unknown else v.en,
        "reason_zh": v.unknown_zh if unknown else v.zh,
    }


def _bins(v: Variable) -> Iterator[tuple[str, int | None, int | None, str | None, int]]:
    """(kind, from, below, category, points) of every bin."""
    if v.categories:
        yield from (("category", None, None, text, points) for text, points in v.categories)
        yield "category", None, None, None, v.points[-1]
    else:
        edges = (None, *v.uppers, None)
        for n, points in enumerate(v.points):
            yield "range", edges[n], edges[n + 1], None, points
        yield from (("code", value, value + 1, None, points) for value, points in v.codes)
    yield "missing", None, None, None, v.missing
