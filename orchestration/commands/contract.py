"""`fenqi contract`: check contracts, and write what follows from declarations and contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.common import JsonOption, err, out, print_json
from transforms.profile.declared.contract_text import with_columns
from transforms.profile.declared.tables import TABLES
from warehouse.contract import CONTRACTS, contract_path, contract_paths, shown
from warehouse.contract_check import check_contracts
from warehouse.dictionary import dictionary

DICTIONARY = CONTRACTS.parents[1] / "docs" / "data_dictionary.md"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Check contracts; write what follows from them.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command("check")(check)
    group.command("write")(write)
    app.add_typer(group, name="contract")


def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Contracts, as <schema>/<table>.yaml; default all that are shipped.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Say every mistake of contracts: in which file and line, what, and what to write instead.

    Exit code 0: all can be used. 1: not all; the mistakes are listed.
    """
    found = check_contracts([path.resolve() for path in files] if files else contract_paths())
    mistakes = [mistake for several in found.values() for mistake in several]
    if json:
        print_json({"files": len(found), "usable": not mistakes, "mistakes": [vars(m) for m in mistakes]})
    else:
        for mistake in mistakes:
            err.print(str(mistake), markup=False, soft_wrap=True)
        many = f"{len(found)} contract{'s' if len(found) != 1 else ''}"
        if mistakes:
            err.print(f"{many}: {len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''}", style="bold red")
        else:
            out.print(f"{many}: good")
    raise typer.Exit(1 if mistakes else 0)


def write() -> None:
    """Write the columns of the profile's contracts from their declarations, and the data dictionary from all contracts.

    Files that say it already stay as they are; the others are named.
    """
    for table in TABLES:
        path = contract_path(table)
        _renew(path, with_columns(table, path.read_text(encoding="utf-8")))
    _renew(DICTIONARY, dictionary())


def _renew(path: Path, text: str) -> None:
    if path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        out.print(f"written: {shown(path)}", soft_wrap=True)
