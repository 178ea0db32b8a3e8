"""`fenqi backfill`: the nights between two dates."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from orchestration.commands.common import (
    FeedsOption,
    FromOption,
    JsonOption,
    LakeOption,
    ToOption,
    day_of,
    err,
    print_json,
    settings_with,
    tell,
)
from orchestration.commands.night import run_with_progress


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("backfill")(backfill)


def backfill(
    from_: FromOption,
    to: ToOption,
    feeds: FeedsOption = None,
    lake: LakeOption = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="Newest first; the tables come out the same.")] = False,
    json: JsonOption = False,
) -> None:
    """Run every night between two dates, each published by itself; a night that stops does not lose the others.

    Exit code 0: all published; 3: some stopped by a check; 1: some failed.
    """
    first, last = day_of(from_), day_of(to)
    if last < first:
        raise typer.BadParameter(f"--to {last} is before --from {first}")
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    outcomes = []
    for day in reversed(days) if reverse else days:
        outcomes.append(run_with_progress(settings_with(feeds, lake), day))
        if not json:
            tell(outcomes[-1])
    bad = [o for o in outcomes if o.exit_code]
    if json:
        print_json([o.as_json() for o in outcomes])
    elif bad:
        err.print(f"{len(bad)} of {len(outcomes)} nights not published: {', '.join(str(o.business_date) for o in bad)}")
    raise typer.Exit(min((o.exit_code for o in bad), default=0))
