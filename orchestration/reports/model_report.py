"""The report of a trained model: one page that opens without a network, and the same figures as tables and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from orchestration.reports.page import page
from orchestration.reports.pictures import Bars, Line, bar_plot, line_plot
from orchestration.reports.section import Section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup
    from numpy.typing import NDArray

    from transforms.risk.training.binning import Binning
    from transforms.risk.training.columns import Column, Dropped
    from transforms.risk.training.evaluation import Evaluation, Measures
    from transforms.risk.training.fit import PointsCard, Scored

_MEASURES = ("auc", "ks", "gini", "brier", "slope", "intercept", "psi")
_POOLED = ("auc", "ks", "gini", "brier")
_HEADS = ("AUC", "KS", "Gini", "Brier", "calibration slope", "intercept", "PSI")


def measures_section(title: str, found: Sequence[Measures], evaluation: Evaluation | None = None) -> Section:
    """A row per model and sample; with `evaluation` mean and pooled rows, where it was judged on several samples."""
    models = list(dict.fromkeys(m.model for m in found))
    rows = [
        (m.model, m.sample, f"{m.rows:,}", f"{m.bads:,}", *(f"{getattr(m, name):.4f}" for name in _MEASURES))
        for m in found
    ]
    if evaluation is not None and len(found) > len(models):
        rows += [
            (model, "mean", "", "", *(f"{evaluation.mean(model, name):.4f}" for name in _MEASURES)) for model in models
        ]
        rows += [
            (
                *(model, "pooled", "", ""),
                *(f"{evaluation.pooled(model, name):.4f}" if name in _POOLED else "" for name in _MEASURES),
            )
            for model in models
        ]
    rows.sort(key=lambda row: models.index(row[0]))
    return Section(title, ("model", "sample", "rows", "bads", *_HEADS), tuple(rows))


def columns_section(columns: Sequence[Column], dropped: Sequence[Dropped], card: PointsCard) -> Section:
    """What was done with every column, in words."""
    used = {v.binning.column: v for v in card.variables}
    left_out = {d.name: d.reason for d in (*dropped, *card.dropped)}
    rows: list[tuple[str, ...]] = []
    for column in columns:
        scored = used.get(column.name)
        what = (
            f"{_bins_of(scored.binning)}; information value {scored.binning.iv:.3f}, weight {scored.weight:.2f}"
            if scored
            else f"left out: {left_out.get(column.name, 'tells nothing')}"
        )
        rows.append((column.name, column.kind, what, "; ".join(column.notes)))
    rows += [(d.name, "", f"left out: {d.reason}", "") for d in dropped]
    return Section("What was done with each column", ("column", "kind", "what", "notes"), tuple(rows))


def _bins_of(binning: Binning) -> str:
    """The bins of a variable in words: of its values and which way the bad rate runs, of codes, of missing values."""
    held = [b for b in binning.bins if b.rows]
    if binning.kind == "category":
        return f"{len(held)} groups by bad rate"
    runs = {1: ", bad rate rising", -1: ", bad rate falling", 0: ""}[binning.trend]
    codes = f", {len(binning.codes)} of codes" if binning.codes else ""
    missing = ", 1 of missing values" if binning.bins[-1].rows else ""
    return f"{len(binning.cuts) + 1} bins of values{runs}{codes}{missing}"


def card_sections(card: PointsCard) -> list[Section]:
    """A table per variable: bins with cases, bad rate, weight of evidence and points."""
    return [
        Section(
            f"{v.binning.column} · information value {v.binning.iv:.3f}",
            ("bin", "rows", "bads", "bad rate", "weight of evidence", "points"),
            tuple(
                (
                    b.label,
                    f"{b.rows:,}",
                    f"{b.bads:,}",
                    f"{b.bads / b.rows:.2%}" if b.rows else "",
                    f"{b.woe:.3f}",
                    str(p),
                )
                for b, p in zip(v.binning.bins, v.points, strict=True)
            ),
        )
        for v in card.variables
    ]


def model_page(
    title: str, card: PointsCard, evaluation: Evaluation, sections: Sequence[Section], messages: Sequence[str]
) -> str:
    """The whole report as HTML; `sections` are its tables, `messages` what was done with rows, in words."""
    return page(
        "model",
        title=title,
        messages=messages,
        measures=sections[:-1],
        pictures=_plots(evaluation),
        columns=sections[-1],
        card=card,
        variables=list(zip(card_sections(card), map(_weights, card.variables), strict=True)),
    )


def _weights(variable: Scored) -> Markup:
    bars = [(b.label, b.woe) for b in variable.binning.bins if b.rows]
    return bar_plot(Bars("Weight of evidence by bin", "weight of evidence", bars))


def _plots(evaluation: Evaluation) -> list[Markup]:
    roc: list[Line] = []
    calibrated: list[Line] = []
    spread: list[Line] = []
    for model, pd in evaluation.pd.items():
        seen = ~np.isnan(pd)
        p, bad = pd[seen], evaluation.target[seen]
        roc.append(Line(model, _roc(p, bad)))
        calibrated.append(Line(model, _deciles(p, bad), dots=True))
        if not spread:
            spread = [Line("goods", _density(p[~bad])), Line("bads", _density(p[bad]))]
    return [
        line_plot(
            "Receiver operating characteristic", roc, "share of goods above", "share of bads above", diagonal=True
        ),
        line_plot(
            "Calibration by tenths", calibrated, "predicted share of bads", "observed share of bads", diagonal=True
        ),
        line_plot("Where goods and bads lie", spread, "predicted probability", "share of goods, of bads"),
    ]


def _roc(pd: NDArray[np.float64], bad: NDArray[np.bool_]) -> list[tuple[float, float]]:
    order = np.argsort(-pd, kind="stable")
    goods = np.cumsum(~bad[order]) / max((~bad).sum(), 1)
    bads = np.cumsum(bad[order]) / max(bad.sum(), 1)
    at = np.unique(np.linspace(0, len(pd) - 1, 100).astype(int))
    return [(0.0, 0.0), *zip(goods[at].tolist(), bads[at].tolist(), strict=True)]


def _deciles(pd: NDArray[np.float64], bad: NDArray[np.bool_]) -> list[tuple[float, float]]:
    parts = np.array_split(np.argsort(pd, kind="stable"), 10)
    return [(float(pd[part].mean()), float(bad[part].mean())) for part in parts if len(part)]


def _density(pd: NDArray[np.float64]) -> list[tuple[float, float]]:
    counts, edges = np.histogram(pd, bins=25, range=(0.0, 1.0))
    return [(float((a + b) / 2), float(n) / max(len(pd), 1)) for n, a, b in zip(counts, edges, edges[1:], strict=False)]


def as_json(
    evaluation: Evaluation, card: PointsCard, columns: Sequence[Column], dropped: Sequence[Dropped]
) -> dict[str, Any]:
    """The measures and what was done with each column, for machines."""
    return {
        "means": {m: {k: evaluation.mean(m, k) for k in _MEASURES} for m in evaluation.models()},
        "pooled": {m: {k: evaluation.pooled(m, k) for k in _POOLED} for m in evaluation.models()},
        "samples": [{**vars(m), "gini": m.gini} for m in evaluation.by_sample],
        "base_points": card.base_points,
        "variables": [
            {
                "column": v.binning.column,
                "iv": v.binning.iv,
                "weight": v.weight,
                "bins": [vars(b) for b in v.binning.bins],
            }
            for v in card.variables
        ],
        "columns": [vars(c) for c in columns],
        "left_out": [vars(d) for d in (*dropped, *card.dropped)],
    }
