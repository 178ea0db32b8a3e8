"""Risk: how risky a promise from each customer is, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.assets.outputs import output_asset
from orchestration.inputs.standing import assessed_earlier, cutoff_shift, last_borrowed, newest_lines, notes_judged
from transforms.risk.analyst_override import analyst_override, note_notches
from transforms.risk.intervention import intervention
from transforms.risk.market_overlay import market_overlay
from transforms.risk.over_indebtedness import over_indebtedness
from transforms.risk.risk_alert import risk_alert
from transforms.risk.risk_assessment import GradeInputs, counted_co_obligors, risk_assessment
from transforms.risk.risk_reason import risk_reason
from transforms.risk.scorecard_rows import scorecard_rows

if TYPE_CHECKING:
    from datetime import date

    from orchestration.run.context import RunContext

GROUP = "risk"


@output_asset("reference.scorecard", group="reference", deps=[])
def scorecard(work: RunContext, day: date) -> None:
    """Stage the scorecard's bins and points."""
    work.night(day).add("reference.scorecard", scorecard_rows(work.scorecard(day), day))


@output_asset("reference.market_overlay", group="reference", deps=["market.market_indicator", "reference.policy"])
def reviewed_market(work: RunContext, day: date) -> None:
    """Stage how the state of the market moves the cut-offs."""
    overlay = market_overlay(work.rows("market.market_indicator", day), work.policy(day).market_overlay, day)
    work.night(day).add("reference.market_overlay", overlay)


@output_asset(
    "risk.earlier_assessment",
    group=GROUP,
    deps=[
        "profile.customer_profile",
        "bank.customer",
        "bank.account_balance",
        "bank.bank_transaction",
        "credit.card_statement",
        "credit.credit_account",
        "credit.credit_inquiry",
        "credit.customer_line",
        "credit.hardship_case",
        "credit.installment_plan",
        "credit.repayment",
        "credit.service_case",
    ],
)
def customers_a_cooldown_ago(work: RunContext, day: date) -> None:
    """Stage the points each customer would have had a cooldown ago."""
    night = work.night(day)
    for shards in night.shard_groups():
        night.add("risk.earlier_assessment", assessed_earlier(work, day, shards))


@output_asset(
    "risk.over_indebtedness",
    group=GROUP,
    deps=[
        "profile.customer_profile",
        "profile.debt_ledger",
        "risk.earlier_assessment",
        "reference.policy",
        "credit.installment_plan",
        "credit.credit_account",
    ],
)
def indebted_customers(work: RunContext, day: date) -> None:
    """Stage whether each customer's borrowing has become too much."""
    night = work.night(day)
    for shards in night.shard_groups():
        judged = over_indebtedness(
            night.read("profile.customer_profile", shards),
            night.read("profile.debt_ledger", shards),
            night.read("risk.earlier_assessment", shards),
            last_borrowed(work, day, shards),
            work.policy(day),
            day,
        )
        night.add("risk.over_indebtedness", judged)


@output_asset(
    "risk.risk_assessment",
    group=GROUP,
    deps=[
        "profile.customer_profile",
        "risk.earlier_assessment",
        "risk.over_indebtedness",
        "reference.market_overlay",
        "reference.scorecard",
        "bank.analyst_note",
        "bank.co_obligor",
    ],
)
def assessed_customers(work: RunContext, day: date) -> None:
    """Stage each customer's score, probability of default, grade and expected loss."""
    night, policy, shift = work.night(day), work.policy(day), cutoff_shift(work, day)
    for shards in night.shard_groups():
        profile = night.read("profile.customer_profile", shards)
        standing = GradeInputs(
            hysteresis=policy.hysteresis,
            strategy=policy.strategy,
            earlier=night.read("risk.earlier_assessment", shards),
            notches=note_notches(notes_judged(work, day, shards, profile)),
            co_obligors=counted_co_obligors(work.latest("bank.co_obligor", day, shards), policy.co_obligors, day),
            over_debt=night.read("risk.over_indebtedness", shards).rename({"action": "over_debt_action"}),
            cutoff_shift_points=shift,
        )
        night.add("risk.risk_assessment", risk_assessment(profile, work.scorecard(day), day, standing))


@output_asset(
    "risk.analyst_override",
    group=GROUP,
    deps=["profile.customer_profile", "risk.risk_assessment", "reference.policy", "bank.analyst_note"],
)
def judged_by_analysts(work: RunContext, day: date) -> None:
    """Stage what became of each analyst's note."""
    night = work.night(day)
    for shards in night.shard_groups():
        judged = notes_judged(work, day, shards, night.read("profile.customer_profile", shards))
        assessment = night.read("risk.risk_assessment", shards)
        night.add("risk.analyst_override", analyst_override(judged, assessment, day))


@output_asset("risk.risk_reason", group=GROUP, deps=["profile.customer_profile", "risk.risk_assessment"])
def reasons_of_scores(work: RunContext, day: date) -> None:
    """Stage what keeps each score from being better."""
    night = work.night(day)
    for shards in night.shard_groups():
        profile = night.read("profile.customer_profile", shards)
        night.add("risk.risk_reason", risk_reason(profile, work.scorecard(day), day))


@output_asset(
    "risk.risk_alert", group=GROUP, deps=["profile.customer_profile", "reference.policy", "bank.bank_transaction"]
)
def unusual_lines(work: RunContext, day: date) -> None:
    """Stage what is unusual in each customer's newest bank lines."""
    night, section = work.night(day), work.policy(day).alerts
    for shards in night.shard_groups():
        fresh, habits = newest_lines(work, day, shards)
        night.add("risk.risk_alert", risk_alert(fresh, habits, section, day))


@output_asset(
    "risk.intervention",
    group=GROUP,
    deps=["profile.customer_profile", "risk.risk_assessment", "risk.risk_alert", "reference.policy"],
)
def called_for(work: RunContext, day: date) -> None:
    """Stage what is done about each customer whom something calls for."""
    night, section = work.night(day), work.policy(day).interventions
    for shards in night.shard_groups():
        tables = ("profile.customer_profile", "risk.risk_assessment", "risk.risk_alert")
        profile, assessment, alerts = (night.read(table, shards) for table in tables)
        night.add("risk.intervention", intervention(profile, assessment, alerts, section, day))


RISK = [
    scorecard,
    reviewed_market,
    customers_a_cooldown_ago,
    indebted_customers,
    assessed_customers,
    judged_by_analysts,
    reasons_of_scores,
    unusual_lines,
    called_for,
]
