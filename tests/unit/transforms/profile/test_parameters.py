"""What is assumed where no feed and no policy says it: published figures, changed on purpose or not at all."""

from __future__ import annotations

from dataclasses import asdict

from transforms.profile.parameters import ProfileParameters


def test_assumptions_are_those_that_are_documented() -> None:
    assert asdict(ProfileParameters()) == {
        "living_cost_floor_cents": 150_000,
        "living_cost_share_bp": 3_000,
        "revolving_service_bp": 1_000,
        "bureau_fresh_days": 45,
        "verified_income_days": 366,
        "high_debt_dsr_bp": 5_500,
        "high_debt_use_bp": 9_000,
        "high_debt_lenders": 7,
        "high_potential_min_age": 18,
        "high_potential_max_age": 30,
        "high_potential_min_tenure_m": 3,
        "high_potential_max_tenure_m": 36,
        "high_potential_min_growth_bp": 200,
        "shortfall_tolerance_cents": 1_000,
        "spouse_counts": False,
        "social_alerts": False,
    }
