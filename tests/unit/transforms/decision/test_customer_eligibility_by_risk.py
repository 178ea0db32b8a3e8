"""What the risk assessment says is honoured: over-indebtedness, the market's cut-offs, old credit information."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.transforms.outputs import customer_eligibility
from tests.unit.transforms.support import NIGHT, customers, policy, rate_card


def decide(**change: Any) -> dict[str, Any]:
    profile, risk = customers(change)
    (row,) = customer_eligibility(profile, risk, policy(NIGHT), rate_card(on=NIGHT), NIGHT).to_dicts()
    return row


@pytest.mark.parametrize(
    ("action", "reason"), [("stop", "over_indebted"), ("cool_off", "cooling_off"), ("cap_plans", "plans_capped")]
)
def test_whatever_over_indebtedness_asks_for_no_further_plan_is_granted(action: str, reason: str) -> None:
    """Stopped, cooling off or with as many plans as may run: declined with that reason and no limit."""
    row = decide(over_debt_action=action)
    assert (row["decision"], row["reasons"], row["limit_cents"]) == ("declined", [reason], 0)
    assert decide(over_debt_action="none")["decision"] == "eligible"


@pytest.mark.parametrize(
    ("grade", "cutoff", "shift", "decision", "reasons"),
    [
        ("E", "E", 10, "eligible", []),
        ("E", "F", 10, "review", ["grade_needs_review", "market_cutoff"]),
        ("F", "G", 10, "declined", ["grade_below_cutoff", "market_cutoff"]),
        ("F", "E", -10, "eligible", []),
        ("G", "G", 10, "declined", ["grade_below_cutoff"]),
    ],
)
def test_cut_offs_follow_the_market_by_name_and_price_does_not(
    grade: str, cutoff: str, shift: int, decision: str, reasons: list[str]
) -> None:
    """Raised cut-offs turn away who lies between the usual line and the raised one, and say why."""
    row = decide(risk_grade=grade, cutoff_grade=cutoff, cutoff_shift_points=shift)
    own = [r for r in row["reasons"] if r in ("grade_needs_review", "grade_below_cutoff", "market_cutoff")]
    assert own == reasons
    assert row["price_grade"] == grade
    if grade != "G":
        assert row["decision"] == decision


@pytest.mark.parametrize("status", ["stale", "missing"])
def test_old_or_no_credit_information_is_never_approved_silently(status: str) -> None:
    row = decide(bureau_status=status, human_review=True)
    assert row["decision"] == "review"
    assert f"bureau_{status}" in row["reasons"]
