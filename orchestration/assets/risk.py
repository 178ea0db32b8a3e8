"""Risk: how risky a promise from each customer is, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.assets.outputs import output_asset
from transforms.risk.risk_assessment import risk_assessment
from transforms.risk.risk_reason import risk_reason

if TYPE_CHECKING:
    from datetime import date

    from orchestration.work import Work

GROUP = "risk"


@output_asset("risk.risk_assessment", group=GROUP, deps=["profile.customer_profile"])
def assessed_customers(work: Work, day: date) -> None:
    """Stage each customer's score, probability of default, grade and expected loss."""
    night = work.night(day)
    for shards in night.shard_groups():
        profile = night.read("profile.customer_profile", shards)
        night.add("risk.risk_assessment", risk_assessment(profile, work.scorecard, day))


@output_asset("risk.risk_reason", group=GROUP, deps=["profile.customer_profile", "risk.risk_assessment"])
def reasons_of_scores(work: Work, day: date) -> None:
    """Stage what keeps each score from being better."""
    night = work.night(day)
    for shards in night.shard_groups():
        profile = night.read("profile.customer_profile", shards)
        night.add("risk.risk_reason", risk_reason(profile, work.scorecard, day))


RISK = [assessed_customers, reasons_of_scores]
