"""`fenqi disclosure`: the cost sheet of a published offer."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from orchestration.commands.common import JsonOption, LakeOption, out, print_json, settings_with
from orchestration.reports.disclosure import disclosure as sheet_of
from orchestration.reports.disclosure_page import disclosure_page
from transforms.disclosure.as_json import as_json
from transforms.disclosure.as_text import disclosure_text

if TYPE_CHECKING:
    from transforms.disclosure.disclosure import Disclosure


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("disclosure")(disclosure)


def disclosure(
    offer_key: Annotated[str, typer.Argument(help="Key of a published offer: offer_id of installment_offer.")],
    date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Night of the offer; finds it sooner.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="en, zh, or both (on the page).")] = "both",
    html: Annotated[Path | None, typer.Option("--html", help="Write the printable page to this file.")] = None,
    lake: LakeOption = None,
    json: JsonOption = False,
) -> None:
    """Show what an offer costs, as the law wants it shown: every charge, both annual costs, what a breach costs.

    Made of the rows published with the offer; a figure that is not the schedule's to the cent is refused.
    """
    if language not in ("en", "zh", "both"):
        raise typer.BadParameter("--language is en, zh or both")
    sheet = sheet_of(settings_with(lake=lake), offer_key, date.date() if date else None)
    show_sheet(sheet, language, html, json=json)


def show_sheet(sheet: Disclosure, language: str, html: Path | None, *, json: bool) -> None:
    """The sheet as a page in a file, as JSON, or as lines on the screen; language en, zh or both."""
    if html is not None:
        page: Literal["en", "zh", "both"] = "en" if language == "en" else "zh" if language == "zh" else "both"
        html.write_text(disclosure_page(sheet, page), encoding="utf-8")
        out.print(f"  {html}", soft_wrap=True)
    elif json:
        print_json(as_json(sheet))
    else:
        languages: tuple[Literal["en", "zh"], ...] = ("zh",) if language == "zh" else ("en",)
        languages = ("en", "zh") if language == "both" else languages
        out.print("\n\n".join(disclosure_text(sheet, one) for one in languages), markup=False)
