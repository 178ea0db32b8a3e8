"""Previews of open requests: the new schedule of the plan and its annual cost, before anything is agreed."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from transforms.loans.agreed_change import NewSchedule, Terms, new_schedule
from transforms.loans.interest import late_interest_ppm
from transforms.loans.version_tables import VERSION_INSTALLMENT
from transforms.loans.versions import version_rows
from transforms.pricing.roots import balancing_rate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.loans.states import LoanState, LoanStates
    from transforms.policy.policy import Policy

#: Figures of a preview; amounts in cents, costs a year as decimal fractions.
PREVIEW: Mapping[str, DataType | DataTypeClass] = {
    "request_id": pl.String,
    "plan_id": pl.String,
    "version_no": pl.Int32,
    "route": pl.String,
    "open_after_cents": pl.Int64,
    "interest_after_cents": pl.Int64,
    "last_due_on": pl.Date,
    "apr_simple": pl.Float64,
    "apr_irr": pl.Float64,
    "disclosure": pl.String,
}


class Previews(NamedTuple):
    """Of the open wishes: `figures` as in `PREVIEW`, `installments` as in `VERSION_INSTALLMENT`."""

    figures: pl.DataFrame
    installments: pl.DataFrame


def previews(
    plan_progress: pl.DataFrame,
    second_installment: pl.DataFrame,
    open_requests: pl.DataFrame,
    loan_states: LoanStates,
    policy: Policy,
) -> Previews:
    """What each open wish whose route is open would make of its plan.

    Versions are numbered on from the one in force, in the order the wishes came. `plan_progress` and
    `second_installment` are the night's `servicing.plan_progress` and `eligibility.second_installment`, `open_requests`
    the open wishes, `loan_states` every plan of the progress, ready to be changed.
    """
    open_routes = second_installment.filter("eligible").select(
        *("plan_id", "route", "term_months", "annual_rate", "due_day", "pause_months", "interest_mode"),
        *("down_payment_cents", "waived_cents"),
    )
    asked = open_requests.select(pl.col("case_id").alias("request_id"), "plan_id", "route").join(
        open_routes, on=["plan_id", "route"]
    )
    joined = asked.join(plan_progress, on="plan_id", suffix="_now").sort("plan_id", "request_id")
    figures, installments, number = list[dict[str, Any]](), list[pl.DataFrame](), dict[str, int]()
    for row in joined.iter_rows(named=True):
        state = loan_states.of(row["plan_id"])
        terms = replace(terms_of_route(row), settlement_fee_bp=policy.default_costs.early_settlement_fee_bp)
        version = number[row["plan_id"]] = number.get(row["plan_id"], row["version_no"]) + 1
        made = new_schedule(state, terms)
        simple, compound = annual_figures(state, made)
        figures.append(
            {
                "request_id": row["request_id"],
                "plan_id": row["plan_id"],
                "version_no": version,
                "route": row["route"],
                "open_after_cents": made.open_cents,
                "interest_after_cents": sum(r.interest_cents for r in made.rows),
                "last_due_on": made.rows[-1].due_on,
                "apr_simple": round(simple, 6),
                "apr_irr": round(compound, 6),
                "disclosure": disclosure(state, made, (simple, compound), policy),
            }
        )
        installments.append(version_rows(state, made, version))
    return Previews(
        pl.DataFrame(figures, schema=dict(PREVIEW)),
        pl.concat(installments) if installments else pl.DataFrame(schema=dict(VERSION_INSTALLMENT)),
    )


def terms_of_route(row: Mapping[str, Any]) -> Terms:
    """The terms an open route of `eligibility.second_installment` has."""
    spreads = row["route"] in {"term_change", "art70_restructure"}
    return Terms(
        route=row["route"],
        term_m=row["term_months"] if spreads else None,
        due_day=row["due_day"],
        pause_m=row["pause_months"],
        interest_mode=row["interest_mode"],
        annual_rate=row["annual_rate"],
        down_payment_cents=row["down_payment_cents"] or 0,
        waived_cents=row["waived_cents"] or 0,
    )


def annual_figures(state: LoanState, made: NewSchedule) -> tuple[float, float]:
    """(simple, compound) annual cost of the new schedule on what is owed when it begins, interest overdue included.

    Source: PBOC announcement 2021 No. 3, monthly rate times twelve and compounded; months counted from the last due
    date, days of a broken month by its length.
    """
    owed = state.outstanding_cents + state.arrears_interest_cents
    if made.open_cents <= owed:
        return 0.0, 0.0
    flows = [owed, *(-row.payment_cents for row in made.rows)]
    times = [0.0, *(_months(state.interest_from, row.due_on) for row in made.rows)]
    monthly = balancing_rate(flows, times)
    return monthly * 12, math.expm1(12 * math.log1p(monthly))


def _months(start: date, end: date) -> float:
    whole = (end.year - start.year) * 12 + end.month - start.month
    return whole + (end.day - start.day) / 30


def disclosure(state: LoanState, made: NewSchedule, cost: tuple[float, float], policy: Policy) -> str:
    """What the customer has to be shown before agreeing, as JSON; money in cents.

    Principal, each cost with who takes it, both annual figures, what not keeping the plan costs, and that nothing else
    is charged (金规〔2026〕2号).
    """
    d = policy.default_costs
    fee = sum(row.fee_cents for row in made.rows)
    penalty = late_interest_ppm(d, int(made.annual_rate * 1_000_000)) / 1_000_000
    return json.dumps(
        {
            "principal_cents": state.outstanding_cents,
            "interest_cents": sum(row.interest_cents for row in made.rows),
            "fees": [{"fee": "early_settlement", "cents": fee, "collector": "lender"}] if fee else [],
            "total_cents": made.open_cents,
            "annual_rate": format(made.annual_rate, "f"),
            "apr_simple": round(cost[0], 6),
            "apr_irr": round(cost[1], 6),
            "late_interest_rate": round(penalty, 6),
            "late_fee_share_bp": d.late_fee_share_bp,
            "early_settlement_fee_bp": d.early_settlement_fee_bp,
            "collector": "lender",
            "no_other_fees": True,
        },
        sort_keys=True,
    )
