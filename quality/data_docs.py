"""Data docs: a page of every table checked, and an index of them all; everything opens offline.

Pages are written once, night by night, from what the run has validated; the index is rebuilt from the small JSON
beside them. Pages name rules and counts and never a value of a row. Old nights are pruned. Runs may build at once:
files are replaced whole, and the last to finish indexes what all have written.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from quality.docs_page import rendered, validation_page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quality.gx_session import Validation

ASSETS = Path(__file__).parent / "data_docs_assets"


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
    """Write the pages of `validations` under `folder`, prune nights older than `kept_days`, rebuild the index.

    `kept_days` counts back from the newest night there is. The index's path is returned.
    """
    pages = folder / "nights"
    pages.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ASSETS, folder / "assets", dirs_exist_ok=True)
    for validation in validations:
        _write_page(pages, validation)
    _prune(pages, kept_days)
    index = folder / "index.html"
    entries = [_read(path) for path in sorted(pages.glob("*/*.json"), reverse=True)]
    _replace(index, rendered("index.html.j2", ".", title="Fenqi data docs", entries=entries))
    return index


def _write_page(pages: Path, validation: Validation) -> None:
    night = pages / validation.business_date.isoformat()
    night.mkdir(exist_ok=True)
    name = validation.table + (f"-{validation.sequence}" if validation.sequence else "")
    _replace(night / f"{name}.html", validation_page(validation, "../.."))
    failed = [r for r in validation.results if not r.passed]
    entry = {
        "business_date": validation.business_date.isoformat(),
        "table": validation.table + (f", delivery {validation.sequence}" if validation.sequence else ""),
        "page": f"nights/{night.name}/{name}.html",
        "checks": len(validation.results),
        "failed": [r.rule for r in failed],
        "blocks": any(r.blocks for r in failed),
    }
    _replace(night / f"{name}.json", json.dumps(entry))


def _replace(path: Path, text: str) -> None:
    """Put a file in place whole: a reader, or another run, finds the old one or the new one."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _prune(pages: Path, kept_days: int) -> None:
    nights = sorted(p for p in pages.iterdir() if p.is_dir())
    if not nights:
        return
    oldest = date.fromisoformat(nights[-1].name) - timedelta(days=kept_days)
    for night in nights:
        if date.fromisoformat(night.name) < oldest:
            shutil.rmtree(night, ignore_errors=True)


def _read(path: Path) -> _Entry:
    body = json.loads(path.read_text(encoding="utf-8"))
    return _Entry(**{**body, "failed": tuple(body["failed"])})
