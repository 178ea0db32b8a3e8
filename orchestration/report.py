"""The night's report: the summary as one page that opens without a network."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.summary import NightSummary, Section

_STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:2rem auto;max-width:72rem;
  padding:0 1rem;color:#1b2733}
h1{font-size:1.6rem} h2{font-size:1.1rem;margin-top:2rem} table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .7rem;border-bottom:1px solid #dde3ea;vertical-align:top}
th{background:#f3f6f9;font-weight:600} td.n{text-align:right;font-variant-numeric:tabular-nums} footer{color:#5b6b7b}
"""


def write_report(summary: NightSummary, folder: Path) -> Path:
    """Write `<folder>/<business date>.html` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{summary.business_date}.html"
    m = summary.manifest
    told = (
        f"{m['publication']} publication by run {m['run_id']} at {m['published_at']:%Y-%m-%d %H:%M} UTC; policy "
        f"{m['policy_id']} {m['policy_version']}, model {m['model_version']}; manifest {m['manifest_digest']}"
    )
    body = "\n".join(_table(section) for section in summary.sections)
    page = (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Fenqi {summary.business_date}</title>"
        f"<style>{_STYLE}</style></head><body><h1>The night of {summary.business_date}</h1>{body}"
        f"<footer><p>{html.escape(told)}</p></footer></body></html>"
    )
    path.write_text(page, encoding="utf-8")
    return path


def _table(section: Section) -> str:
    head = "".join(f"<th>{html.escape(c)}</th>" for c in section.columns)
    rows = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in section.rows)
    none = f"<tr><td colspan='{len(section.columns)}'>none</td></tr>"
    title = html.escape(section.title)
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{rows or none}</tbody></table>"


def _cell(value: str) -> str:
    number = value[:1].isdigit() or value[:2].lstrip("-").isdigit()
    kind = ' class="n"' if number else ""
    return f"<td{kind}>{html.escape(value)}</td>"
