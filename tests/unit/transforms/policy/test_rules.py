"""Every threshold of the shipped rules is where the policy declares it, to the unit; there is no other."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.outputs import customer_eligibility
from tests.unit.transforms.support import NIGHT, customers, policy, rate_card

if TYPE_CHECKING:
    from transforms.policy.rules import Rule

_THRESHOLD = re.compile(r"^\s*(?P<column>\w+) (?P<operator>>=?) \$(?P<figure>[\w.]+)\s*$")
#: Income of the customer that thresholds are tried on: a basis point of it is whole cents.
_INCOME = 1_000_000


def thresholds() -> list[tuple[Rule, str, int]]:
    """(rule, column, least value at which it fires) of each rule that holds one column against one figure."""
    values = {name: figure.value for name, figure in policy().figures.items() if isinstance(figure.value, int)}
    matches = [(rule, match) for rule in policy().rules if (match := _THRESHOLD.match(rule.when))]
    return [
        (rule, match["column"], int(values[match["figure"]]) + (match["operator"] == ">"))
        for rule, match in matches
        if match["figure"] in values
    ]


def with_value(column: str, value: int) -> dict[str, Any]:
    """The customer whose fact `column` is `value`."""
    if column == "dsr_bp":
        return {"income_cents": _INCOME, "debt_service_cents": value * _INCOME // 10_000, "free_cash_flow_cents": 0}
    if column == "expected_loss_bp":
        return {"pd_12m": value / 10_000, "lgd": 1.0}
    return {column.removesuffix("_bp"): value / 10_000} if column.endswith("_bp") else {column: value}


def test_the_shipped_policy_has_such_rules() -> None:
    assert {rule.code for rule, _, _ in thresholds()} >= {
        "currently_overdue",
        "serious_delinquency",
        "dsr_over_limit",
        "too_many_lenders",
        "new_lenders",
        "revolving_line_exhausted",
        "too_many_plans",
        "expected_loss_too_high",
    }


@pytest.mark.parametrize(("rule", "column", "least"), thresholds(), ids=lambda x: getattr(x, "code", str(x)))
def test_a_rule_fires_from_its_threshold_on_and_not_a_unit_earlier(rule: Rule, column: str, least: int) -> None:
    profile, risk = customers(*(with_value(column, least + step) for step in (-1, 0, 1)))
    rows = customer_eligibility(profile, risk, policy(), rate_card(), NIGHT).to_dicts()
    assert [rule.code in row["reasons"] for row in rows] == [False, True, True]


_AMOUNTS = (
    "income_cents",
    "debt_service_cents",
    "free_cash_flow_cents",
    "debt_balance_cents",
    "plan_outstanding_cents",
)


@cache
def _at(amounts: tuple[int, ...], grade: str) -> list[dict[str, Any]]:
    """A customer with these amounts, and each one a cent above."""
    known = dict(zip(_AMOUNTS, amounts, strict=True)) | {"risk_grade": grade}
    profile, risk = customers(known, *({**known, name: known[name] + 1} for name in _AMOUNTS))
    return customer_eligibility(profile, risk, policy(), rate_card(), NIGHT).to_dicts()


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(
        st.integers(0, 5_000_000),
        st.integers(0, 2_000_000),
        st.integers(0, 2_000_000),
        st.integers(0, 100_000_000),
        st.integers(0, 60_000_000),
    ),
    st.sampled_from("ABCDEF"),
)
def test_a_cent_moves_a_limit_by_a_step_at_most_unless_a_declared_rule_fires(
    amounts: tuple[int, ...], grade: str
) -> None:
    """No cliff but the declared: a cent of income, debt or cash flow never costs more than one step of the limit."""
    here, *beside = _at(amounts, grade)
    for row in beside:
        if row["reasons"] == here["reasons"]:
            assert abs(row["limit_cents"] - here["limit_cents"]) <= policy().amounts.step_cents
            assert row["max_term_m"] == here["max_term_m"]
            assert row["min_rate"] == here["min_rate"]
            assert abs(row["max_payment_cents"] - here["max_payment_cents"]) <= 1
        else:
            assert set(row["reasons"]) ^ set(here["reasons"]) <= {
                "dsr_over_limit",  # $affordability.dsr_limit_bp
                "gambling_spend",  # $gates.max_gambling_share_bp
                "limit_below_minimum",  # $amounts.minimum_cents
                "no_affordable_payment",  # nothing is left
            }
