"""`fenqi simulate-feeds`: the synthetic lender's deliveries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.status import Status
from rich.table import Table

from orchestration.commands.common import FromOption, ToOption, day_of, err, out


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate-feeds")(simulate)


def show_progress(status: Status) -> Callable[[str, int, int], None]:
    """Show what the simulator is at, and how far, on one line."""
    return lambda what, done, total: status.update(f"{what} {done:,} of {total:,}")


def simulate(
    from_: FromOption,
    to: ToOption,
    to_folder: Annotated[Path, typer.Option("--out", help="Root the deliveries are written under.")],
    customers: Annotated[int, typer.Option("--customers", min=10, help="Number of customers.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same bytes.")] = 1,
    history_months: Annotated[
        int, typer.Option("--history-months", min=1, max=60, help="Months of history in the first delivery.")
    ] = 12,
    cadence: Annotated[
        str, typer.Option("--cadence", help="daily, weekly, monthly or quarterly deliveries.")
    ] = "daily",
    faults: Annotated[bool, typer.Option(help="Plant bad, late, doubled and corrected rows in known numbers.")] = True,
) -> None:
    """Invent a lender: customers, accounts, orders, credits and plans, delivered day by day as any extract job would.

    Nobody in it exists. `answers.json` beside the deliveries says which faults were planted where, `truth/` what the
    customers are really like; the nights never read either.
    """
    from warehouse.simulator import simulate_feeds  # noqa: PLC0415 - only this command needs NumPy's generators

    if cadence not in ("daily", "weekly", "monthly", "quarterly"):
        raise typer.BadParameter("--cadence is daily, weekly, monthly or quarterly")
    rhythm: Literal["daily", "weekly", "monthly", "quarterly"] = cadence  # type: ignore[assignment]  # checked above
    with err.status("simulating") as status:
        summary = simulate_feeds(
            customers,
            day_of(from_),
            day_of(to),
            seed,
            to_folder,
            history_months=history_months,
            cadence=rhythm,
            faults=faults,
            progress=show_progress(status),
        )
    table = Table("feed", "rows", title=f"deliveries of {len(summary.business_dates)} business dates under {to_folder}")
    for feed, rows in sorted(summary.rows.items()):
        table.add_row(feed, f"{rows:,}")
    out.print(table)
    planted = ", ".join(f"{kind} {count}" for kind, count in sorted(summary.faults.items())) or "none"
    out.print(f"faults planted: {planted}; where: {summary.answers}", soft_wrap=True)
