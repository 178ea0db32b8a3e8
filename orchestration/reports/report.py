"""The night's report: the summary as one page that opens without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.reports.page import page
from orchestration.reports.pictures import bar_plot

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.reports.summary import NightSummary


def write_report(summary: NightSummary, folder: Path) -> Path:
    """Write `<folder>/<business date>.html` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{summary.business_date}.html"
    whole = page(
        "night",
        title=f"The night of {summary.business_date}",
        sections=summary.sections,
        pictures=[bar_plot(drawn) for drawn in summary.pictures],
        manifest=summary.manifest,
    )
    path.write_text(whole, encoding="utf-8")
    return path
