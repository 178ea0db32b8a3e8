"""`fenqi prune-cache`: deletes tiles and checkpoints that no recent night can use."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from orchestration.commands.common import LakeOption, out, settings_with
from orchestration.inputs.checkpoints import prune_checkpoints
from warehouse.keys import load_keys
from warehouse.lake import Lake
from warehouse.night import Night


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("prune-cache")(prune_cache)


def prune_cache(
    keep_days: Annotated[
        int, typer.Option("--keep-days", min=0, help="Keep what the nights of so many days up to the last one use.")
    ] = 200,
    lake: LakeOption = None,
) -> None:
    """Delete tiles and checkpoints of older nights, superseded deliveries and changed declarations.

    They are a cache: a night that wants one of them again makes it anew. Runs under way are not disturbed. Keep at
    least the longest cooldown of the policy, since nights look back that far.
    """
    settings = settings_with(lake=lake)
    with Lake.open(settings) as opened:
        row = opened.con.execute("SELECT max(business_date) FROM lake.control.run_manifest").fetchone()
        if row is None or row[0] is None:
            out.print("no night is published: nothing to prune")
            return
        night = Night(opened, load_keys(settings), row[0], "prune-cache")
        gone = prune_checkpoints(night, row[0] - timedelta(days=keep_days))
        night.close(keep=False)
    out.print(f"{gone} slices deleted that no night from {row[0] - timedelta(days=keep_days)} to {row[0]} can use")
