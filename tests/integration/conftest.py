"""Nights are dear: the small lender is simulated once, and its three nights are run once for all test processes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from tests.integration.lab import DATES, Lab, small_lender

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills for all workers of a run: the first that needs it makes it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            making = folder.with_name(f"{name}.making-{os.getpid()}")
            make(making)
            making.rename(folder)
    return folder


def _lender(made: Path) -> None:
    small_lender(made / "feeds")


@pytest.fixture(scope="session")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "lender", _lender) / "feeds"


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory, feeds: Path) -> Lab:
    """A warehouse after its first night. Never written to: copy it."""

    def make(made: Path) -> None:
        done = Lab.of(made / "home", feeds).night(DATES[0])
        assert done.returncode == 0, done.stderr

    return Lab(made_once(tmp_path_factory, "first", make) / "home")


@pytest.fixture(scope="session")
def forward(tmp_path_factory: pytest.TempPathFactory, first_night: Lab) -> Lab:
    """The three nights, one after the other. Never written to: copy it."""

    def make(made: Path) -> None:
        done = first_night.copy(made / "home").fenqi("backfill", "--from", str(DATES[1]), "--to", str(DATES[2]))
        assert done.returncode == 0, done.stderr

    return Lab(made_once(tmp_path_factory, "forward", make) / "home")
