"""Pages of the data docs: Great Expectations' results on the rows, and the verdicts from elsewhere, in our own frame.

A page fetches nothing from elsewhere: scripts, styles and the logo lie in `assets` beside the index.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

    from quality.gx_session import Validation
    from quality.results import CheckResult

_TEMPLATES = Path(__file__).parent / "templates"
_STYLES = (
    "bootstrap-table.min.css",
    "bootstrap.min.css",
    "bootstrap-table-filter-control.min.css",
    "css/fontawesome.min.css",
)
_SCRIPTS = (
    "jquery.min.js",
    "popper.min.js",
    "bootstrap.min.js",
    "bootstrap-table.min.js",
    "bootstrap-table-filter-control.min.js",
)
#: A picture that Great Expectations' style sheet would fetch from its makers, for a logo that our frame does not show.
_REMOTE_PICTURE = re.compile(r"url\(['\"]?https?:[^)]*\)")


@dataclass(frozen=True)
class _Verdict:
    """One line of the table of verdicts that Great Expectations did not give."""

    status: str
    description: str
    observed: str


@cache
def _templates() -> Environment:
    """Our templates; every value is escaped, and a name that is not given is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only where a page is made

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def rendered(template: str, root: str, **values: object) -> str:
    """Give the page of a template in `templates`; `root` leads from it to the folder of the index."""
    return _templates().get_template(template).render(root=root, styles=_STYLES, scripts=_SCRIPTS, **values)


def validation_page(validation: Validation, root: str) -> str:
    """Give the page of one validated table: Great Expectations' where it judged rows, and its other verdicts below."""
    shown: set[str] = set()
    judged_rows = ""
    if validation.outcome is not None:
        judged_rows = _judged_rows(validation.outcome)
        shown = {r.expectation_config.meta["rule"] for r in validation.outcome.results}
    return rendered(
        "validation.html.j2",
        root,
        title=f"{validation.business_date} {validation.table}",
        logo="great-expectations.png",
        judged_rows=judged_rows,
        verdicts=[_verdict(r) for r in validation.results if r.rule not in shown],
    )


@cache
def _view() -> Any:
    """Great Expectations' view, one for all pages: each new one would compile its templates again."""
    from great_expectations.render.view import DefaultJinjaPageView  # noqa: PLC0415 - seconds of CPU

    return DefaultJinjaPageView(custom_views_directory=str(_TEMPLATES))


def _judged_rows(outcome: Any) -> str:
    """Great Expectations' sections on one validation, as it renders them; it escapes what it puts into them."""
    from great_expectations.render.renderer import ValidationResultsPageRenderer  # noqa: PLC0415 - seconds of CPU
    from markupsafe import Markup  # noqa: PLC0415 - with the templates

    document = ValidationResultsPageRenderer().render(outcome)
    header = document.sections[0].content_blocks[0].subheader.string_template
    del header["styling"]["params"]["expectation_suite_name"]  # a link to a page of the suite, which is not made
    judged = _view().render(document, template="judged_rows.j2")
    return Markup(_REMOTE_PICTURE.sub("none", judged))  # noqa: S704 - Great Expectations' own markup


def _verdict(result: CheckResult) -> _Verdict:
    status = "passed" if result.passed else "stopped" if result.blocks else "warning"
    return _Verdict(status, result.description, result.summary_line().removeprefix(f"{result.table}: "))
