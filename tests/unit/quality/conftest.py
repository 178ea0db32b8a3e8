"""What tests of the intake share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.quality.bank import Bank
from tests.unit.warehouse.support import lake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    """A sender to a new warehouse."""
    with lake(tmp_path) as opened:
        yield Bank(opened)
