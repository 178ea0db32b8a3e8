"""What opens and closes each route of a plan, on both sides of every bound, and the figures a route shows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.second_installment.one_plan import LEFT, POLICY, facts, six_paid
from transforms.second_installment.routes import (
    due_date_change,
    early_settlement,
    new_purchase,
    rate_review,
    term_change,
)

STATES = six_paid()


def rates(*cells: tuple[int, float], grade: str = "B", **changed: Any) -> pl.DataFrame:
    """(months, rate) that are sold for a car."""
    usual = {"risk_grade": grade, "product_code": "car", "plan_type": "standard", "price_above_cap": False, **changed}
    return pl.DataFrame([{**usual, "term_m": term, "nominal_rate": rate} for term, rate in cells])


OFFERS = pl.DataFrame(
    {
        "customer_token": facts()["customer_token"].to_list() * 2,
        "rank": [2, 1],
        "term_m": [24, 12],
        "nominal_rate": [0.2, 0.1],
        "amount_cents": [900_000, 500_000],
        "payment_cents": [45_000, 43_958],
        "total_cost_cents": [90_000, 27_496],
    }
)


def route(name: str, **changed: Any) -> dict[str, Any]:
    """The route of the plan that lies half behind it, with some of its facts changed."""
    of = facts(changed)
    made = {
        "new_purchase": lambda: new_purchase(of, OFFERS, POLICY),
        "term_change": lambda: term_change(of, STATES, POLICY),
        "early_settlement": lambda: early_settlement(of, POLICY),
        "rate_review": lambda: rate_review(of, rates((6, 0.1), (12, 0.09)), STATES, POLICY),
        "due_date_change": lambda: due_date_change(of, STATES, POLICY),
    }
    return made[name]().row(0, named=True)


CHANGED = ("term_change", "rate_review", "due_date_change")
ENDED = {"basis": "closed_good", "alive": False}
BROKEN = {"basis": "broken"}


@pytest.mark.parametrize("name", [*CHANGED, "new_purchase", "early_settlement"])
def test_a_plan_half_repaid_is_open_to_every_route(name: str) -> None:
    assert route(name)["reasons"] == []


@pytest.mark.parametrize("name", CHANGED)
@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"months_on_book": 3}, []),
        ({"months_on_book": 2}, ["too_early"]),
        ({"own_dpd": 3}, []),
        ({"own_dpd": 4}, ["overdue"]),
        ({"arrears_cents": 1}, ["overdue"]),
        ({"coming_cnt": 0}, ["nothing_to_come"]),
        ({"open_cents": 0}, ["nothing_to_come"]),
        ({"outstanding_cents": 0}, ["nothing_to_come"]),
        ({"restruct_flag": True}, ["under_observation"]),
        (BROKEN, ["plan_broken"]),
        (ENDED, ["plan_closed"]),
        ({**ENDED, "months_on_book": 0, "own_dpd": 9, "coming_cnt": 0}, ["plan_closed"]),
        ({**BROKEN, "months_on_book": 0, "own_dpd": 9, "coming_cnt": 0}, ["plan_broken"]),
    ],
)
def test_what_a_change_of_a_running_plan_asks_for(name: str, changed: dict[str, Any], reasons: list[str]) -> None:
    """Wished terms stand, so that nothing but the plan's state is judged."""
    wished = {"wished_term_m": 18, "wished_due_day": None}
    own = {"no_change", "rate_not_better", "not_affordable"}
    assert [code for code in route(name, **wished, **changed)["reasons"] if code not in own] == reasons


@pytest.mark.parametrize("name", CHANGED)
def test_one_change_too_many_is_the_last_objection(name: str) -> None:
    assert route(name, **{f"count_{name}": "change_too_recent"})["reasons"] == ["change_too_recent"]
    refused = route(name, months_on_book=2, **{f"count_{name}": "too_many_changes"})["reasons"]
    assert refused == ["too_early", "too_many_changes"]


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"kind": "card_installment"}, ["reinstallment_barred"]),
        ({"kind": "card_installment", **ENDED}, ["plan_closed"]),
        ({"wished_term_m": 84}, []),
        ({"wished_term_m": 85}, ["term_too_long"]),
        ({"wished_term_m": 85, **BROKEN}, ["plan_broken"]),
        ({"wished_term_m": 6}, ["no_change"]),
        ({"wished_term_m": 6, **BROKEN}, ["plan_broken"]),
        ({"wished_term_m": 7}, []),
        ({"income_cents": None}, ["income_unknown"]),
        ({"income_cents": None, **BROKEN}, ["plan_broken"]),
    ],
)
def test_what_other_months_ask_for(changed: dict[str, Any], reasons: list[str]) -> None:
    assert route("term_change", **changed)["reasons"] == reasons


