"""What a scorecard may learn from: no protected attribute, right, key or earlier decision; ratios in basis points."""

from __future__ import annotations

import polars as pl

from transforms.risk.scorecard import FORBIDDEN
from transforms.risk.training.candidates import candidates, with_ratios


def test_rights_keys_and_protected_attributes_are_never_learned_from() -> None:
    columns = [
        *sorted(FORBIDDEN),
        "customer_token",
        "consent_ecommerce",
        "household_flag",
        "dsr",
        "line_cents",
        "salary_due_by",
        "worries",
    ]
    kept, dropped = candidates([*columns, "automated_decision_opt_out"], protected=["worries"])
    assert kept == ["dsr"]
    reasons = {d.name: d.reason for d in dropped}
    assert all("protected" in reasons[name] for name in (*FORBIDDEN, "worries"))
    assert "right" in reasons["consent_ecommerce"]
    assert "earlier decision" in reasons["line_cents"]
    assert "a day" in reasons["salary_due_by"]


def test_a_ratio_is_in_whole_basis_points_and_empty_over_nil() -> None:
    profile = pl.DataFrame({"line_used_cents": [1, 2, 5, None], "line_cents": [3, 3, 0, 7]})
    frame, ratios = with_ratios(profile)
    assert ratios == {"line_used_cents / line_cents": ("line_used_cents", "line_cents")}
    assert frame["line_used_cents / line_cents"].to_list() == [3_333, 6_666, None, None]
