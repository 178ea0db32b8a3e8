"""A page of the data docs: Great Expectations' own, made to open offline, with the verdicts it did not give."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quality.gx_session import Validation
    from quality.results import CheckResult

STYLES = ("bootstrap.min.css", "bootstrap-table.min.css", "bootstrap-table-filter-control.min.css")
SCRIPTS = (
    "jquery.min.js",
    "popper.min.js",
    "bootstrap.min.js",
    "bootstrap-table.min.js",
    "bootstrap-table-filter-control.min.js",
)
_LOGO = "great-expectations.png"

#: What a page of Great Expectations fetches from elsewhere → the file shipped with us; None: it does nothing for us
#: (charts of profiles we do not draw, a calendar, a dark theme).
_LOCAL: tuple[tuple[str, str | None], ...] = (
    ("bootstrap-table-filter-control.css", "bootstrap-table-filter-control.min.css"),
    ("bootstrap-table-filter-control.min.js", "bootstrap-table-filter-control.min.js"),
    ("bootstrap-table.min.css", "bootstrap-table.min.css"),
    ("bootstrap-table.min.js", "bootstrap-table.min.js"),
    ("bootstrap.min.css", "bootstrap.min.css"),
    ("bootstrap.min.js", "bootstrap.min.js"),
    ("font-awesome", "css/fontawesome.min.css"),
    ("jquery-", "jquery.min.js"),
    ("popper.min.js", "popper.min.js"),
    ("vega", None),
    ("bootstrap-datepicker", None),
    ("bootstrap-prefers-dark", None),
)
_TAG = re.compile(
    r"<(?:link|script)\b[^>]*(?:href|src)=\"(?P<address>https?://[^\"]+)\"[^>]*>(?:\s*</script>)?", re.DOTALL
)
_LOGO_IMAGE = re.compile(r"<img\b[^>]*https?://[^>]*>", re.DOTALL)
_ICON = re.compile(r"<link rel=\"shortcut icon\"[^>]*>", re.DOTALL)
_FOOTER = re.compile(r"<footer>.*?</footer>", re.DOTALL)
_REMOTE_BACKGROUND = re.compile(r"background:\s*url\(['\"]?https?://[^;]*;")
_TO_INDEX = re.compile(r"href=\"(?:\.\./)+index\.html\"")
_TO_SUITE = re.compile(r"<a href=\"(?:\.\./)+expectations/[^\"]*\"\s*>(?P<name>[^<]*)</a>")
_END = re.compile(r"(?=\s*</body>)")


def offline(page: str, root: str) -> str:
    """Make a page of Great Expectations fetch nothing from elsewhere and link to nothing that is not there.

    `root` leads from the page to the folder of the index; the assets are in `assets` there.
    """
    assets = f"{root}/assets"

    def local(match: re.Match[str]) -> str:
        target = next((file for part, file in _LOCAL if part in match["address"]), None)
        return "" if target is None else _asset(f"{assets}/{target}")

    page = _ICON.sub("", _FOOTER.sub("", _TAG.sub(local, page)))
    page = _LOGO_IMAGE.sub(f'<img src="{assets}/{_LOGO}" alt="Great Expectations" style="height: 40px">', page)
    page = _TO_SUITE.sub(lambda m: m["name"], _TO_INDEX.sub(f'href="{root}/index.html"', page))
    return _REMOTE_BACKGROUND.sub("", page).replace(" / __none__", "")


@cache
def _view() -> Any:
    """Great Expectations' view, one for all pages: each new one would compile its templates again."""
    from great_expectations.render.view import DefaultJinjaPageView  # noqa: PLC0415 - seconds of CPU

    return DefaultJinjaPageView()


def validation_page(validation: Validation, root: str) -> str:
    """Give the page of one validated table: Great Expectations' where it judged rows, and its other verdicts below."""
    title = f"{validation.business_date} {validation.table}"
    if validation.outcome is None:
        body = f"<p><a href='{root}/index.html'>Home</a></p><h1>{html.escape(title)}</h1>"
        return blank_page(title, body + _verdicts(validation.results), root)
    from great_expectations.render.renderer import ValidationResultsPageRenderer  # noqa: PLC0415 - seconds of CPU

    document = ValidationResultsPageRenderer().render(validation.outcome)
    page = offline(_view().render(document), root)
    shown = {r.expectation_config.meta["rule"] for r in validation.outcome.results}
    rest = [r for r in validation.results if r.rule not in shown]
    return _END.sub(lambda _: _verdicts(rest), page, count=1) if rest else page


def blank_page(title: str, body: str, root: str) -> str:
    """Give a page of our own that looks like the others."""
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{html.escape(title)}</title>"
        + "".join(_asset(f"{root}/assets/{s}") for s in STYLES)
        + "<style>body{padding:2rem} td:nth-child(3){white-space:nowrap}</style></head><body>"
        + body
        + "".join(_asset(f"{root}/assets/{s}") for s in SCRIPTS)
        + "</body></html>"
    )


def _verdicts(results: Iterable[CheckResult]) -> str:
    """Verdicts on files, keys and the table as a whole, in words."""
    rows = "".join(
        f"<tr><td>{_verdict(r)}</td><td>{html.escape(r.description)}</td>"
        f"<td>{html.escape(r.summary_line().removeprefix(f'{r.table}: '))}</td></tr>"
        for r in results
    )
    return (
        "<div class='container-fluid pl-5 pr-5 pb-5'><h5 class='alert alert-secondary'>"
        "Files, keys and the table as a whole</h5><p>Judged outside Great Expectations: by the manifest, by the one "
        "pass that picks the rows to quarantine, or by a query over the whole table.</p>"
        f"<table class='table table-bordered'><thead><tr><th>Status</th><th>What must hold</th><th>Observed</th></tr>"
        f"</thead><tbody>{rows}</tbody></table></div>"
    )


def _verdict(result: CheckResult) -> str:
    return "passed" if result.passed else "stopped" if result.blocks else "warning"


def _asset(path: str) -> str:
    return f'<link rel="stylesheet" href="{path}">' if path.endswith(".css") else f'<script src="{path}"></script>'
