"""The assessment: grade from score, cooldown, notes and market; loss, capacity, the two axes; who must look."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.outputs import risk_assessment
from tests.unit.transforms.risk.support import NIGHT, assess, card, profile, shipped_policy, token
from transforms.risk.risk_assessment import GradeInputs, counted_co_obligors
from transforms.risk.scorecard import GRADES

POLICY = shipped_policy(NIGHT)
BAND = POLICY.hysteresis.exit_band_points


def earlier(*scores: int) -> pl.DataFrame:
    """Points a cooldown ago that add up to these scores: the first variable takes all of it."""
    rest = [0] * (len(card().variables) - 1)
    rows = [(token(n), [score - card().scale.base_points, *rest]) for n, score in enumerate(scores)]
    return pl.DataFrame(rows, schema={"customer_token": pl.String, "points": pl.List(pl.Int32)}, orient="row")


def grade_inputs(**given: Any) -> GradeInputs:
    return GradeInputs(hysteresis=POLICY.hysteresis, strategy=POLICY.strategy, **given)


def notches(*moves: int) -> pl.DataFrame:
    rows = [(token(n), move) for n, move in enumerate(moves)]
    return pl.DataFrame(rows, schema={"customer_token": pl.String, "note_notch": pl.Int16}, orient="row")


def test_expected_loss_is_pd_lgd_and_exposure_rounded_up() -> None:
    """3,000 yuan of plans lost to 55 %, half of the unused 7,000 to 60 %; a guarantor: plans to 40 %."""
    one = pl.DataFrame(
        {"customer_token": [token(1)], "co_obligor_cnt": [1]}, schema_overrides={"co_obligor_cnt": pl.Int32}
    )
    alone, guaranteed = assess({}, {}, inputs=grade_inputs(co_obligors=one))
    assert alone["ead_cents"] == 300_000 + 350_000
    assert alone["el_cents"] == math.ceil(alone["pd_12m"] * (0.55 * 300_000 + 0.60 * 350_000))
    assert alone["lgd"] == pytest.approx((0.55 * 300 + 0.60 * 350) / 650)
    assert guaranteed["el_cents"] == math.ceil(alone["pd_12m"] * (0.40 * 300_000 + 0.60 * 350_000))
    assert guaranteed["score"] == alone["score"]


def test_loss_given_default_goes_by_segment_and_is_a_plan_s_where_nothing_is_owed() -> None:
    nothing = {"plan_outstanding_cents": 0, "line_cents": None, "line_used_cents": None}
    plain, indebted = assess(nothing, {**nothing, "behaviour_segment": "high_debt"})
    assert (plain["lgd"], plain["el_cents"], indebted["lgd"]) == (0.55, 0, 0.60)


def test_the_stressed_ratio_lowers_income_and_raises_service() -> None:
    """2,200 over 8,000 is 27.5 %; two points on 60,000 of debt are 100 a month; strong needs a month of buffer."""
    strong, tight, unknown, thin, floating = assess(
        {},
        {"debt_service_cents": 500_000},
        {"income_cents": None},
        {"liquid_buffer_m": 0.5},
        {"debt_balance_cents": 6_000_000},
    )
    assert math.isclose(strong["stressed_dsr"], 0.275)
    assert math.isclose(floating["stressed_dsr"], 0.2875)
    bands = [r["capacity_band"] for r in (strong, tight, unknown, thin)]
    assert bands == ["strong", "tight", "none", "adequate"]
    assert unknown["stressed_dsr"] is None


def test_stale_or_missing_bureau_and_refused_automation_go_to_a_person_by_name() -> None:
    """PIPL art. 24; never a silent approval on old data, nor on none."""
    rows = assess(
        {},
        {"bureau_status": "stale"},
        {"bureau_status": "missing"},
        {"automated_decision_opt_out": True, "bureau_status": "stale"},
        {"bureau_status": None},
    )
    assert [r["review_reasons"] for r in rows] == [
        [],
        ["bureau_stale"],
        ["bureau_missing"],
        ["bureau_stale", "automated_decision_refused"],
        ["bureau_missing"],
    ]
    assert [r["human_review"] for r in rows] == [False, True, True, True, True]


def test_ability_and_willingness_move_apart() -> None:
    """Late payments touch willingness, high debt touches ability."""
    good, late, indebted = assess({}, {"max_dpd_12m": 95}, {"dsr": 0.9, "revol_util": 0.99})
    assert late["willingness"] < good["willingness"]
    assert late["ability"] == good["ability"]
    assert indebted["ability"] < good["ability"]
    assert indebted["willingness"] == good["willingness"]


def test_the_points_of_each_variable_add_up_to_the_score() -> None:
    """A row can be added up by hand."""
    for row in assess({}, {"max_dpd_12m": 95, "dsr": None}, {"revol_util": 1.2}):
        assert row["score"] == card().scale.base_points + sum(row["points"])


@given(st.integers(300, 850), st.integers(300, 850))
@settings(max_examples=60)
def test_worse_applies_at_once_and_better_once_it_has_held(tonight: int, before: int) -> None:
    """A grade is entered at its lowest score and the band, a cooldown ago, and left at its lowest score tonight."""
    scorecard = card()
    moved = replace(scorecard.scale, base_points=scorecard.scale.base_points + tonight - assess({})[0]["score"])
    then = earlier(before + scorecard.scale.base_points - moved.base_points)
    (row,) = risk_assessment(profile({}), replace(scorecard, scale=moved), NIGHT, grade_inputs(earlier=then)).to_dicts()
    lowest = scorecard.grades
    expected = next(g for g in GRADES if g == "G" or (tonight >= lowest[g] and before >= lowest[g] + BAND))
    assert (row["score"], row["earlier_score"]) == (tonight, before)
    assert row["held_grade"] == expected
    assert row["held_grade"] >= row["model_grade"]


def test_a_score_that_wobbles_within_the_band_above_a_cut_never_changes_its_grade() -> None:
    """No flapping at a band's edge: 770 tonight, and a cooldown ago anything from A's cut to the band above it."""
    cut = card().grades["A"]
    around = [cut - BAND, cut - 1, cut, cut + 1, cut + BAND - 1]
    rows = assess(*[{}] * len(around), inputs=grade_inputs(earlier=earlier(*around)))
    assert {r["held_grade"] for r in rows} == {"B"}
    assert assess({}, inputs=grade_inputs(earlier=earlier(cut + BAND)))[0]["held_grade"] == "A"


def test_a_customer_younger_than_the_cooldown_enters_by_the_night_s_score_alone() -> None:
    (row,) = assess({}, inputs=grade_inputs(earlier=earlier().clear()))
    assert row["earlier_score"] is None
    assert row["held_score"] == row["score"] - BAND


def test_what_was_not_known_then_takes_tonight_s_points() -> None:
    """A statement history that begins only now is no improvement to wait for."""
    known = pl.DataFrame(
        [(token(0), [None] * len(card().variables))],
        schema={"customer_token": pl.String, "points": pl.List(pl.Int32)},
        orient="row",
    )
    (row,) = assess({}, inputs=grade_inputs(earlier=known))
    assert row["earlier_score"] == row["score"]


def test_a_note_moves_the_grade_and_the_market_the_cut_off_only() -> None:
    """Grade A at 762 held; one notch is B; a shift of 80 points puts the cut-off's grade at B."""
    plain, noted = assess({}, {}, inputs=grade_inputs(notches=notches(0, 1)))
    assert (plain["risk_grade"], plain["cutoff_grade"]) == ("A", "A")
    assert (noted["held_grade"], noted["risk_grade"], noted["cutoff_grade"]) == ("A", "B", "B")
    (shifted,) = assess({}, inputs=grade_inputs(cutoff_shift_points=80))
    assert (shifted["risk_grade"], shifted["cutoff_grade"]) == ("A", "B")
    assert shifted["pd_12m"] == plain["pd_12m"]


