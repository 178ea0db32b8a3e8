"""`fenqi contract`: mistakes by line with an exit code; what follows from declarations is written where it differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import CliRunner

import orchestration.commands.contract as module
from orchestration.cli import app
from tests.unit.warehouse.new_feed import TEXT, new_feed, written
from warehouse.contract import contract_path

if TYPE_CHECKING:
    import pytest

RUN = CliRunner()


def test_what_is_shipped_is_good() -> None:
    done = RUN.invoke(app, ["contract", "check"])
    assert (done.exit_code, done.stdout.partition(":")[2].strip()) == (0, "good")


def test_a_contract_with_mistakes_is_told_by_line_and_ends_with_1(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT.replace("value: events", "value: none").replace("name: channel", "name: Channel"))
    done = RUN.invoke(app, ["contract", "check", str(path)])
    assert done.exit_code == 1
    first, second, last = done.stderr.splitlines()
    assert first == f"{path}:22: history is 'none': one of events, changes is expected"
    assert second.startswith(f"{path}:69: 'Channel' is no column's name")
    assert last == "1 contract: 2 mistakes"


def test_machines_get_the_same_as_json(tmp_path: Path) -> None:
    good, bad = written(tmp_path / "a"), written(tmp_path / "b", TEXT.replace("value: events", "value: none"))
    done = RUN.invoke(app, ["contract", "check", "--json", str(good), str(bad)])
    told = json.loads(done.stdout)
    assert (done.exit_code, told["files"], told["usable"]) == (1, 2, False)
    assert [(m["file"], m["line"]) for m in told["mistakes"]] == [(str(bad), 22)]


def test_only_files_that_differ_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "dictionary.md"
    page.write_text("old", encoding="utf-8")
    monkeypatch.setattr(module, "DICTIONARY", page)
    with new_feed(tmp_path / "contracts"):
        changed = contract_path("profile.risk_point")
        right = changed.read_text(encoding="utf-8")
        changed.write_text(right.replace("Which risk point.", "Which."), encoding="utf-8")
        untouched = contract_path("profile.debt_ledger").stat().st_mtime_ns
        done = RUN.invoke(app, ["contract", "write"])
        assert done.exit_code == 0, done.output
        assert [Path(line.removeprefix("written: ")).name for line in done.stdout.splitlines()] == [
            "risk_point.yaml",
            "dictionary.md",
        ]
        assert changed.read_text(encoding="utf-8") == right
        assert contract_path("profile.debt_ledger").stat().st_mtime_ns == untouched
        assert RUN.invoke(app, ["contract", "write"]).stdout == ""
    # The new feed is in the dictionary by its contract alone.
    assert "### bank.overdraft" in page.read_text(encoding="utf-8")
    assert "| `overdrawn_cents` | BIGINT | cents | How far below nil the account stood. | 透支金额 |" in page.read_text(
        "utf-8"
    )
