"""A page stands alone and holds what it was given, escaped."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from jinja2 import UndefinedError

from orchestration.reports.page import page
from orchestration.reports.pictures import Bars
from orchestration.reports.report import write_report
from orchestration.reports.section import Section
from orchestration.reports.summary import NightSummary

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = {
    "publication": "first",
    "run_id": "run<1>",
    "published_at": datetime(2026, 3, 31, 20, 5, tzinfo=UTC),
    "policy_id": "cn",
    "policy_version": "3",
    "model_version": "7",
    "manifest_digest": "ab12",
}


def shown(*sections: Section) -> str:
    return page("night", title="<Title>", sections=sections, pictures=[], manifest=MANIFEST)


def test_a_table_escapes_its_cells_and_puts_numbers_to_the_right() -> None:
    text = shown(Section("T & S", ("a", "b"), (("<script>", "1,234.5%"), ("9 bins, and text", "-3"))))
    assert "<script>" not in text
    assert "<h2>T &amp; S</h2>" in text
    assert text.count('<td class="n">') == 2
    assert text.count('<th class="n">b</th>') == 1, "a heading stands over its numbers"
    assert "<th>a</th>" in text


def test_a_table_without_rows_says_so() -> None:
    assert '<td colspan="2">none</td>' in shown(Section("T", ("a", "b"), ()))


def test_a_page_fetches_nothing_and_ends_with_what_it_was_made_of() -> None:
    text = shown()
    assert "<title>&lt;Title&gt;</title>" in text
    assert "http" not in text
    assert "run run&lt;1&gt; at\n2026-03-31 20:05 UTC" in text


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="manifest"):
        page("night", title="t", sections=[], pictures=[])


def test_the_report_of_a_night_has_its_pictures(tmp_path: Path) -> None:
    bars = (Bars("Customers by decision", "customers", [("eligible", 2), ("refer", 1)]), Bars("Offers", "offers", []))
    written = write_report(NightSummary(date(2026, 3, 31), MANIFEST, (), bars), tmp_path / "nights")
    assert written == tmp_path / "nights" / "2026-03-31.html"
    text = written.read_text(encoding="utf-8")
    assert text.count("<svg") == 1
    assert "<p>Offers: none</p>" in text
    assert "http" not in text.replace('"http://www.w3.org/', "")
