"""What decides the routes of a plan: its state, the customer's record and hardship, and the means under stress."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.loans.books import no_versions
from tests.unit.transforms.loans.cases import hardship
from tests.unit.transforms.second_installment.one_plan import NIGHT, POLICY
from tests.unit.transforms.support import token
from transforms.second_installment.facts import plan_facts

PROGRESS: dict[str, Any] = {
    "plan_id": "P1",
    "customer_token": token(0),
    "product_code": "car",
    "status": "running",
    "started_on": date(2025, 1, 10),
    "principal_cents": 1_200_000,
    "outstanding_cents": 600_000,
    "monthly_payment_cents": 106_619,
    "arrears_cents": 0,
    "coming_cnt": 6,
    "due_cnt": 4,
    "on_time_cnt": 3,
    "own_max_dpd": 9,
    "restruct_cnt": 0,
}
PROFILE: dict[str, Any] = {
    "customer_token": token(0),
    "income_cents": 1_000_000,
    "debt_service_cents": 106_619,
    "free_cash_flow_cents": 400_000,
    "balance_avg_cents_3m": 0,
    "income_source": "payroll",
    "salary_now_cents": 1_000_000,
    "salary_before_cents": 1_000_000,
}
DECIDED = pl.DataFrame(
    {
        "customer_token": [token(0)],
        "decision": ["eligible"],
        "reasons": [[]],
        "limit_cents": [1],
        "price_grade": ["B"],
    },
    schema_overrides={"reasons": pl.List(pl.String)},
)
WISH = {"plan_id": "P1", "term_m": None, "due_day": None, "pause_m": None, "interest_mode": None}
WISH_TYPES = {
    **dict.fromkeys(("plan_id", "route", "interest_mode"), pl.String),
    **dict.fromkeys(("term_m", "due_day", "pause_m"), pl.Int32),
}


def facts(
    *plans: dict[str, Any],
    profile: dict[str, Any] | None = None,
    told: tuple[dict[str, Any], ...] = (),
    wishes: tuple[dict[str, Any], ...] = (),
) -> list[dict[str, Any]]:
    """Facts of a customer's plans, one per argument with that argument's columns changed."""
    return plan_facts(
        pl.DataFrame([{**PROGRESS, **plan} for plan in plans or ({},)]),
        pl.DataFrame([{**PROFILE, **(profile or {})}], schema_overrides={"income_cents": pl.Int64}),
        DECIDED,
        hardship(*({"customer_token": token(0), **case} for case in told)),
        no_versions(),
        pl.DataFrame([{**WISH, **wish} for wish in wishes], schema=WISH_TYPES, orient="row"),
        {"car": "consumption_loan"},
        NIGHT,
        POLICY,
    ).rows(named=True)


@pytest.mark.parametrize(
    ("status", "basis", "alive"),
    [
        ("running", "running", True),
        ("broken", "broken", True),
        ("written_off", "broken", True),
        ("settled", "closed_good", False),
        ("cancelled", "cancelled", False),
    ],
)
def test_a_plan_is_running_broken_or_over(status: str, basis: str, alive: bool) -> None:
    (found,) = facts({"status": status})
    assert (found["basis"], found["alive"]) == (basis, alive)
    assert found["owed_cents"] == (600_000 if alive else 0)
    assert found["regular_cents"] == found["own_payments_cents"] == (106_619 if alive else 0)


def test_kind_and_age_of_a_plan() -> None:
    known, unknown = facts({}, {"plan_id": "P2", "product_code": "new", "started_on": date(2025, 2, 2)})
    assert (known["kind"], known["months_on_book"]) == ("consumption_loan", 6)
    assert (unknown["kind"], unknown["months_on_book"]) == ("", 5)


@pytest.mark.parametrize(
    ("plan", "score"),
    [
        ({}, 45 + 22 + 7),  # 60 x 3/4, 25 x 81/90, 15 x 1/2
        ({"on_time_cnt": 4, "own_max_dpd": 0, "outstanding_cents": 0}, 100),
        ({"on_time_cnt": 0, "own_max_dpd": 90, "outstanding_cents": 1_200_000}, 0),
        ({"on_time_cnt": 0, "own_max_dpd": 89, "outstanding_cents": 1_200_000}, 0),
        ({"on_time_cnt": 0, "own_max_dpd": 86, "outstanding_cents": 1_200_000}, 1),
        ({"on_time_cnt": 4, "own_max_dpd": 400, "outstanding_cents": 1_300_000}, 60),
        ({"restruct_cnt": 1}, 54),
        ({"restruct_cnt": 2, "status": "broken"}, 54),
        ({"status": "broken"}, 54),
        ({"status": "written_off"}, 54),
        ({"status": "settled"}, 74),
        ({"restruct_cnt": 1, "on_time_cnt": 0, "own_max_dpd": 90}, 0),
        ({"due_cnt": 0, "on_time_cnt": 0}, None),
        ({"due_cnt": 1, "on_time_cnt": 1}, 89),
        ({"status": "cancelled"}, None),
    ],
)
def test_the_score_of_the_plans_so_far(plan: dict[str, Any], score: int | None) -> None:
    assert facts(plan)[0]["behaviour_score"] == score


def test_the_score_is_of_all_plans_of_the_customer_but_cancelled_ones() -> None:
    """Seven of eight on time, 45 days at worst, 12,000 of 24,000 repaid: 52 + 12 + 7."""
    second = {"plan_id": "P2", "on_time_cnt": 4, "own_max_dpd": 45}
    stray = {"plan_id": "P3", "status": "cancelled", "due_cnt": 9, "own_max_dpd": 90}
    found = facts({}, second, stray)
    assert [row["behaviour_score"] for row in found] == [52 + 12 + 7] * 3
    assert [row["plan_cnt"] for row in found] == [2] * 3


@pytest.mark.parametrize(
    ("told", "case"),
    [
        ((), None),
        (({"case_id": "H1"},), "H1"),
        (({"case_id": "H1", "status": "closed"},), None),
        (({"case_id": "H1", "plan_id": "P1"},), "H1"),
        (({"case_id": "H1", "plan_id": "P2"},), None),
        (({"case_id": "H1", "customer_token": token(1)},), None),
        (({"case_id": "H1"}, {"case_id": "H2", "opened_on": date(2025, 3, 31)}), "H1"),
        (({"case_id": "H1"}, {"case_id": "H2", "opened_on": date(2025, 4, 2)}), "H2"),
        (({"case_id": "H1"}, {"case_id": "H2", "opened_on": date(2025, 4, 2), "status": "closed"}), "H1"),
        (({"case_id": "H2"}, {"case_id": "H1"}), "H2"),
    ],
    ids=[
        "nothing reported",
        "of all plans",
        "closed",
        "of this plan",
        "of another plan",
        "of another customer",
        "the newest",
        "a newer one",
        "a newer one is closed",
        "of one day the last",
    ],
)
def test_the_case_of_hardship_of_a_plan(told: tuple[dict[str, Any], ...], case: str | None) -> None:
    assert facts(told=told)[0]["hardship_case_id"] == case


@pytest.mark.parametrize(
    ("status", "rank"), [("rejected", 0), ("none", 0), ("requested", 1), ("received", 2), ("verified", 3)]
)
def test_how_far_evidence_has_come(status: str, rank: int) -> None:
    assert facts(told=({"evid_status": status},))[0]["evidence"] == rank


def test_wishes_of_a_plan_are_read_by_route() -> None:
    (found,) = facts(
        wishes=(
            {"route": "term_change", "term_m": 18, "due_day": 7},
            {"route": "payment_holiday", "pause_m": 2, "interest_mode": "waive", "term_m": 9},
            {"route": "due_date_change", "due_day": 20, "pause_m": 5},
        )
    )
    assert found["wished_routes"] == ["due_date_change", "payment_holiday", "term_change"]
    assert (found["wished_term_m"], found["wished_due_day"], found["wished_pause_m"]) == (18, 20, 2)
    assert found["wished_interest_mode"] == "waive"
    (other,) = facts(wishes=({"plan_id": "P2", "route": "term_change", "term_m": 18},))
    assert (other["wished_routes"], other["wished_term_m"]) == (None, None)


@pytest.mark.parametrize(
    ("profile", "capacity"),
    [
        # 8,000.00 under stress. Cash flow: 4,000.00 and the plan's own payment less the 2,000.00 that are lost.
        ({}, 306_619),
        # Of 5,200.00, the debt service of 65 %, what other lenders take is gone.
        ({"free_cash_flow_cents": 900_000}, 520_000),
        ({"free_cash_flow_cents": 900_000, "debt_service_cents": 206_619}, 420_000),
        ({"free_cash_flow_cents": 900_000, "debt_service_cents": 50_000}, 520_000),
        # Living costs 1,500.00 at least: of 2,400.00 under stress 900.00 are left, of 5,000.00 3,500.00.
        ({"income_cents": 300_000, "free_cash_flow_cents": 900_000}, 90_000),
        # 30 % of 8,000.00 for living, 5,600.00 left; other debts of 500.00 are paid of them, and of 5,200.00.
        ({"free_cash_flow_cents": 900_000, "debt_service_cents": 156_619}, 470_000),
        ({"free_cash_flow_cents": -500_000}, 0),
        ({"income_cents": None}, 0),
        ({"debt_service_cents": None}, 200_000),
        ({"free_cash_flow_cents": 400_000, "debt_service_cents": 6_619}, 206_619),
    ],
)
def test_what_can_be_borne_when_the_income_falls_by_a_fifth(profile: dict[str, Any], capacity: int) -> None:
    (found,) = facts(profile=profile)
    assert (found["capacity_cents"], found["room_cents"]) == (capacity, capacity)


@pytest.mark.parametrize(
    ("told", "profile", "stressed"),
    [
        ({"evid_status": "received"}, {"salary_now_cents": 550_000}, 550_000),
        ({"evid_status": "verified"}, {"salary_now_cents": 550_000}, 550_000),
        ({"evid_status": "requested"}, {"salary_now_cents": 550_000}, 800_000),
        ({"cause": "medical"}, {"salary_now_cents": 550_000}, 800_000),
        ({}, {"salary_now_cents": 850_000}, 800_000),
        ({}, {"salary_now_cents": 550_000, "income_source": "gig"}, 800_000),
        ({}, {"salary_now_cents": None}, 0),
    ],
)
def test_a_salary_that_is_shown_to_have_fallen_counts_if_it_is_less_than_the_stress(
    told: dict[str, Any], profile: dict[str, Any], stressed: int
) -> None:
    (found,) = facts(told=(told,), profile=profile)
    living = max(150_000, stressed * 3 // 10)
    assert (found["stressed_income_cents"], found["free_income_cents"]) == (stressed, max(stressed - living, 0))


def test_what_one_plan_may_take_while_the_others_are_paid() -> None:
    """Two running plans of 1,066.19 and 500.00, one that is over: 2,500.00 and 1,566.19 less 2,000.00 for all."""
    found = facts(
        {},
        {"plan_id": "P2", "monthly_payment_cents": 50_000, "arrears_cents": 20_000},
        {"plan_id": "P3", "status": "settled", "arrears_cents": 7_000},
        profile={"debt_service_cents": 156_619, "free_cash_flow_cents": 250_000},
    )
    assert [row["own_payments_cents"] for row in found] == [156_619] * 3
    assert [row["own_arrears_cents"] for row in found] == [20_000] * 3
    assert [row["capacity_cents"] for row in found] == [206_619] * 3
    assert [row["room_cents"] for row in found] == [156_619, 100_000, 50_000]


@pytest.mark.parametrize(
    ("flow", "arrears", "beyond"),
    [(200_000, 0, False), (199_999, 0, True), (200_500, 500, False), (200_500, 501, True)],
)
def test_payments_and_arrears_beyond_what_can_be_borne(flow: int, arrears: int, beyond: bool) -> None:
    """Cash flow, the own payment, less the 2,000.00 that stress takes: 1,066.19 when it is 2,000.00."""
    (found,) = facts({"arrears_cents": arrears}, profile={"free_cash_flow_cents": flow})
    assert found["beyond_ability"] is beyond


@pytest.mark.parametrize(
    ("plan", "before"),
    [
        ({"coming_cnt": 1, "arrears_cents": 900}, 106_619),
        ({"coming_cnt": 0, "arrears_cents": 900}, 900),
        ({"coming_cnt": 0, "arrears_cents": 900, "status": "settled"}, 0),
    ],
)
def test_after_the_last_due_date_what_is_overdue_is_asked_for(plan: dict[str, Any], before: int) -> None:
    assert facts(plan)[0]["payment_before_cents"] == before