#: 6,179.02 at 1 % a month over 18 months: 376.81 each, and 376.79 with the last.
EIGHTEEN, LAST = 37_681, 37_679


@pytest.mark.parametrize(
    ("room", "reasons"), [(EIGHTEEN, []), (EIGHTEEN - 1, ["not_affordable"]), (0, ["not_affordable"])]
)
def test_a_wished_term_has_to_be_bearable(room: int, reasons: list[str]) -> None:
    found = route("term_change", wished_term_m=18, room_cents=room)
    assert (found["payment_after_cents"], found["highest_payment_cents"]) == (EIGHTEEN, EIGHTEEN)
    assert (found["term_months"], found["annual_rate"], found["reasons"]) == (18, Decimal("0.12"), reasons)


@pytest.mark.parametrize(
    ("changed", "months"),
    [
        ({"room_cents": 306_619}, 3),
        ({"room_cents": 210_000}, 4),  # three months would take 2,101.02
        ({"room_cents": 210_110}, 3),
        ({"room_cents": LEFT + 6_180}, 1),
        ({"room_cents": LEFT + 6_000}, 2),
        ({"room_cents": 0}, 84),
        ({"room_cents": 5_000}, 84),
        ({"annual_rate": Decimal(0), "room_cents": 206_000}, 3),
        ({"annual_rate": Decimal(0), "room_cents": 205_900}, 4),
    ],
)
def test_without_a_wish_the_fewest_bearable_months_are_tried(changed: dict[str, Any], months: int) -> None:
    assert route("term_change", **changed)["term_months"] == months


def test_other_months_cost_more_or_less_in_all_and_what_is_paid_ahead_counts_under_either() -> None:
    """Eighteen payments come to more than the 6,397.09 that are to be paid as it is."""
    found = route("term_change", wished_term_m=18)
    assert found["total_cost_diff_cents"] == 17 * EIGHTEEN + LAST - 639_709
    ahead = route("term_change", wished_term_m=18, carried_cents=50_000, open_cents=639_709 - 50_000)
    assert ahead["total_cost_diff_cents"] == found["total_cost_diff_cents"]
    beyond = route("term_change", wished_term_m=18, carried_cents=900_000, open_cents=1)
    assert beyond["total_cost_diff_cents"] == -1


def test_a_next_installment_of_another_length_is_priced_by_its_own_schedule() -> None:
    odd = route("term_change", wished_term_m=18, next_is_regular=False)
    assert odd["payment_after_cents"] == pytest.approx(EIGHTEEN, abs=5)
    assert odd["term_months"] == 18
    fewest = route("term_change", room_cents=210_000, next_is_regular=False)
    assert (fewest["term_months"], fewest["reasons"]) == (4, [])
    assert fewest["highest_payment_cents"] <= 210_000


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({}, []),
        ({"decision": "declined", "reasons": ["high_debt", "too_young"]}, ["high_debt", "too_young"]),
        ({"decision": "declined", "reasons": None}, []),
        ({"decision": None}, ["not_eligible_now"]),
        ({"behaviour_score": 50}, []),
        ({"behaviour_score": 49}, ["behaviour_score_low"]),
        ({"behaviour_score": None}, []),
        ({"customer_token": "somebody"}, ["no_offer"]),
        (ENDED, []),
    ],
)
def test_what_another_purchase_asks_for(changed: dict[str, Any], reasons: list[str]) -> None:
    assert route("new_purchase", **changed)["reasons"] == reasons


def test_another_purchase_is_paid_beside_the_plan() -> None:
    found = route("new_purchase")
    assert (found["term_months"], found["annual_rate"], found["amount_cents"]) == (12, 0.1, 500_000)
    assert found["payment_after_cents"] == 106_619 + 43_958
    assert (found["highest_payment_cents"], found["total_cost_diff_cents"]) == (43_958, 27_496)


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"own_dpd": 90, "arrears_cents": 100}, []),
        (BROKEN, []),
        ({"coming_cnt": 0}, []),
        ({"open_cents": 0}, ["no_change"]),
        ({"outstanding_cents": 0}, ["no_change"]),
        (ENDED, ["plan_closed"]),
        ({**ENDED, "open_cents": 0}, ["plan_closed"]),
    ],
)
def test_whatever_is_owed_may_be_settled(changed: dict[str, Any], reasons: list[str]) -> None:
    assert route("early_settlement", **changed)["reasons"] == reasons


