"""`fenqi model`: which models there are, and the decisions on them, each with its date, its author and its reason."""

from __future__ import annotations

import json as json_text
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from orchestration.commands.common import JsonOption, day_of, out, print_json, settings_with
from orchestration.inputs.models import Models, checked_card
from transforms.risk.model import ModelError, decision, model
from warehouse.lake import Lake, LakeMissingError
from warehouse.model_store import CARD
from warehouse.reference import read_document

SinceOption = Annotated[
    datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Business date from which it counts.")
]
ByOption = Annotated[str, typer.Option("--by", help="Who decides this: a name or a staff number.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in words an auditor understands.")]
VersionArgument = Annotated[str, typer.Argument(help="Version of the model, as `fenqi model list` shows it.")]
_KEPT = (CARD, "index.html", "measures.json", "challenger.txt")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="List models, register, promote and retire them.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command("list")(list_models)
    group.command("register")(register_model)
    group.command("promote")(promote)
    group.command("retire")(retire)
    app.add_typer(group, name="model")


def list_models(
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="As of this business date; else all known.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Every model: its role, how good it was where it had not learned, who decided and why."""
    models = Models(settings_with())
    asked = date.max if day is None else day_of(day)
    rows = model(models.models_on(asked), asked)
    if json:
        print_json([{k: v for k, v in row.items() if k != "as_of_date"} for row in rows])
        return
    shown = Table("model", "role", "since", "AUC", "KS", "slope", "learned from", "decided by", "why")
    for row in rows:
        figures = (row["auc"], row["ks"], row["calibration_slope"])
        shown.add_row(
            row["model_version"],
            row["role"],
            str(row["effective_from"] or "always"),
            *("" if f is None else f"{f:.3f}" for f in figures),
            row["trained_on"],
            row["decided_by"],
            row["reason"],
        )
    out.print(shown)
    if models.pinned:
        out.print(f"FENQI_SCORECARD names {models.settings.scorecard}: it decides, whatever is promoted")


def register_model(
    folder: Annotated[Path, typer.Argument(help="Folder that `fenqi train --report` wrote.")],
    since: SinceOption,
    by: ByOption,
    reason: ReasonOption,
) -> None:
    """Keep a trained card as a challenger: from that night on it is scored beside the champion, and decides nothing."""
    document = read_document(folder / CARD)
    card = checked_card(document)
    models = Models(settings_with())
    files = {name: (folder / name).read_bytes() for name in _KEPT if (folder / name).is_file()}
    registration = {
        "digest": document.digest,
        "trained_on": str(document.body.get("description", "")),
        "metrics": _metrics(folder / "measures.json"),
    }
    _decide(models, "registered", card.version, day_of(since), by, reason, registration, files)
    out.print(f"{card.version} is scored as a challenger from {day_of(since)} on")


def promote(version: VersionArgument, since: SinceOption, by: ByOption, reason: ReasonOption) -> None:
    """Let a registered model decide from a business date on; the champion before it is retired.

    The date must lie after every published night: what was decided stays decided by the model of its time.
    """
    models = Models(settings_with())
    if models.pinned:
        raise ModelError(
            f"FENQI_SCORECARD names {models.settings.scorecard}, which would decide all the same: unset it"
        )
    _decide(models, "promoted", version, day_of(since), by, reason)
    out.print(f"{version} decides from {day_of(since)} on")


def retire(version: VersionArgument, since: SinceOption, by: ByOption, reason: ReasonOption) -> None:
    """Score a challenger no longer, from a business date on."""
    _decide(Models(settings_with()), "retired", version, day_of(since), by, reason)
    out.print(f"{version} is retired from {day_of(since)} on")


def _decide(
    models: Models,
    event: Literal["registered", "promoted", "retired"],
    version: str,
    since: date,
    by: str,
    reason: str,
    registration: dict[str, Any] | None = None,
    files: dict[str, bytes] | None = None,
) -> None:
    newest = _newest_night(models)
    if newest is not None and since <= newest:
        raise ModelError(
            f"the night of {newest} is published: a decision on a model counts from a later date, not {since}"
        )
    with models.store.writing() as events:
        entry = decision(
            events,
            models.shipped,
            event=event,
            version=version,
            since=since,
            by=by,
            reason=reason,
            registration=registration,
        )
        if files is not None:
            models.store.keep(version, files)
        events.append(entry | {"recorded_at": models.settings.now().isoformat(timespec="seconds")})


def _newest_night(models: Models) -> date | None:
    try:
        with Lake.open(models.settings, read_only=True) as lake:
            row = lake.con.execute("SELECT max(business_date) FROM lake.control.run_manifest").fetchone()
    except LakeMissingError:
        return None
    newest: date | None = row[0] if row else None
    return newest


def _metrics(path: Path) -> dict[str, Any]:
    """What the training run measured out of sample, as the registry keeps it."""
    if not path.is_file():
        return {}
    body = json_text.loads(path.read_text(encoding="utf-8"))
    means = body["means"]["points scorecard"]
    named = {"auc": "auc", "ks": "ks", "gini": "gini", "calibration_slope": "slope", "psi": "psi"}
    counts = {"train_rows": body["rows"], "train_bads": body["bads"]}
    return counts | {ours: means[theirs] for ours, theirs in named.items()}
