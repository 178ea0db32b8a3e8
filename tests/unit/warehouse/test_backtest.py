"""Predicted against realised, over published nights, by hand (M35, M75)."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.unit.warehouse.test_views import insert, token
from warehouse.lake import Lake
from warehouse.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

EARLY, MIDDLE, LATE = date(2025, 3, 31), date(2025, 9, 30), date(2026, 4, 30)


def test_predictions_are_judged_by_the_last_night_within_a_year(tmp_path: Path) -> None:
    """Forty customers of one grade at 20 %: eight had defaulted by the middle night; the late one is beyond a year."""
    settings = Settings(home=tmp_path / "home")
    Lake.create(settings)
    with Lake.open(settings) as lake:
        for number, night in enumerate((EARLY, MIDDLE, LATE)):
            insert(lake.con, "control.run_manifest", business_date=night, run_id=str(number), manifest_no=number)
            for customer in range(42):
                worst = 120 if customer == 40 or (customer < 8 and night == MIDDLE) or night == LATE else 0
                if customer == 41 and night != EARLY:
                    continue  # gone: not followed
                row = {"as_of_date": night, "customer_token": token(customer)}
                insert(lake.con, "profile.customer_profile", **row, max_dpd_12m=worst)
                risk = {"model_version": "m", "risk_grade": "C" if customer % 2 else "D", "pd_12m": 0.2}
                insert(lake.con, "risk.risk_assessment", **row, **risk)
        rows = lake.frame("SELECT * FROM lake.monitoring.backtest ORDER BY predicted_on, risk_grade")
    early = rows.filter(predicted_on=EARLY)
    assert early["risk_grade"].to_list() == ["C", "D", "all"]
    whole = early.filter(risk_grade="all").row(0, named=True)
    assert (whole["judged_on"], whole["days"]) == (MIDDLE, 183)
    assert (whole["customer_cnt"], whole["default_cnt"]) == (40, 8), "customer 40 was in default before"
    so_far = 1 - 0.8 ** (183 / 365)
    assert whole["expected_default_cnt"] == pytest.approx(40 * so_far)
    assert whole["z_score"] == pytest.approx((8 - 40 * so_far) / math.sqrt(40 * so_far * (1 - so_far)))
    assert whole["verdict"] == "in_line", "1.94 standard deviations above"
    assert early.filter(risk_grade="C")["verdict"].item() == "too_few"
    middle = rows.filter(predicted_on=MIDDLE, risk_grade="all").row(0, named=True)
    assert (middle["judged_on"], middle["customer_cnt"], middle["default_cnt"]) == (LATE, 32, 32)
    assert middle["verdict"] == "underestimated"
    assert rows.filter(predicted_on=LATE).is_empty()
