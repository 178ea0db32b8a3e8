"""`fenqi`: the command line. Each command lives in `orchestration/commands`; this module puts them together."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from orchestration.commands import (
    adapt,
    backfill,
    contract,
    dev,
    disclosure,
    explain,
    freeze,
    merge_files,
    model,
    night,
    policy,
    prune_cache,
    quote,
    simulate,
    simulate_policy,
    sql,
    train,
)
from warehouse.contract import ContractError
from warehouse.keys import KeyMissingError
from warehouse.lake import LakeMissingError
from warehouse.reference import ReferenceMissingError

app = typer.Typer(
    name="fenqi",
    help="Nightly eligibility for personalised installments: run nights, ask why, quote plans, read what is published.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
COMMANDS = (night, backfill, simulate, adapt, quote, disclosure, explain, contract, policy, simulate_policy, sql)
FOR_MODELS = (train, model, freeze)
UPKEEP = (prune_cache, merge_files, dev)
for module in (*COMMANDS, *FOR_MODELS, *UPKEEP):
    module.register(app)

#: Mistakes of configuration or of a call, reported in one line; anything else is a defect and keeps its traceback.
_TOLD = (ContractError, KeyMissingError, LakeMissingError, ReferenceMissingError, FileNotFoundError, ValueError)


def main() -> None:
    """Run the command line; errors end it with exit code 1 and a line on what to do, without a traceback."""
    try:
        app()
    except _TOLD as error:
        Console(stderr=True).print(f"fenqi: {error}", style="bold red", markup=False, highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
