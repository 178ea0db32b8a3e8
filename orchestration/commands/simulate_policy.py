"""`fenqi simulate`: a published night under other policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from orchestration.commands.common import (
    DateOption,
    JsonOption,
    LakeOption,
    day_of,
    err,
    out,
    print_json,
    settings_with,
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate_policy)


def simulate_policy(
    date: DateOption,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            "--policy", help="Shipped policy or TOML file; repeat it to compare several. Default: the own one."
        ),
    ] = None,
    scorecard: Annotated[
        str | None, typer.Option("--scorecard", help="Shipped scorecard or TOML file to score with as well.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the comparison with plots to this page.")] = None,
    lake: LakeOption = None,
    json: JsonOption = False,
) -> None:
    """Decide a published night again under other policies: who swaps in and out, volume, loss, revenue, treatment.

    Give policies, another scorecard, or both; nothing is published.

    Example: fenqi simulate --date 2026-03-31 --policy my_policy.toml --html compare.html
    """
    from orchestration.reports.simulation import simulate  # noqa: PLC0415 - --help needs no Great Expectations

    settings = settings_with(lake=lake)
    if not policy and scorecard is None:
        raise typer.BadParameter("give --policy, --scorecard or both: what else than the published is to be tried?")
    with err.status("deciding again"):
        found = simulate(settings, day_of(date), policy or [settings.policy], scorecard)
    if html is not None:
        html.write_text(found.page(), encoding="utf-8")
    if json:
        print_json(found.as_json())
        return
    for section in found.sections():
        shown = Table(title=section.title, title_justify="left")
        for head in section.columns:
            shown.add_column(head, overflow="fold")
        for row in section.rows:
            shown.add_row(*row)
        out.print(shown)
    if html is not None:
        out.print(f"  {html}", soft_wrap=True)
