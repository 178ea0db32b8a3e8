"""What customers accepted of their plans' changes: the versions each plan has had, replayed from the facts.

A version comes of an acceptance that names an open request; nothing is booked without one. It is computed from what
the lender knew on the day it took effect, so a payment that turns up later never rewrites what was signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.loans.allocation import replay
from transforms.loans.booked import booked_installments
from transforms.loans.interest import VERSION_CAPITALISED, VERSION_FROM, anchor_day, interest_from, unearned_cents
from transforms.loans.limits import objection_of_counts, objection_of_law
from transforms.loans.movements import net_movements
from transforms.loans.new_schedule import NewSchedule, Standing, Terms, new_schedule
from transforms.loans.positions import VERSION_INSTALLMENT, latest_plans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.eligibility.policy import Policy, PolicyBook

#: Routes that bend a plan for a customer in difficulty: the plan becomes a restructured asset.
RELIEF = ("art70_restructure", "payment_holiday")

#: A version beyond the first: from when it holds, what was agreed, what moved; what an undone one was, too.
AGREEMENT: Mapping[str, DataType | DataTypeClass] = {
    "plan_id": pl.String,
    "version_no": pl.Int32,
    "route": pl.String,
    "request_id": pl.String,
    "acceptance_id": pl.String,
    "requested_on": pl.Date,
    "agreed_on": pl.Date,
    "effective_on": pl.Date,
    "interest_from": pl.Date,
    "annual_rate": pl.Float64,
    "term_m": pl.Int32,
    "pause_from": pl.Date,
    "pause_to": pl.Date,
    "interest_mode": pl.String,
    "down_payment_cents": pl.Int64,
    "waived_cents": pl.Int64,
    "capitalised_cents": pl.Int64,
    "pause_interest_cents": pl.Int64,
    "moved_cents": pl.Int64,
    "moved_dpd": pl.Int32,
    "total_cost_diff_cents": pl.Int64,
}
#: Acceptances that are not booked, and why.
REFUSED: Mapping[str, DataType | DataTypeClass] = {"acceptance_id": pl.String, "reason": pl.String}
UNDONE: Mapping[str, DataType | DataTypeClass] = {"acceptance_id": pl.String, "undone_on": pl.Date}


@dataclass(frozen=True)
class Agreements:
    """The versions in force or superseded, their installments, acceptances not booked, acceptances undone."""

    versions: pl.DataFrame
    installments: pl.DataFrame
    refused: pl.DataFrame
    undone: pl.DataFrame


def agreements(
    plans: pl.DataFrame,
    repayments: pl.DataFrame,
    cases: pl.DataFrame,
    policies: PolicyBook,
    kinds: Mapping[str, str],
    as_of: date,
) -> Agreements:
    """Every plan's agreed versions as the night knows them.

    `plans`, `repayments` and `cases` are rows of `credit.installment_plan`, `credit.repayment` and
    `credit.service_case` (the latest of each case); `kinds` maps a product to its kind. An acceptance is booked where
    its request is known and not older than the preview stands, the law lets the route through, and counts and
    cool-off are kept, by the policy in force on its day; an undoing holds for the latest change only, within its days.
    """
    latest = latest_plans(plans)
    sequence, refused, undone = _booked_acceptances(cases, latest, policies, kinds, as_of)
    of_plan = {row["plan_id"]: row for row in latest.iter_rows(named=True)} if sequence else {}
    changed = latest.filter(pl.col("plan_id").is_in(list(sequence)))
    rows, versions = booked_installments(changed), list[dict[str, Any]]()
    kept, last = list[pl.DataFrame](), dict[str, tuple[int, int, int]]()
    money = repayments.filter(pl.col("plan_id").is_in(list(sequence)))
    numbers = dict.fromkeys(sequence, 2)
    waiting = {plan: iter(accepted) for plan, accepted in sequence.items()}
    while due := {plan: one for plan, accepted in waiting.items() if (one := next(accepted, None)) is not None}:
        standing = _standing(rows, money, due, of_plan, versions, policies.in_force(as_of))
        made = []
        for plan, accepted in due.items():
            try:
                version, installments = _version(standing[plan], accepted, numbers[plan], last.get(plan, (0, 0, 0)))
            except ValueError:
                # Nothing was left to change, so the plan stays as it is.
                refused.append({"acceptance_id": accepted["case_id"], "reason": "nothing_to_change"})
                continue
            versions.append(version)
            numbers[plan] += 1
            last[plan] = (version["moved_cents"], version["moved_dpd"], standing[plan][1]["paid_cents"])
            made.append(installments)
        if made:
            new = pl.concat(made)
            kept.append(new)
            replaced = new["plan_id"].unique().to_list()
            rows = pl.concat([rows.filter(~pl.col("plan_id").is_in(replaced)), new.drop("version_no")])
    return Agreements(
        pl.DataFrame(versions, schema=dict(AGREEMENT)),
        pl.concat(kept) if kept else pl.DataFrame(schema=dict(VERSION_INSTALLMENT)),
        pl.DataFrame(refused, schema=dict(REFUSED)),
        pl.DataFrame(undone, schema=dict(UNDONE)),
    )


def _booked_acceptances(
    cases: pl.DataFrame, plans: pl.DataFrame, policies: PolicyBook, kinds: Mapping[str, str], as_of: date
) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Per plan its acceptances in order, those not booked with their reason, and those undone with their day."""
    rows = cases.filter(pl.col("kind").is_in(["change_request", "acceptance", "undo"])).sort("opened_on", "case_id")
    by_id = {row["case_id"]: row for row in rows.iter_rows(named=True)}
    product = dict(plans.select("plan_id", "product_code").iter_rows())
    sequence: dict[str, list[dict[str, Any]]] = {}
    refused, undone = list[dict[str, Any]](), list[dict[str, Any]]()
    for row in rows.filter(pl.col("kind") != "change_request").iter_rows(named=True):
        plan, before = row["plan_id"], sequence.setdefault(row["plan_id"], [])
        policy = policies.in_force(row["opened_on"])
        if row["kind"] == "undo":
            if before and before[-1]["case_id"] == row["refers_to"] and _undoable(before[-1], row, policy):
                undone.append({"acceptance_id": before.pop()["case_id"], "undone_on": row["opened_on"]})
            continue
        fee = policy.default_costs.early_settlement_fee_bp
        accepted = {**row, "effective_on": row["effective_on"] or row["opened_on"], "settlement_fee_bp": fee}
        if plan not in product or accepted["effective_on"] > as_of:
            continue
        request = by_id.get(row["refers_to"])
        reason = _objection(accepted, request, before, policy, kinds.get(product[plan], ""))
        if reason or request is None:
            refused.append({"acceptance_id": row["case_id"], "reason": reason})
            continue
        before.append({**accepted, "requested_on": request["opened_on"]})
    return {plan: accepted for plan, accepted in sequence.items() if accepted}, refused, undone


