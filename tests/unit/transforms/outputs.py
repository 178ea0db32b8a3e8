"""The transforms that make tables, with what they make in the shape of its contract: as the night stores it."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any

import polars as pl

from orchestration.inputs.derived import REDUCTIONS
from transforms.compliance import compliance_check as compliance
from transforms.decision import customer_eligibility as decision
from transforms.disclosure import offer_disclosure as disclosure
from transforms.loans import plan_progress as progress
from transforms.monitoring import drift as drifted
from transforms.monitoring import fairness as fair
from transforms.monitoring import portfolio as book
from transforms.offers import market_price as market
from transforms.offers import proposed_offers as offers
from transforms.policy import product as products
from transforms.policy import reason as told
from transforms.policy import rows as policies
from transforms.profile import customer_profile as profiled
from transforms.profile import debt_ledger as ledger
from transforms.profile import income_estimate as income
from transforms.profile import risk_point as points
from transforms.profile.parameters import ProfileParameters
from transforms.risk import analyst_override as overrides
from transforms.risk import challenger_score as challenged
from transforms.risk import earlier_assessment as assessed
from transforms.risk import intervention as interventions
from transforms.risk import market_overlay as overlays
from transforms.risk import model as models
from transforms.risk import over_indebtedness as indebted
from transforms.risk import risk_alert as alerts
from transforms.risk import risk_assessment as risk
from transforms.risk import risk_reason as reasons
from transforms.risk import scorecard_rows as cards
from transforms.second_installment import payment_holiday as holidays
from transforms.second_installment import plan_schedule as schedules
from transforms.second_installment import second_installment as routes
from transforms.servicing import change_request as requests
from transforms.servicing import contact_queue as queue
from transforms.servicing import demand_forecast as demand
from transforms.servicing import plan_reconciliation as books
from transforms.servicing import restructure_agreement as agreements
from warehouse.contract import load_contract
from warehouse.shapes import shaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date


def stored(table: str, function: Callable[..., Any]) -> Callable[..., pl.DataFrame]:
    """A transform whose result has the shape of its contract."""

    @wraps(function)
    def made(*args: Any, **kwargs: Any) -> pl.DataFrame:
        return shaped(function(*args, **kwargs), load_contract(table))

    return made


plan_progress = stored("servicing.plan_progress", progress.plan_progress)
risk_point = stored("profile.risk_point", points.risk_point)
market_overlay = stored("reference.market_overlay", overlays.market_overlay)
scorecard_rows = stored("reference.scorecard", cards.scorecard)
policy_rows = stored("reference.policy", policies.policy)
reason = stored("reference.reason", told.reason)
product_rows = stored("reference.product", products.product)
model_rows = stored("reference.model", models.model)
market_price = stored("reference.market_price", market.market_price)
earlier_assessment = stored("risk.earlier_assessment", assessed.earlier_assessment)
over_indebtedness = stored("risk.over_indebtedness", indebted.over_indebtedness)
risk_assessment = stored("risk.risk_assessment", risk.risk_assessment)
challenger_score = stored("risk.challenger_score", challenged.challenger_score)
analyst_override = stored("risk.analyst_override", overrides.analyst_override)
risk_reason = stored("risk.risk_reason", reasons.risk_reason)
risk_alert = stored("risk.risk_alert", alerts.risk_alert)
intervention = stored("risk.intervention", interventions.intervention)
customer_eligibility = stored("eligibility.customer_eligibility", decision.customer_eligibility)
installment_offer = stored("eligibility.installment_offer", offers.proposed_offers)
disclosure_charge = stored("eligibility.disclosure_charge", disclosure.disclosure_charge)
offer_disclosure = stored("eligibility.offer_disclosure", disclosure.offer_disclosure)
second_installment = stored("eligibility.second_installment", routes.second_installment)
plan_schedule = stored("eligibility.plan_schedule", schedules.plan_schedule)
payment_holiday = stored("eligibility.payment_holiday", holidays.payment_holiday)
change_request = stored("servicing.change_request", requests.change_request)
restructure_agreement = stored("servicing.restructure_agreement", agreements.restructure_agreement)
contact_queue = stored("servicing.contact_queue", queue.contact_queue)
demand_forecast = stored("servicing.demand_forecast", demand.demand_forecast)
drift_bin = stored("monitoring.drift_bin", drifted.drift_bin)
drift = stored("monitoring.drift", drifted.drift)
fairness = stored("monitoring.fairness", fair.fairness)
portfolio = stored("monitoring.portfolio", book.portfolio)


def income_estimate(
    frames: Mapping[str, pl.DataFrame], as_of: date, parameters: ProfileParameters | None = None
) -> pl.DataFrame:
    """`profile.income_estimate` of the reductions in `frames`."""
    given = _named(income.income_estimate, frames)
    made = income.income_estimate(**given, as_of=as_of, profile_parameters=parameters or ProfileParameters())
    return shaped(made, load_contract("profile.income_estimate"))


def debt_ledger(
    frames: Mapping[str, pl.DataFrame], plan_progress: pl.DataFrame, as_of: date, parameters: ProfileParameters
) -> pl.DataFrame:
    """`profile.debt_ledger` of the reductions in `frames`."""
    given = _named(ledger.debt_ledger, frames)
    made = ledger.debt_ledger(**given, plan_progress=plan_progress, as_of=as_of, profile_parameters=parameters)
    return shaped(made, load_contract("profile.debt_ledger"))


def customer_profile(frames: Mapping[str, pl.DataFrame], as_of: date, **others: Any) -> pl.DataFrame:
    """`profile.customer_profile` of the reductions in `frames`."""
    made = profiled.customer_profile(**_named(profiled.customer_profile, frames), as_of=as_of, **others)
    return shaped(made, load_contract("profile.customer_profile"))


def compliance_check(*args: Any) -> compliance.CheckedOffers:
    """`eligibility.installment_offer` and `eligibility.compliance_check`."""
    made = compliance.compliance_check(*args)
    names = compliance.CheckedOffers._fields
    return compliance.CheckedOffers(
        *(shaped(m, load_contract(f"eligibility.{n}")) for n, m in zip(names, made, strict=True))
    )


def plan_reconciliation(*args: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(`servicing.plan_reconciliation`, `books_agreement` by plan)."""
    made = books.reconciled_books(*args)
    rows = shaped(books.plan_reconciliation(made), load_contract("servicing.plan_reconciliation"))
    return rows, books.books_agreement(made)


def _named(function: Callable[..., Any], frames: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """The reductions a function reads; one that a test has no use for is an empty frame."""
    read = {f.__name__ for f in REDUCTIONS} & set(inspect.signature(function).parameters)
    found = {}
    for name in read:
        try:
            found[name] = frames[name]
        except KeyError:
            found[name] = pl.DataFrame()
    return found
