"""Worked cases of the second installment: route, state, law, and what follows from which rule.

Every case is one customer with one plan of 12,000 yuan over 12 months at 12 %, bought half a year before the night
and paid on time, with 10,000 yuan a month and no other debt; a case says what differs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

LAW_13 = "银保监规〔2022〕13号"
ART_70 = "商业银行信用卡业务监督管理办法 art. 70"
HISTORY = "the plan's history decides the routes"
BEHAVIOUR = "paid as agreed so far"
GATE = "tonight's decision, or a plan broken in hardship"
ON_OFFER = "a purchase needs an offer"
AFFORDABLE = "payment within free cash flow"
CHANGE = "a running plan may be changed"
HARDSHIP = "payments pause in hardship"
OVER_GRADE = "hardship goes before the grade's term"
BY_GRADE = "a better grade lowers the rate"
INTEREST_FREE = "no rate to lower"
NIGHT = date(2025, 8, 1)
BEFORE_13 = date(2022, 7, 1)
INSTALLMENT = 106_619


def months_back(night: date, months: int, day: int) -> date:
    number = night.year * 12 + night.month - 1 - months
    return date(number // 12, number % 12 + 1, day)


@dataclass(frozen=True)
class Case:
    """What differs, what is expected, and the rule it comes from."""

    name: str
    route: str
    rule: str
    reasons: tuple[str, ...] = ()
    terms: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)
    paid: int = 6
    customer: dict[str, Any] = field(default_factory=dict)
    decision: dict[str, Any] = field(default_factory=dict)
    hardship: dict[str, Any] | None = None
    wish: dict[str, Any] | None = None
    changes: tuple[dict[str, Any], ...] = ()
    medical_consent: bool = True
    offer: bool = True
    citation: str | None = None
    night: date = NIGHT


LOAN = {"product_code": "car"}
POOR = {"income_cents": 450_000, "free_cash_flow_cents": 20_000}
CASE: dict[str, Any] = {}
SETTLED = {"status": "settled", "changed_on": date(2025, 7, 20)}
BROKEN = {"status": "broken", "changed_on": date(2025, 6, 11)}


def change(route: str, on: date, **terms: Any) -> dict[str, Any]:
    return {"route": route, "on": on, **terms}


def case(name: str, route: str, rule: str, *reasons: str, **rest: Any) -> Case:
    return Case(name, route, rule, reasons, **rest)


def _new_purchase() -> list[Case]:
    r = "new_purchase"
    return [
        case("good payer", r, HISTORY, terms={"term_months": 12, "amount_cents": 500_000}),
        case("plan settled, paid well", r, HISTORY, plan=SETTLED, paid=12, terms={"amount_cents": 500_000}),
        case("declined tonight", r, GATE, "high_debt", decision={"decision": "declined", "reasons": ["high_debt"]}),
        case("paid nothing so far", r, BEHAVIOUR, "behaviour_score_low", paid=0),
        case("eligible, nothing on offer", r, ON_OFFER, "no_offer", offer=False),
        case("not decided tonight", r, GATE, "not_eligible_now", decision={"decision": None, "reasons": None}),
    ]


def _term_change() -> list[Case]:
    r = "term_change"
    recent = (change(r, date(2025, 6, 20), term_m=9),)
    return [
        case("card balance", r, LAW_13, "reinstallment_barred", citation=LAW_13),
        case("card balance wished longer", r, LAW_13, "reinstallment_barred", wish={"term_m": 24}, citation=LAW_13),
        case("card balance before the notice", r, LAW_13, terms={"term_months": 3}, night=BEFORE_13),
        case("loan, fewest months to bear", r, CHANGE, plan=LOAN, terms={"term_months": 3}),
        case("loan, months wished", r, CHANGE, plan=LOAN, wish={"term_m": 18}, terms={"term_months": 18}),
        case("loan, wished beyond the law", r, "NFRA令2024年第3号", "term_too_long", plan=LOAN, wish={"term_m": 85}),
        case("loan, as it is", r, CHANGE, "no_change", plan=LOAN, wish={"term_m": 6}),
        case(
            "loan, started in June", r, CHANGE, "too_early", plan={**LOAN, "late_start": 2}, paid=1, wish={"term_m": 18}
        ),
        case("loan, overdue", r, CHANGE, "overdue", plan=LOAN, paid=5, wish={"term_m": 18}),
        case("loan, settled", r, HISTORY, "plan_closed", plan={**LOAN, **SETTLED}, paid=12, wish={"term_m": 18}),
        case("loan, broken", r, HISTORY, "plan_broken", plan={**LOAN, **BROKEN}, paid=3, wish={"term_m": 18}),
        case(
            "loan, income unknown",
            r,
            AFFORDABLE,
            "income_unknown",
            "not_affordable",
            plan=LOAN,
            customer={"income_cents": None, "free_cash_flow_cents": None},
            wish={"term_m": 18},
        ),
        case("loan, too dear even so", r, AFFORDABLE, "not_affordable", plan=LOAN, customer=POOR, wish={"term_m": 7}),
        case("loan, changed in June", r, CHANGE, "change_too_recent", plan=LOAN, changes=recent, wish={"term_m": 18}),
    ]


def _restructure() -> list[Case]:
    r = "art70_restructure"
    poor = {"customer": POOR, "hardship": CASE, "paid": 4}
    twice = tuple(
        change(r, on, term_m=24, annual_rate=Decimal("0.06"))
        for on in (date(2025, 4, 12), date(2025, 10, 20), date(2025, 5, 12))
    )
    return [
        case("beyond ability, willing, shown", r, ART_70, **poor, terms={"annual_rate": Decimal("0.12")}),
        case(
            "the weakest grade gets the same term",
            r,
            OVER_GRADE,
            **poor,
            decision={"price_grade": "G"},
            terms={"override_reason": "hardship_term_over_grade"},
        ),
        case("nothing reported", r, ART_70, "no_hardship_case", customer=POOR, paid=4),
        case("case closed again", r, ART_70, "no_hardship_case", customer=POOR, hardship={"status": "closed"}, paid=4),
        case(
            "evidence asked for",
            r,
            ART_70,
            "evidence_missing",
            customer=POOR,
            hardship={"evid_status": "requested"},
            paid=4,
        ),
        case(
            "evidence rejected",
            r,
            ART_70,
            "evidence_missing",
            customer=POOR,
            hardship={"evid_status": "rejected"},
            paid=4,
        ),
        case(
            "not willing",
            r,
            ART_70,
            "not_willing",
            customer=POOR,
            hardship={"willing_to_pay": False},
            paid=4,
            citation=ART_70,
        ),
        case("within ability", r, ART_70, "within_ability", hardship=CASE),
        case(
            "the salary has fallen already",
            r,
            ART_70,
            hardship=CASE,
            customer={"salary_now_cents": 550_000},
            terms={"term_months": 12, "stressed_capacity_cents": 56_619},
        ),
        case("consumption loan", r, ART_70, "not_card_debt", plan=LOAN, **poor, citation=ART_70),
        case("income unknown", r, AFFORDABLE, "income_unknown", customer={"income_cents": None}, hardship=CASE, paid=4),
        case(
            "nothing to bear it with",
            r,
            ART_70,
            "not_affordable",
            customer={**POOR, "free_cash_flow_cents": -50_000},
            hardship=CASE,
            paid=4,
            citation=ART_70,
        ),
        case(
            "hardly anything: at no rate",
            r,
            AFFORDABLE,
            customer={**POOR, "free_cash_flow_cents": -2_500},
            hardship=CASE,
            paid=4,
            terms={"annual_rate": Decimal(0)},
        ),
        case(
            "two agreements",
            r,
            "plans.max_personalised_agreements",
            "too_many_agreements",
            customer=POOR,
            hardship=CASE,
            paid=6,
            changes=twice[:2],
            night=date(2026, 3, 1),
        ),
        case("an agreement in May", r, "restructure.cooling_off_m", "agreement_too_recent", **poor, changes=twice[2:]),
        case("settled", r, HISTORY, "plan_closed", customer=POOR, hardship=CASE, plan=SETTLED, paid=12),
        case(
            "broken, with evidence",
            r,
            GATE,
            customer=POOR,
            hardship=CASE,
            plan=BROKEN,
            paid=2,
            terms={"annual_rate": Decimal("0.12")},
        ),
        case(
            "deposits give a down payment",
            r,
            AFFORDABLE,
            customer={**POOR, "balance_avg_cents_3m": 2_000_000},
            hardship=CASE,
            paid=4,
            terms={"down_payment_cents": 82_300},
        ),
    ]


def _holiday() -> list[Case]:
    r = "payment_holiday"
    ill = {"cause": "medical"}
    taken = (change(r, date(2025, 3, 12), pause_m=2, interest_mode="waive"),)
    return [
        case("illness", r, HARDSHIP, hardship=ill, terms={"pause_months": 1, "interest_mode": "waive"}),
        case(
            "illness kept private",
            r,
            "PIPL arts 28-29",
            hardship=ill,
            medical_consent=False,
            terms={"interest_mode": "accrue"},
        ),
        case(
            "until work begins in November",
            r,
            HARDSHIP,
            hardship={"expected_resume_on": date(2025, 11, 1)},
            terms={"pause_months": 3, "interest_mode": "accrue"},
        ),
        case(
            "nine months wished",
            r,
            HARDSHIP,
            hardship=CASE,
            wish={"pause_m": 9, "interest_mode": "accrue"},
            terms={"pause_months": 6},
        ),
        case(
            "capitalising wished",
            r,
            HARDSHIP,
            hardship=ill,
            wish={"pause_m": 2, "interest_mode": "capitalise"},
            terms={"interest_mode": "capitalise"},
        ),
        case("nothing reported", r, HARDSHIP, "no_hardship_case"),
        case("evidence asked for", r, HARDSHIP, "evidence_missing", hardship={"evid_status": "requested"}),
        case("long overdue", r, HARDSHIP, "too_far_past_due", hardship=CASE, paid=4),
        case("a pause in March", r, HARDSHIP, "holiday_taken", hardship=CASE, changes=taken),
        case("broken", r, HISTORY, "plan_broken", hardship=CASE, plan=BROKEN, paid=3),
    ]


def _settlement() -> list[Case]:
    r = "early_settlement"
    return [
        case("running", r, CHANGE, terms={"amount_cents": 622_287}),
        case("overdue", r, CHANGE, paid=4),
        case("broken", r, CHANGE, plan=BROKEN, paid=3),
        case("settled already", r, HISTORY, "plan_closed", plan=SETTLED, paid=12),
    ]


def _review() -> list[Case]:
    r = "rate_review"
    before = (change(r, date(2025, 3, 12), annual_rate=Decimal("0.11")),)
    return [
        case("a better grade", r, BY_GRADE, terms={"annual_rate": Decimal("0.10"), "term_months": 6}),
        case("no better grade", r, BY_GRADE, "rate_not_better", decision={"price_grade": "D"}),
        case(
            "interest-free",
            r,
            INTEREST_FREE,
            "rate_not_better",
            plan={"annual_rate": Decimal(0), "repay_method": "INTEREST_FREE", "installment_cents": 100_000},
        ),
        case("overdue", r, BY_GRADE, "overdue", paid=5),
        case("reviewed in March", r, "changes.rate_review_m", "rate_reviewed_already", changes=before),
        case(
            "under observation",
            r,
            "arts 10-23",
            "under_observation",
            changes=(change("payment_holiday", date(2025, 3, 12), pause_m=1, interest_mode="waive"),),
        ),
    ]


def _due_date() -> list[Case]:
    r = "due_date_change"
    before = (change(r, date(2025, 3, 12), due_day=12),)
    return [
        case("any day", r, CHANGE, terms={"total_cost_diff_cents": None, "due_day": None}),
        case("after payday", r, CHANGE, wish={"due_day": 25}, terms={"due_day": 25, "term_months": 6}),
        case("the thirty-first", r, "changes.last_due_day", "day_not_allowed", wish={"due_day": 31}),
        case("the day it is", r, CHANGE, "no_change", wish={"due_day": 10}),
        case("moved in March", r, "changes.due_date_per_year", "due_date_changed_already", changes=before),
        case("overdue", r, "changes.max_dpd", "overdue", paid=5),
    ]


CASES = [
    *_new_purchase(),
    *_term_change(),
    *_restructure(),
    *_holiday(),
    *_settlement(),
    *_review(),
    *_due_date(),
]
