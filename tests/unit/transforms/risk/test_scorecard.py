"""The scorecard as data: what is refused, and that scoring is lookup and sum."""

from __future__ import annotations

import copy
import math
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.risk.risk_assessment import COLUMNS, risk_assessment
from transforms.risk.risk_reason import MAX_REASONS, risk_reason
from transforms.risk.scorecard import GRADES, Scorecard, ScorecardError, parse_scorecard
from warehouse.contract import load_contract

NIGHT = date(2026, 3, 10)
FILE = Path(__file__).parents[4] / "warehouse" / "reference" / "scorecards" / "expert_v1.toml"
_FRACTIONS = {"full_pay_ratio_12m", "revol_util", "dsr", "liquid_buffer_m", "income_confidence", "plan_on_time_share"}
_FRACTIONS |= {"cash_advance_share_12m"}


def document() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def card() -> Scorecard:
    return parse_scorecard(document(), source="expert_v1.toml")


#: A customer of whom everything is known; 10,000 yuan of income, 2,000 of debt service.
KNOWN: dict[str, Any] = {
    "max_dpd_12m": 0,
    "late_cycle_cnt_12m": 0,
    "full_pay_ratio_12m": 1.0,
    "revol_util": 0.1,
    "inquiry_cnt_3m": 0,
    "lender_cnt": 1,
    "new_lender_cnt_3m": 0,
    "dsr": 0.2,
    "liquid_buffer_m": 3.5,
    "income_confidence": 0.9,
    "job_tenure_m": 72,
    "gambling_cents_6m": 0,
    "bank_out_cents_6m": 1_000_000,
    "failed_debit_cnt_6m": 0,
    "plan_on_time_share": 1.0,
    "cash_advance_share_12m": 0.0,
    "onboarded_m": 60,
    "income_cents": 1_000_000,
    "debt_service_cents": 200_000,
    "plan_outstanding_cents": 300_000,
    "line_cents": 1_000_000,
    "line_used_cents": 300_000,
    "bureau_status": "fresh",
    "automated_decision_opt_out": False,
}


def profile(*changes: dict[str, Any]) -> pl.DataFrame:
    types = {c: pl.Float64 if c in _FRACTIONS else pl.Int64 for c in KNOWN}
    types |= {"bureau_status": pl.String, "automated_decision_opt_out": pl.Boolean}
    rows = [
        {"customer_token": f"{n:08d}-0000-8000-8000-000000000000", "shard": n % 2, **KNOWN, **change}
        for n, change in enumerate(changes)
    ]
    return pl.DataFrame(rows, schema={"customer_token": pl.String, "shard": pl.Int16, **types}, orient="row")


