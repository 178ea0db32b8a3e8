"""`fenqi merge-files`: merges the lake's many small files of past deliveries."""

from __future__ import annotations

import typer

from orchestration.commands.common import LakeOption, out, settings_with
from warehouse.lake import Lake
from warehouse.maintenance import merge_files as merge


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("merge-files")(merge_files)


def merge_files(lake: LakeOption = None) -> None:
    """Merge the small files that landings leave, month by month; run it about once a month.

    Nothing that anybody reads changes. It takes the publish lock for a table at a time, so a night may wait a while.
    """
    with Lake.open(settings_with(lake=lake)) as opened:
        merged = merge(opened)
    out.print(f"{merged} files fewer" if merged else "nothing to merge")
