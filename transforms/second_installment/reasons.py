"""Why a route is refused: every code in words a customer would understand, with the figures that say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.policy.read import OWN_FIGURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.policy.policy import Policy

OVERRIDE = "hardship_term_over_grade"


@dataclass(frozen=True)
class Reason:
    """One reason: its text in both languages and the policy's figures it rests on (none: what the facts are).

    `{kind}` in a figure's name is the kind of the plan's product.
    """

    en: str
    zh: str
    figures: tuple[str, ...] = ()


#: What can be borne: the stress of the income, and the share of it that debts may take.
_ABILITY = ("affordability.stress_income_drop_bp", "affordability.stress_dsr_limit_bp")

REASONS: dict[str, Reason] = {
    "plan_closed": Reason("The plan has ended; there is nothing to change.", "该分期已结清或已取消,无可变更。"),
    "plan_broken": Reason(
        "The plan was broken; only a personalised agreement or settling it is open.",
        "该分期已违约,仅可办理个性化分期还款协议或提前结清。",
    ),
    "reinstallment_barred": Reason(
        "A card installment balance may not be put into installments again, except by a personalised agreement.",
        "信用卡分期余额不得再次办理分期,个性化分期还款协议除外。",
        ("plans.reinstallment_allowed",),
    ),
    "not_card_debt": Reason(
        "The personalised agreement is for card debt only.",
        "个性化分期还款协议仅适用于信用卡欠款。",
        ("restructure.kinds",),
    ),
    "no_hardship_case": Reason("No difficulty has been reported to us.", "未登记还款困难情况。"),
    "evidence_missing": Reason(
        "We do not have the evidence of the difficulty yet.", "尚未收到困难证明材料。", ("restructure.evidence",)
    ),
    "not_willing": Reason(
        "The customer has not said that he or she wants to pay.", "客户未表示还款意愿。", ("restructure.kinds",)
    ),
    "within_ability": Reason(
        "Even with less income the payments can be borne.", "在收入下降的压力情形下仍有能力按期还款。", _ABILITY
    ),
    "income_unknown": Reason("We do not know the income and need proof of it.", "无法核定收入,需补充证明。", _ABILITY),
    "too_many_agreements": Reason(
        "The number of personalised agreements on this debt has reached the maximum.",
        "该笔债务的个性化分期协议次数已达上限。",
        ("plans.max_personalised_agreements",),
    ),
    "agreement_too_recent": Reason(
        "The last personalised agreement is too recent.",
        "距上次个性化分期协议时间过短。",
        ("restructure.cooling_off_m",),
    ),
    "not_affordable": Reason(
        "No term allowed gives a payment that can be borne.", "在允许的最长期限内仍无可承受的月供。", _ABILITY
    ),
    "too_far_past_due": Reason(
        "The plan is too long overdue for a pause.", "逾期天数超过可暂停还款的上限。", ("holiday.max_dpd",)
    ),
    "holiday_taken": Reason(
        "Payments were paused once in the last twelve months already.",
        "近12个月内已办理过暂停还款。",
        ("holiday.once_in_m",),
    ),
    "nothing_to_come": Reason("No installment is still to come.", "已无未到期期次。"),
    "too_early": Reason("The plan has not run long enough.", "分期办理时间过短。", ("changes.min_months_on_book",)),
    "overdue": Reason("Payments are overdue now.", "当前存在逾期。", ("changes.max_dpd",)),
    "too_many_changes": Reason(
        "The plan was changed as often as is allowed in a year.", "年内变更次数已达上限。", ("changes.max_per_year",)
    ),
    "change_too_recent": Reason("The last change is too recent.", "距上次变更时间过短。", ("changes.cool_off_m",)),
    "due_date_changed_already": Reason(
        "The due date was changed already in the last twelve months.",
        "近12个月内已调整过还款日。",
        ("changes.due_date_per_year",),
    ),
    "rate_reviewed_already": Reason(
        "The rate was reviewed already in the last twelve months.",
        "近12个月内已办理过利率重检。",
        ("changes.rate_review_m",),
    ),
    "term_too_long": Reason(
        "The term asked for is longer than is allowed.", "申请期限超过上限。", ("kinds.{kind}.max_term_m",)
    ),
    "no_change": Reason("The terms would be the same as now.", "调整后条件与当前一致。"),
    "rate_not_better": Reason(
        "Today's rate for the customer is not lower.", "当前适用利率并未降低。", ("changes.rate_review_gain_bp",)
    ),
    "behaviour_score_low": Reason(
        "The plans so far were not paid well enough.", "既往分期履约评分未达要求。", ("changes.min_behaviour_score",)
    ),
    "under_observation": Reason(
        "The plan is a restructured asset under observation.",
        "该分期处于重组资产观察期。",
        ("classification.observation_m",),
    ),
    "not_eligible_now": Reason(
        "A new plan is not open at present; the decision's own reasons say why.", "当前不符合新分期准入条件。"
    ),
    "no_offer": Reason("No plan on offer fits at present.", "当前无可办理的分期方案。"),
    "day_not_allowed": Reason(
        "That day of the month is not available.", "所选还款日不可用。", ("changes.last_due_day",)
    ),
}


#: Figures that differ by route: art. 70 asks for difficulty and a debt beyond the ability and bounds the term, whose
#: citation comes first; a pause rests on a section of its own.
_OF_ROUTE: dict[tuple[str, str], tuple[str, ...]] = {
    ("art70_restructure", "no_hardship_case"): ("restructure.kinds",),
    ("art70_restructure", "within_ability"): ("restructure.kinds", *_ABILITY),
    ("art70_restructure", "not_affordable"): ("plans.personalised_max_term_m", *_ABILITY),
    ("payment_holiday", "evidence_missing"): ("holiday.evidence",),
}
#: How citations of the lender's own figures and rules begin.
_OWN = OWN_FIGURE.rpartition(" ")[0]


def figures_of(code: str, route: str, kind: str) -> tuple[str, ...]:
    """Names of the policy's figures a reason rests on, for a plan of that kind; none for a plain fact."""
    told = REASONS[code].figures if code in REASONS else ()
    return tuple(name.format(kind=kind) for name in _OF_ROUTE.get((route, code), told))


def citation_of(reasons: Sequence[str], route: str, kind: str, policy: Policy) -> str | None:
    """Where a refusal comes from: the first reason that rests on a rule of law, else on a figure of the lender's own.

    The decision's own reasons are rules of the policy and cite what those cite. None for plain facts.
    """
    found = [citation for code in reasons if (citation := _citation(code, route, kind, policy))]
    return next((c for c in found if not c.startswith(_OWN)), found[0] if found else None)


def _citation(code: str, route: str, kind: str, policy: Policy) -> str | None:
    rule = next((r for r in policy.rules if r.code == code), None)
    if route == "new_purchase" and rule is not None:
        return rule.citation
    named = figures_of(code, route, kind)
    return "; ".join(dict.fromkeys(policy.figures[n].citation for n in named if n in policy.figures)) or None
