"""The policy section on monitoring: what is watched, and the thresholds from which it is reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from transforms.policy.mistakes import Table, Whole
from transforms.policy.sections import GradeName

#: Attributes by which treatment can be compared (`monitoring.fairness`).
Watchable = Literal["sex", "marital_status", "age_band", "education_level"]


@dataclass(frozen=True)
class Monitoring(Table):
    """What is watched, and from which thresholds on it is reported.

    `watched_attributes`: attributes by which treatment is compared; groups below `minimum_cell` customers are not.
    `impact_ratio_bp`: lowest pass rate of a group against the best one's. `price_tiers`: price grades compared.
    `stability_watch_bp`, `stability_act_bp`: stability index in ten-thousandths. `npl_limit_bp`: highest share of the
    outstanding 90 and more days past due. `early_warning_rise_bp`: roll rate against the mean of the three months
    before (15000 = half as much again). `first_default_limit_bp`: plans whose first payment went 30 days unpaid.
    """

    watched_attributes: tuple[Watchable, ...]
    price_tiers: tuple[GradeName, ...]
    minimum_cell: Whole
    impact_ratio_bp: Whole
    stability_watch_bp: Whole
    stability_act_bp: Whole
    npl_limit_bp: Whole
    early_warning_rise_bp: Whole
    first_default_limit_bp: Whole
