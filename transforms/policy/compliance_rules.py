"""What every decision and every offer is held against before it is published, each by the policy's own citation.

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
    """One check of one row; `applies` says whether the policy asks for it."""

    code: str
    subject: Subject
    basis: str
    text_en: str
    text_zh: str
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
    return (pl.col("decision") != "eligible") | condition.fill_null(value=False)


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
        "Nobody under age, or of unknown age, is found eligible.",
        "未成年或年龄不明者不得自动通过。",
        lambda _: _unless_eligible(pl.col("age_gate") == "passed"),
    ),
    ComplianceRule(
        "debt_service_within_limit",
        "decision",
        "affordability.dsr_limit_bp",
        "Debt service takes no more of the income than is allowed.",
        "偿债支出占收入比例不超过上限。",
        lambda p: _unless_eligible(pl.col("dsr_bp") <= p.affordability.dsr_limit_bp),
    ),
    ComplianceRule(
        "automation_not_refused",
        "decision",
        "automated_decision_refused",
        "Whoever refused a decision by automation alone is not decided by it.",
        "拒绝自动化决策者不得仅由系统决定。",
        lambda _: _unless_eligible(~pl.col("automated_decision_opt_out").fill_null(value=False)),
    ),
    ComplianceRule(
        "student_seen_by_a_person",
        "decision",
        "student",
        "A student is not found eligible by the system alone.",
        "在校学生不得由系统自动通过。",
        lambda _: _unless_eligible(
            ~pl.col("is_student").fill_null(value=False) & (pl.col("employment_type").fill_null("unknown") != "student")
        ),
    ),
    ComplianceRule(
        "bureau_consented",
        "decision",
        "bureau_consent_missing",
        "Nobody is found eligible on a credit report they did not consent to.",
        "未授权查询征信者不得自动通过。",
        lambda _: _unless_eligible(pl.col("consent_credit_bureau")),
    ),
    ComplianceRule(
        "income_proven",
        "decision",
        "income_not_verified",
        "Nobody is found eligible on stated income alone.",
        "不得仅凭自报收入通过。",
        lambda _: _unless_eligible(pl.col("income_source") != "stated"),
    ),
    ComplianceRule(
        "exposure_within_limit",
        "decision",
        "exposure.own_max_cents",
        "The limit and what is outstanding stay within what one borrower may owe.",
        "授信与在贷余额合计不超过单户上限。",
        lambda p: (
            (pl.col("limit_cents") == 0)
            | (pl.col("limit_cents") + pl.col("plan_outstanding_cents").fill_null(0) <= p.exposure.own_max_cents)
        ),
    ),
    ComplianceRule(
        "above_cap_refused",
        "decision",
        "price_above_cap",
        "A price above the cap is refused, never mis-priced.",
        "定价超过上限者拒绝,不得错价。",
        lambda _: ~pl.col("price_above_cap") | (pl.col("decision") == "declined"),
    ),
    ComplianceRule(
        "line_raised_slowly",
        "decision",
        "line.max_rise_bp",
        "A line rises by no more than the policy's share of the line in force.",
        "额度上调不超过规定比例。",
        lambda p: (
            pl.col("line_cents").is_null()
            | (pl.col("line_next_cents") * 10_000 <= pl.col("line_cents") * (10_000 + p.line.max_rise_bp))
        ),
    ),
    ComplianceRule(
        "reasons_given",
        "decision",
        "notices.max_reasons",
        "Whoever is not found eligible has at least one principal reason, and no more than are helpful.",
        "未通过者至少有一项主要原因,且不超过规定数量。",
        lambda p: (
            (pl.col("decision") == "eligible")
            | pl.col("principal_reasons").list.len().is_between(1, p.notices.max_reasons)
        ),
    ),
    ComplianceRule(
        "notice_dated",
        "decision",
        "notices.adverse_days",
        "A notice to a declined customer has its last day.",
        "拒绝通知须载明最迟送达日。",
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
        "An offer rests on an eligible decision that keeps every rule, and ends when the decision does.",
        "方案须基于合规的通过决定,且不超过其有效期。",
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
        "The annual cost by the cap's method, every fee included, is within the cap.",
        "含全部费用的年化综合融资成本不超过上限。",
        _cost_within_cap,
    ),
    ComplianceRule(
        "term_allowed",
        "offer",
        "kinds.card_installment.max_term_m",
        "The term is within what the kind of product allows and the decision grants.",
        "期限不超过产品类别与决定的上限。",
        lambda p: (pl.col("term_m") <= _kind(p, "max_term_m")) & (pl.col("term_m") <= pl.col("max_term_m")),
    ),
    ComplianceRule(
        "amount_allowed",
        "offer",
        "kinds.card_installment.max_amount_cents",
        "The amount is within what the kind of product allows and the decision grants.",
        "金额不超过产品类别与决定的上限。",
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
        "The amount is no smaller than the smallest plan.",
        "金额不低于最低分期金额。",
        lambda p: pl.col("amount_cents") >= p.amounts.minimum_cents,
    ),
    ComplianceRule(
        "purpose_allowed",
        "offer",
        "purposes.barred",
        "The product is sold under the policy, for a purpose it may finance.",
        "产品在售且用途未被禁止。",
        lambda p: pl.col("sold") & ~pl.col("purpose_code").is_in(p.purposes.barred),
    ),
    ComplianceRule(
        "interest_free_is_free",
        "offer",
        "interest_free.max_term_m",
        "An interest-free plan costs nothing, has a merchant that pays, and is no longer than it may be.",
        "免息分期不收利息和费用,由商户承担,期限不超限。",
        _interest_free,
    ),
    ComplianceRule(
        "payment_affordable",
        "offer",
        "affordability.cash_flow_share_bp",
        "No payment is above what the customer can bear.",
        "每期还款不超过可负担月供。",
        lambda _: _highest_payment() <= pl.col("max_payment_cents"),
    ),
    ComplianceRule(
        "debt_service_after_within_limit",
        "offer",
        "affordability.dsr_limit_bp",
        "Debt service with this plan takes no more of the income than is allowed.",
        "加上本方案后的偿债比不超过上限。",
        _debt_service_after,
    ),
    ComplianceRule(
        "annual_cost_shown",
        "offer",
        "disclosure.show_annual_cost",
        "The annual cost is given, and compounding it never makes it look lower.",
        "明示年化成本,复利口径不低于单利口径。",
        lambda _: pl.col("apr_irr") >= pl.col("apr_simple"),
        applies=lambda p: p.disclosure.show_annual_cost,
    ),
    ComplianceRule(
        "cost_is_interest",
        "offer",
        "disclosure.show_cost_as_interest",
        "A card installment's cost is interest: it has no fee beside it.",
        "信用卡分期以利息形式展示,不另收手续费。",
        lambda _: (pl.col("product_kind") != "card_installment") | (pl.col("total_fee_cents") == 0),
        applies=lambda p: p.disclosure.show_cost_as_interest,
    ),
    ComplianceRule(
        "not_interest_first_only",
        "offer",
        "disclosure.show_cost_as_interest",
        "Paying the interest first is never the only way to pay that a customer is shown.",
        "先息后本不得作为唯一还款方式。",
        lambda _: (pl.col("repay_method") != "INT_FIRST") | pl.col("has_other_method"),
        applies=lambda p: p.disclosure.show_cost_as_interest,
    ),
)
