"""`fenqi adapt-feeds`: a lender's own extracts into deliveries."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from orchestration.commands.common import FromOption, ToOption, day_of, err, out
from warehouse.adapters.run import adapt_feeds


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("adapt-feeds")(adapt)


def adapt(
    adapter: Annotated[list[str], typer.Option("--adapter", help="A shipped adapter's name or an adapter's folder.")],
    data: Annotated[Path, typer.Option("--data", help="Folder with a folder of extracts per adapter.")],
    from_: FromOption,
    to: ToOption,
    to_folder: Annotated[Path, typer.Option("--out", help="Root the deliveries are written under.")],
) -> None:
    """Map a lender's own extracts to deliveries of the feeds (see warehouse/adapters/README.md).

    The first business date's deliveries carry the history, each later one what became known since.
    """
    first, last = day_of(from_), day_of(to)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    sources = {name: data / Path(name).name for name in adapter}
    with err.status("adapting"):
        summary = adapt_feeds(adapter, sources, days, to_folder)
    table = Table("feed", *(str(day) for day in days), title="rows delivered")
    for feed in sorted({d.feed for d in summary.deliveries}):
        table.add_row(feed, *(f"{summary.rows(feed, day):,}" for day in days))
    out.print(table)
    for note in summary.notes:
        out.print(f"note: {note}", markup=False)
    for feed in summary.not_delivered:
        out.print(f"no adapter speaks of {feed}: deliver it otherwise, its night stops without it")
