"""What a default would cost: exposure and the share of it lost, both from the scorecard's tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: What is owed: plans outstanding, and the part of the unused line drawn by the time of default.
Exposure = Literal["plan", "line"]
#: Who else answers for it: nobody, or a signed co-obligor whom the policy lets count.
Collateral = Literal["none", "guaranteed"]
ANY = "any"
_KEYS = {"exposure", "collateral", "segment", "lgd"}


class LossTableError(ValueError):
    """A loss table that cannot be used; the message names the row and what it may hold."""


@dataclass(frozen=True)
class LossRow:
    """Loss given default of one kind of exposure, collateral and behaviour segment; `any` fits every one."""

    exposure: str
    collateral: str
    segment: str
    lgd: float


@dataclass(frozen=True)
class Loss:
    """Loss given default as a table, the first row that fits; `base` where none does.

    `unused_line_share` is the credit conversion factor: the share of the unused line drawn by the time of default.
    """

    base: float
    unused_line_share: float
    rows: tuple[LossRow, ...] = ()

    def lgd(self, exposure: Exposure, *, guaranteed: pl.Expr) -> pl.Expr:
        """Loss given default of one kind of exposure as a fraction; reads `behaviour_segment`."""
        expression = pl.lit(self.base)
        for row in reversed(self.rows):
            if row.exposure not in (ANY, exposure):
                continue
            fits = pl.lit(value=True)
            if row.segment != ANY:
                fits = fits & (pl.col("behaviour_segment") == row.segment)
            if row.collateral != ANY:
                fits = fits & (guaranteed if row.collateral == "guaranteed" else ~guaranteed)
            expression = pl.when(fits.fill_null(value=False)).then(pl.lit(row.lgd)).otherwise(expression)
        return expression

    def exposures(self) -> dict[Exposure, pl.Expr]:
        """Exposure at default in cents by kind: what is owed on own plans, and the drawn share of the unused line.

        The line's use is the principal of plans booked on it, so it counts once, as plans.
        """
        unused = (pl.col("line_cents").fill_null(0) - pl.col("line_used_cents").fill_null(0)).clip(lower_bound=0)
        share_bp = round(self.unused_line_share * 10_000)
        return {"plan": pl.col("plan_outstanding_cents").fill_null(0), "line": unused * share_bp // 10_000}


def parse_loss(document: Mapping[str, Any], source: str) -> Loss:
    """Read `[loss]` and its `[[loss.table]]` rows; LossTableError names the row, KeyError what is missing."""
    rows = tuple(_row(raw, f"{source}: loss table row {n}") for n, raw in enumerate(document.get("table", ()), 1))
    loss = Loss(float(document["lgd"]), float(document["unused_line_share"]), rows)
    for share in (loss.base, loss.unused_line_share):
        _fraction(share, f"{source}: loss")
    return loss


def _row(raw: Mapping[str, Any], where: str) -> LossRow:
    if unknown := set(raw) - _KEYS:
        raise LossTableError(f"{where}: unknown {', '.join(sorted(unknown))}")
    if "lgd" not in raw:
        raise LossTableError(f"{where}: lgd not given")
    chosen: dict[str, Sequence[str]] = {"exposure": get_args(Exposure), "collateral": get_args(Collateral)}
    for key, known in chosen.items():
        if (given := raw.get(key, ANY)) not in (*known, ANY):
            raise LossTableError(f"{where}: {key} {given!r} is not one of {', '.join([*known, ANY])}")
    _fraction(float(raw["lgd"]), where)
    return LossRow(
        str(raw.get("exposure", ANY)), str(raw.get("collateral", ANY)), str(raw.get("segment", ANY)), float(raw["lgd"])
    )


def _fraction(value: float, where: str) -> None:
    if not 0 <= value <= 1:
        raise LossTableError(f"{where}: {value} is not a fraction between 0 and 1")
