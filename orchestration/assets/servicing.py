"""Servicing: how the running plans stand, what may change, and whom to talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.assets.outputs import output_asset
from orchestration.inputs.own_plans import (
    kinds_of,
    known_hardship,
    loan_states,
    open_wishes,
    plan_books,
    previewed_wishes,
    progress_of,
    reconciled,
)
from transforms.profile.salary import SALARY_COLUMNS
from transforms.second_installment.facts import ELIGIBILITY_COLUMNS, PROFILE_COLUMNS
from transforms.second_installment.payment_holiday import payment_holiday
from transforms.second_installment.plan_schedule import plan_schedule
from transforms.second_installment.routes import OFFER_COLUMNS
from transforms.second_installment.second_installment import second_installment
from transforms.servicing.change_request import change_request
from transforms.servicing.contact_queue import PROFILE_COLUMNS as CONTACT_PROFILE_COLUMNS
from transforms.servicing.contact_queue import contact_queue
from transforms.servicing.restructure_agreement import restructure_agreement

if TYPE_CHECKING:
    from datetime import date

    from orchestration.run.context import RunContext

GROUP = "servicing"


@output_asset(
    "servicing.plan_progress",
    group=GROUP,
    deps=["credit.installment_plan", "credit.repayment", "credit.service_case", "credit.hardship_case"],
)
def plans_in_progress(work: RunContext, day: date) -> None:
    """Stage how every own plan stands."""
    night = work.night(day)
    for shards in night.shard_groups():
        night.add("servicing.plan_progress", progress_of(work, day, shards))


@output_asset(
    "servicing.plan_reconciliation",
    group=GROUP,
    deps=["credit.installment_plan", "credit.repayment", "credit.service_case", "servicing.plan_progress"],
)
def reconciled_plans(work: RunContext, day: date) -> None:
    """Stage where the lender's own books and the engine differ."""
    night = work.night(day)
    for shards in night.shard_groups():
        night.add("servicing.plan_reconciliation", reconciled(work, day, shards)[0])


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
        "credit.installment_plan",
        "credit.repayment",
        "credit.service_case",
        "bank.consent",
    ],
)
def routes_of_plans(work: RunContext, day: date) -> None:
    """Stage every lawful route of every own plan."""
    night, cells = work.night(day), work.night(day).read("eligibility.rate_card")
    for shards in night.shard_groups():
        progress = night.read("servicing.plan_progress", shards)
        routes = second_installment(
            progress,
            night.read("profile.customer_profile", shards, PROFILE_COLUMNS),
            night.read("eligibility.customer_eligibility", shards, ELIGIBILITY_COLUMNS),
            night.read("eligibility.installment_offer", shards, OFFER_COLUMNS),
            cells,
            known_hardship(work, day, shards),
            plan_books(work, day, shards).versions,
            open_wishes(work, day, shards),
            kinds_of(work, day),
            loan_states(work, day, shards, progress),
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
def versions_of_schedules(work: RunContext, day: date) -> None:
    """Stage every version of the schedules of plans still owed."""
    night = work.night(day)
    for shards in night.shard_groups():
        books, progress = plan_books(work, day, shards), night.read("servicing.plan_progress", shards)
        schedules = plan_schedule(
            books.plans,
            progress,
            books.versions,
            previewed_wishes(work, day, shards),
            books.conventions,
            day,
            work.policy(day),
        )
        night.add("eligibility.plan_schedule", schedules)


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
def requested_changes(work: RunContext, day: date) -> None:
    """Stage the changes asked for, with the preview of those still open."""
    night = work.night(day)
    for shards in night.shard_groups():
        cases, agreed = work.latest("credit.service_case", day, shards), plan_books(work, day, shards).versions
        routes, previewed = night.read("eligibility.second_installment", shards), previewed_wishes(work, day, shards)[0]
        requests = change_request(cases, agreed, routes, previewed, day, work.policy(day))
        night.add("servicing.change_request", requests)


@output_asset(
    "servicing.restructure_agreement",
    group=GROUP,
    deps=[
        "servicing.plan_progress",
        "eligibility.second_installment",
        "credit.installment_plan",
        "credit.repayment",
        "credit.service_case",
    ],
)
def agreements_to_sign(work: RunContext, day: date) -> None:
    """Stage the personalised agreement of every plan it is open to."""
    night = work.night(day)
    for shards in night.shard_groups():
        progress = night.read("servicing.plan_progress", shards)
        routes = night.read("eligibility.second_installment", shards)
        states = loan_states(work, day, shards, progress)
        agreements = restructure_agreement(progress, routes, states, day, work.policy(day))
        night.add("servicing.restructure_agreement", agreements)


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
def paused_plans(work: RunContext, day: date) -> None:
    """Stage the payment holidays offered, under way and ended."""
    night = work.night(day)
    for shards in night.shard_groups():
        books = plan_books(work, day, shards)
        holidays = payment_holiday(
            night.read("servicing.plan_progress", shards),
            night.read("eligibility.second_installment", shards),
            night.read("profile.customer_profile", shards, ["customer_token", *SALARY_COLUMNS]),
            known_hardship(work, day, shards),
            books.versions,
            books.repayments,
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
def contacts_due(work: RunContext, day: date) -> None:
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
    reconciled_plans,
    routes_of_plans,
    versions_of_schedules,
    requested_changes,
    agreements_to_sign,
    paused_plans,
    contacts_due,
]
