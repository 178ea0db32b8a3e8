"""Data docs: Great Expectations' page of every table validated, made to open offline, and an index of them all.

Pages are written once, night by night, from what the run has validated; the index is rebuilt from the small JSON
beside them. Pages name rules and counts and never a value of a row. Old nights are pruned.
"""

from __future__ import annotations

import html
import json
import re
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quality.gx_session import Validation

ASSETS = Path(__file__).parent / "data_docs_assets"

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
_IMAGE = re.compile(r"<img\b[^>]*https?://[^>]*>|<link rel=\"shortcut icon\"[^>]*>", re.DOTALL)
_FOOTER = re.compile(r"<footer>.*?</footer>", re.DOTALL)


@dataclass(frozen=True)
class _Entry:
    """One line of the index."""

    business_date: str
    table: str
    page: str
    checks: int
    failed: tuple[str, ...]
    blocks: bool


def build_data_docs(validations: Iterable[Validation], folder: Path, kept_days: int) -> Path:
    """Write the pages of `validations` under `folder`, prune nights older than `kept_days`, rebuild the index."""
    pages = folder / "nights"
    pages.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ASSETS, folder / "assets", dirs_exist_ok=True)
    for validation in validations:
        _write_page(pages, validation)
    _prune(pages, kept_days)
    index = folder / "index.html"
    index.write_text(_index([_read(path) for path in sorted(pages.glob("*/*.json"), reverse=True)]), encoding="utf-8")
    return index


def _write_page(pages: Path, validation: Validation) -> None:
    from great_expectations.render.renderer import ValidationResultsPageRenderer  # noqa: PLC0415 - seconds of CPU
    from great_expectations.render.view import DefaultJinjaPageView  # noqa: PLC0415 - as above

    night = pages / validation.business_date.isoformat()
    night.mkdir(exist_ok=True)
    name = validation.table + (f"-{validation.sequence}" if validation.sequence else "")
    document = ValidationResultsPageRenderer().render(validation.outcome)
    page = offline(DefaultJinjaPageView().render(document), "../../assets")
    (night / f"{name}.html").write_text(page, encoding="utf-8")
    failed = [r for r in validation.results if not r.passed]
    entry = {
        "business_date": validation.business_date.isoformat(),
        "table": name,
        "page": f"nights/{night.name}/{name}.html",
        "checks": len(validation.results),
        "failed": [r.rule for r in failed],
        "blocks": any(r.blocks for r in failed),
    }
    (night / f"{name}.json").write_text(json.dumps(entry), encoding="utf-8")


def offline(page: str, assets: str) -> str:
    """Make a page of Great Expectations fetch nothing: its assets under `assets`, no remote picture, no newsletter."""

    def local(match: re.Match[str]) -> str:
        target = next((file for part, file in _LOCAL if part in match["address"]), None)
        if target is None:
            return ""
        path = f"{assets}/{target}"
        return (
            f'<link rel="stylesheet" href="{path}">' if target.endswith(".css") else f'<script src="{path}"></script>'
        )

    page = _TAG.sub(local, page)
    return _FOOTER.sub("", _IMAGE.sub("", page))


def _prune(pages: Path, kept_days: int) -> None:
    nights = sorted(p for p in pages.iterdir() if p.is_dir())
    if not nights:
        return
    oldest = date.fromisoformat(nights[-1].name) - timedelta(days=kept_days)
    for night in nights:
        if date.fromisoformat(night.name) < oldest:
            shutil.rmtree(night)


def _read(path: Path) -> _Entry:
    body = json.loads(path.read_text(encoding="utf-8"))
    return _Entry(**{**body, "failed": tuple(body["failed"])})


def _index(entries: list[_Entry]) -> str:
    rows = "\n".join(
        f"<tr><td>{e.business_date}</td><td><a href='{html.escape(e.page)}'>{html.escape(e.table)}</a></td>"
        f"<td>{'stopped' if e.blocks else 'warning' if e.failed else 'passed'}</td><td>{e.checks}</td>"
        f"<td>{html.escape(', '.join(e.failed))}</td></tr>"
        for e in entries
    )
    columns = ("business date", "table", "verdict", "checks", "rules broken")
    heads = "".join(f"<th data-field='c{n}' data-filter-control='input'>{c}</th>" for n, c in enumerate(columns))
    styles = ("bootstrap.min.css", "bootstrap-table.min.css", "bootstrap-table-filter-control.min.css")
    scripts = (
        "jquery.min.js",
        "popper.min.js",
        "bootstrap.min.js",
        "bootstrap-table.min.js",
        "bootstrap-table-filter-control.min.js",
    )
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Fenqi data docs</title>"
        + "".join(f"<link rel='stylesheet' href='assets/{s}'>" for s in styles)
        + "<style>body{padding:2rem} td:nth-child(3){white-space:nowrap}</style></head><body>"
        "<h1>Data docs</h1><p>What was checked, night by night. A page tells a table's rules and counts; the bad rows "
        "themselves are listed in <code>control.quarantine</code>.</p>"
        f"<table data-toggle='table' data-filter-control='true' class='table table-sm'><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        + "".join(f"<script src='assets/{s}'></script>" for s in scripts)
        + "</body></html>"
    )