def _undoable(accepted: Mapping[str, Any], undo: Mapping[str, Any], policy: Policy) -> bool:
    return bool(undo["opened_on"] <= accepted["opened_on"] + timedelta(days=policy.changes.undo_days))


def _objection(
    accepted: Mapping[str, Any],
    request: Mapping[str, Any] | None,
    before: Sequence[Mapping[str, Any]],
    policy: Policy,
    kind: str,
) -> str | None:
    """Why an acceptance is not booked; None where it is."""
    route, on = accepted["route"], accepted["opened_on"]
    if request is None or request["plan_id"] != accepted["plan_id"] or request["route"] != route:
        return "no_such_request"
    if not request["opened_on"] <= on <= request["opened_on"] + timedelta(days=policy.changes.preview_days):
        return "preview_expired"
    if before and accepted["effective_on"] < before[-1]["effective_on"]:
        return "before_latest_change"
    return objection_of_law(route, kind, policy, accepted["term_m"]) or objection_of_counts(route, before, policy, on)


def _standing(
    rows: pl.DataFrame,
    repayments: pl.DataFrame,
    due: Mapping[str, Mapping[str, Any]],
    plans: Mapping[str, Mapping[str, Any]],
    versions: Sequence[Mapping[str, Any]],
    policy: Policy,
) -> dict[str, tuple[Standing, dict[str, Any]]]:
    """Where each plan stood the day its change took effect, by what the lender had been told by then."""
    when = pl.DataFrame(
        {"plan_id": list(due), "day": [a["effective_on"] for a in due.values()]},
        schema={"plan_id": pl.String, "day": pl.Date},
    )
    told = pl.col("received_on") <= pl.col("day")
    if "feed_date" in repayments.columns:
        told &= pl.col("feed_date") <= pl.col("day")
    known = repayments.join(when, on="plan_id").filter(told).drop("day")
    found = replay(rows.filter(pl.col("plan_id").is_in(list(due))), net_movements(known), when, policy.servicing)
    newest = {v["plan_id"]: v for v in versions}
    before = pl.DataFrame(
        [
            (
                name,
                plans[name]["started_on"],
                *(
                    (newest[name]["interest_from"], newest[name]["pause_interest_cents"])
                    if name in newest
                    else (None, None)
                ),
            )
            for name in due
        ],
        schema={"plan_id": pl.String, "started_on": pl.Date, VERSION_FROM: pl.Date, VERSION_CAPITALISED: pl.Int64},
        orient="row",
    )
    stood = found.positions.join(before, on="plan_id").with_columns(
        interest_from=interest_from(), unearned_cents=unearned_cents()
    )
    return {
        row["plan_id"]: (_standing_of(row, plans[row["plan_id"]], newest.get(row["plan_id"])), row)
        for row in stood.iter_rows(named=True)
    }


