"""Servicing: how the running plans stand, what may change, and whom to talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.assets.outputs import output_asset
from transforms.eligibility.payment_holiday import payment_holiday
from transforms.eligibility.plan_schedule import plan_schedule
from transforms.eligibility.second_installment import second_installment
from transforms.eligibility.second_installment_facts import ELIGIBILITY_COLUMNS, PROFILE_COLUMNS
from transforms.eligibility.second_installment_routes import OFFER_COLUMNS
from transforms.servicing.agreements import Agreements, agreements
from transforms.servicing.cases import open_requests, permitted_cases
from transforms.servicing.change_request import change_request
from transforms.servicing.contact_queue import PROFILE_COLUMNS as CONTACT_PROFILE_COLUMNS
from transforms.servicing.contact_queue import contact_queue
from transforms.servicing.plan_progress import plan_progress
from transforms.servicing.previews import previews
from transforms.servicing.restructure_agreement import restructure_agreement

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
            night.read("profile.customer_profile", shards, PROFILE_COLUMNS),
            night.read("eligibility.customer_eligibility", shards, ELIGIBILITY_COLUMNS),
            night.read("eligibility.installment_offer", shards, OFFER_COLUMNS),
            cells,
            known_hardship(work, day, shards),
            books(work, day, shards)[2],
            open_wishes(work, day, shards),
            kinds_of(work, day),
            day,
            work.policy(day),
        )
        night.add("eligibility.second_installment", routes)


@output_asset(
    "eligibility.plan_schedule",
    group="eligibility",
    deps=[
        "servicing.plan_progress",
        "eligibility.second_installment",
        "credit.installment_plan",
        "credit.repayment",
        "credit.service_case",
    ],
)
def versions_of_schedules(work: Work, day: date) -> None:
    """Stage every version of the schedules of plans still owed."""
    night = work.night(day)
    for shards in night.shard_groups():
        plans, _, agreed = books(work, day, shards)
        progress, previewed = night.read("servicing.plan_progress", shards), previewed_wishes(work, day, shards)
        night.add("eligibility.plan_schedule", plan_schedule(plans, progress, agreed, previewed, day, work.policy(day)))


def previewed_wishes(work: Work, day: date, shards: tuple[int, int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the open wishes would make of their plans."""
    night = work.night(day)
    progress, routes = (night.read(t, shards) for t in ("servicing.plan_progress", "eligibility.second_installment"))
    return previews(progress, routes, open_wishes(work, day, shards), day, work.policy(day))


@output_asset(
    "servicing.change_request",
    group=GROUP,
    deps=[
        "servicing.plan_progress",
        "eligibility.second_installment",
        "credit.installment_plan",
        "credit.repayment",
        "credit.service_case",
    ],
)
def requested_changes(work: Work, day: date) -> None:
    """Stage the changes asked for, with the preview of those still open."""
    night = work.night(day)
    for shards in night.shard_groups():
        cases, agreed = work.latest("credit.service_case", day, shards), books(work, day, shards)[2]
        routes, previewed = night.read("eligibility.second_installment", shards), previewed_wishes(work, day, shards)[0]
        requests = change_request(cases, agreed, routes, previewed, day, work.policy(day))
        night.add("servicing.change_request", requests)


@output_asset(
    "servicing.restructure_agreement", group=GROUP, deps=["servicing.plan_progress", "eligibility.second_installment"]
)
def agreements_to_sign(work: Work, day: date) -> None:
    """Stage the personalised agreement of every plan it is open to."""
    night = work.night(day)
    for shards in night.shard_groups():
        progress = night.read("servicing.plan_progress", shards)
        routes = night.read("eligibility.second_installment", shards)
        night.add("servicing.restructure_agreement", restructure_agreement(progress, routes, day, work.policy(day)))


@output_asset(
    "eligibility.payment_holiday",
    group="eligibility",
    deps=[
        "servicing.plan_progress",
        "eligibility.second_installment",
        "profile.customer_profile",
        "credit.hardship_case",
        "bank.consent",
        "credit.installment_plan",
        "credit.repayment",
        "credit.service_case",
    ],
)
def paused_plans(work: Work, day: date) -> None:
    """Stage the payment holidays offered, under way and ended."""
    night = work.night(day)
    for shards in night.shard_groups():
        _, repayments, agreed = books(work, day, shards)
        holidays = payment_holiday(
            night.read("servicing.plan_progress", shards),
            night.read("eligibility.second_installment", shards),
            night.read("profile.customer_profile", shards, ["customer_token", "income_cents", "salary_cents_1m"]),
            known_hardship(work, day, shards),
            agreed,
            repayments,
            day,
            work.policy(day),
        )
        night.add("eligibility.payment_holiday", holidays)


@output_asset(
    "servicing.contact_queue",
    group=GROUP,
    deps=[
        "servicing.plan_progress",
        "eligibility.second_installment",
        "eligibility.payment_holiday",
        "profile.customer_profile",
        "credit.service_case",
    ],
)
def contacts_due(work: Work, day: date) -> None:
    """Stage whom to contact, why, and within which hours."""
    night = work.night(day)
    for shards in night.shard_groups():
        queue = contact_queue(
            night.read("servicing.plan_progress", shards),
            night.read("eligibility.second_installment", shards),
            night.read("eligibility.payment_holiday", shards),
            night.read("profile.customer_profile", shards, CONTACT_PROFILE_COLUMNS),
            work.latest("credit.service_case", day, shards),
            day,
            work.policy(day),
        )
        night.add("servicing.contact_queue", queue)


SERVICING = [
    plans_in_progress,
    routes_of_plans,
    versions_of_schedules,
    requested_changes,
    agreements_to_sign,
    paused_plans,
    contacts_due,
]
