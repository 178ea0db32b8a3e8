"""Predicted against realised, over published nights, by hand."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import polars as pl
import pytest

from warehouse.contract import load_contract
from warehouse.frames import register
from warehouse.lake import Lake
from warehouse.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

EARLY, MIDDLE, LATE = date(2025, 3, 31), date(2025, 9, 30), date(2026, 4, 30)
_NOTHING: dict[str, Any] = {
    "VARCHAR": "",
    "VARCHAR[]": [],
    "BOOLEAN": False,
    "DOUBLE": 0.0,
    "TIMESTAMP": datetime(2026, 1, 1),  # noqa: DTZ001
    **dict.fromkeys(("BIGINT", "INTEGER", "SMALLINT"), 0),
}


def insert(lake: Lake, name: str, rows: list[dict[str, Any]]) -> None:
    """Rows with what is given, and nothing where a value is required."""
    required = {c.lake_name: _NOTHING.get(c.lake_type, []) for c in load_contract(name).columns if c.required}
    register(lake.con, "given_rows", pl.DataFrame([required | row for row in rows]))
    lake.con.execute(f"INSERT INTO lake.{name} BY NAME SELECT * FROM given_rows")


def test_predictions_are_judged_by_the_last_night_within_a_year(tmp_path: Path) -> None:
    """Forty customers at 20 %: eight had defaulted by the middle night; the late one is more than a year on."""
    profiles, risks = [], []
    for night in (EARLY, MIDDLE, LATE):
        for customer in range(42):
            worst = 120 if customer == 40 or (customer < 8 and night == MIDDLE) or night == LATE else 0
            if customer == 41 and night != EARLY:
                continue  # gone: not followed
            key = {"as_of_date": night, "customer_token": str(UUID(int=customer))}
            profiles.append(key | {"max_dpd_12m": worst})
            risks.append(key | {"model_version": "m", "risk_grade": "C" if customer % 2 else "D", "pd_12m": 0.2})
    settings = Settings(home=tmp_path / "home")
    Lake.create(settings)
    with Lake.open(settings) as lake:
        nights = [{"business_date": n, "run_id": str(n), "manifest_no": k} for k, n in enumerate((EARLY, MIDDLE, LATE))]
        insert(lake, "control.run_manifest", nights)
        insert(lake, "profile.customer_profile", profiles)
        insert(lake, "risk.risk_assessment", risks)
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