@pytest.mark.parametrize(
    ("changed", "amount"),
    [
        ({}, LEFT),
        ({"earned_cents": 4_322}, LEFT + 4_322),
        ({"arrears_interest_cents": 7_000, "arrears_principal_cents": 90_000}, LEFT + 7_000),
        ({"unearned_cents": 2_000}, LEFT - 2_000),
        ({"carried_cents": 10_000}, LEFT - 10_000),
        ({"carried_cents": LEFT + 1}, 0),
    ],
)
def test_a_settlement_is_principal_and_the_interest_of_its_use(changed: dict[str, Any], amount: int) -> None:
    found = route("early_settlement", **changed)
    assert (found["amount_cents"], found["payment_after_cents"], found["highest_payment_cents"]) == (amount, 0, 0)
    assert found["total_cost_diff_cents"] == amount - 639_709


@pytest.mark.parametrize(
    ("sold", "changed", "rate", "reasons"),
    [
        (rates((6, 0.1)), {}, "0.1", []),
        (rates((6, 0.1151)), {}, "0.1151", ["rate_not_better"]),
        (rates((6, 0.115)), {}, "0.115", []),
        (rates((6, 0.13)), {}, "0.13", ["rate_not_better"]),
        (rates((6, 0.1), (6, 0.09)), {}, "0.09", []),
        (rates((3, 0.05), (12, 0.09), (24, 0.08)), {}, "0.09", []),  # the next longer term that is sold
        (rates((3, 0.05)), {}, "0.12", ["rate_not_better"]),
        (rates((6, 0.1), price_above_cap=True), {}, "0.12", ["rate_not_better"]),
        (rates((6, 0.0), plan_type="interest_free"), {}, "0.12", ["rate_not_better"]),
        (rates((6, 0.1), grade="A"), {}, "0.12", ["rate_not_better"]),
        (rates((6, 0.1)), {"behaviour_score": 50}, "0.1", []),
        (rates((6, 0.1)), {"behaviour_score": 49}, "0.1", ["behaviour_score_low"]),
        (rates((6, 0.1)), {"behaviour_score": 49, **BROKEN}, "0.1", ["plan_broken"]),
        (rates((6, 0.1)), {"behaviour_score": None}, "0.1", []),
        (rates((6, 0.1)), {"open_cents": 600_000}, "0.1", ["rate_not_better"]),
    ],
)
def test_a_lower_rate_of_the_grade_is_half_a_point_lower_at_least(
    sold: pl.DataFrame, changed: dict[str, Any], rate: str, reasons: list[str]
) -> None:
    found = rate_review(facts(changed), sold, STATES, POLICY).row(0, named=True)
    assert (found["annual_rate"], found["term_months"], found["reasons"]) == (Decimal(rate), 6, reasons)


def test_installments_fall_with_the_rate() -> None:
    """6,179.02 over six months at 10 %: 1,060.08 each."""
    found = route("rate_review")
    assert found["payment_after_cents"] == 106_008
    assert found["total_cost_diff_cents"] == pytest.approx(6 * 106_008 - 639_709, abs=6)


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"wished_due_day": 28}, []),
        ({"wished_due_day": 29}, ["day_not_allowed"]),
        ({"wished_due_day": 29, **BROKEN}, ["plan_broken"]),
        ({"wished_due_day": 10}, ["no_change"]),
        ({"wished_due_day": 10, **BROKEN}, ["plan_broken"]),
        ({"wished_due_day": 11}, []),
        ({"wished_due_day": None}, []),
    ],
)
def test_what_another_due_day_asks_for(changed: dict[str, Any], reasons: list[str]) -> None:
    found = route("due_date_change", **changed)
    assert (found["reasons"], found["due_day"], found["term_months"]) == (reasons, changed["wished_due_day"], 6)


def test_another_due_day_is_priced_where_one_is_wished() -> None:
    """From the 10th to the 20th: ten days more of 12 % on 6,179.02 are 20.60, less once the days are of the year."""
    moved = route("due_date_change", wished_due_day=20)
    assert 1_900 < moved["total_cost_diff_cents"] < 2_300
    assert moved["highest_payment_cents"] > 106_619
    asked = route("due_date_change")
    assert (asked["total_cost_diff_cents"], asked["payment_after_cents"]) == (None, 106_619)