@given(st.integers(-2, 2), st.integers(-30, 60), st.integers(300, 850))
@settings(max_examples=40)
def test_a_raised_cut_off_never_betters_a_grade(notch: int, shift: int, before: int) -> None:
    given_now = grade_inputs(earlier=earlier(before), notches=notches(notch), cutoff_shift_points=shift)
    (row,) = assess({}, inputs=given_now)
    assert (row["cutoff_grade"] >= row["risk_grade"]) if shift >= 0 else (row["cutoff_grade"] <= row["risk_grade"])
    assert abs(GRADES.index(row["risk_grade"]) - GRADES.index(row["held_grade"])) <= abs(notch)


def test_the_quantitative_figure_falls_with_score_loss_and_stress() -> None:
    """One figure from 0 to 100 of score, loss and stressed debt service."""
    good, riskier, stretched, unknown = assess(
        {}, {"max_dpd_12m": 95}, {"debt_service_cents": 700_000}, {"income_cents": None}
    )
    assert all(0 <= r["quant_score"] <= 100 for r in (good, riskier, stretched, unknown))
    assert good["quant_score"] > max(riskier["quant_score"], stretched["quant_score"], unknown["quant_score"])


def test_the_strategy_cell_crosses_grade_and_need() -> None:
    """Credit quality by what the customer needs."""
    rows = assess(
        {"order_cnt_3m": 2},
        {"running_plan_cnt": 1},
        {"installment_share_12m": 0.2},
        {"revolving_balance_cents": 71, "revolving_limit_cents": 100, "running_plan_cnt": 1},
        {"pay_behaviour": "minimum_payer"},
        {"own_dpd": 1, "running_plan_cnt": 1},
        {},
        inputs=grade_inputs(),
    )
    assert [r["need_class"] for r in rows] == [
        *("purchase", "repeat", "repeat", "consolidate", "consolidate", "relief", "dormant")
    ]
    assert rows[0]["strategy_cell"] == f"{rows[0]['risk_grade']}-purchase"


def test_only_a_signed_running_agreement_in_a_counted_role_counts() -> None:
    """Whom a customer knows is nothing."""
    plain = ("guarantor", "1.000000", "active", "2026-01-01", None)
    rows = [
        (0, *plain),
        (1, "guarantor", "1.000000", "active", None, None),
        (2, "guarantor", "1.000000", "cancelled", "2026-01-01", None),
        (3, "guarantor", "1.000000", "active", "2026-01-01", "2026-03-09"),
        (4, "guarantor", "0.500000", "active", "2026-01-01", None),
        (5, "friend", "1.000000", "active", "2026-01-01", None),
        (6, "guarantor", "1.000000", "active", "2026-03-11", None),
        (7, "co_borrower", "1.000000", "active", "2026-01-01", "2026-03-10"),
        (7, *plain),
    ]
    names = ("customer_token", "role", "liability_share", "status", "signed_on", "valid_to")
    records = pl.DataFrame([(token(n), *rest) for n, *rest in rows], schema=names, orient="row").with_columns(
        pl.col("signed_on", "valid_to").str.to_date(), pl.col("liability_share").cast(pl.Decimal(9, 6))
    )
    counted = counted_co_obligors(records, POLICY.co_obligors, NIGHT)
    assert dict(counted.rows()) == {token(0): 1, token(7): 2}
