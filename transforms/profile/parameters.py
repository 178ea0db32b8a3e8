"""Assumptions where no feed has the figure; living cost and personal-data switches come from the policy in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.policy.policy import Policy


@dataclass(frozen=True)
class ProfileParameters:
    """Assumptions of the profile, shares in basis points, money in cents a month."""

    living_cost_floor_cents: int = 150_000
    living_cost_share_bp: int = 3_000
    #: Monthly payment assumed on a revolving balance without a reported one (practice: 5 to 10 %).
    revolving_service_bp: int = 1_000
    bureau_fresh_days: int = 45
    #: A verified income older than this does not count.
    verified_income_days: int = 366
    high_debt_dsr_bp: int = 5_500
    high_debt_use_bp: int = 9_000
    high_debt_lenders: int = 7
    high_potential_min_age: int = 18
    high_potential_max_age: int = 30
    high_potential_min_tenure_m: int = 3
    high_potential_max_tenure_m: int = 36
    high_potential_min_growth_bp: int = 200
    #: An own installment short by no more than this is paid.
    shortfall_tolerance_cents: int = 1_000
    #: Whether the policy counts a signed spouse's income and debts, and allows contact checks by social data.
    spouse_counts: bool = False
    social_alerts: bool = False


def profile_parameters(policy: Policy) -> ProfileParameters:
    """The policy's living costs, and its switches for which persons and data may be used."""
    affordability, attributes = policy.affordability, policy.attributes
    return ProfileParameters(
        living_cost_floor_cents=affordability.living_cost_floor_cents,
        living_cost_share_bp=affordability.living_cost_share_bp,
        shortfall_tolerance_cents=policy.servicing.shortfall_tolerance_cents,
        spouse_counts=attributes.spouse_counts,
        social_alerts=attributes.social_alerts,
    )
