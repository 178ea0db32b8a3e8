"""`fenqi dev`: Dagster's UI on this warehouse."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.common import err
from warehouse.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("dev")(dev)


def dev(
    port: Annotated[int, typer.Option("--port", help="Port of the UI on this machine.")] = 3000,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Open Dagster's UI and daemon on this FENQI_HOME: graph, checks, backfills, schedule."""
    from orchestration.run.dagster_home import prepare_dagster_home  # noqa: PLC0415 - Dagster takes seconds to import

    settings = Settings()
    home = prepare_dagster_home(settings)
    os.environ.update(DAGSTER_HOME=str(home), FENQI_HOME=str(settings.home))
    err.print(f"Dagster on http://{host}:{port} · FENQI_HOME {settings.home}")
    dagster = str(Path(sys.executable).with_name("dagster"))
    workspace = str(Path(__file__).parents[2] / "workspace.yaml")
    os.execv(dagster, [dagster, "dev", "-w", workspace, "-h", host, "-p", str(port)])  # noqa: S606 - our own binary
