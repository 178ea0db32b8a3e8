"""On the simulator's bank lines the estimate is what people earn, and its confidence says where it is not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.benchmarks.income import judge
from warehouse.simulator.simulate import simulate_feeds

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 3, 31)


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight months of 500 customers: what income is read from, and no more."""
    out = tmp_path_factory.mktemp("lender")
    simulate_feeds(500, DAY, DAY, 3, out, history_months=8)
    return out


def test_nine_in_ten_on_a_payroll_are_within_a_twentieth_and_confidence_parts_the_rest(lender: Path) -> None:
    payroll = judge(lender, DAY).filter("is_payroll")
    assert len(payroll) > 200
    assert payroll["within"].mean() >= 0.9
    sure, unsure = (
        payroll.filter(pl.col("income_confidence") >= 0.75),
        payroll.filter(pl.col("income_confidence") < 0.75),
    )
    assert len(sure) >= 0.75 * len(payroll)
    assert sure["within"].mean() >= 0.93
    assert unsure["within"].mean() <= sure["within"].mean() - 0.1


@pytest.mark.parametrize(("silent", "nameless"), [(True, False), (False, True)])
def test_neither_texts_nor_payers_are_needed(lender: Path, silent: bool, nameless: bool) -> None:
    """Nothing leans on what the simulator writes beside an amount: with every text blanked it still holds."""
    payroll = judge(lender, DAY, silent=silent, nameless=nameless).filter("is_payroll")
    assert payroll["within"].mean() >= 0.9
