"""Eligibility: the rules in force as tables, the rate card, who may have a plan, and the offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.assets.outputs import output_asset
from transforms.compliance.compliance_check import compliance_check
from transforms.decision.customer_eligibility import customer_eligibility
from transforms.decision.second_plan import hardship_evidence
from transforms.disclosure.offer_disclosure import disclosure_charge, offer_disclosure
from transforms.offers.installment_offer import installment_offer
from transforms.offers.market_price import market_price
from transforms.policy.product import product_rows
from transforms.policy.rows import policy_rows
from transforms.pricing.pricing_inputs import cap_rate_bp
from transforms.pricing.rate_card import rate_card
from transforms.risk.attributes import refuse_attributes

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from orchestration.run.context import RunContext
    from warehouse.night import Night

GROUP = "eligibility"


@output_asset("reference.policy", group="reference", deps=[])
def policy(work: RunContext, day: date) -> None:
    """Stage the policy's figures and rules in force, and hold the scorecard to the attributes it lets be read."""
    refuse_attributes(work.scorecard(day), work.policy(day))
    work.night(day).add("reference.policy", policy_rows(work.policy(day), day))


@output_asset("reference.product", group="reference", deps=[])
def product(work: RunContext, day: date) -> None:
    """Stage the products sold under the policy in force."""
    work.night(day).add("reference.product", product_rows(work.products(day), day))


@output_asset("reference.market_price", group="reference", deps=["market.market_price", "reference.policy"])
def competitor_prices(work: RunContext, day: date) -> None:
    """Stage the lowest competitor price of each purpose and term."""
    observed = work.rows("market.market_price", day)
    work.night(day).add("reference.market_price", market_price(observed, work.policy(day), day))


@output_asset(
    "eligibility.rate_card", group=GROUP, deps=["reference.policy", "reference.product", "market.market_indicator"]
)
def priced_cells(work: RunContext, day: date) -> None:
    """Stage every cell's exact price."""
    cells = rate_card(work.policy(day), work.products(day), day, work.lpr_1y_bp(day))
    work.night(day).add("eligibility.rate_card", cells)


@output_asset(
    "eligibility.customer_eligibility",
    group=GROUP,
    deps=[
        "profile.customer_profile",
        "profile.income_estimate",
        "risk.risk_assessment",
        "eligibility.rate_card",
        "reference.policy",
        "reference.product",
        "credit.hardship_case",
    ],
)
def decided_customers(work: RunContext, day: date) -> None:
    """Stage each customer's decision, limit, terms and rates."""
    night, cells = work.night(day), work.night(day).read("eligibility.rate_card")
    for shards in night.shard_groups():
        profile = night.read("profile.customer_profile", shards)
        risk = night.read("risk.risk_assessment", shards)
        decided = customer_eligibility(
            profile,
            risk,
            work.policy(day),
            cells,
            day,
            products=work.products(day),
            evidence=hardship_evidence(work.latest("credit.hardship_case", day, shards)),
            stability=_stability(night, shards),
        )
        night.add("eligibility.customer_eligibility", decided)


def _stability(night: Night, shards: tuple[int, int]) -> pl.DataFrame:
    """How steady incomes are, and what is saved."""
    varying = night.read("profile.income_estimate", shards, ["customer_token", "income_cv"])
    saved = night.read("profile.customer_profile", shards, ["customer_token", "balance_min_cents_3m"])
    return varying.join(saved, on="customer_token", how="left")


@output_asset(
    "eligibility.installment_offer",
    group=GROUP,
    deps=[
        "eligibility.customer_eligibility",
        "eligibility.rate_card",
        "reference.product",
        "reference.market_price",
        "profile.income_estimate",
        "profile.customer_profile",
        "commerce.installment_request",
        "commerce.merchant",
        "commerce.payment_instrument",
        "reference.policy",
    ],
)
def offered_plans(work: RunContext, day: date) -> None:
    """Stage each eligible customer's plans that keep every rule, and what each was held against."""
    night, cells = work.night(day), work.night(day).read("eligibility.rate_card")
    merchants, market = work.latest("commerce.merchant", day), night.read("reference.market_price")
    night.start("eligibility.compliance_check")
    for shards in night.shard_groups():
        eligible = night.read("eligibility.customer_eligibility", shards)
        offers = installment_offer(
            eligible,
            cells,
            work.catalogue(day),
            work.rows("commerce.installment_request", day, shards),
            merchants,
            as_of=day,
            policy=work.policy(day),
            stability=_stability(night, shards),
            instruments=work.latest("commerce.payment_instrument", day, shards),
            market=market,
        )
        checked = compliance_check(
            offers,
            eligible,
            night.read("profile.customer_profile", shards),
            work.policy(day),
            work.products(day),
            cap_rate_bp(work.policy(day), work.lpr_1y_bp(day)),
            day,
        )
        night.add("eligibility.installment_offer", checked.offers)
        night.add("eligibility.compliance_check", checked.checks)


@output_asset(
    "eligibility.compliance_check",
    group=GROUP,
    deps=["eligibility.installment_offer", "eligibility.customer_eligibility", "reference.policy"],
    staged_by="eligibility.installment_offer",
)
def compliance(work: RunContext, day: date) -> None:
    """Have what was staged with the offers checked and published."""


@output_asset("eligibility.disclosure_charge", group=GROUP, deps=["reference.policy", "reference.product"])
def disclosed_charges(work: RunContext, day: date) -> None:
    """Stage the tariff of each product."""
    charges = disclosure_charge(work.products(day), work.policy(day), day)
    work.night(day).add("eligibility.disclosure_charge", charges)


@output_asset(
    "eligibility.offer_disclosure",
    group=GROUP,
    deps=["eligibility.installment_offer", "eligibility.disclosure_charge", "reference.policy", "reference.product"],
)
def disclosed_offers(work: RunContext, day: date) -> None:
    """Stage what is disclosed of each offer."""
    night = work.night(day)
    for shards in night.shard_groups():
        offers = night.read("eligibility.installment_offer", shards)
        rows = offer_disclosure(offers, work.products(day), work.policy(day))
        night.add("eligibility.offer_disclosure", rows)


ELIGIBILITY = [
    policy,
    product,
    competitor_prices,
    priced_cells,
    decided_customers,
    offered_plans,
    compliance,
    disclosed_charges,
    disclosed_offers,
]
