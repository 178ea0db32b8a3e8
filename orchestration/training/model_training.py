"""A training run from table to files: understood, evaluated out of sample, fitted on everything, written down."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.reports.model_report import as_json, columns_section, measures_section, model_page
from transforms.risk.training.card_file import Surroundings, card_text
from transforms.risk.training.challenger import Challenger, fit_challenger
from transforms.risk.training.columns import Column, Dropped, understand
from transforms.risk.training.evaluation import Evaluation, Sample, evaluate, folds_by_order, measured_by, trends_of
from transforms.risk.training.fit import PointsCard, Recipe, fit_card
from transforms.risk.training.leaks import sift

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from orchestration.reports.section import Section

#: Fewer cases of either outcome than this cannot be split into folds that say anything.
_LEAST_CASES = 20


@dataclass(frozen=True)
class Task:
    """What to learn from: a table whose column `target` holds the outcome (`outcome` True: bad), and how.

    `codes`, `exclude`, `keep`: as `understand` takes them. `dropped`, `notes` and `messages` say in words what was done
    before; `sections` are tables the report shows beside. `samples` are what to learn from and judge on; by default
    folds by row order. `others` are probabilities of models fitted elsewhere; `around` is what the card file says
    beside; `groups` name a further table of measures and label its rows.
    """

    frame: pl.DataFrame
    target: str
    outcome: NDArray[np.bool_]
    codes: Sequence[float] = ()
    exclude: Collection[str] = ()
    keep: Collection[str] = ()
    dropped: Sequence[Dropped] = ()
    notes: Mapping[str, tuple[str, ...]] | None = None
    messages: Sequence[str] = ()
    sections: Sequence[Section] = ()
    samples: Sequence[Sample] = ()
    recipe: Recipe | None = None
    others: Mapping[str, NDArray[np.float64]] | None = None
    around: Surroundings | None = None
    groups: tuple[str, NDArray[np.str_]] | None = None
    challenge: bool = True


@dataclass(frozen=True)
class Learned:
    """Everything a training run found."""

    task: Task
    columns: tuple[Column, ...]
    dropped: tuple[Dropped, ...]
    suspects: tuple[str, ...]
    evaluation: Evaluation
    card: PointsCard
    challenger: Challenger | None

    def sections(self) -> list[Section]:
        """The tables for the screen."""
        found = [*self.task.sections, measures_section("Out of sample", self.evaluation.by_sample, self.evaluation)]
        if self.task.groups is not None:
            name, labels = self.task.groups
            found.append(measures_section(name, measured_by(self.evaluation, labels)))
        return [*found, columns_section(self.columns, self.dropped, self.card)]

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        counts = {"rows": len(self.evaluation.target), "bads": int(self.evaluation.target.sum())}
        found = as_json(self.evaluation, self.card, self.columns, self.dropped)
        tables = {s.title: [dict(zip(s.columns, row, strict=True)) for row in s.rows] for s in self.task.sections}
        said = {"suspected_leaks": list(self.suspects), "told": list(self.task.messages)}
        return counts | found | said | {"tables": tables}

    def write(self, folder: Path, *, title: str, source: str) -> list[Path]:
        """Write report, card, measures and challenger under `folder`; returns their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        frame, around = self.task.frame, self.task.around
        draft = card_text(self.card, frame, "draft", title, around)
        version = f"fitted_{hashlib.sha256(draft.encode()).hexdigest()[:12]}"
        files = {
            "index.html": model_page(title, self.card, self.evaluation, self.sections(), [source, *self.task.messages]),
            "scorecard.toml": card_text(self.card, frame, version, f"{title} ({source})", around),
            "measures.json": json.dumps(self.as_json(), ensure_ascii=False, indent=1),
        }
        if self.challenger is not None:
            files["challenger.txt"] = self.challenger.text()
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
        return [folder / name for name in files]


def learn(task: Task, listener: Callable[[str], None] = lambda _: None) -> Learned:
    """Train as `task` says.

    ValueError where there are too few cases of either outcome, or no column is left to learn from.
    """
    frame, outcome = task.frame, task.outcome
    if min(outcome.sum(), (~outcome).sum()) < _LEAST_CASES:
        raise ValueError(
            f"only {int(outcome.sum())} bad of {len(outcome)} rows: at least {_LEAST_CASES} of each are needed"
        )
    columns, dropped = understand(
        frame, target=task.target, codes=task.codes, exclude=task.exclude, keep=task.keep, notes=task.notes
    )
    sifted = sift(frame, columns, outcome, task.keep)
    columns, dropped = list(sifted.columns), [*task.dropped, *dropped, *sifted.dropped]
    if not columns:
        reasons = "; ".join(f"{d.name}: {d.reason}" for d in dropped)
        raise ValueError(f"no column is left to learn from: {reasons}")
    samples = task.samples or folds_by_order(len(outcome), 5)
    for sample in samples:
        if any(outcome[rows].all() or not outcome[rows].any() for rows in (sample.learned, sample.asked)):
            raise ValueError(f"{sample.name} has one outcome only: use fewer folds, or more rows")
    listener(f"judging out of sample: {', '.join(dict.fromkeys(s.name for s in samples))}")
    evaluation = evaluate(
        frame, columns, outcome, samples, recipe=task.recipe, challenge=task.challenge, others=task.others
    )
    listener("fitting on every row")
    card = fit_card(frame, columns, outcome, task.recipe)
    challenger = fit_challenger(frame, columns, outcome, trends_of(frame, columns, outcome)) if task.challenge else None
    return Learned(task, tuple(columns), tuple(dropped), sifted.suspects, evaluation, card, challenger)
