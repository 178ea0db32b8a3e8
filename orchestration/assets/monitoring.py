"""Monitoring: is the population still the model's, are people treated alike, how does the book do.

Each table is added up over groups of shards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.assets.outputs import output_asset
from orchestration.inputs.frozen_reference import frozen_reference
from orchestration.inputs.own_plans import plan_books
from transforms.loans.positions import plan_positions, play
from transforms.monitoring.drift import bin_counts, drift, drift_bin, score_cuts
from transforms.monitoring.fairness import age_band, fairness, inputs_and_terms, treated
from transforms.monitoring.portfolio import class_counts, portfolio
from transforms.monitoring.portfolio_counts import looks, portfolio_counts

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from orchestration.run.context import RunContext

GROUP = "monitoring"


@output_asset("monitoring.drift_bin", group=GROUP, deps=["profile.customer_profile", "risk.risk_assessment"])
def binned_customers(work: RunContext, day: date) -> None:
    """Stage how the customers are spread over the bins of score and variables."""
    night, card = work.night(day), work.scorecard(day)
    reference = frozen_reference(work.settings, card, day)
    cuts = score_cuts(card, reference)
    partials = []
    for shards in night.shard_groups():
        profile = night.read("profile.customer_profile", shards)
        partials.append(bin_counts(profile, night.read("risk.risk_assessment", shards), card, cuts))
    night.add("monitoring.drift_bin", drift_bin(partials, card, reference, day))


@output_asset("monitoring.drift", group=GROUP, deps=["monitoring.drift_bin", "reference.policy"])
def drifted_subjects(work: RunContext, day: date) -> None:
    """Stage the stability index of score and variables."""
    night = work.night(day)
    night.add("monitoring.drift", drift(night.read("monitoring.drift_bin"), work.policy(day).monitoring))


@output_asset(
    "monitoring.fairness",
    group=GROUP,
    deps=[
        "bank.customer",
        "profile.customer_profile",
        "risk.risk_assessment",
        "eligibility.customer_eligibility",
        "eligibility.installment_offer",
        "reference.policy",
    ],
)
def compared_groups(work: RunContext, day: date) -> None:
    """Stage how groups fared against each other, and whether the same inputs got the same terms."""
    night, policy = work.night(day), work.policy(day)
    partials, hashed = [], []
    for shards in night.shard_groups():
        profile = night.read("profile.customer_profile", shards)
        eligible = night.read("eligibility.customer_eligibility", shards)
        offers = night.read("eligibility.installment_offer", shards)
        partials.append(treated(_attributes(work, day, shards, profile), eligible, offers, policy.monitoring))
        hashed.append(inputs_and_terms(profile, night.read("risk.risk_assessment", shards), eligible, policy))
    night.add("monitoring.fairness", fairness(partials, hashed, policy.monitoring, day))


def _attributes(work: RunContext, day: date, shards: tuple[int, int], profile: pl.DataFrame) -> pl.DataFrame:
    """The watched attributes, read beside the decisions and never by them."""
    known = work.latest("bank.customer", day, shards).select(
        "customer_token", "sex", "marital_status", "education_level"
    )
    return profile.select("customer_token", age_band=age_band()).join(known, on="customer_token", how="left")


@output_asset(
    "monitoring.portfolio",
    group=GROUP,
    deps=[
        "credit.installment_plan",
        "credit.repayment",
        "credit.service_case",
        "servicing.plan_progress",
        "reference.policy",
    ],
)
def watched_book(work: RunContext, day: date) -> None:
    """Stage stock, flow, vintages, classes, warnings and the forecast of the own plans."""
    night, policy = work.night(day), work.policy(day)
    partials = []
    for shards in night.shard_groups():
        books = plan_books(work, day, shards)
        agreed = books.versions
        played = play(
            books.plans,
            books.repayments,
            looks(day),
            policy,
            agreed,
            books.conventions,
        )
        partials.append(portfolio_counts(played.latest, plan_positions(played), day))
        partials.append(class_counts(night.read("servicing.plan_progress", shards), day))
    night.add("monitoring.portfolio", portfolio(partials, policy.monitoring, day))


MONITORING = [binned_customers, drifted_subjects, compared_groups, watched_book]
