"""Data docs: pages of what was checked, which open without a network and link to nothing that is not there."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import duckdb
import pytest

from quality.data_docs import build_data_docs
from quality.gx_session import GxSession, Validation, key_results
from quality.quarantine import quarantine
from quality.reconciliation import nothing_delivered
from tests.unit.quality.small_table import GOOD, contract, fill

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = date(2026, 3, 2)
_LINK = re.compile(r"""(?:href|src)=["']([^"'#]+)["']""")
_REMOTE = re.compile(r"""(?:src|href|url\(|@import|fetch\()[=\s"']*(?:https?:)?//""")


@pytest.fixture(scope="module")
def validations() -> list[Validation]:
    """One delivery stopped by its rows, and one that never came."""
    declared = contract()
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA stage")
        fill(con, "stage.small", [GOOD, (*GOOD[:2], 101, *GOOD[3:])])
        gx = GxSession(con)
        counts = quarantine(con, declared, "stage.small", "stage.kept_out")
        gx.validate(declared, ("memory.stage", "small"), counts, business_date=NIGHT, sequence=1)
        gx.record("bank.small", NIGHT, 1, key_results(declared, counts))
        missing = contract(name="bank.missing")
        gx.record("bank.missing", NIGHT, 0, nothing_delivered(missing, NIGHT, "feeds"))
    return gx.validations


@pytest.fixture(scope="module")
def index(validations: list[Validation], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_data_docs(validations, tmp_path_factory.mktemp("docs") / "data_docs", 30)


def pages(index: Path) -> list[Path]:
    return [index, *sorted(index.parent.glob("nights/*/*.html"))]


def test_no_page_fetches_anything_from_elsewhere(index: Path) -> None:
    assert len(pages(index)) == 3
    found = {(p.name, m) for p in pages(index) for m in _REMOTE.findall(p.read_text(encoding="utf-8"))}
    assert found == set()
    styles = [f.read_text(encoding="utf-8") for f in index.parent.glob("assets/**/*.css")]
    assert not any(re.search(r"url\(['\"]?(?:https?:)?//", s) or "@import" in s for s in styles)


def test_every_link_leads_to_a_file_that_is_there(index: Path) -> None:
    for page in pages(index):
        links = _LINK.findall(page.read_text(encoding="utf-8"))
        assert links
        assert [link for link in links if not (page.parent / link).resolve().is_file()] == []


def test_rules_are_told_in_words_with_the_date_and_the_feed(index: Path) -> None:
    text = (index.parent / "nights/2026-03-02/bank.small-1.html").read_text(encoding="utf-8")
    assert "2026-03-02 bank.small" in text
    assert "words for amount_in_range" in text
    assert "no key is there twice with different content" in text


def test_the_index_says_what_stopped_even_before_a_row_was_read(index: Path) -> None:
    text = index.read_text(encoding="utf-8")
    assert text.count("<td>stopped</td>") == 2
    assert "key_unique" in text
    assert "delivery_there" in text


def test_nights_are_added_one_by_one_and_pruned_past_the_retention(
    validations: list[Validation], tmp_path: Path
) -> None:
    [refused] = [v for v in validations if v.outcome is None]
    for back in (0, 3, 4, 2):  # in any order, as a backfill may
        other = Validation(NIGHT - timedelta(days=back), refused.table, 0, None, refused.results)
        index = build_data_docs([other], tmp_path, 3)
    nights = sorted(p.name for p in (tmp_path / "nights").iterdir())
    assert nights == ["2026-02-27", "2026-02-28", "2026-03-02"]
    assert re.findall(r"<tr><td>(\S+)</td>", index.read_text(encoding="utf-8")) == nights[::-1]


def _own(address: str) -> bool:
    return address.startswith(("file:", "data:"))


@pytest.mark.browser
def test_pages_open_in_a_browser_without_a_network(index: Path, chromium: Path, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    problems: list[str] = []
    with sync_playwright() as playwright:
        options = {"executable_path": str(chromium), "args": ["--no-sandbox", "--disable-dev-shm-usage"]}
        browser = playwright.chromium.launch(**options)  # type: ignore[arg-type]
        page = browser.new_context(offline=True).new_page()
        page.on("requestfailed", lambda request: problems.append(request.url))
        page.on("request", lambda request: None if _own(request.url) else problems.append(request.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(index.as_uri())
        page.locator("th[data-field=c1] input").fill("small")  # the table's filter works: its scripts have loaded
        page.locator("td", has_text="bank.missing").wait_for(state="detached")
        page.screenshot(path=tmp_path / "index.png")
        page.get_by_role("link", name="bank.small").click()
        page.get_by_text("words for amount_in_range").wait_for()
        assert page.locator("i.fa-times").first.evaluate("e => getComputedStyle(e).fontFamily").startswith('"Font Aw')
        page.screenshot(path=tmp_path / "page.png", full_page=True)
        page.get_by_role("link", name="Home").click()
        page.get_by_role("heading", name="Data docs").wait_for()
        browser.close()
    assert problems == []
    assert (tmp_path / "page.png").stat().st_size > 10_000
