"""`fenqi train`: a scorecard fitted from outcomes, judged out of sample beside a challenger."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer
from rich.table import Table

from orchestration.commands.common import JsonOption, err, out, print_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train")(train)


def train(
    csv: Annotated[Path, typer.Option("--csv", help="Table to learn from: CSV with a header, or Parquet.")],
    target: Annotated[str, typer.Option("--target", help="Column with the outcome: 0 good, 1 bad.")],
    report: Annotated[Path, typer.Option("--report", help="Folder for the report, the card and the challenger.")],
    special: Annotated[
        str, typer.Option("--special", help="Special codes of every numeric column beside those found: -9,96,98.")
    ] = "",
    exclude: Annotated[str, typer.Option("--exclude", help="Columns to leave out, separated by commas.")] = "",
    keep: Annotated[
        str, typer.Option("--keep", help="Protected columns (sex, age, ...) to use all the same, where law allows.")
    ] = "",
    folds: Annotated[int, typer.Option("--folds", min=2, help="Row i is held out in fold i modulo this.")] = 5,
    time: Annotated[
        str | None, typer.Option("--time", help="Column of dates or numbers: judge on the latest quarter instead.")
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
    frame = _read(csv)
    outcome = _outcome(frame, target)
    with err.status("learning") as status:
        from orchestration.model_training import learn  # noqa: PLC0415 - --help needs no training

        learned = learn(
            frame,
            target,
            outcome,
            codes=_numbers("--special", special),
            exclude={*_names(frame, "--exclude", exclude), *([time] if time else [])},
            keep=_names(frame, "--keep", keep),
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
            shown.add_row(*row)
        out.print(shown)
    for path in paths:
        out.print(f"  {path}", soft_wrap=True)


def _read(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        with path.open("rb") as file:
            head = file.readline()
        separator = max((",", ";", "\t", "|"), key=lambda s: head.count(s.encode()))
        nothing = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "."]
        return pl.read_csv(
            path, separator=separator, infer_schema_length=None, null_values=nothing, encoding="utf8-lossy"
        )
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{path.name} cannot be read as a table: {error}") from None


def _outcome(frame: pl.DataFrame, target: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if target not in frame.columns:
        raise ValueError(f"there is no column {target!r}; there are: {', '.join(frame.columns)}")
    column = frame[target]
    if empty := column.null_count():
        raise ValueError(f"{target} is empty in {empty:,} rows: leave them out, an outcome must be known")
    values = sorted(column.unique().to_list(), key=str)
    if len(values) != 2:
        shown = ", ".join(map(repr, values[:6]))
        raise ValueError(f"{target} must have exactly two values, 0 good and 1 bad; it has {len(values)}: {shown}")
    bad = values[1] if column.dtype == pl.String else max(values)
    err.print(f"{target}: {bad!r} is taken for bad, {(column == bad).mean():.2%} of {len(column):,} rows")
    outcome: np.ndarray[tuple[int], np.dtype[np.bool_]] = (column == bad).to_numpy()
    return outcome


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
    if column.dtype == pl.String:
        column = column.str.to_date(strict=False)
    if column.dtype.is_temporal():
        column = column.to_physical()
    if not column.dtype.is_numeric() or column.null_count():
        raise ValueError(f"--time {name}: every row needs a date (YYYY-MM-DD) or a number")
    return column.cast(pl.Float64).to_numpy()
