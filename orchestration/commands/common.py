"""What several commands share: options, dates, settings, the report of an outcome."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from warehouse.settings import Settings

if TYPE_CHECKING:
    from orchestration.run.night import NightOutcome

#: Piped output has no width of its own; 120 columns keep tables readable in a log.
_WIDTH = None if sys.stdout.isatty() else 120
out = Console(highlight=False, width=_WIDTH)
err = Console(stderr=True, highlight=False)

DateOption = Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="Business date, YYYY-MM-DD.")]
FromOption = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First business date.")]
ToOption = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last business date.")]
FeedsOption = Annotated[
    Path | None, typer.Option("--feeds", help="Root of the deliveries; default FENQI_FEEDS or <FENQI_HOME>/feeds.")
]
LakeOption = Annotated[
    str | None, typer.Option("--lake", help="URL of the lake's catalogue; default FENQI_LAKE or SQLite in FENQI_HOME.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of text for people.")]


def settings_with(feeds: Path | None = None, lake: str | None = None) -> Settings:
    """The settings with the options given on the command line."""
    given: dict[str, Any] = {}
    if feeds is not None:
        given["feeds"] = feeds
    if lake is not None:
        given["lake"] = lake
    return Settings(**given)


def day_of(value: datetime) -> date:
    """The date of a date option."""
    return value.date()


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def tell(outcome: NightOutcome) -> None:
    """Print how a night ended: what is published, or what broke, what stays published and what to do."""
    day = outcome.business_date
    if outcome.exit_code == 0:
        out.print(f"{day}: published ({outcome.publication}), run {outcome.run_id}")
        for name, rows in sorted(outcome.rows.items()):
            out.print(f"  {name:<36} {rows:>12,} rows")
        return
    word = "stopped by a check" if outcome.exit_code == 3 else "failed"
    err.print(f"{day}: {word}; nothing of this night is published", style="bold red")
    for problem in outcome.problems:
        err.print(f"  {problem}", markup=False)
    err.print(f"  Published: {outcome.stands}.", markup=False)
    err.print(f"  To do: {outcome.remedy}.", markup=False)
