"""The routes for customers in difficulty: the personalised agreement of art. 70 and the payment holiday.

A weak score never closes or shortens them: ability, willingness, evidence and affordability decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.second_installment.facts import evidence_rank
from transforms.second_installment.routes import counted, not_running, nothing_left, why_not
from transforms.second_installment.terms import holiday_terms, restructure_terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars.datatypes import DataType, DataTypeClass

    from transforms.loans.agreed_change import NewSchedule, Terms
    from transforms.loans.states import LoanStates
    from transforms.policy.policy import Policy

_TERMS: Mapping[str, DataType | DataTypeClass] = {
    "plan_id": pl.String,
    "term_months": pl.Int32,
    "annual_rate": pl.Decimal(9, 6),
    "down_payment_cents": pl.Int64,
    "waived_cents": pl.Int64,
    "pause_months": pl.Int32,
    "interest_mode": pl.String,
    "resume_on": pl.Date,
    "payment_after_cents": pl.Int64,
    "highest_payment_cents": pl.Int64,
    "total_cost_diff_cents": pl.Int64,
}


def art70_restructure(facts: pl.DataFrame, states: LoanStates, policy: Policy) -> pl.DataFrame:
    """The personalised agreement: debt beyond ability, still willing, shown by evidence, and an affordable payment."""
    alive, case = pl.col("alive"), pl.col("hardship_case_id").is_not_null()
    kinds = list(policy.restructure.kinds)
    wanted = alive & pl.col("kind").is_in(kinds)
    objections = why_not(
        ("plan_closed", ~alive),
        ("not_card_debt", alive & ~pl.col("kind").is_in(kinds)),
        ("no_hardship_case", wanted & ~case),
        ("evidence_missing", wanted & case & (pl.col("evidence") < evidence_rank(policy.restructure.evidence))),
        ("not_willing", wanted & case & ~pl.col("willing_to_pay")),
        ("income_unknown", wanted & case & pl.col("income_cents").is_null()),
        ("nothing_to_come", wanted & (pl.col("open_cents") == 0)),
        ("within_ability", wanted & ~pl.col("beyond_ability")),
    )
    frame = facts.with_columns(reasons=pl.concat_list(objections, counted("art70_restructure")))
    rows, impossible = list[dict[str, Any]](), dict[str, str]()
    some = frame.filter(pl.col("reasons").list.len() == 0)
    for _, plans in some.group_by("customer_token", maintain_order=True):
        agreed = _together(plans.rows(named=True), states, policy)
        for row in plans.iter_rows(named=True):
            if row["plan_id"] not in agreed:
                impossible[row["plan_id"]] = "not_affordable"
                continue
            terms, made = agreed[row["plan_id"]]
            regular = [r.payment_cents for r in made.rows if r.installment_no > 0]
            rows.append(
                {
                    "plan_id": row["plan_id"],
                    "term_months": terms.term_m,
                    "annual_rate": terms.annual_rate,
                    "down_payment_cents": terms.down_payment_cents,
                    "waived_cents": terms.waived_cents,
                    "payment_after_cents": regular[0],
                    "highest_payment_cents": max(regular),
                    "total_cost_diff_cents": made.cost_cents(row["carried_cents"], row["open_cents"]),
                }
            )
    return _with_terms(frame, rows, impossible, "art70_restructure")


def _together(
    plans: Sequence[Mapping[str, Any]], states: LoanStates, policy: Policy
) -> dict[str, tuple[Terms, NewSchedule]]:
    """Terms of a customer's agreements, jointly within the affordable payment; plans without terms are left out.

    Plans no agreement is open to are paid as they are; what then is free is shared by outstanding principal. A plan
    for which its share is too little stays as it is too, and the others are tried again without what it takes.
    """
    left, capacity = list(plans), plans[0]["capacity_cents"]
    while left:
        stay = plans[0]["own_payments_cents"] - sum(row["regular_cents"] for row in left)
        owed = sum(row["owed_cents"] for row in left)
        shares = [max(capacity - stay, 0) * row["owed_cents"] // max(owed, 1) for row in left]
        found = [
            restructure_terms(row, states.of(row["plan_id"]), share, policy)
            for row, share in zip(left, shares, strict=True)
        ]
        if all(found):
            return {row["plan_id"]: terms for row, terms in zip(left, found, strict=True) if terms}
        left = [row for row, terms in zip(left, found, strict=True) if terms]
    return {}


def payment_holiday(facts: pl.DataFrame, states: LoanStates, policy: Policy) -> pl.DataFrame:
    """A pause of the payments for a cause that passes, while the plan is not long overdue; once a year."""
    h = policy.holiday
    running, case = pl.col("basis") == "running", pl.col("hardship_case_id").is_not_null()
    objections = why_not(
        *not_running(),
        ("no_hardship_case", running & ~case),
        ("evidence_missing", running & case & (pl.col("evidence") < evidence_rank(h.evidence))),
        ("too_far_past_due", running & (pl.col("own_dpd") > h.max_dpd)),
        ("nothing_to_come", running & nothing_left()),
    )
    frame = facts.with_columns(reasons=pl.concat_list(objections, counted("payment_holiday")))
    rows = []
    for row in frame.filter(pl.col("reasons").list.len() == 0).iter_rows(named=True):
        terms, made = holiday_terms(row, states.of(row["plan_id"]), policy)
        payments = [r.payment_cents for r in made.rows]
        rows.append(
            {
                "plan_id": row["plan_id"],
                "term_months": len(payments),
                "annual_rate": made.annual_rate,
                "pause_months": terms.pause_m,
                "interest_mode": terms.interest_mode,
                "resume_on": made.rows[0].due_on,
                "payment_after_cents": 0,
                "highest_payment_cents": max(payments),
                "total_cost_diff_cents": made.cost_cents(row["carried_cents"], row["open_cents"]),
            }
        )
    return _with_terms(frame, rows, {}, "payment_holiday")


def _with_terms(
    frame: pl.DataFrame, rows: list[dict[str, Any]], impossible: dict[str, str], route: str
) -> pl.DataFrame:
    """Each plan's reasons and, where the route is open, its terms."""
    terms = pl.DataFrame(rows, schema=dict(_TERMS))
    late = pl.DataFrame(
        {"plan_id": list(impossible), "_late": list(impossible.values())},
        schema={"plan_id": pl.String, "_late": pl.String},
    )
    reasons = pl.when(pl.col("_late").is_not_null()).then(pl.concat_list("_late")).otherwise("reasons")
    return (
        frame.select("plan_id", "reasons")
        .join(late, on="plan_id", how="left")
        .select("plan_id", reasons=reasons, route=pl.lit(route))
        .join(terms, on="plan_id", how="left")
    )
