"""The versions of each plan's schedule: as booked, and as agreed or repaid ahead since; replayed from the facts.

A version results from an acceptance that names an open request (nothing is agreed without one), or from a partial
prepayment, after which the rest is computed anew. A signed change is computed from what the lender knew on the day it
took effect, so a payment that turns up later never rewrites what was signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.loans.acceptances import booked_acceptances
from transforms.loans.agreed_change import NewSchedule, Terms, decimal_rate, new_schedule, prepaid_schedule
from transforms.loans.allocation import replay
from transforms.loans.booked import booked_installments, daily_ratio, with_due_days
from transforms.loans.movements import concerning, net_movements, once
from transforms.loans.positions import latest_plans
from transforms.loans.prepayments import PREPAID, counted_in, prepayments
from transforms.loans.product_conventions import ProductConventions
from transforms.loans.states import LoanState, booked_loan, loan_state
from transforms.loans.version_tables import AGREEMENT, EARNED, REFUSED, UNDONE, VERSION_INSTALLMENT, Versions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transforms.loans.allocation import Replay
    from transforms.loans.running import Running
    from transforms.policy.policy import Policy, PolicyBook


@dataclass
class _Chain:
    """One plan with its versions so far."""

    plan_id: str
    loan: Running
    due_day: int
    number: int = 1


def plan_versions(
    installment_plan_known: pl.DataFrame,
    repayment_known: pl.DataFrame,
    service_case_latest: pl.DataFrame,
    policy_book: PolicyBook,
    product_kinds: Mapping[str, str],
    as_of: date,
    conventions: ProductConventions | None = None,
) -> Versions:
    """Every plan's versions that had taken effect by `as_of`, as the night knows them.

    `installment_plan_known`, `repayment_known` and `service_case_latest` are rows of `credit.installment_plan`,
    `credit.repayment` (`known_on`: the day the lender knew of each) and `credit.service_case` (the latest of each
    case); `product_kinds` maps a product to its kind. An acceptance is booked where its request is known and not older
    than a preview is valid, the law permits the route, and counts and cool-off are kept, by the policy in force on its
    day; an undoing holds for the latest change only, within its days. An early settlement that was accepted lapses
    where it is not paid within the policy's grace.
    """
    known = conventions or ProductConventions()
    policy = policy_book.in_force(as_of)
    latest = latest_plans(installment_plan_known).filter(pl.col("started_on") <= as_of)
    cases = service_case_latest.filter(pl.col("opened_on") <= as_of)
    received = repayment_known.filter(pl.col("received_on") <= as_of)
    accepted = booked_acceptances(cases, latest, policy_book, product_kinds, as_of)
    booked = booked_installments(latest, known)
    events = prepayments(booked, received, accepted.by_plan, as_of, policy)
    terms = with_due_days(latest.filter(pl.col("plan_id").is_in(list(events))), known)
    chains = {row["plan_id"]: _chain(row, known) for row in terms.iter_rows(named=True)}
    rows = booked.filter(pl.col("plan_id").is_in(list(events)))
    money = received.filter(pl.col("plan_id").is_in(list(events)))
    paid_tonight = net_movements(money)
    versions, kept, refused = list[dict[str, Any]](), list[pl.DataFrame](), list(accepted.refused)
    waiting = {plan: iter(of_plan) for plan, of_plan in events.items()}
    uses = list[tuple[Any, ...]]()
    while due := {plan: one for plan, of_plan in waiting.items() if (one := next(of_plan, None)) is not None}:
        uses += [_earned(chains[plan], e["value_on"]) for plan, e in due.items() if e["route"] == PREPAID]
        numbers = {plan: chains[plan].number for plan in due}
        found = _positions(rows, money, due, policy, pl.DataFrame(uses, schema=dict(EARNED), orient="row"), numbers)
        parts = found.prepaid.group_by("plan_id", "on").agg(pl.col("cents").sum())
        prepaid = {(plan, on): cents for plan, on, cents in parts.iter_rows()}
        made = []
        for position in found.positions.iter_rows(named=True):
            plan = position["plan_id"]
            chain, event = chains[plan], due[plan]
            cents = prepaid.get((plan, event["value_on"]), 0) if event["route"] == PREPAID else 0
            # The change begins from where the plan stood before the part was repaid.
            left, given = position["outstanding_cents"] + cents, position["paid_cents"] - cents
            stood = {**position, "outstanding_cents": left, "paid_cents": given}
            state = loan_state(plan, chain.loan, stood, event["effective_on"], chain.due_day)
            try:
                new = _changed(state, event, cents, policy)
            except ValueError:
                # Nothing was left to change, so the plan stays as it is.
                refused.append({"acceptance_id": event["case_id"], "reason": "nothing_to_change"})
                continue
            if new is None:
                continue
            if _lapsed(event, new.open_cents - position["carried_cents"], paid_tonight, as_of, policy):
                refused.append({"acceptance_id": event["case_id"], "reason": "not_paid_in_time"})
                continue
            chain.number += 1
            versions.append(_version(chain, state, position, event, new, cents))
            made.append(version_rows(state, new, chain.number, prepaid_cents=cents))
            chain.loan, chain.due_day = new.loan, new.due_day or chain.due_day
        if made:
            fresh = pl.concat(made)
            kept.append(fresh)
            replaced = fresh["plan_id"].unique().to_list()
            rows = pl.concat([rows.filter(~pl.col("plan_id").is_in(replaced)), fresh.select(rows.columns)])
    return Versions(
        pl.DataFrame(versions, schema=dict(AGREEMENT)),
        pl.concat(kept) if kept else pl.DataFrame(schema=dict(VERSION_INSTALLMENT)),
        pl.DataFrame([r for r in refused if r["acceptance_id"]], schema=dict(REFUSED)),
        pl.DataFrame(accepted.undone, schema=dict(UNDONE)),
        {plan: (chain.loan, chain.due_day) for plan, chain in chains.items() if chain.number > 1},
        pl.DataFrame(uses, schema=dict(EARNED), orient="row"),
    )


def _chain(row: Mapping[str, Any], conventions: ProductConventions) -> _Chain:
    return _Chain(row["plan_id"], *booked_loan(row, conventions))


def _earned(chain: _Chain, on: date) -> tuple[Any, ...]:
    """What a plan has earned by a day, as a row of `EARNED`."""
    loan, in_pause = chain.loan, chain.loan.earned_in_pause(on)
    use = (loan.owed_interest(on) - in_pause, loan.capitalised_after(on) - in_pause)
    return (chain.plan_id, chain.number, on, *use)


def _positions(
    rows: pl.DataFrame,
    repayments: pl.DataFrame,
    due: Mapping[str, Mapping[str, Any]],
    policy: Policy,
    earned: pl.DataFrame,
    numbers: Mapping[str, int],
) -> Replay:
    """Position of each plan on the day its change took effect.

    A signed change uses what the lender knew by then, but a part repaid early that was taken back since was never
    repaid; a part repaid early counts what the night knows. Money of its day came before a change, unless the change
    asks for a down payment: then it pays that.
    """
    when = pl.DataFrame(
        [
            (plan, e["effective_on"], e["route"] == PREPAID, bool(e.get("down_payment_cents")))
            for plan, e in due.items()
        ],
        schema={"plan_id": pl.String, "day": pl.Date, "_tonight": pl.Boolean, "_down": pl.Boolean},
        orient="row",
    )
    known_by_then = pl.col("_tonight") | (pl.col("known_on") <= pl.col("day"))
    rows_known = once(repayments).join(when, on="plan_id")
    taken = concerning(rows_known, "early_settlement").filter(kind="reversal")
    known = pl.concat([rows_known.filter(known_by_then), taken]).unique("repayment_id").drop("day", "_tonight", "_down")
    movements = net_movements(known).join(when.select("plan_id", "day", "_down"), on="plan_id", maintain_order="left")
    number = pl.col("plan_id").replace_strict(numbers, default=None, return_dtype=pl.Int32)
    before = ~pl.col("_down") | (pl.col("kind") == "early_settlement")
    came = (pl.col("value_on") < pl.col("day")) | ((pl.col("value_on") == pl.col("day")) & before)
    until = movements.filter(came).drop("day", "_down").with_columns(version_no=number)
    until = counted_in(until, earned)
    fee = policy.default_costs.early_settlement_fee_bp
    mine = rows.filter(pl.col("plan_id").is_in(list(due)))
    current = earned.filter(pl.col("version_no") == number)
    return replay(mine, until, when, policy.servicing, fee, current.drop("version_no"))


def _lapsed(event: Mapping[str, Any], asked_cents: int, movements: pl.DataFrame, as_of: date, policy: Policy) -> bool:
    """Whether an early settlement was accepted and not paid within its grace: the plan goes on as it was."""
    last = event["effective_on"] + timedelta(days=policy.servicing.grace_days)
    if event["route"] != "early_settlement" or as_of <= last:
        return False
    since = (pl.col("value_on") > event["effective_on"]) & (pl.col("value_on") <= last)
    paid = movements.filter(pl.col("plan_id") == event["plan_id"], since)["amount_cents"].sum()
    return bool(paid < asked_cents - policy.servicing.shortfall_tolerance_cents)


def _changed(state: LoanState, event: Mapping[str, Any], prepaid_cents: int, policy: Policy) -> NewSchedule | None:
    """The schedule after an event; None where it changes none (an early settlement that ended the plan)."""
    if event["route"] == PREPAID:
        if not prepaid_cents:
            return None
        effect = event["prepayment_effect"] or policy.servicing.part_prepayment
        return prepaid_schedule(state, prepaid_cents, effect)
    return new_schedule(state, terms_of(event))


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


def version_rows(state: LoanState, new: NewSchedule, version_no: int, prepaid_cents: int = 0) -> pl.DataFrame:
    """A version's installments: what was settled before as number 0, what was repaid ahead, what is to be paid."""
    start = state.loan.plan.start_on
    principal = state.settled_principal_cents
    rows: list[tuple[Any, ...]] = [
        (start, state.settled_on, principal, state.settled_interest_cents, 0, 0, 0, False, 0, 1),
    ]
    if prepaid_cents:
        rows.append((state.on, state.on, prepaid_cents, 0, 0, 0, 0, False, 0, 1))
    rows += [
        (
            *(r.starts_on, r.due_on, r.principal_cents, r.interest_cents, r.fee_cents),
            *(r.brought_cents, r.waiting_cents, r.regular, *daily_ratio(r.daily)),
        )
        for r in new.rows
    ]
    numbered = [(version_no, state.plan_id, k, *row) for k, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema=dict(VERSION_INSTALLMENT), orient="row")


