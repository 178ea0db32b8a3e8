"""Eligibility: the rules in force as tables, the rate card, who may have a plan, and the offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.assets.outputs import output_asset
from orchestration.own_books import own_books
from transforms.eligibility.customer_eligibility import customer_eligibility
from transforms.eligibility.installment_offer import installment_offer
from transforms.eligibility.policy import policy_rows
from transforms.eligibility.product import product_rows
from transforms.eligibility.rate_card import rate_card

if TYPE_CHECKING:
    from datetime import date

    from orchestration.work import Work

GROUP = "eligibility"


@output_asset("reference.policy", group="reference", deps=[])
def policy(work: Work, day: date) -> None:
    """Stage the policy's figures and rules in force."""
    work.night(day).add("reference.policy", policy_rows(work.policy(day), day))


@output_asset("reference.product", group="reference", deps=[])
def product(work: Work, day: date) -> None:
    """Stage the products sold under the policy in force."""
    work.night(day).add("reference.product", product_rows(work.products(day), day))


@output_asset(
    "eligibility.rate_card", group=GROUP, deps=["reference.policy", "reference.product", "market.market_indicator"]
)
def priced_cells(work: Work, day: date) -> None:
    """Stage every cell's exact price."""
    cells = rate_card(work.policy(day), work.products(day), day, work.lpr_1y_bp(day))
    work.night(day).add("eligibility.rate_card", cells)


@output_asset(
    "eligibility.customer_eligibility",
    group=GROUP,
    deps=[
        "profile.customer_profile",
        "risk.risk_assessment",
        "eligibility.rate_card",
        "reference.policy",
        "reference.product",
        "credit.installment_plan",
        "credit.repayment",
        "credit.customer_line",
    ],
)
def decided_customers(work: Work, day: date) -> None:
    """Stage each customer's decision, limit, terms and rates."""
    night, cells = work.night(day), work.night(day).read("eligibility.rate_card")
    for shards in night.shard_groups():
        profile = night.read("profile.customer_profile", shards)
        risk = night.read("risk.risk_assessment", shards)
        books = own_books(work, day, shards)
        decided = customer_eligibility(
            profile, risk, work.policy(day), cells, day, products=work.products(day), books=books
        )
        night.add("eligibility.customer_eligibility", decided)


@output_asset(
    "eligibility.installment_offer",
    group=GROUP,
    deps=[
        "eligibility.customer_eligibility",
        "eligibility.rate_card",
        "reference.product",
        "commerce.installment_request",
        "commerce.merchant",
    ],
)
def offered_plans(work: Work, day: date) -> None:
    """Stage each eligible customer's plans."""
    night, cells = work.night(day), work.night(day).read("eligibility.rate_card")
    merchants = work.latest("commerce.merchant", day)
    for shards in night.shard_groups():
        eligible = night.read("eligibility.customer_eligibility", shards)
        requests = work.rows("commerce.installment_request", day, shards)
        offers = installment_offer(
            eligible, cells, work.catalogue(day), requests, merchants, as_of=day, policy=work.policy(day)
        )
        night.add("eligibility.installment_offer", offers)


ELIGIBILITY = [policy, product, priced_cells, decided_customers, offered_plans]
