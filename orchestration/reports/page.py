"""A page of tables that opens without a network: the frame that every report of ours stands in."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:2rem auto;max-width:72rem;
  padding:0 1rem;color:#1b2733}
h1{font-size:1.6rem} h2{font-size:1.1rem;margin-top:2rem} table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .7rem;border-bottom:1px solid #dde3ea;vertical-align:top}
th{background:#f3f6f9;font-weight:600} th.n,td.n{text-align:right;font-variant-numeric:tabular-nums}
footer{color:#5b6b7b}
"""

_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?%?")


@dataclass(frozen=True)
class Section:
    """One table of a report: a title, column names, rows as text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def page(title: str, body: str, footer: str = "", language: str = "en") -> str:
    """A whole page; `body` is HTML, `title` and `footer` are text."""
    foot = f"<footer><p>{html.escape(footer)}</p></footer>" if footer else ""
    return (
        f"<!doctype html><html lang='{language}'><head><meta charset='utf-8'><title>{html.escape(title)}</title>"
        f"<style>{_STYLE}</style></head><body><h1>{html.escape(title)}</h1>{body}{foot}</body></html>"
    )


def table(section: Section) -> str:
    """A section as HTML; a table without rows says so."""
    columns = list(zip(*section.rows, strict=True)) or [()] * len(section.columns)
    numeric = [any(values) and all(_NUMBER.fullmatch(v) for v in values if v) for values in columns]
    head = "".join(_cell("th", name, number=n) for name, n in zip(section.columns, numeric, strict=True))
    rows = "".join(
        f"<tr>{''.join(_cell('td', value, number=bool(_NUMBER.fullmatch(value))) for value in row)}</tr>"
        for row in section.rows
    )
    none = f"<tr><td colspan='{len(section.columns)}'>none</td></tr>"
    title = html.escape(section.title)
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{rows or none}</tbody></table>"


def _cell(tag: str, value: str, *, number: bool) -> str:
    kind = ' class="n"' if number else ""
    return f"<{tag}{kind}>{html.escape(value)}</{tag}>"
