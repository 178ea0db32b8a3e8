"""What a customer can bear and what it finances: each bound by hand, to the cent, on the safe side."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.support import policy
from transforms.risk.affordability import (
    PER_10K,
    ceil_ratio_bp,
    down_to_step,
    exposure_left,
    financed_by,
    granted_without_line,
    least_bound,
    max_payment,
    next_line,
    not_below_zero,
)

NIGHT = date(2026, 3, 31)
A, E = policy().affordability, policy().exposure
#: Enough of everything that no bound but the one a test looks at binds.
RICH: dict[str, Any] = {"income_cents": 100_000_000, "debt_service_cents": 0, "free_cash_flow_cents": 100_000_000}
OWING: dict[str, Any] = {
    "income_cents": 10**12,
    "plan_outstanding_cents": 0,
    "debt_balance_cents": 0,
    "revolving_limit_cents": 0,
    "line_cents": 0,
}


def value(expression: pl.Expr, **row: Any) -> Any:
    types = {c: pl.Int32 if c == "term_m" else pl.Date if c.endswith("_on") else pl.Int64 for c in row}
    return pl.DataFrame([row], schema=types).select(expression).item()


@pytest.mark.parametrize(
    ("part", "whole", "ratio"),
    [(1, 3, 3334), (1, 2, 5000), (0, 7, 0), (1, 0, None), (1, -5, None), (1, None, None), (None, 5, None)],
)
def test_a_ratio_is_rounded_up_and_unknown_without_a_whole(part: int | None, whole: int | None, ratio: int) -> None:
    assert value(ceil_ratio_bp(pl.col("part"), pl.col("whole")), part=part, whole=whole) == ratio


@pytest.mark.parametrize(("amount", "kept"), [(5, 5), (0, 0), (-5, 0), (None, 0)])
def test_an_amount_is_not_below_nothing(amount: int | None, kept: int) -> None:
    assert value(not_below_zero(pl.col("amount")), amount=amount) == kept


def test_without_income_nothing_is_affordable_and_unknown_debt_is_none() -> None:
    assert value(max_payment(policy()), **RICH | {"income_cents": None}) == 0
    assert value(max_payment(policy()), **RICH | {"debt_service_cents": None}) == value(max_payment(policy()), **RICH)


def test_each_bound_on_a_payment_by_hand() -> None:
    income, debt = RICH["income_cents"], 1_000_000
    stressed = income * (10_000 - A.stress_income_drop_bp) // 10_000 * A.stress_dsr_limit_bp // 10_000
    living = max(A.living_cost_floor_cents, income * A.living_cost_share_bp // 10_000)
    bounds = [
        income * A.cash_flow_share_bp // 10_000,
        (income - debt - living) * A.cash_flow_share_bp // 10_000,
        income * A.dsr_limit_bp // 10_000 - debt,
        stressed - debt,
    ]
    assert value(max_payment(policy()), **RICH | {"debt_service_cents": debt}) == min(bounds)
    flow = RICH | {"free_cash_flow_cents": 20_001}
    assert value(max_payment(policy()), **flow) == 20_001 * A.cash_flow_share_bp // 10_000
    assert value(max_payment(policy()), **RICH | {"free_cash_flow_cents": -1}) == 0
    poor = RICH | {"income_cents": A.living_cost_floor_cents + 10_000}
    assert value(max_payment(policy()), **poor) == 10_000 * A.cash_flow_share_bp // 10_000


@pytest.mark.parametrize(
    ("payment", "term", "per_10k", "amount"),
    [(100_048, 12, 99_999, PER_10K), (100_047, 12, 99_999, PER_10K - 10), (40, 12, 99_999, 0), (None, 12, 99_999, 0)],
)
def test_what_a_payment_finances_leaves_the_residual_and_the_rounding(
    payment: int | None, term: int, per_10k: int, amount: int
) -> None:
    financed = financed_by(pl.col("payment"), pl.col("term_m"), pl.col("per_10k"))
    assert value(financed, payment=payment, term_m=term, per_10k=per_10k) == amount


def test_amounts_are_whole_steps() -> None:
    assert [value(down_to_step(pl.col("a"), 100), a=a) for a in (199, 200, 201)] == [100, 200, 200]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({}, E.own_max_cents),
        ({"plan_outstanding_cents": 70}, E.own_max_cents - 70),
        ({"plan_outstanding_cents": E.own_max_cents + 1}, 0),
        ({"plan_outstanding_cents": None}, E.own_max_cents),
        ({"income_cents": 10_000, "debt_balance_cents": E.debt_income_multiple_bp - 7}, 7),
        ({"income_cents": None}, 0),
    ],
)
def test_what_is_left_of_each_bound_on_exposure(change: dict[str, Any], left: int) -> None:
    assert value(exposure_left(policy()), **OWING | change) == left


def test_limits_at_other_lenders_count_without_the_own_line() -> None:
    income = 10_000
    cards = OWING | {"income_cents": income, "revolving_limit_cents": E.card_limit_income_multiple_bp + 60}
    assert value(exposure_left(policy()), **cards | {"line_cents": 100}) == min(E.debt_income_multiple_bp, 40)
    assert value(exposure_left(policy()), **cards | {"line_cents": None}) == 0


LINE: dict[str, Any] = {"line_cents": 1_000_000, "line_used_cents": 200_000, "line_changed_on": date(2020, 1, 1)}
RISE = 1_000_000 * (10_000 + policy().line.max_rise_bp) // 10_000
WAITED = pl.select(pl.lit(NIGHT).dt.offset_by(f"-{policy().line.rise_wait_m}mo")).item()


@pytest.mark.parametrize(
    ("change", "granted", "line"),
    [
        ({}, 50_000_000, RISE),
        ({"line_changed_on": WAITED}, 50_000_000, RISE),
        ({"line_changed_on": WAITED.replace(day=WAITED.day) + (NIGHT - NIGHT.replace(day=30))}, 50_000_000, 1_000_000),
        ({"line_changed_on": None}, 50_000_000, 1_000_000),
        ({}, 100_000, 300_000),
        ({"line_used_cents": None}, 100_000, 100_000),
        ({"line_cents": None}, 100_000, None),
    ],
)
def test_a_line_rises_after_its_wait_by_its_share_and_falls_at_once(
    change: dict[str, Any], granted: int, line: int | None
) -> None:
    assert value(next_line(policy(), pl.col("granted"), NIGHT), **LINE | change, granted=granted) == line


def test_the_least_bound_is_named_and_one_that_is_unknown_does_not_bind() -> None:
    bounds = dict.fromkeys(("affordability", "exposure", "segment", "grade", "product", "policy", "line"), 900)
    row = {f"limit_{name}_cents": amount for name, amount in (bounds | {"line": 250, "grade": None}).items()}
    limit, name = least_bound(100)
    assert (value(limit, **row), value(name, **row)) == (200, "line")
    assert value(granted_without_line(), **row) == 900
    tied = row | {"limit_line_cents": None, "limit_grade_cents": 500, "limit_product_cents": 500}
    assert (value(limit, **tied), value(name, **tied)) == (500, "grade")
