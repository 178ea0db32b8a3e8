"""Nights are dear: the small lender is simulated once, and its three nights are run forward once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.lab import DATES, Lab, small_lender

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_lender(tmp_path_factory.mktemp("lender") / "feeds")


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory, feeds: Path) -> Lab:
    """A warehouse after its first night. Never written to: copy it."""
    lab = Lab.of(tmp_path_factory.mktemp("first") / "home", feeds)
    done = lab.night(DATES[0])
    assert done.returncode == 0, done.stderr
    return lab


@pytest.fixture(scope="session")
def forward(tmp_path_factory: pytest.TempPathFactory, first_night: Lab) -> Lab:
    """The three nights, one after the other. Never written to: copy it."""
    lab = first_night.copy(tmp_path_factory.mktemp("forward") / "home")
    done = lab.fenqi("backfill", "--from", str(DATES[1]), "--to", str(DATES[2]))
    assert done.returncode == 0, done.stderr
    return lab
