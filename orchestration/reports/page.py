"""Pages that open without a network: the templates of this room, filled with tables, words and pictures."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.reports.section import is_number

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _templates() -> Environment:
    """The templates; every value is escaped but a picture, and a name that is not given is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only where a page is made

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["number"] = is_number
    return environment


def page(template: str, **values: object) -> str:
    """The page that a template of `templates` makes of values."""
    return _templates().get_template(f"{template}.html.j2").render(**values)
