"""A page stands alone and holds what it was given, escaped."""

from __future__ import annotations

from orchestration.reports.page import Section, page, table


def test_a_table_escapes_its_cells_and_puts_numbers_to_the_right() -> None:
    shown = table(Section("T", ("a", "b"), (("<script>", "1,234.5%"), ("9 bins, and text", "-3"))))
    assert "<script>" not in shown
    assert shown.count('<td class="n">') == 2
    assert shown.count('<th class="n">b</th>') == 1, "a heading stands over its numbers"
    assert "<th>a</th>" in shown
    assert "none" in table(Section("T", ("a",), ()))


def test_a_page_fetches_nothing() -> None:
    text = page("<Title>", "<p>body</p>", "foot")
    assert "&lt;Title&gt;" in text
    assert "http" not in text
