"""`fenqi night`: one night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from orchestration.commands.common import (
    DateOption,
    FeedsOption,
    JsonOption,
    LakeOption,
    day_of,
    err,
    print_json,
    settings_with,
    tell,
)

if TYPE_CHECKING:
    from datetime import date

    from orchestration.run.night import NightOutcome
    from warehouse.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("night")(night)


def night(date: DateOption, feeds: FeedsOption = None, lake: LakeOption = None, json: JsonOption = False) -> None:
    """Run one night: take in the feeds of a business date, compute, check, publish everything in one commit.

    Exit code 0: published. 3: stopped by a check, nothing published, the message names table and rule. 1: failed.
    A night can be run again at any time: with the same deliveries it publishes the same tables.
    """
    outcome = run_with_progress(settings_with(feeds, lake), day_of(date))
    if json:
        print_json(outcome.as_json())
    else:
        tell(outcome)
    raise typer.Exit(outcome.exit_code)


def run_with_progress(settings: Settings, day: date) -> NightOutcome:
    """Run a night with a line on the screen that says which step it is at (on a terminal only)."""
    from orchestration.run.night import run_night  # noqa: PLC0415 - Dagster takes seconds to import; --help does not

    with err.status(f"{day}: starting") as status:
        return run_night(settings, day, listener=lambda step: status.update(f"{day}: {step}"))
