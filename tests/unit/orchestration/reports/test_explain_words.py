"""An explanation in words: what cooldown, notes, market and over-indebtedness did is told, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from orchestration.reports.explain import Explanation
from orchestration.reports.explain_words import told
from tests.unit.transforms.support import reasons

PLAIN = Explanation(
    catalogue=reasons(),
    customer_token="c",
    as_of=date(2026, 4, 1),
    eligibility={
        "decision": "eligible",
        "documents_requested": [],
        "limit_cents": 1_250_000,
        "max_term_m": 36,
        "min_rate": 0.082,
        "max_rate": 0.1195,
        "price_grade": "B",
        "max_payment_cents": 40_790,
        "limit_affordability_cents": 1_250_000,
        "limit_bound_by": "affordability",
    },
    profile={
        "income_cents": 1_000_000,
        "income_source": "payroll",
        "income_confidence": 0.9,
        "debt_service_cents": 0,
        "dsr": 0.0,
        "free_cash_flow_cents": 700_000,
        "liquid_buffer_m": 3.0,
        "max_dpd_12m": 0,
        "pay_behaviour": "transactor",
        "behaviour_segment": "transactor",
        "bureau_status": "fresh",
        "bureau_age_days": 3,
    },
    risk={
        "score": 685,
        "model_grade": "B",
        "held_grade": "B",
        "risk_grade": "B",
        "cutoff_grade": "B",
        "cutoff_shift_points": 0,
        "earlier_score": 690,
        "pd_12m": 0.015,
        "ability": 85,
        "willingness": 88,
        "ead_cents": 0,
        "lgd": 0.55,
        "el_cents": 0,
        "co_obligor_cnt": 0,
        "stressed_dsr": 0.0,
        "capacity_band": "strong",
        "need_class": "purchase",
        "review_reasons": [],
    },
    risk_reasons=[],
    reasons=[],
    offers=[],
    debts=[],
    borrowing={
        "pressure_before": 0.0,
        "pressure_after": 0.5,
        "payment_before_cents": 0,
        "payment_after_cents": 350_000,
        "reason_en": "Borrowing is within bounds.",
        "reason_zh": "负债在合理范围内。",
        "cool_off_until": None,
    },
    notes=[],
    alerts=[],
    interventions=[],
    market={"reason_en": "The market calls for caution.", "reason_zh": "市场需审慎。"},
    points=[],
    figures={"hysteresis.exit_band_points": 10, "hysteresis.cooldown_m": 3},
    assessed_on=date(2026, 1, 1),
    routes=[],
    policy_texts=[],
    manifest={
        "published_at": datetime(2026, 4, 2),  # noqa: DTZ001 - as the table has it
        **dict.fromkeys(("run_id", "policy_id", "policy_version", "model_version", "code_version"), "x"),
        **dict.fromkeys(("inputs_digest", "manifest_digest"), "0" * 64),
    },
)
CALL: dict[str, Any] = {
    "reason_en": "A call: a payment is overdue.",
    "reason_zh": "电话联系:还款已逾期。",
    "due_on": date(2026, 4, 4),
    "expires_on": date(2026, 5, 1),
    "adverse_notice": False,
    "outcome": "open",
}
ALERT: dict[str, Any] = {
    "reason_en": "A payment far above what this customer usually pays",
    "reason_zh": "支付金额远高于该客户平时水平",
    "amount_cents": 500_000,
    "baseline_cents": 10_000,
    "severity": "high",
}
NOTE: dict[str, Any] = {
    "author_code": "RA07",
    "noted_on": date(2026, 3, 13),
    "stands_until": date(2026, 9, 9),
    "opinion": "worse",
    "reason_code": "undisclosed_debt",
    "notch_applied": 1,
    "outcome_en": "The grade was moved as the note asks",
    "outcome_zh": "已按备注调整等级",
    "grade_before": "B",
    "grade_after": "C",
}


def changed(**parts: dict[str, Any]) -> Explanation:
    """The plain explanation with some of its figures changed."""
    return replace(PLAIN, **{name: {**getattr(PLAIN, name), **new} for name, new in parts.items()})


def test_a_plain_customer_is_told_nothing_of_what_did_not_happen() -> None:
    text = told(PLAIN, "en")
    assert "The grade is B.\n" in text
    for word in ("Analyst", "market", "cooling", "co-obligor", "What is done", "On 2026-01-01", "priced as"):
        assert word not in text


@pytest.mark.parametrize(
    ("found", "english", "chinese"),
    [
        (
            changed(risk={"held_grade": "C", "risk_grade": "C", "earlier_score": 640}),
            "On 2026-01-01 the score was 640. A better grade counts once it has been reached with 10 points to spare",
            "2026-01-01 的评分为 640。更好的等级须高出下限 10 分并保持 3 个月方可生效,此前按等级 C。",
        ),
        (
            changed(risk={"held_grade": "C", "earlier_score": None}),
            "of a customer not assessed 3 months ago",
            "3 个月前尚无评估",
        ),
        (
            replace(PLAIN, notes=[NOTE]),
            "Analyst RA07 noted on 2026-03-13 that the risk is worse than scored, for undisclosed debt. "
            "The grade was moved as the note asks: grade B becomes C, until 2026-09-09.",
            "等级由 B 调整为 C,有效至 2026-09-09",
        ),
        (
            replace(PLAIN, notes=[{**NOTE, "notch_applied": 0, "outcome_en": "The note has expired"}]),
            "for undisclosed debt. The note has expired.\n",
            "分析员 RA07 于 2026-03-13 备注:风险差于评分(理由:未披露债务)。",
        ),
        (
            changed(risk={"cutoff_shift_points": 10, "cutoff_grade": "C"}),
            "The market calls for caution. Against the cut-offs this customer counts as grade C.",
            "市场需审慎。该客户准入按等级 C 判断。",
        ),
        (
            changed(borrowing={"pressure_before": 1.2, "cool_off_until": date(2026, 4, 20)}),
            "more than all of what is left after living cost",
            "冷静期至 2026-04-20 结束。",
        ),
        (
            changed(risk={"ead_cents": 1_000_000, "el_cents": 6_000, "lgd": 0.4, "co_obligor_cnt": 1}),
            "40% of it lost; expected loss of the year 60.00. A co-obligor has signed, which lowers the loss.",
            "已有共同债务人签约",
        ),
        (
            changed(profile={"bureau_status": "stale", "bureau_age_days": 91}),
            "The last credit report is 91 days old, too old to decide by.",
            "最近征信报告距今 91 天,已过时效。",
        ),
        (
            replace(PLAIN, interventions=[CALL], alerts=[ALERT]),
            "A call: a payment is overdue. Due by 2026-04-04, lapses on 2026-05-01.\n",
            "支付金额远高于该客户平时水平:5,000.00,平时 100.00(高)。",
        ),
        (
            replace(PLAIN, interventions=[{**CALL, "adverse_notice": True, "outcome": "done"}]),
            "The books show it done. The customer has to be told.",
            "账务显示已执行。需告知客户。",
        ),
        (changed(eligibility={"price_grade": "A"}), "The grade is B, priced as A", "以等级 A 定价"),
    ],
)
def test_what_did_happen_is_told_in_both_languages(found: Explanation, english: str, chinese: str) -> None:
    """Analyst's note, market shift, over-indebtedness, guarantor, alert, intervention and price grade."""
    assert english in told(found, "en")
    assert chinese in told(found, "zh")


