"""Dagster's own UI, in a real browser: a backfill from the asset graph, and what it shows of a night that was stopped.

Set SCREENSHOTS to a folder to keep the pictures.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.integration.lab import DATES, Lab, small_lender
from warehouse.simulator.faults import break_delivery

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.browser

_BROWSER = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
#: Generous: the machine may be busy with other tests; nothing is measured.
_NIGHTS_MS = 1_800_000
_PAGE_MS = 120_000


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A lender whose second night's bank lines are bad in three rows of ten."""
    feeds = small_lender(tmp_path_factory.mktemp("lender") / "feeds")
    made = Lab.of(tmp_path_factory.mktemp("ui") / "home", feeds)
    break_delivery(made.feeds, "bank.bank_transaction", DATES[1], "bad_rows_30")
    return made


@pytest.fixture(scope="module")
def url(lab: Lab) -> Iterator[str]:
    """`fenqi dev` as a user starts it."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (lab.home / "dev.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "dev", "--port", str(port)],
        env={**os.environ, "FENQI_HOME": str(lab.home)},
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        log.close()


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=5):  # noqa: S310 - our own server
                return
        except OSError:
            assert process.poll() is None, "fenqi dev ended"
            time.sleep(0.5)
    raise AssertionError("Dagster's UI did not come up")


@pytest.fixture(scope="module")
def page(chromium: Path) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=_BROWSER)
        opened = browser.new_page(viewport={"width": 1600, "height": 1000})
        opened.set_default_timeout(_PAGE_MS)
        expect.set_options(timeout=_PAGE_MS)
        yield opened
        browser.close()


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.wait_for_timeout(1_500)
        page.screenshot(path=Path(folder) / f"{name}.png")


def ended(page: Page) -> None:
    """Wait until the backfill on the page is over (the page's policy forbids waiting inside it)."""
    for _ in range(_NIGHTS_MS // 2_000):
        if re.search(r"Status\s+(Completed|Failed|Canceled)", page.inner_text("body")):
            return
        page.wait_for_timeout(2_000)
    raise AssertionError("the backfill did not end")


def test_a_backfill_of_three_nights_publishes_two_and_shows_why_it_stopped_one(lab: Lab, url: str, page: Page) -> None:
    """Issue row: three nights launched from the asset graph, one of them with a bad feed."""
    page.goto(f"{url}/asset-groups")
    for group in ("bank", "commerce", "credit", "market", "profile", "risk", "eligibility", "publication"):
        expect(page.get_by_role("button", name=group).first).to_be_visible()
    picture(page, "1-graph")
    page.get_by_role("button", name="Materialize all").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Show all partitions").click()
    selection = dialog.get_by_role("textbox").first
    selection.fill(f"[{DATES[0]}...{DATES[2]}]")
    selection.press("Tab")
    expect(dialog.get_by_text("3 partitions")).to_be_visible()
    picture(page, "2-launch")
    dialog.get_by_role("button", name="Launch backfill").click()
    expect(dialog).to_have_count(0)

    page.goto(f"{url}/runs")
    page.locator("a[href^='/runs/b/']").first.click()
    expect(page.get_by_text("Partition selection")).to_be_visible()
    ended(page)
    picture(page, "3-backfill")

    assert [row[:2] for row in sorted(lab.manifests())] == [(DATES[0], "first"), (DATES[2], "first")]

    page.goto(f"{url}/assets/bank/bank_transaction?view=checks")
    page.get_by_text("rules_hold").first.click()
    expect(page.get_by_text("This is a blocking asset check.")).to_be_visible()
    page.get_by_text("Execution history").click()
    reason = page.get_by_text(re.compile(r"rows break «customer_id is given».*the night stops"))
    expect(reason).to_be_visible()
    expect(reason).to_contain_text(f"{DATES[1]}: bank.bank_transaction: customer_id_present")
    picture(page, "4-blocking-check")


def test_an_assets_page_shows_its_contract_and_the_last_nights_checks(url: str, page: Page) -> None:
    """After the backfill above: description, column schema in both languages, row count, checks."""
    page.goto(f"{url}/assets/eligibility/customer_eligibility")
    for text in ("lake.eligibility.customer_eligibility", "limit_bound_by", "客户令牌", "data-platform", "120"):
        expect(page.get_by_text(text).first).to_be_visible()
    expect(page.get_by_text("Latest check results")).to_be_visible()
    picture(page, "5-asset")


def test_the_nights_own_pages_open_without_a_network(lab: Lab, page: Page) -> None:
    """Data Docs and the checks of a night, read from the disk: nothing is fetched from elsewhere."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    pages = sorted((lab.home / "docs").rglob("*.html"))
    assert pages
    for path in (p for p in pages if p.name == "index.html"):
        page.goto(path.as_uri())
        expect(page.locator("body")).to_contain_text(re.compile(r"\w+"))
        picture(page, f"6-{path.parent.name}")
    assert [u for u in asked if not u.startswith(("file:", "data:", "blob:"))] == []
