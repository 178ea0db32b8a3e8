"""What reports, ledger and own plans come to for a customer, added up by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from transforms.profile.own_credit import bureau_columns, debt_columns, plan_columns

NIGHT = date(2026, 3, 31)
REPORT: dict[str, Any] = {
    "customer_token": "a",
    "status": "open",
    "account_kind": "credit_card",
    "lender_code": "L",
    "dpd": 0,
    "balance_cents": 100,
    "credit_limit_cents": 1_000,
    "overdue_cents": 0,
    "opened_on": date(2024, 3, 31),
    "reported_on": date(2026, 3, 1),
}


def bureau(*changes: dict[str, Any], new: int | None = None) -> dict[str, Any]:
    year = pl.DataFrame({"customer_token": ["a"], "worst_dpd": [0], "late_report_cnt_12m": [0]})
    lenders = pl.DataFrame({"customer_token": ["a"], "new_lenders": [new]}, schema_overrides={"new_lenders": pl.Int32})
    latest = pl.DataFrame([REPORT | change for change in changes])
    return bureau_columns(latest, year, lenders, NIGHT).row(0, named=True)


def test_reports_are_added_up_by_status_and_kind() -> None:
    found = bureau(
        {},
        {"balance_cents": 50, "credit_limit_cents": 0, "overdue_cents": 7, "dpd": 4},
        {"account_kind": "consumer_loan", "lender_code": "M", "balance_cents": 1, "credit_limit_cents": 0},
        {"lender_code": "N", "balance_cents": 0, "credit_limit_cents": 0},
        {"lender_code": "O", "status": "closed", "dpd": 99},
        {"lender_code": "P", "status": "written_off", "dpd": 30, "reported_on": date(2026, 3, 30), "overdue_cents": 2},
        new=2,
    )
    wanted = {
        "lender_cnt": 2,
        "open_account_cnt": 4,
        "revolving_limit_cents": 1_000,
        "revolving_balance_cents": 150,
        "current_dpd": 30,
        "overdue_cents": 9,
        "bureau_age_days": 1,
        "new_lender_cnt_3m": 2,
        "credit_age_m": 24,
    }
    assert {name: found[name] for name in wanted} == wanted


def test_a_line_that_is_not_used_is_credit_and_closed_accounts_are_not_late() -> None:
    found = bureau({"balance_cents": 0}, {"status": "closed", "dpd": 9, "lender_code": "M"})
    assert (found["lender_cnt"], found["new_lender_cnt_3m"]) == (1, 0)
    assert bureau({"status": "closed", "dpd": 9})["current_dpd"] == 0


@pytest.mark.parametrize(
    ("opened", "months"),
    [(date(2024, 3, 31), 24), (date(2024, 4, 1), 23), (date(2026, 3, 31), 0), (date(2026, 4, 30), 0)],
)
def test_credit_is_as_old_as_its_full_months(opened: date, months: int) -> None:
    assert bureau({"opened_on": opened}, {"opened_on": date(2026, 5, 1)})["credit_age_m"] == months


def test_the_greatest_lender_has_its_share_of_the_service() -> None:
    entries = {
        "customer_token": ["a", "a", "b"],
        "monthly_service_cents": [100, 300, 0],
        "lender_service_cents": [100, 300, 0],
        "balance_cents": [5, 6, 7],
    }
    found = debt_columns(pl.DataFrame(entries)).sort("customer_token").rows()
    assert found == [("a", 400, 11, 0.75), ("b", 0, 7, None)]


PLAN: dict[str, Any] = {
    "customer_token": "a",
    "status": "running",
    "open_cents": 600,
    "due_cents": 500,
    "arrears_cents": 100,
    "total_cents": 1_000,
    "outstanding_cents": 550,
    "monthly_payment_cents": 90,
    "five_class": "normal",
    "on_time_streak_cnt": 3,
    "own_dpd": 0,
    "own_max_dpd_12m": 0,
    "restruct_flag": False,
    "started_on": date(2025, 12, 31),
}


def plans(*changes: dict[str, Any]) -> dict[str, Any]:
    return plan_columns(pl.DataFrame([PLAN | change for change in changes]), NIGHT).row(0, named=True)


def test_own_plans_are_added_up_by_status() -> None:
    """Due 1,500 and 300 of it open; 3,000 in all and 700 open; a cancelled plan is none."""
    paid = {"status": "completed", "open_cents": 0, "arrears_cents": 0, "outstanding_cents": 0}
    broken = {"status": "broken", "open_cents": 100, "arrears_cents": 200, "outstanding_cents": 200, "own_dpd": 95}
    found = plans(
        {},
        paid | {"five_class": "loss", "monthly_payment_cents": 70},
        broken | {"five_class": "substandard", "own_max_dpd_12m": 120, "restruct_flag": True},
        {"status": "cancelled", "open_cents": 9_999, "own_dpd": 500, "started_on": date(2020, 1, 1)},
    )
    wanted = {
        "plan_cnt": 3,
        "running_plan_cnt": 1,
        "broken_plan_cnt": 1,
        "plan_outstanding_cents": 750,
        "plan_installment_cents": 90,
        "plan_arrears_cents": 300,
        "plan_on_time_share": 0.8,
        "plan_paid_bp": 7_666,
        "plan_on_book_m": 3,
        "on_time_payment_cnt": 9,
        "own_dpd": 95,
        "own_max_dpd_12m": 120,
        "restruct_flag": True,
        "five_class": "substandard",
    }
    assert {name: found[name] for name in wanted} == wanted


def test_a_running_plan_on_which_nothing_is_owed_is_not_counted_as_running() -> None:
    found = plans({"open_cents": 0, "five_class": "loss"})
    assert (found["running_plan_cnt"], found["five_class"]) == (0, "normal")
    assert plans({"status": "written_off"})["broken_plan_cnt"] == 1


def test_before_anything_is_due_there_is_no_share() -> None:
    found = plans({"due_cents": 0, "arrears_cents": 0, "total_cents": 0, "open_cents": 0})
    assert (found["plan_on_time_share"], found["plan_paid_bp"]) == (None, None)


def test_of_a_single_cent_there_is_a_share() -> None:
    found = plans({"due_cents": 1, "arrears_cents": 0, "total_cents": 1, "open_cents": 0})
    assert (found["plan_on_time_share"], found["plan_paid_bp"]) == (1.0, 10_000)
    ledger = {"customer_token": ["a"], "monthly_service_cents": [1], "lender_service_cents": [1], "balance_cents": [1]}
    assert debt_columns(pl.DataFrame(ledger))["top_lender_share"].to_list() == [1.0]
