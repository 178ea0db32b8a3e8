"""`fenqi train`: a scorecard fitted from outcomes, judged out of sample beside a challenger."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import polars as pl
import typer
from rich.markup import escape
from rich.table import Table

from orchestration.commands.common import JsonOption, err, out, print_json, settings_with
from orchestration.training.training_table import TrainingTable, read_table
from transforms.risk.training.evaluation import folds_by_order, later_rows
from transforms.risk.training.outcome import outcome_of
from transforms.risk.training.performance import Definition
from transforms.risk.training.texts import plain

if TYPE_CHECKING:
    from orchestration.training.model_training import Task


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train")(train)


def train(
    report: Annotated[Path, typer.Option("--report", help="Folder for the report, the card and the challenger.")],
    csv: Annotated[
        Path | None,
        typer.Option("--csv", help="Table to learn from: CSV with a header, or Parquet; else the stored nights."),
    ] = None,
    target: Annotated[
        str, typer.Option("--target", help="Column of the table with the outcome: 0 good, 1 bad; or words.")
    ] = "",
    bad: Annotated[str, typer.Option("--bad", help="Values of the outcome that are bad, by commas.")] = "",
    good: Annotated[str, typer.Option("--good", help="Values that are good; rows of others are left out.")] = "",
    special: Annotated[
        str, typer.Option("--special", help="Special codes of every numeric column beside those found: -9,96,98.")
    ] = "",
    exclude: Annotated[str, typer.Option("--exclude", help="Columns to leave out, separated by commas.")] = "",
    keep: Annotated[
        str,
        typer.Option("--keep", help="Columns to use although protected (where law allows), identifying or leaking."),
    ] = "",
    categories: Annotated[
        str, typer.Option("--categories", help="Columns of numbers that stand for kinds, without an order.")
    ] = "",
    folds: Annotated[int, typer.Option("--folds", min=2, help="Row i is held out in fold i modulo this.")] = 5,
    time: Annotated[
        str | None, typer.Option("--time", help="Column of dates or numbers: judge on the latest quarter instead.")
    ] = None,
    separator: Annotated[
        str | None, typer.Option("--separator", help="What separates columns; found by itself as a rule.")
    ] = None,
    window: Annotated[
        int, typer.Option("--window", min=1, max=36, help="Nights: months after a sample that say what became of it.")
    ] = 12,
    bad_dpd: Annotated[int, typer.Option("--bad-dpd", min=1, help="Nights: days past due that are bad.")] = 90,
    between_dpd: Annotated[
        int, typer.Option("--between-dpd", min=1, help="Nights: days past due from which it is neither.")
    ] = 30,
    every: Annotated[int, typer.Option("--every", min=1, help="Nights: months between sample dates.")] = 3,
    own: Annotated[
        bool, typer.Option("--own", help="Nights: only the lender's own accounts say what became of a customer.")
    ] = False,
    recompute: Annotated[
        bool,
        typer.Option("--recompute", help="Nights: features by today's code from what was known, not as published."),
    ] = False,
    challenger: Annotated[bool, typer.Option(help="Fit gradient-boosted trees beside the card.")] = True,
    json: JsonOption = False,
) -> None:
    """Fit a points scorecard from outcomes, and say how good it is where it has not learned.

    With --csv: on any table with a binary outcome. Without: on the warehouse's stored nights, each customer as known on
    a sample date and what became of them in the months after.

    The report (index.html) shows measures out of sample, calibration, and what was done with each column: bins, special
    codes, columns left out and why. Beside it: scorecard.toml, in the form nights score with (`fenqi model register`),
    and challenger.txt. Needs the train extra: pip install 'fenqi[train]', or make train-extra.
    """
    if missing := [name for name in ("sklearn", "lightgbm") if importlib.util.find_spec(name) is None]:
        raise ValueError(f"training needs {', '.join(missing)}: install the train extra (pip install 'fenqi[train]')")
    from orchestration.training.model_training import learn  # noqa: PLC0415 - other commands need none of this

    if csv is None:
        from orchestration.training.warehouse_training import sampled_nights, task_of  # noqa: PLC0415 - as above

        definition = Definition(window, bad_dpd, between_dpd, own_only=own)
        with err.status("sampling nights"):
            sampled = sampled_nights(settings_with(), definition, every, recompute=recompute)
            task, source = task_of(sampled, definition, challenge=challenger)
        title = "Scorecard of stored nights"
    else:
        options = _CsvOptions(_listed(bad), _listed(good), special, exclude, keep, categories, folds, time, challenger)
        task = _task_of_table(read_table(csv, separator=separator), target, options)
        source = f"{csv.name}, sha256 {hashlib.sha256(csv.read_bytes()).hexdigest()}"
        title = f"Scorecard of {csv.name}"
    for line in task.messages:
        err.print(line, markup=False)
    with err.status("learning") as status:
        learned = learn(task, status.update)
    paths = learned.write(report, title=title, source=source)
    if json:
        print_json(learned.as_json() | {"files": [str(p) for p in paths]})
        return
    for section in learned.sections():
        shown = Table(title=section.title, title_justify="left")
        for name in section.columns:
            shown.add_column(name, overflow="fold")
        for row in section.rows:
            shown.add_row(*map(escape, row))
        out.print(shown)
    for name in learned.suspects:
        err.print(f"{name} may know the outcome: see what was done with it above", style="bold red", markup=False)
    for path in paths:
        out.print(f"  {path}", soft_wrap=True, markup=False)


@dataclass(frozen=True)
class _CsvOptions:
    bad: list[str]
    good: list[str]
    special: str
    exclude: str
    keep: str
    categories: str
    folds: int
    time: str | None
    challenge: bool


def _task_of_table(table: TrainingTable, target: str, options: _CsvOptions) -> Task:
    from orchestration.training.model_training import Task  # noqa: PLC0415 - as above

    if not target:
        raise ValueError(f"--csv needs --target, one of: {', '.join(table.frame.columns)}")
    if target not in table.frame.columns:
        raise ValueError(f"there is no column {target!r}; there are: {', '.join(table.frame.columns)}")
    outcome = outcome_of(table.frame[target], options.bad, options.good)
    frame, notes = plain(table.frame.filter(outcome.kept), skip=[target])
    kinds = _names(frame, "--categories", options.categories)
    frame = frame.with_columns(pl.col(sorted(kinds)).cast(pl.String))
    samples = (
        folds_by_order(len(outcome.bad), options.folds)
        if options.time is None
        else later_rows(_moment(frame, options.time))
    )
    return Task(
        frame=frame,
        target=target,
        outcome=outcome.bad,
        codes=_numbers("--special", options.special),
        exclude={*_names(frame, "--exclude", options.exclude), *([options.time] if options.time else [])},
        keep=_names(frame, "--keep", options.keep),
        notes=notes | dict.fromkeys(kinds, ("numbers taken for kinds, as told",)),
        messages=[*table.notes, *outcome.notes],
        samples=samples,
        challenge=options.challenge,
    )


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _names(frame: pl.DataFrame, option: str, text: str) -> set[str]:
    names = {name.strip() for name in text.split(",") if name.strip()}
    if unknown := names - set(frame.columns):
        raise ValueError(f"{option}: no such column: {', '.join(sorted(unknown))}")
    return names


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise ValueError(f"{option} {text!r}: numbers separated by commas are expected") from None


def _moment(frame: pl.DataFrame, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if name not in frame.columns:
        raise ValueError(f"--time: there is no column {name!r}")
    column = frame[name]
    if column.dtype.is_temporal():
        column = column.to_physical()
    if not column.dtype.is_numeric() or column.null_count():
        raise ValueError(f"--time {name}: every row needs a date (YYYY-MM-DD) or a number")
    return column.cast(pl.Float64).to_numpy()
