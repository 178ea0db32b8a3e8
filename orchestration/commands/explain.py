"""`fenqi explain`: why a customer got what they got."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import typer

from orchestration.commands.common import JsonOption, LakeOption, out, print_json, settings_with
from orchestration.reports.explain import explain as gathered
from orchestration.reports.explain_words import told


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    customer: Annotated[str, typer.Argument(help="The lender's customer number, or a customer token.")],
    date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Night to explain; default: the newest.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="en or zh.")] = "en",
    lake: LakeOption = None,
    json: JsonOption = False,
) -> None:
    """Say why: decision and reasons with their sources, what is known, the score, the limit, the offers, the rules.

    Everything is read from what was published for that night; the manifest it names makes it reproducible.
    """
    found = gathered(settings_with(lake=lake), customer, date.date() if date else None)
    if json:
        print_json(found.as_json())
        return
    chosen: Literal["en", "zh"] = "zh" if language == "zh" else "en"
    out.print(told(found, chosen), markup=False)
