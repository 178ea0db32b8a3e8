"""Servicing: how the running plans stand, what may change, and whom to talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.assets.outputs import output_asset
from transforms.eligibility.second_installment import second_installment
from transforms.servicing.agreements import Agreements, agreements
from transforms.servicing.cases import open_requests, permitted_cases
from transforms.servicing.plan_progress import plan_progress

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from orchestration.work import Work

GROUP = "servicing"


def kinds_of(work: Work, day: date) -> dict[str, str]:
    """The kind of every product in the catalogue, sold under the policy or not."""
    return {product.product_code: product.kind for product in work.catalogue(day).products}


def books(work: Work, day: date, shards: tuple[int, int]) -> tuple[pl.DataFrame, pl.DataFrame, Agreements]:
    """Own plans, what was paid on them, and what was agreed since they were booked."""
    plans = work.rows("credit.installment_plan", day, shards)
    repayments = work.rows("credit.repayment", day, shards)
    cases = work.latest("credit.service_case", day, shards)
    return plans, repayments, agreements(plans, repayments, cases, work.policy_book, kinds_of(work, day), day)


@output_asset(
    "servicing.plan_progress",
    group=GROUP,
    deps=["credit.installment_plan", "credit.repayment", "credit.service_case", "credit.hardship_case"],
)
def plans_in_progress(work: Work, day: date) -> None:
    """Stage how every own plan stands."""
    night = work.night(day)
    for shards in night.shard_groups():
        hardship = work.latest("credit.hardship_case", day, shards)
        progress = plan_progress(*books(work, day, shards), hardship, day, work.policy(day))
        night.add("servicing.plan_progress", progress)


def open_wishes(work: Work, day: date, shards: tuple[int, int]) -> pl.DataFrame:
    """Changes of plans that customers have asked for and that are not yet answered."""
    return open_requests(work.latest("credit.service_case", day, shards), day, work.policy(day))


def known_hardship(work: Work, day: date, shards: tuple[int, int]) -> pl.DataFrame:
    """Cases of hardship as far as they may be known."""
    cases = work.latest("credit.hardship_case", day, shards)
    return permitted_cases(cases, work.latest("bank.consent", day, shards), day)


@output_asset(
    "eligibility.second_installment",
    group="eligibility",
    deps=[
        "servicing.plan_progress",
        "profile.customer_profile",
        "eligibility.customer_eligibility",
        "eligibility.installment_offer",
        "eligibility.rate_card",
        "credit.hardship_case",
        "credit.service_case",
        "bank.consent",
    ],
)
def routes_of_plans(work: Work, day: date) -> None:
    """Stage every lawful route of every own plan."""
    night, cells = work.night(day), work.night(day).read("eligibility.rate_card")
    for shards in night.shard_groups():
        routes = second_installment(
            night.read("servicing.plan_progress", shards),
            night.read("profile.customer_profile", shards),
            night.read("eligibility.customer_eligibility", shards),
            night.read("eligibility.installment_offer", shards),
            cells,
            known_hardship(work, day, shards),
            books(work, day, shards)[2],
            open_wishes(work, day, shards),
            kinds_of(work, day),
            day,
            work.policy(day),
        )
        night.add("eligibility.second_installment", routes)


SERVICING = [plans_in_progress, routes_of_plans]