def _standing_of(
    position: Mapping[str, Any], plan: Mapping[str, Any], version: Mapping[str, Any] | None = None
) -> Standing:
    """A position of a replay, with the version in force then, as what a new schedule starts from."""
    settled = position["paid_cents"] + position["waived_cents"] - position["carried_cents"] - position["overpaid_cents"]
    principal = position["charged_principal_cents"] - position["outstanding_cents"]
    return Standing(
        plan_id=position["plan_id"],
        outstanding_cents=position["outstanding_cents"],
        arrears_interest_cents=position["arrears_cents"] - position["arrears_principal_cents"],
        settled_principal_cents=principal,
        settled_interest_cents=settled - principal,
        annual_rate=plan["annual_rate"] if version is None else decimal_rate(version["annual_rate"]),
        settled_on=position["previous_due_on"] or plan["started_on"],
        since=position["interest_from"],
        next_due_on=position["next_due_on"],
        coming=position["coming_cnt"],
        payment_cents=position["next_due_cents"],
        anchor_day=anchor_day(position["next_due_on"], position["last_due_on"]),
        unearned_cents=position["unearned_cents"],
        overdue_principal_cents=position["arrears_principal_cents"],
    )


def terms_of(case: Mapping[str, Any]) -> Terms:
    """The terms a row of `credit.service_case` asks for or agrees to, with the policy's fee of settling early."""
    rate = case["annual_rate"]
    return Terms(
        route=case["route"],
        term_m=case["term_m"],
        due_day=case["due_day"],
        pause_m=case["pause_m"],
        interest_mode=case["interest_mode"],
        annual_rate=None if rate is None else decimal_rate(rate),
        down_payment_cents=case["down_payment_cents"] or 0,
        waived_cents=case["waived_cents"] or 0,
        settlement_fee_bp=case["settlement_fee_bp"],
    )


def decimal_rate(rate: float | Decimal) -> Decimal:
    """A rate as the exact decimal fraction of six digits that the books carry."""
    return rate if isinstance(rate, Decimal) else Decimal(round(rate * 1_000_000)) / 1_000_000


def version_rows(standing: Standing, new: NewSchedule, version_no: int) -> pl.DataFrame:
    """A version's installments: what was settled before as number 0, then what is still to be paid."""
    settled = (standing.settled_on, standing.settled_principal_cents, standing.settled_interest_cents, 0)
    rows = [settled, *((r.due_on, r.principal_cents, r.interest_cents, r.fee_cents) for r in new.rows)]
    numbered = [(version_no, standing.plan_id, k, *row) for k, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema=dict(VERSION_INSTALLMENT), orient="row")


def _version(
    stood: tuple[Standing, dict[str, Any]],
    accepted: Mapping[str, Any],
    version_no: int,
    last: tuple[int, int, int],
) -> tuple[dict[str, Any], pl.DataFrame]:
    """A version as a row of `AGREEMENT` and its installments.

    `last` is what the change before moved, its days past due, and what had been paid by then: arrears moved twice
    keep the days of both.
    """
    standing, position = stood
    terms, on = terms_of(accepted), accepted["effective_on"]
    new = new_schedule(standing, terms, on)
    # Every new schedule takes what is overdue into installments to come, whatever it was agreed for.
    moved = max(position["arrears_cents"] - terms.waived_cents - terms.down_payment_cents, 0)
    still_moved = max(last[0] - (position["paid_cents"] - last[2]), 0)
    # A change inside a pause leaves what was capitalised for it as unearned as it was.
    paused = (position[VERSION_CAPITALISED] or 0) if standing.since > on else 0
    return {
        "plan_id": standing.plan_id,
        "version_no": version_no,
        "route": terms.route,
        "request_id": accepted["refers_to"],
        "acceptance_id": accepted["case_id"],
        "requested_on": accepted["requested_on"],
        "agreed_on": accepted["opened_on"],
        "effective_on": on,
        "interest_from": new.interest_from,
        "annual_rate": float(new.annual_rate),
        "term_m": sum(row.installment_no > 0 for row in new.rows),
        "pause_from": new.paused[0] if new.paused else None,
        "pause_to": new.paused[1] if new.paused else None,
        "interest_mode": terms.interest_mode,
        "down_payment_cents": terms.down_payment_cents,
        "waived_cents": min(terms.waived_cents, standing.arrears_interest_cents),
        "capitalised_cents": new.capitalised_cents,
        "pause_interest_cents": new.capitalised_cents + paused,
        "moved_cents": moved + still_moved,
        "moved_dpd": (position["dpd"] if moved else 0) + (last[1] if still_moved else 0),
        "total_cost_diff_cents": new.cost_cents(position["carried_cents"], position["open_cents"]),
    }, version_rows(standing, new, version_no)
