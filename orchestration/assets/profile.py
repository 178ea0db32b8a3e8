"""Profile: the customer as known that night: income, debts, and everything the risk and the offers look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.assets.outputs import output_asset
from orchestration.inputs.profile_inputs import occupations_on, risk_point_rules
from transforms.profile.customer_profile import customer_profile
from transforms.profile.debt_ledger import debt_ledger
from transforms.profile.income_estimate import income_estimate
from transforms.profile.risk_point import risk_point

if TYPE_CHECKING:
    from datetime import date

    from orchestration.run.context import RunContext

GROUP = "profile"


@output_asset(
    "profile.income_estimate",
    group=GROUP,
    deps=["bank.customer", "bank.consent", "bank.account", "bank.bank_transaction"],
)
def estimated_income(work: RunContext, day: date) -> None:
    """Stage each customer's income, by the best source there is."""
    night = work.night(day)
    for shards in night.shard_groups():
        night.add("profile.income_estimate", income_estimate(work.reductions(day, shards), day))


@output_asset(
    "profile.debt_ledger",
    group=GROUP,
    deps=[
        "bank.customer",
        "bank.consent",
        "bank.household_member",
        "credit.credit_account",
        "servicing.plan_progress",
    ],
)
def listed_debts(work: RunContext, day: date) -> None:
    """Stage one row per real debt."""
    night = work.night(day)
    for shards in night.shard_groups():
        progress = night.read("servicing.plan_progress", shards)
        ledger = debt_ledger(work.reductions(day, shards), progress, day, work.profile_parameters(day))
        night.add("profile.debt_ledger", ledger)


@output_asset(
    "profile.customer_profile",
    group=GROUP,
    deps=[
        "profile.income_estimate",
        "profile.debt_ledger",
        "bank.customer",
        "bank.consent",
        "bank.account_balance",
        "bank.bank_transaction",
        "bank.household_member",
        "commerce.commerce_order",
        "commerce.order_refund",
        "credit.card_statement",
        "credit.credit_account",
        "credit.credit_inquiry",
        "credit.customer_line",
        "servicing.plan_progress",
        "social.social_activity",
    ],
)
def profiled_customers(work: RunContext, day: date) -> None:
    """Stage everything known of each customer."""
    night = work.night(day)
    for shards in night.shard_groups():
        profile = customer_profile(
            work.reductions(day, shards),
            night.read("profile.income_estimate", shards),
            night.read("profile.debt_ledger", shards),
            night.read("servicing.plan_progress", shards),
            day,
            work.profile_parameters(day),
            occupations_on(day),
        )
        night.add("profile.customer_profile", profile)


@output_asset("profile.risk_point", group=GROUP, deps=["profile.customer_profile"])
def listed_risk_points(work: RunContext, day: date) -> None:
    """Stage what stands out about each customer."""
    night = work.night(day)
    rules = risk_point_rules(day)
    for shards in night.shard_groups():
        night.add("profile.risk_point", risk_point(night.read("profile.customer_profile", shards), rules))


PROFILE = [estimated_income, listed_debts, profiled_customers, listed_risk_points]