def _version(
    chain: _Chain,
    state: LoanState,
    position: Mapping[str, Any],
    event: Mapping[str, Any],
    new: NewSchedule,
    prepaid_cents: int,
) -> dict[str, Any]:
    """A version as a row of `AGREEMENT`."""
    terms = Terms(PREPAID) if event["route"] == PREPAID else terms_of(event)
    return {
        "plan_id": chain.plan_id,
        "version_no": chain.number,
        "route": event["route"],
        "request_id": event.get("refers_to"),
        "acceptance_id": event["case_id"],
        "requested_on": event.get("requested_on"),
        "agreed_on": event["opened_on"],
        "effective_on": event["effective_on"],
        "interest_from": new.interest_from,
        "annual_rate": float(new.annual_rate),
        "term_m": sum(row.installment_no > 0 for row in new.rows),
        "due_day": new.due_day or chain.due_day,
        "pause_from": new.paused[0] if new.paused else None,
        "pause_to": new.paused[1] if new.paused else None,
        "interest_mode": terms.interest_mode,
        "down_payment_cents": terms.down_payment_cents,
        "prepaid_cents": prepaid_cents,
        "waived_cents": min(terms.waived_cents, state.arrears_interest_cents),
        "capitalised_cents": new.capitalised_cents,
        "overdue_cents": position["arrears_cents"],
        "total_cost_diff_cents": new.cost_cents(position["carried_cents"], position["open_cents"]),
    }