def test_a_review_says_what_to_ask_for() -> None:
    found = changed(eligibility={"decision": "review", "documents_requested": ["income_proof", "late_payment_note"]})
    assert "To be asked for: payslips or income tax records of the last three months; a written" in told(found, "en")
    assert "up to" in told(found, "en")
    nothing = changed(eligibility={"decision": "review", "documents_requested": ["income_proof"], "limit_cents": 0})
    assert "On what is known no amount can be granted." in told(nothing, "en")
    assert "需补充材料:近三个月工资条或个人所得税记录;逾期情况书面说明及证明。" in told(found, "zh")


def test_a_cause_for_review_stands_for_the_general_reason() -> None:
    why = {"decision": "review", "citation": "lender's own rule"}
    stale = {
        **why,
        "code": "bureau_stale",
        "reason_en": "The credit report is too old.",
        "reason_zh": "征信报告已过时效。",
    }
    person = {**why, "code": "human_review", "reason_en": "A person must look.", "reason_zh": "需人工复核。"}
    found = changed(risk={"review_reasons": ["bureau_stale"]}, eligibility={"decision": "review"})
    text = told(replace(found, reasons=[stale, person]), "en")
    assert "The credit report is too old." in text
    assert "A person must look." not in text
    assert "A person must look." in told(replace(found, reasons=[person]), "en")
    assert "[本机构规定]" in told(replace(found, reasons=[stale]), "zh")
