"""Which acceptances of changes are booked, which are not and why, and which were undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.loans.limits import objection_of_counts, objection_of_law

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from transforms.policy.policy import Policy, PolicyBook


@dataclass(frozen=True)
class Acceptances:
    """Per plan its booked acceptances in order; those not booked with their reason; those undone with their day."""

    by_plan: Mapping[str, Sequence[Mapping[str, Any]]]
    refused: Sequence[Mapping[str, Any]]
    undone: Sequence[Mapping[str, Any]]


def booked_acceptances(
    cases: pl.DataFrame, plans: pl.DataFrame, policies: PolicyBook, kinds: Mapping[str, str], as_of: date
) -> Acceptances:
    """The acceptances among the latest rows of `credit.service_case`, by the policy in force on the day of each.

    `plans` are the latest rows of `credit.installment_plan`. An acceptance is valid for its own customer's plan and
    request only.
    """
    undone_case = pl.when(pl.col("kind") == "undo").then("refers_to").otherwise("case_id")
    rows = cases.filter(pl.col("kind").is_in(["change_request", "acceptance", "undo"])).sort(
        # Of one day an undoing follows what it undoes, whatever their numbers.
        *("opened_on", undone_case, pl.col("kind") == "undo", "case_id")
    )
    by_id = {row["case_id"]: row for row in rows.iter_rows(named=True)}
    product = {p: (code, who) for p, code, who in plans.select("plan_id", "product_code", "customer_token").iter_rows()}
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
        if plan not in product or product[plan][1] != row["customer_token"] or accepted["effective_on"] > as_of:
            continue
        request = by_id.get(row["refers_to"])
        reason = _objection(accepted, request, before, policy, kinds.get(product[plan][0], ""))
        if reason or request is None:
            refused.append({"acceptance_id": row["case_id"], "reason": reason})
            continue
        before.append({**accepted, "requested_on": request["opened_on"]})
    return Acceptances({plan: accepted for plan, accepted in sequence.items() if accepted}, refused, undone)


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
    same = ("plan_id", "route", "customer_token")
    if request is None or any(request[c] != accepted[c] for c in same):
        return "no_such_request"
    if not request["opened_on"] <= on <= request["opened_on"] + timedelta(days=policy.changes.preview_days):
        return "preview_expired"
    if before and accepted["effective_on"] < before[-1]["effective_on"]:
        return "before_latest_change"
    return objection_of_law(route, kind, policy, accepted["term_m"]) or objection_of_counts(route, before, policy, on)
