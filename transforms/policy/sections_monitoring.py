"""The section of a policy that says what is watched, and from where on it is told."""

from __future__ import annotations

from dataclasses import dataclass

#: Attributes by which treatment can be compared (`monitoring.fairness`).
WATCHABLE = ("sex", "marital_status", "age_band", "education_level")


@dataclass(frozen=True)
class Monitoring:
    """What is watched and from where on it is told.

    `watched_attributes`: attributes by which treatment is compared; groups below `minimum_cell` customers are not.
    `impact_ratio_bp`: lowest pass rate of a group against the best one's. `price_tiers`: price grades compared.
    `stability_watch_bp`, `stability_act_bp`: stability index in ten-thousandths. `npl_limit_bp`: highest share of the
    outstanding 90 and more days past due. `early_warning_rise_bp`: roll rate against the mean of the three months
    before (15000 = half as much again). `first_default_limit_bp`: plans whose first payment went 30 days unpaid.
    """

    watched_attributes: tuple[str, ...]
    price_tiers: tuple[str, ...]
    minimum_cell: int
    impact_ratio_bp: int
    stability_watch_bp: int
    stability_act_bp: int
    npl_limit_bp: int
    early_warning_rise_bp: int
    first_default_limit_bp: int
