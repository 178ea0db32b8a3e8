"""The personalised agreement of art. 70 as data and as a text to print, with what breaking it costs.

Source of the six items: 商业银行信用卡业务监督管理办法 art. 70. Names and card numbers are not here: whoever prints
the text fills them in.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.dates.calendar import add_months
from transforms.loans.agreed_change import NewSchedule, decimal_rate, new_schedule
from transforms.loans.interest import late_interest_ppm
from transforms.loans.rules import FIVE_CLASSES
from transforms.servicing.agreement_text import chinese, english
from transforms.servicing.previews import terms_of_route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.loans.states import LoanState, LoanStates
    from transforms.policy.policy import Policy


def restructure_agreement(
    plan_progress: pl.DataFrame, second_installment: pl.DataFrame, loan_states: LoanStates, as_of: date, policy: Policy
) -> list[dict[str, Any]]:
    """`servicing.restructure_agreement`: one row per plan whose art. 70 route is open that night.

    `plan_progress` and `second_installment` are the night's `servicing.plan_progress` and
    `eligibility.second_installment`, `loan_states` every plan of the progress, ready to be changed.
    """
    open_ones = second_installment.filter("eligible", pl.col("route") == "art70_restructure")
    terms = ("plan_id", "route", "term_months", "annual_rate", "due_day", "pause_months", "interest_mode")
    offered = open_ones.select(*terms, "down_payment_cents", "waived_cents")
    joined = offered.join(plan_progress, on="plan_id", suffix="_now")
    rows = [_row(row, loan_states.of(row["plan_id"]), as_of, policy) for row in joined.iter_rows(named=True)]
    return sorted(rows, key=lambda row: (row["customer_token"], row["plan_id"]))


def _row(row: Mapping[str, Any], state: LoanState, as_of: date, policy: Policy) -> dict[str, Any]:
    made = new_schedule(state, terms_of_route(row))
    content = agreement_content(row, state, made, as_of, policy)
    broken = content["if_broken"]
    return {
        "as_of_date": as_of,
        "plan_id": row["plan_id"],
        "customer_token": row["customer_token"],
        "shard": row["shard"],
        "term_months": row["term_months"],
        "debt_cents": content["debt_cents"],
        "payment_cents": made.payment_cents,
        "valid_until": date.fromisoformat(content["valid_until"]),
        "class_on_signing": content["class_on_signing"],
        "obs_end_date": date.fromisoformat(content["observation_until"]),
        "accelerated_cents": broken["accelerated_cents"],
        "penalty_month_cents": broken["penalty_month_cents"],
        "agreement": json.dumps(content, ensure_ascii=False, sort_keys=True),
        "document_en": english(content),
        "document_zh": chinese(content),
    }


def agreement_content(
    row: Mapping[str, Any], state: LoanState, made: NewSchedule, as_of: date, policy: Policy
) -> dict[str, Any]:
    """Everything the agreement says, JSON-able; `items` are the six of art. 70 in its order."""
    waived = row["waived_cents"] or 0
    make_up = {
        "principal_cents": state.outstanding_cents,
        "overdue_interest_cents": state.arrears_interest_cents,
        "waived_cents": waived,
    }
    debt = state.outstanding_cents + state.arrears_interest_cents
    regular = [r for r in made.rows if r.installment_no > 0]
    payments = [{"due_on": r.due_on.isoformat(), "payment_cents": r.payment_cents} for r in made.rows]
    interest = sum(r.interest_cents for r in made.rows)
    items: list[dict[str, Any]] = [
        {"item": "balance", "balance_cents": debt, "make_up": make_up, "currency": policy.currency},
        {
            "item": "repayment",
            "cycle": "monthly",
            "method": "level payments" if made.annual_rate else "equal parts",
            "currency": policy.currency,
            "term_months": len(regular),
            "down_payment_cents": row["down_payment_cents"] or 0,
            "payments": payments,
        },
        {
            "item": "interest_and_fees",
            "annual_rate": format(made.annual_rate, "f"),
            "interest_cents": interest,
            "annual_fee_cents": 0,
            "other_fees_cents": 0,
        },
        {"item": "no_new_card", "until": "all sums under this agreement are repaid"},
        {
            "item": "rights_and_breach",
            "collection_stopped": True,
            "early_repayment": "at any time, interest by actual use",
            "undo_days": policy.changes.undo_days,
            "breaks_after_missed_payments": policy.restructure.breaks_after,
        },
        {"item": "other", "bureau_special_transaction": 14, "evidence": "kept apart by the lender"},
    ]
    return {
        "plan_id": row["plan_id"],
        "rule": policy.figures["plans.personalised_max_term_m"].citation,
        "items": items,
        "debt_cents": debt,
        "computed_on": as_of.isoformat(),
        "valid_until": (as_of + timedelta(days=policy.changes.preview_days)).isoformat(),
        "class_on_signing": class_on_signing(row),
        "observation_until": add_months(as_of, policy.classification.observation_m).isoformat(),
        "if_broken": if_broken(state, made, policy),
    }


def class_on_signing(row: Mapping[str, Any]) -> str:
    """Class from the signing on: at least 关注, restructured again under observation at least 次级, never better."""
    floor = 2 if row["restruct_flag"] else 1
    return FIVE_CLASSES[max(FIVE_CLASSES.index(row["five_class"]), floor)]


def if_broken(state: LoanState, made: NewSchedule, policy: Policy) -> dict[str, Any]:
    """What falls due where none of the payments is made and the agreement breaks, and the late interest of a month.

    Late interest by the policy's `default_costs`, on overdue principal: the rate of the plan before, which relief has
    lowered, raised by the policy's share, at most its ceiling. An interest-free plan has none.
    """
    regular = [r for r in made.rows if r.installment_no > 0]
    breaks = regular[min(policy.restructure.breaks_after, len(regular)) - 1]
    earned = sum(r.interest_cents for r in made.rows if r.due_on <= breaks.due_on)
    principal = sum(r.principal_cents for r in made.rows)
    contract = int(max(decimal_rate(state.annual_rate), made.annual_rate) * 1_000_000)
    rate_bp = late_interest_ppm(policy.default_costs, contract) // 100
    return {
        "on": (breaks.due_on + timedelta(days=1)).isoformat(),
        "accelerated_cents": principal + earned,
        "late_interest_rate_bp": rate_bp,
        "penalty_month_cents": principal * rate_bp // 120_000,
        "collection": "resumes",
    }
