"""`fenqi train`: a scorecard fitted from outcomes, judged out of sample beside a challenger."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer
from rich.markup import escape
from rich.table import Table

from orchestration.commands.common import JsonOption, err, out, print_json
from orchestration.training_table import read_table
from transforms.risk.training.outcome import outcome_of
from transforms.risk.training.texts import plain


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train")(train)


def train(
    report: Annotated[Path, typer.Option("--report", help="Folder for the report, the card and the challenger.")],
    csv: Annotated[Path, typer.Option("--csv", help="Table to learn from: CSV with a header, or Parquet.")],
    target: Annotated[str, typer.Option("--target", help="Column with the outcome: 0 good, 1 bad; or words.")],
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
    challenger: Annotated[bool, typer.Option(help="Fit gradient-boosted trees beside the card.")] = True,
    json: JsonOption = False,
) -> None:
    """Fit a points scorecard on any table with a binary outcome, and say how good it is where it has not learned.

    The report (index.html) shows measures out of sample, calibration, and what was done with each column: bins, special
    codes, columns left out and why. Beside it: scorecard.toml, in the form nights score with, and challenger.txt.
    Needs the train extra: pip install 'fenqi[train]', or make test sets it up.
    """
    if missing := [name for name in ("sklearn", "lightgbm") if importlib.util.find_spec(name) is None]:
        raise ValueError(f"training needs {', '.join(missing)}: install the train extra (pip install 'fenqi[train]')")
    table = read_table(csv, separator=separator)
    if target not in table.frame.columns:
        raise ValueError(f"there is no column {target!r}; there are: {', '.join(table.frame.columns)}")
    outcome = outcome_of(table.frame[target], _listed(bad), _listed(good))
    frame, notes = plain(table.frame.filter(outcome.kept), skip=[target])
    kinds = _names(frame, "--categories", categories)
    frame = frame.with_columns(pl.col(sorted(kinds)).cast(pl.String))
    told = [*table.told, *outcome.told]
    for line in told:
        err.print(line, markup=False)
    with err.status("learning") as status:
        from orchestration.model_training import learn  # noqa: PLC0415 - --help needs no training

        learned = learn(
            frame,
            target,
            outcome.bad,
            codes=_numbers("--special", special),
            exclude={*_names(frame, "--exclude", exclude), *([time] if time else [])},
            keep=_names(frame, "--keep", keep),
            notes=notes | dict.fromkeys(kinds, ("numbers taken for kinds, as told",)),
            told=told,
            folds=folds,
            moment=None if time is None else _moment(frame, time),
            challenge=challenger,
            listener=status.update,
        )
    digest = hashlib.sha256(csv.read_bytes()).hexdigest()
    paths = learned.write(report, title=f"Scorecard of {csv.name}", told=f"{csv.name}, sha256 {digest}")
    if json:
        print_json(learned.as_json() | {"files": [str(p) for p in paths]})
        return
    for section in learned.sections():
        shown = Table(*section.columns, title=section.title, title_justify="left")
        for row in section.rows:
            shown.add_row(*map(escape, row))
        out.print(shown)
    for name in learned.suspects:
        err.print(f"{name} may know the outcome: see what was done with it above", style="bold red", markup=False)
    for path in paths:
        out.print(f"  {path}", soft_wrap=True, markup=False)


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
