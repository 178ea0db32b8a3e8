"""Compliance rules: checks of every decision and offer before publication, each with the policy's own citation.

A rule rests on a figure or a decision rule of the policy in force (`basis`): its citation is that one's, and where the
policy has no such rule yet, or any more, nothing is checked. `holds` is TRUE where the row keeps it; anything else, an
unknown value too, is a failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

    from transforms.policy.policy import Policy

Subject = Literal["decision", "offer"]


@dataclass(frozen=True)
class ComplianceRule:
    """One check of one row; `applies` says whether the policy requires it."""

    code: str
    subject: Subject
    basis: str
    holds: Callable[[Policy], pl.Expr]
    applies: Callable[[Policy], bool] = lambda _: True

    def citation(self, policy: Policy) -> str | None:
        """Citation of the figure or rule it rests on; None where the policy has neither."""
        if self.basis in policy.figures:
            return policy.figures[self.basis].citation
        return next((r.citation for r in policy.rules if r.code == self.basis), None)


def in_force(policy: Policy, subject: Subject | None = None) -> tuple[ComplianceRule, ...]:
    """The rules a policy asks for, in their order; with `subject` only those of decisions or of offers."""
    return tuple(
        r for r in RULES if subject in (None, r.subject) and r.citation(policy) is not None and r.applies(policy)
    )


def _unless_eligible(condition: pl.Expr) -> pl.Expr:
    return (pl.col("decision") != "eligible") | condition


def _highest_payment() -> pl.Expr:
    return pl.max_horizontal("payment_cents", "last_payment_cents")


def _ppm(rate: str) -> pl.Expr:
    """A rate of six decimals as whole millionths, exactly."""
    return (pl.col(rate).cast(pl.Float64) * 1_000_000).round().cast(pl.Int64)


def _kind(policy: Policy, field: str) -> pl.Expr:
    figures = {kind: getattr(limit, field) for kind, limit in policy.kinds.items()}
    return pl.col("product_kind").replace_strict(figures, default=0, return_dtype=pl.Int64)


def _cost_within_cap(policy: Policy) -> pl.Expr:
    cost = "apr_simple" if policy.cap.method == "simple_irr" else "apr_irr"
    return _ppm(cost) <= pl.col("cap_bp").cast(pl.Int64) * 100


def _debt_service_after(policy: Policy) -> pl.Expr:
    after = pl.col("debt_service_cents").fill_null(0) + _highest_payment()
    return after * 10_000 <= pl.col("income_cents") * policy.affordability.dsr_limit_bp


def _interest_free(policy: Policy) -> pl.Expr:
    free = (pl.col("total_interest_cents") == 0) & (pl.col("total_fee_cents") == 0)
    kept = free & (pl.col("term_m") <= policy.interest_free.max_term_m) & pl.col("merchant_id").is_not_null()
    return (pl.col("plan_type") != "interest_free") | kept


RULES: tuple[ComplianceRule, ...] = (
    ComplianceRule(
        "age_permits",
        "decision",
        "age.minimum_y",
        lambda _: _unless_eligible(pl.col("age_gate") == "passed"),
    ),
    ComplianceRule(
        "debt_service_within_limit",
        "decision",
        "affordability.dsr_limit_bp",
        lambda p: _unless_eligible(pl.col("dsr_bp") <= p.affordability.dsr_limit_bp),
    ),
    ComplianceRule(
        "automation_not_refused",
        "decision",
        "automated_decision_refused",
        lambda _: _unless_eligible(~pl.col("automated_decision_opt_out").fill_null(value=False)),
    ),
    ComplianceRule(
        "student_seen_by_a_person",
        "decision",
        "student",
        lambda _: _unless_eligible(
            ~pl.col("is_student").fill_null(value=False) & (pl.col("employment_type").fill_null("unknown") != "student")
        ),
    ),
    ComplianceRule(
        "bureau_consented",
        "decision",
        "bureau_consent_missing",
        lambda _: _unless_eligible(pl.col("consent_credit_bureau")),
    ),
    ComplianceRule(
        "income_proven",
        "decision",
        "income_not_verified",
        lambda _: _unless_eligible(pl.col("income_source") != "stated"),
    ),
    ComplianceRule(
        "exposure_within_limit",
        "decision",
        "exposure.own_max_cents",
        lambda p: (
            (pl.col("limit_cents") == 0)
            | (pl.col("limit_cents") + pl.col("plan_outstanding_cents").fill_null(0) <= p.exposure.own_max_cents)
        ),
    ),
    ComplianceRule(
        "above_cap_refused",
        "decision",
        "price_above_cap",
        lambda _: ~pl.col("price_above_cap") | (pl.col("decision") == "declined"),
    ),
    ComplianceRule(
        "line_raised_slowly",
        "decision",
        "line.max_rise_bp",
        lambda p: (
            pl.col("line_cents").is_null()
            | (pl.col("line_next_cents") * 10_000 <= pl.col("line_cents") * (10_000 + p.line.max_rise_bp))
        ),
    ),
    ComplianceRule(
        "reasons_given",
        "decision",
        "notices.max_reasons",
        lambda p: (
            (pl.col("decision") == "eligible")
            | pl.col("principal_reasons").list.len().is_between(1, p.notices.max_reasons)
        ),
    ),
    ComplianceRule(
        "notice_dated",
        "decision",
        "notices.adverse_days",
        lambda p: (
            (pl.col("decision") != "declined")
            | (pl.col("notice_due_on") <= pl.col("as_of_date").dt.offset_by(f"{p.notices.adverse_days}d"))
        ),
        applies=lambda p: p.notices.adverse_days > 0,
    ),
    ComplianceRule(
        "on_a_sound_decision",
        "offer",
        "offers.prequalified_days",
        lambda p: (
            (pl.col("decision") == "eligible")
            & pl.col("decision_sound")
            & ~pl.col("human_review")
            & (pl.col("prequalified_until") >= pl.col("as_of_date"))
            & (pl.col("prequalified_until") <= pl.col("as_of_date").dt.offset_by(f"{p.offers.prequalified_days}d"))
        ),
    ),
    ComplianceRule(
        "annual_cost_within_cap",
        "offer",
        "cap.rate_bp",
        _cost_within_cap,
    ),
    ComplianceRule(
        "term_allowed",
        "offer",
        "kinds.card_installment.max_term_m",
        lambda p: (pl.col("term_m") <= _kind(p, "max_term_m")) & (pl.col("term_m") <= pl.col("max_term_m")),
    ),
    ComplianceRule(
        "amount_allowed",
        "offer",
        "kinds.card_installment.max_amount_cents",
        lambda p: (
            (pl.col("max_amount_cents") <= _kind(p, "max_amount_cents"))
            & (pl.col("max_amount_cents") <= pl.col("limit_cents"))
            & (pl.col("amount_cents") <= pl.col("max_amount_cents"))
        ),
    ),
    ComplianceRule(
        "amount_not_too_small",
        "offer",
        "amounts.minimum_cents",
        lambda p: pl.col("amount_cents") >= p.amounts.minimum_cents,
    ),
    ComplianceRule(
        "purpose_allowed",
        "offer",
        "purposes.barred",
        lambda p: pl.col("sold") & ~pl.col("purpose_code").is_in(p.purposes.barred),
    ),
    ComplianceRule(
        "interest_free_is_free",
        "offer",
        "interest_free.max_term_m",
        _interest_free,
    ),
    ComplianceRule(
        "payment_affordable",
        "offer",
        "affordability.cash_flow_share_bp",
        lambda _: _highest_payment() <= pl.col("max_payment_cents"),
    ),
    ComplianceRule(
        "debt_service_after_within_limit",
        "offer",
        "affordability.dsr_limit_bp",
        _debt_service_after,
    ),
    ComplianceRule(
        "annual_cost_shown",
        "offer",
        "disclosure.show_annual_cost",
        lambda _: pl.col("apr_irr") >= pl.col("apr_simple"),
        applies=lambda p: p.disclosure.show_annual_cost,
    ),
    ComplianceRule(
        "cost_is_interest",
        "offer",
        "disclosure.show_cost_as_interest",
        lambda _: (pl.col("product_kind") != "card_installment") | (pl.col("total_fee_cents") == 0),
        applies=lambda p: p.disclosure.show_cost_as_interest,
    ),
    ComplianceRule(
        "not_interest_first_only",
        "offer",
        "disclosure.show_cost_as_interest",
        lambda _: (pl.col("repay_method") != "INT_FIRST") | pl.col("has_other_method"),
        applies=lambda p: p.disclosure.show_cost_as_interest,
    ),
)
