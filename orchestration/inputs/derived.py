"""What transforms share beside tables: functions named by the parameters of others (:mod:`transforms.reading`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transforms.decision.plan_break import stability
from transforms.decision.second_plan import hardship_evidence
from transforms.loans.states import loan_states
from transforms.loans.versions import plan_versions
from transforms.monitoring.drift import bin_counts, score_cuts
from transforms.monitoring.fairness import group_outcomes, inputs_and_terms, watched_attributes
from transforms.monitoring.portfolio import class_counts
from transforms.monitoring.portfolio_counts import book_counts
from transforms.offers.proposed_offers import proposed_offers
from transforms.pricing.pricing_inputs import cap_rate_bp, lpr_1y_bp
from transforms.profile import reductions
from transforms.profile.income_lines import income_lines
from transforms.profile.parameters import profile_parameters
from transforms.risk.analyst_override import judged_notes, note_notches
from transforms.risk.market_overlay import cutoff_shift_points
from transforms.risk.over_indebtedness import last_borrowed
from transforms.risk.risk_alert import line_habits, newest_lines
from transforms.risk.risk_assessment import counted_co_obligors, grade_inputs
from transforms.servicing.cases import open_requests, permitted_cases
from transforms.servicing.demand_forecast import customer_count, request_history, request_rates
from transforms.servicing.plan_reconciliation import books_agreement, reconciled_books
from transforms.servicing.previews import previews

if TYPE_CHECKING:
    from collections.abc import Callable

REDUCTIONS = (
    *(reductions.customer, reductions.consent, reductions.household, income_lines, reductions.balance),
    *(reductions.bank_windows, reductions.order_windows, reductions.refund_windows, reductions.inquiry_windows),
    *(reductions.order_year, reductions.order_category, reductions.order_method, reductions.card_year),
    *(reductions.credit_latest, reductions.credit_year, reductions.new_lenders, reductions.line, reductions.social),
    *(last_borrowed, newest_lines, line_habits, request_history, customer_count),
)
OWN_PLANS = (
    *(plan_versions, reconciled_books, books_agreement, loan_states, open_requests, permitted_cases, previews),
    *(hardship_evidence, book_counts, class_counts),
)
CUSTOMERS = (
    *(profile_parameters, stability, judged_notes, note_notches, counted_co_obligors, grade_inputs),
    *(cutoff_shift_points, lpr_1y_bp, cap_rate_bp, proposed_offers, request_rates),
)
MONITORING = (score_cuts, bin_counts, watched_attributes, group_outcomes, inputs_and_terms)

DERIVED: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (*REDUCTIONS, *OWN_PLANS, *CUSTOMERS, *MONITORING)
}
#: Dear to make and small (the few plans that were changed, the few wishes that are open): kept while the night runs.
KEPT = frozenset({"plan_versions", "reconciled_books", "previews"})
