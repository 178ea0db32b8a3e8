"""Over-indebtedness: pressure, what passes a bound, and what is done about it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.outputs import over_indebtedness
from tests.unit.transforms.risk.support import NIGHT, profile, shipped_policy, token
from tests.unit.transforms.support import reasons
from transforms.risk.over_indebtedness import MOST_PRESSURE, last_borrowed
from warehouse.frames import register
from warehouse.registry import Relations

POLICY = shipped_policy(NIGHT)
SECTION = POLICY.over_indebtedness
#: Debt service of 60 % of the income: over the ratio, and 6,000 of the 7,000 yuan left after living cost.
HEAVY = {"debt_service_cents": 600_000, "dsr": 0.6, "free_cash_flow_cents": 100_000}


def judge(
    *changes: dict[str, Any],
    debt: tuple[int, int] = (0, 0),
    borrowed: date | None = None,
) -> list[dict[str, Any]]:
    """Judge customers whose installment debt was and is `debt` cents and who last borrowed on `borrowed`."""
    who = [token(n) for n in range(len(changes))]
    before, now = debt
    ledger = pl.DataFrame({"customer_token": who, "account_kind": "consumer_loan", "balance_cents": now})
    earlier = pl.DataFrame({"customer_token": who, "installment_debt_cents": before})
    last = pl.DataFrame({"customer_token": who, "last_borrowed_on": [borrowed] * len(who)}).cast(
        {"last_borrowed_on": pl.Date}
    )
    return over_indebtedness(profile(*changes), ledger, earlier, last, POLICY, reasons(), NIGHT).to_dicts()


def test_pressure_is_what_payments_take_of_the_income_left_after_living_cost() -> None:
    """10,000 less 3,000 leaves 7,000; 2,000 of service are 2/7, with 3,500 affordable more 5.5/7."""
    (row,) = judge({})
    assert row["residual_income_cents"] == 700_000
    assert row["pressure_before"] == pytest.approx(2 / 7)
    more = row["payment_after_cents"] - row["payment_before_cents"]
    assert 0 < more <= 350_000
    assert row["pressure_after"] == pytest.approx((200_000 + more) / 700_000)
    assert row["pressure_delta"] == pytest.approx(row["pressure_after"] - row["pressure_before"])


def test_nothing_left_is_the_most_pressure_and_unknown_income_none() -> None:
    poor, debtless, unknown = judge(
        {"income_cents": 100_000}, {"income_cents": 100_000, "debt_service_cents": 0}, {"income_cents": None}
    )
    assert (poor["pressure_before"], debtless["pressure_before"]) == (MOST_PRESSURE, 0.0)
    assert (unknown["pressure_before"], unknown["residual_income_cents"], unknown["action"]) == (None, None, "none")
    floor = {"income_cents": POLICY.affordability.living_cost_floor_cents, "debt_service_cents": 0}
    (nothing,) = judge(floor)
    assert (nothing["residual_income_cents"], nothing["pressure_before"]) == (0, 0.0)


def test_each_factor_counts_the_policy_s_points_once_passed_and_not_before() -> None:
    """Ratio, pressure, use of cards, new lenders, growth of debt, number of plans."""
    at, beyond = judge(
        {"revolving_balance_cents": 90, "revolving_limit_cents": 100, "new_lender_cnt_3m": 1, "running_plan_cnt": 2},
        {"revolving_balance_cents": 91, "revolving_limit_cents": 100, "new_lender_cnt_3m": 2, "running_plan_cnt": 3},
    )
    assert (at["over_factors"], at["over_score"]) == ([], 0)
    assert beyond["over_factors"] == ["revolving_use", "new_lenders", "many_plans"]
    assert beyond["over_score"] == 15 + 20 + 15
    (heavy,) = judge(HEAVY)
    assert heavy["over_factors"] == ["dsr", "pressure"]
    (grown,), (little,) = judge({}, debt=(1_000_000, 1_500_001)), judge({}, debt=(100_000, 200_000))
    assert (grown["over_factors"], little["over_factors"]) == (["debt_growth"], [])


def test_cooling_off_runs_from_the_last_borrowing() -> None:
    """No plan within 30 days of it while debt is high; the day it ends is said."""
    recent, past = NIGHT - timedelta(days=10), NIGHT - timedelta(days=SECTION.cool_off_days)
    (cooling,), (over), (light,) = (
        judge(HEAVY, borrowed=recent),
        judge(HEAVY, borrowed=past)[0],
        judge({}, borrowed=recent),
    )
    assert (cooling["action"], cooling["cool_off_until"]) == ("cool_off", recent + timedelta(days=30))
    assert (over["action"], over["cool_off_until"], light["action"]) == ("none", None, "none")


def test_the_strictest_action_stands() -> None:
    stopped, capped, fine = judge(
        {**HEAVY, "revolving_balance_cents": 95, "revolving_limit_cents": 100, "running_plan_cnt": 4},
        {"running_plan_cnt": 4},
        {},
        borrowed=NIGHT,
    )
    assert [r["action"] for r in (stopped, capped, fine)] == ["stop", "cap_plans", "none"]
    assert [r["over_debt_flag"] for r in (stopped, capped, fine)] == [True, True, False]


def test_words_name_the_action_and_its_factors() -> None:
    fine, stopped = judge({}, {**HEAVY, "revolving_balance_cents": 95, "revolving_limit_cents": 100})
    assert fine["reason_en"] == "Borrowing is within bounds."
    assert stopped["reason_en"] == (
        "No further plan: debt payments take too much of the income, payments take most of what is left after living "
        "cost, card limits are almost used up."
    )
    assert stopped["reason_zh"].startswith("停止新增分期:偿债支出占收入比例过高、")


@given(
    st.integers(0, 3_000_000),
    st.integers(0, 1_500_000),
    st.integers(0, 6),
    st.integers(0, 4),
    st.integers(0, 120),
)
@settings(max_examples=40, deadline=None)
def test_more_debt_is_never_judged_more_kindly(income: int, service: int, plans: int, lenders: int, used: int) -> None:
    one = {
        "income_cents": income,
        "debt_service_cents": service,
        "running_plan_cnt": plans,
        "new_lender_cnt_3m": lenders,
        "revolving_balance_cents": used,
        "revolving_limit_cents": 100,
    }
    worse = {k: v + 1 for k, v in one.items()} | {"income_cents": income, "revolving_limit_cents": 100}
    less, more = judge(one, worse, borrowed=NIGHT)
    order = ["none", "cool_off", "cap_plans", "stop"]
    assert less["over_score"] <= more["over_score"]
    assert order.index(less["action"]) <= order.index(more["action"])
    assert less["pressure_before"] <= more["pressure_before"]
    assert less["pressure_after"] >= less["pressure_before"]


def test_the_last_borrowing_is_the_newest_plan_or_permitted_account() -> None:
    sql = last_borrowed(*(Relations(name, None) for name in ("plans", "accounts", "profile")))
    plans = pl.DataFrame(
        {
            "customer_token": ["a", "a", "b"],
            "started_on": [date(2026, 1, 1), date(2026, 3, 1), date(2026, 2, 1)],
            "status": ["settled", "cancelled", "running"],
        }
    )
    accounts = pl.DataFrame({"customer_token": ["a", "b"], "opened_on": [date(2026, 2, 2), date(2026, 3, 3)]})
    profile = pl.DataFrame({"customer_token": ["a", "b"], "consent_credit_bureau": [True, False]})
    with duckdb.connect() as con:
        for name, frame in (("plans", plans), ("accounts", accounts), ("profile", profile)):
            register(con, name, frame)
        found = dict(con.execute(sql).fetchall())
    assert found == {"a": date(2026, 2, 2), "b": date(2026, 2, 1)}
