"""The small lender is made once for the folder's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.warehouse.simulator.small_lender import make

if TYPE_CHECKING:
    from tests.unit.warehouse.simulator.small_lender import SmallLender


@pytest.fixture(scope="session")
def lender(tmp_path_factory: pytest.TempPathFactory) -> SmallLender:
    return make(tmp_path_factory.mktemp("lender"))
