"""`fenqi policy`: check a policy file, see what differs between two, list what is shipped."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from orchestration.commands.common import JsonOption, err, out, print_json
from orchestration.inputs.reasons import reason_book
from transforms.decision.facts import deciding_columns
from transforms.policy.differences import policy_differences, unverified
from transforms.policy.mistakes import PolicyError
from transforms.policy.policy import parse_policy
from warehouse.contract import load_contract
from warehouse.overlay import OverlayError
from warehouse.reference import REFERENCE, ReferenceMissingError, load_document
from warehouse.shapes import polars_schema

if TYPE_CHECKING:
    from polars.datatypes import DataType, DataTypeClass

    from transforms.policy.policy import Policy

_NAME = "A shipped policy (cn/bank_card) or a TOML file; NAME@2025-09-30 for the version in force that day."


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Check, compare and list policies.", no_args_is_help=True, rich_markup_mode=None)
    group.command("check")(check)
    group.command("diff")(diff)
    group.command("list")(list_policies)
    app.add_typer(group, name="policy")


def check(file: Annotated[str, typer.Argument(help=_NAME)], json: JsonOption = False) -> None:
    """Say every mistake of a policy file: what, in which version and rule, and what exists instead.

    Exit code 0: it can be used. 1: it cannot; the mistakes are listed.
    """
    book, mistakes = None, list[str]()
    try:
        document = load_document("policies", file.partition("@")[0])
        book = parse_policy(document.body, source=document.path.name, columns=readable_columns(), reasons=reason_book())
    except tomllib.TOMLDecodeError as error:
        mistakes = [f"{file}: not TOML: {error}"]
    except (OverlayError, ReferenceMissingError) as error:
        mistakes = [str(error)]
    except PolicyError as error:
        mistakes = list(error.mistakes)
    if json:
        print_json({"file": file, "usable": not mistakes, "mistakes": mistakes})
    elif book is None:
        for mistake in mistakes:
            err.print(f"  {mistake}", markup=False, soft_wrap=True)
        err.print(f"{file}: {len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''}", style="bold red")
    else:
        out.print(f"{file}: good; {len(book.versions)} versions from {book.versions[0].effective_from}")
        if unread := unverified(book):
            out.print(f"  not read in a primary text: {', '.join(unread)}", soft_wrap=True)
        for since, name in document.held_back:
            out.print(
                f"  {since}: the policy it extends changes {name}; here it stays as this policy says", soft_wrap=True
            )
    raise typer.Exit(1 if mistakes else 0)


def diff(
    before: Annotated[str, typer.Argument(help=_NAME)],
    after: Annotated[str, typer.Argument(help="The same, to compare with.")],
    json: JsonOption = False,
) -> None:
    """Show every figure and rule that differs between two policies, or two versions of one.

    Example: fenqi policy diff cn/bank_card@2025-08-31 cn/bank_card@2026-08-01
    """
    old, new = policy_of(before), policy_of(after)
    found = policy_differences(old, new)
    if json:
        print_json({"before": old.version, "after": new.version, "differences": [vars(d) for d in found]})
        return
    table = Table()
    for head in (
        "",
        "key",
        f"{old.policy_id} {old.effective_from}",
        f"{new.policy_id} {new.effective_from}",
        "citation",
    ):
        table.add_column(head, overflow="fold")
    for d in found:
        table.add_row(d.kind, d.key, d.before or "-", d.after or "-", d.citation)
    out.print(table if found else "no difference")


def list_policies(json: JsonOption = False) -> None:
    """List the shipped policies: whose they are, in which currency, since when, and in how many versions."""
    rows = []
    for path in sorted((REFERENCE / "policies").rglob("*.toml")):
        name = path.relative_to(REFERENCE / "policies").with_suffix("").as_posix()
        body = load_document("policies", name).body
        rows.append(
            {
                "policy": name,
                "jurisdiction": body["jurisdiction"],
                "lender_type": body["lender_type"],
                "currency": body["currency"],
                "versions": len(body["version"]),
                "from": str(body["version"][0]["effective_from"]),
            }
        )
    if json:
        print_json(rows)
        return
    table = Table(*(key.replace("_", " ") for key in rows[0]))
    for row in rows:
        table.add_row(*map(str, row.values()))
    out.print(table)


def readable_columns() -> dict[str, DataType | DataTypeClass]:
    """The columns a policy's rules may read, by the contracts of profile and risk."""
    return deciding_columns(
        *(polars_schema(load_contract(t)) for t in ("profile.customer_profile", "risk.risk_assessment"))
    )


def policy_of(name: str) -> Policy:
    """The policy `NAME` (its newest version) or `NAME@date` (the one in force that day)."""
    file, _, day = name.partition("@")
    document = load_document("policies", file)
    book = parse_policy(document.body, source=document.path.name, columns=readable_columns(), reasons=reason_book())
    if not day:
        return book.versions[-1]
    try:
        return book.in_force(date.fromisoformat(day))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
