"""A training run from table to files: understood, evaluated out of sample, fitted on everything, written down."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.model_report import as_json, columns_section, measures_section, model_page
from transforms.risk.training.card_file import card_text
from transforms.risk.training.challenger import Challenger, fit_challenger
from transforms.risk.training.columns import Column, Dropped, understand
from transforms.risk.training.evaluation import Evaluation, evaluate, folds_by_order, later_rows, trends_of
from transforms.risk.training.fit import PointsCard, fit_card
from transforms.risk.training.leaks import sift

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from orchestration.page import Section

#: Fewer cases of either outcome than this cannot be split into folds that say anything.
_LEAST_CASES = 20


@dataclass(frozen=True)
class Learned:
    """Everything a training run found."""

    frame: pl.DataFrame
    columns: tuple[Column, ...]
    dropped: tuple[Dropped, ...]
    suspects: tuple[str, ...]
    told: tuple[str, ...]
    evaluation: Evaluation
    card: PointsCard
    challenger: Challenger | None

    def sections(self) -> list[Section]:
        """The tables for the screen."""
        return [measures_section(self.evaluation), columns_section(self.columns, self.dropped, self.card)]

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        found = as_json(self.evaluation, self.card, self.columns, self.dropped)
        return found | {"suspected_leaks": list(self.suspects), "told": list(self.told)}

    def write(self, folder: Path, *, title: str, told: str) -> list[Path]:
        """Write report, card, measures and challenger under `folder`; returns their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        text = card_text(self.card, self.frame, "draft", title)
        version = f"fitted_{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        files = {
            "index.html": model_page(title, self.card, self.evaluation, self.columns, self.dropped, [told, *self.told]),
            "scorecard.toml": card_text(self.card, self.frame, version, f"{title} ({told})"),
            "measures.json": json.dumps(self.as_json(), ensure_ascii=False, indent=1),
        }
        if self.challenger is not None:
            files["challenger.txt"] = self.challenger.text()
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
        return [folder / name for name in files]


def learn(
    frame: pl.DataFrame,
    target: str,
    outcome: NDArray[np.bool_],
    *,
    codes: Sequence[float] = (),
    exclude: Collection[str] = (),
    keep: Collection[str] = (),
    notes: Mapping[str, tuple[str, ...]] | None = None,
    told: Sequence[str] = (),
    folds: int = 5,
    moment: NDArray[np.float64] | None = None,
    challenge: bool = True,
    listener: Callable[[str], None] = lambda _: None,
) -> Learned:
    """Train on `frame`, whose column `target` holds the outcome (`outcome` True: bad).

    `notes` and `told` say what was done with columns and rows before. ValueError where there are too
    few cases of either outcome, or no column is left to learn from.
    """
    if min(outcome.sum(), (~outcome).sum()) < _LEAST_CASES:
        raise ValueError(
            f"only {int(outcome.sum())} bad of {len(outcome)} rows: at least {_LEAST_CASES} of each are needed"
        )
    columns, dropped = understand(frame, target=target, codes=codes, exclude=exclude, keep=keep, told=notes)
    sifted = sift(frame, columns, outcome, keep)
    columns, dropped = list(sifted.columns), [*dropped, *sifted.dropped]
    if not columns:
        reasons = "; ".join(f"{d.name}: {d.reason}" for d in dropped)
        raise ValueError(f"no column is left to learn from: {reasons}")
    samples = folds_by_order(len(outcome), folds) if moment is None else later_rows(moment)
    by_name = []
    for name, held in samples:
        if not 0 < outcome[held].sum() < held.sum() or not 0 < outcome[~held].sum() < (~held).sum():
            raise ValueError(f"{name} has one outcome only: use fewer folds")
        by_name.append((name, held))
    listener(f"judging out of sample: {', '.join(name for name, _ in by_name)}")
    evaluation = evaluate(frame, columns, outcome, by_name, challenge=challenge)
    listener("fitting on every row")
    card = fit_card(frame, columns, outcome)
    challenger = fit_challenger(frame, columns, outcome, trends_of(frame, columns, outcome)) if challenge else None
    return Learned(frame, tuple(columns), tuple(dropped), sifted.suspects, tuple(told), evaluation, card, challenger)