def assess(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    return risk_assessment(profile(*changes), card(), NIGHT).to_dicts()


def test_a_known_customer_scores_the_sum_of_its_bins() -> None:
    """470 base + 45+25+35+30+15+12+10+18+28+20+16+4+10+20+6+8 = 772; dsr 20 % is not below 2000 bp, so 18."""
    (row,) = assess({})
    assert row["score"] == 470 + 45 + 25 + 35 + 30 + 15 + 12 + 10 + 18 + 28 + 20 + 16 + 4 + 10 + 20 + 6 + 8
    assert row["risk_grade"] == "A"
    assert math.isclose(row["pd_12m"], 1 / (1 + 15 * 2 ** ((row["score"] - 600) / 40)))


def test_expected_loss_is_pd_lgd_and_exposure_rounded_up() -> None:
    """Exposure: 3,000 of plans and half of the unused 7,000 yuan."""
    (row,) = assess({})
    assert row["ead_cents"] == 300_000 + 350_000
    assert row["el_cents"] == math.ceil(row["pd_12m"] * 0.55 * 650_000)


def test_the_stressed_ratio_lowers_income_and_raises_service() -> None:
    """M04: 2,200 over 8,000 is 27.5 %; strong needs a month of buffer."""
    strong, tight, unknown, thin = assess(
        {}, {"debt_service_cents": 500_000}, {"income_cents": None}, {"liquid_buffer_m": 0.5}
    )
    assert math.isclose(strong["stressed_dsr"], 0.275)
    assert [r["capacity_band"] for r in (strong, tight, unknown, thin)] == ["strong", "tight", "none", "adequate"]
    assert unknown["stressed_dsr"] is None


def test_stale_or_missing_bureau_and_refused_automation_go_to_a_person() -> None:
    """PIPL art. 24; never a silent approval on old data."""
    rows = assess({}, {"bureau_status": "stale"}, {"bureau_status": "missing"}, {"automated_decision_opt_out": True})
    assert [r["human_review"] for r in rows] == [False, True, True, True]


def test_ability_and_willingness_move_apart() -> None:
    """M09: late payments touch willingness, high debt touches ability."""
    good, late, indebted = assess({}, {"max_dpd_12m": 95}, {"dsr": 0.9, "revol_util": 0.99})
    assert late["willingness"] < good["willingness"]
    assert late["ability"] == good["ability"]
    assert indebted["ability"] < good["ability"]
    assert indebted["willingness"] == good["willingness"]


def test_a_fraction_a_hair_below_its_threshold_counts_as_the_threshold() -> None:
    """30 % computed as 0.29999999999999999 must not change the bin."""
    exact, hair, below = assess({"revol_util": 0.3}, {"revol_util": 0.3 - 1e-12}, {"revol_util": 0.2999})
    assert exact["score"] == hair["score"] < below["score"]


@given(st.lists(st.integers(300, 850), min_size=2, max_size=2))
def test_a_better_score_is_never_riskier(scores: list[int]) -> None:
    """M67, M68."""
    table = {row["score"]: row for row in card().score_table().to_dicts()}
    worse, better = sorted(scores)
    assert table[better]["pd_12m"] <= table[worse]["pd_12m"]
    assert GRADES.index(table[better]["risk_grade"]) <= GRADES.index(table[worse]["risk_grade"])


@given(
    st.fixed_dictionaries(
        {
            "max_dpd_12m": st.one_of(st.none(), st.integers(0, 200)),
            "revol_util": st.one_of(st.none(), st.floats(0, 2)),
            "dsr": st.one_of(st.none(), st.floats(0, 3)),
            "inquiry_cnt_3m": st.one_of(st.none(), st.integers(0, 12)),
            "gambling_cents_6m": st.integers(0, 900_000),
            "bank_out_cents_6m": st.integers(0, 1_000_000),
            "liquid_buffer_m": st.one_of(st.none(), st.floats(0, 9)),
        }
    )
)
def test_reasons_are_those_of_a_brute_force(change: dict[str, Any]) -> None:
    """Reg B: at most four, furthest below the reference first, ties in the scorecard's order."""
    scorecard, row = card(), {**KNOWN, **change}
    expected = []
    for place, v in enumerate(scorecard.variables):
        value = row[v.column]
        if v.over is not None:
            value = value * v.scale // row[v.over] if row[v.over] > 0 else None
        elif value is not None:
            value = math.floor(value * v.scale + 1e-6) if v.scale != 1 else int(value)
        points = v.missing
        if value is not None:
            points = next((p for u, p in zip(v.uppers, v.points, strict=False) if value < u), v.points[-1])
        if v.reference > points:
            code = v.code if value is not None else f"{v.code}_UNKNOWN"
            expected.append((points - v.reference, place, code))
    found = risk_reason(profile(change), scorecard, NIGHT).sort("reason_rank")
    assert found["reason_code"].to_list() == [code for _, _, code in sorted(expected)[:MAX_REASONS]]


def test_an_unknown_value_is_said_to_be_unknown() -> None:
    rows = risk_reason(profile({"revol_util": None, "full_pay_ratio_12m": None}), card(), NIGHT).to_dicts()
    texts = {r["reason_code"]: r["reason_en"] for r in rows}
    assert texts["HIGH_UTILISATION_UNKNOWN"] == "No revolving credit to judge its use by"
    assert "HIGH_UTILISATION" not in texts


def test_the_frames_are_what_the_contracts_say() -> None:
    lake = [name for name, _ in load_contract("risk.risk_assessment").lake_columns()]
    assert list(COLUMNS) == lake
    reasons = risk_reason(profile({"max_dpd_12m": 95}), card(), NIGHT)
    assert set(reasons.columns) == {name for name, _ in load_contract("risk.risk_reason").lake_columns()}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["variables"][0].update(column="sex"), "may not be scored"),
        (lambda d: d["variables"][0].update(axis="luck"), "axis must be"),
        (lambda d: d["variables"][0].pop("missing"), "missing not given"),
        (lambda d: d["variables"][0].update(colour="red"), "unknown colour"),
        (lambda d: d["variables"][0]["bins"][0].update(below=40), "must rise"),
        (lambda d: d["variables"][0]["bins"][-1].update(below=400), "bin 5"),
        (lambda d: d["variables"][1].update(code="PAST_DUE_12M"), "not unique"),
        (lambda d: d["grades"].update(B=700), "fall from A to G"),
        (lambda d: d.pop("loss"), "missing or not of its form"),
    ],
)
def test_a_wrong_scorecard_is_refused_by_name(change: Any, said: str) -> None:
    wrong = copy.deepcopy(document())
    change(wrong)
    with pytest.raises(ScorecardError, match=said) as told:
        parse_scorecard(wrong, source="wrong.toml")
    assert "wrong.toml" in str(told.value)
