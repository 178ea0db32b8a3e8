"""The tables a night publishes, in its order: each is the transform named after it.

What a transform reads is in its signature (:mod:`transforms.reading`); columns, keys and rules are in its contract. A
new table is a transform, a contract and a line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transforms.compliance.compliance_check import compliance_check
from transforms.decision.customer_eligibility import customer_eligibility
from transforms.disclosure.offer_disclosure import disclosure_charge, offer_disclosure
from transforms.loans.plan_progress import plan_progress
from transforms.monitoring.drift import drift, drift_bin
from transforms.monitoring.fairness import fairness
from transforms.monitoring.portfolio import portfolio
from transforms.offers.market_price import market_price
from transforms.policy.product import product
from transforms.policy.reason import reason
from transforms.policy.rows import policy
from transforms.pricing.rate_card import rate_card
from transforms.profile.customer_profile import customer_profile
from transforms.profile.debt_ledger import debt_ledger
from transforms.profile.income_estimate import income_estimate
from transforms.profile.risk_point import risk_point
from transforms.risk.analyst_override import analyst_override
from transforms.risk.challenger_score import challenger_score
from transforms.risk.earlier_assessment import earlier_assessment
from transforms.risk.intervention import intervention
from transforms.risk.market_overlay import market_overlay
from transforms.risk.model import model
from transforms.risk.over_indebtedness import over_indebtedness
from transforms.risk.risk_alert import risk_alert
from transforms.risk.risk_assessment import risk_assessment
from transforms.risk.risk_reason import risk_reason
from transforms.risk.scorecard_rows import scorecard
from transforms.second_installment.payment_holiday import payment_holiday
from transforms.second_installment.plan_schedule import plan_schedule
from transforms.second_installment.second_installment import second_installment
from transforms.servicing.change_request import change_request
from transforms.servicing.contact_queue import contact_queue
from transforms.servicing.demand_forecast import demand_forecast
from transforms.servicing.plan_reconciliation import plan_reconciliation
from transforms.servicing.restructure_agreement import restructure_agreement

if TYPE_CHECKING:
    from collections.abc import Callable

RULES_IN_FORCE = (policy, reason, product, scorecard, model, market_overlay, market_price, rate_card, disclosure_charge)
OWN_PLANS = (plan_progress, plan_reconciliation)
CUSTOMERS = (income_estimate, debt_ledger, customer_profile, risk_point)
RISK = (
    *(earlier_assessment, over_indebtedness, risk_assessment, challenger_score, analyst_override, risk_reason),
    *(risk_alert, intervention),
)
DECISIONS = (customer_eligibility, compliance_check, offer_disclosure)
CHANGES = (second_installment, plan_schedule, payment_holiday, change_request, restructure_agreement)
OUTREACH = (contact_queue, demand_forecast)
MONITORING = (drift_bin, drift, fairness, portfolio)

TABLES: tuple[Callable[..., Any], ...] = (
    *RULES_IN_FORCE,
    *OWN_PLANS,
    *CUSTOMERS,
    *RISK,
    *DECISIONS,
    *CHANGES,
    *OUTREACH,
    *MONITORING,
)
