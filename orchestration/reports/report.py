"""The night's report: the summary as one page that opens without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.reports.page import page, table

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.reports.summary import NightSummary


def write_report(summary: NightSummary, folder: Path) -> Path:
    """Write `<folder>/<business date>.html` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{summary.business_date}.html"
    m = summary.manifest
    told = (
        f"{m['publication']} publication by run {m['run_id']} at {m['published_at']:%Y-%m-%d %H:%M} UTC; policy "
        f"{m['policy_id']} {m['policy_version']}, model {m['model_version']}; manifest {m['manifest_digest']}"
    )
    body = "\n".join(table(section) for section in summary.sections)
    path.write_text(page(f"The night of {summary.business_date}", body, told), encoding="utf-8")
    return path
