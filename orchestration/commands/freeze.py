"""`fenqi freeze-reference`: the customers of a published night become what later nights are compared with."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.common import DateOption, JsonOption, day_of, out, print_json, settings_with
from orchestration.inputs.frozen_reference import freeze_reference
from orchestration.inputs.models import Models


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("freeze-reference")(freeze)


def freeze(
    date: DateOption,
    reason: Annotated[str, typer.Option("--reason", help="Why this night; kept in the file.")],
    json: JsonOption = False,
) -> None:
    """Freeze a published night's customers as the reference of the scorecard in force, for `monitoring.drift`.

    Nights from that date on are held against it: stability index of the score (in tenths of that night's customers)
    and of each variable. Earlier nights stay as they are.
    """
    settings = settings_with()
    path = freeze_reference(settings, Models(settings).champion(day_of(date)), day_of(date), reason)
    if json:
        print_json({"frozen_on": str(day_of(date)), "file": str(path)})
    else:
        out.print(f"frozen: {path}; nights from {day_of(date)} on are held against it", soft_wrap=True)
