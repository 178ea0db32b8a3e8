"""The need that shows first, at each threshold, and the cell it makes with the grade."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.support import policy
from transforms.risk.strategy import need_class, strategy_cell

SECTION = policy().strategy
PLAIN: dict[str, Any] = {
    "revolving_balance_cents": 0,
    "revolving_limit_cents": 10_000,
    "installment_share_12m": 0.0,
    "own_dpd": 0,
    "broken_plan_cnt": 0,
    "current_dpd": 0,
    "pay_behaviour": "revolver",
    "running_plan_cnt": 0,
    "order_cnt_3m": 0,
}


@pytest.mark.parametrize(
    ("known", "need"),
    [
        ({}, "dormant"),
        ({"own_dpd": 1}, "relief"),
        ({"broken_plan_cnt": 1}, "relief"),
        ({"current_dpd": 1, "running_plan_cnt": 1}, "relief"),
        ({"revolving_balance_cents": SECTION.consolidate_use_bp}, "dormant"),
        ({"revolving_balance_cents": SECTION.consolidate_use_bp + 1}, "consolidate"),
        ({"pay_behaviour": "minimum_payer", "running_plan_cnt": 1}, "consolidate"),
        ({"running_plan_cnt": 1}, "repeat"),
        ({"installment_share_12m": SECTION.repeat_share_bp / 10_000}, "repeat"),
        ({"installment_share_12m": (SECTION.repeat_share_bp - 1) / 10_000}, "dormant"),
        ({"order_cnt_3m": SECTION.purchase_orders_3m}, "purchase"),
        ({"order_cnt_3m": SECTION.purchase_orders_3m - 1}, "dormant"),
        (dict.fromkeys(PLAIN), "dormant"),
    ],
)
def test_the_first_need_that_shows(known: dict[str, Any], need: str) -> None:
    types = dict.fromkeys(PLAIN, pl.Int64) | {"pay_behaviour": pl.String, "installment_share_12m": pl.Float64}
    assert pl.DataFrame([PLAIN | known], schema=types).select(need_class(SECTION)).item() == need


def test_the_cell_is_grade_and_need() -> None:
    frame = pl.DataFrame({"risk_grade": ["B"], "need_class": ["repeat"]})
    assert frame.select(strategy_cell()).item() == "B-repeat"
