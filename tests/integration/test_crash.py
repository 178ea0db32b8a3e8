"""Killed at the worst moment, a night leaves yesterday whole, and its rerun ends as if nothing had been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.lab import DATES, Lab

if TYPE_CHECKING:
    from pathlib import Path

#: Runs a night that kills its own process: inside the publishing transaction after the first table, or when every
#: table and the manifest are written and only the commit is missing.
_KILLED = """
import os, signal, sys
import warehouse.publication as publication
where = sys.argv[1]
replace, manifest = publication._replace, publication._write_manifest
def killed_after_first_table(*given):
    replace(*given)
    os.kill(os.getpid(), signal.SIGKILL)
def killed_before_commit(*given):
    manifest(*given)
    os.kill(os.getpid(), signal.SIGKILL)
if where == "first_table":
    publication._replace = killed_after_first_table
else:
    publication._write_manifest = killed_before_commit
from orchestration.cli import app
sys.argv = ["fenqi", "night", "--date", sys.argv[2]]
app()
"""


@pytest.mark.parametrize("where", ["first_table", "before_commit"])
def test_killed_during_publication(where: str, tmp_path: Path, first_night: Lab, forward: Lab) -> None:
    lab = first_night.copy(tmp_path / "home")
    before = lab.tables(DATES[0])
    killed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _KILLED, where, str(DATES[1])],
        env={**os.environ, "FENQI_HOME": str(lab.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert lab.tables(DATES[0]) == before
    assert all(rows == [] for rows in lab.tables(DATES[1]).values())
    assert [row[0] for row in lab.manifests()] == [DATES[0]]
    rerun = lab.night(DATES[1])
    assert rerun.returncode == 0, rerun.stderr
    assert lab.tables(DATES[1]) == forward.tables(DATES[1])
    assert [row[:2] for row in lab.manifests()] == [(DATES[0], "first"), (DATES[1], "first")]
