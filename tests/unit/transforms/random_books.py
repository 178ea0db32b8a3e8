"""Random lenders' books: customers with plans, what they paid, what befell them, what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import strategies as st

from tests.unit.transforms.loans.books import PLAN, PLAN_TYPES, REPAYMENT_TYPES
from tests.unit.transforms.loans.cases import accepted, cases, hardship
from tests.unit.transforms.outputs import plan_progress
from tests.unit.transforms.second_installment.test_second_installment import (
    DECIDED,
    DECISION,
    KINDS,
    OFFERED,
    PROFILE,
    Books,
)
from tests.unit.transforms.support import book, document, token
from transforms.dates.calendar import add_months
from transforms.loans.booked import booked_installments
from transforms.loans.plan import Plan, RepayMethod
from transforms.loans.schedule import build_schedule
from transforms.loans.versions import plan_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.policy.policy import PolicyBook

NIGHT = date(2025, 8, 1)


def _books() -> dict[str, PolicyBook]:
    """The shipped policy, and one that takes a fee for settling early and reckons with harder times."""
    hard = document()
    first = hard["version"][0]
    first["default_costs"]["early_settlement_fee_bp"] = 100
    first["affordability"] |= {"stress_income_drop_bp": 3500, "stress_dsr_limit_bp": 5000}
    first["restructure"] |= {"down_payment_bp": 0, "waive_interest_bp": 10_000, "rate_steps_bp": [10000]}
    first["holiday"] |= {"other_interest": "capitalise", "max_dpd": 60}
    first["changes"] |= {"min_months_on_book": 0, "cool_off_m": 0, "max_dpd": 10}
    return {"shipped": book(), "hard": book(hard)}


POLICIES = _books()

#: A change agreed before; the night's routes start from its schedule.
CHANGES: tuple[dict[str, Any], ...] = (
    {"route": "term_change", "term_m": 30},
    {"route": "due_date_change", "due_day": 25},
    {"route": "payment_holiday", "pause_m": 2, "interest_mode": "accrue"},
    {"route": "payment_holiday", "pause_m": 3, "interest_mode": "capitalise"},
    {"route": "rate_review", "annual_rate": Decimal("0.08")},
    {"route": "art70_restructure", "term_m": 48, "waived_cents": 3_000, "annual_rate": Decimal("0.06")},
)
WISHES: tuple[dict[str, Any], ...] = (
    {"route": "term_change", "term_m": 18},
    {"route": "term_change", "term_m": 48},
    {"route": "due_date_change", "due_day": 5},
    {"route": "due_date_change", "due_day": 28},
    {"route": "payment_holiday", "pause_m": 4, "interest_mode": "capitalise"},
)


@dataclass(frozen=True)
class Person:
    """A customer: plans as (months back, day, days to the first due date, yuan, ppm a year, months, method, card?)."""

    plans: list[tuple[int, int, int, int, int, int, str, bool]]
    #: Per due date: 0 nothing, 1 all, 2 a part, 3 all but booked late, 4 all and taken back, 5 twice.
    pays: list[int]
    reach_bp: int
    others: int
    spare: int
    salary_bp: int
    deposits: int
    hardship: tuple[str, str, bool] | None
    change: tuple[int, dict[str, Any]] | None
    wish: dict[str, Any] | None
    income_known: bool


_METHODS = st.sampled_from(["ANNUITY", "ANNUITY", "EQ_PRIN", "INT_FIRST"])
_PLANS = st.tuples(
    st.integers(1, 20),
    st.integers(1, 31),
    st.integers(14, 45),
    st.integers(500, 90_000),
    st.sampled_from([0, 36_500, 120_000, 156_000, 239_900]),
    st.integers(2, 36),
    _METHODS,
    st.booleans(),
)
_CASES = st.tuples(
    st.sampled_from(["income_loss", "medical", "other"]),
    st.sampled_from(["requested", "received", "verified", "verified"]),
    st.sampled_from([True, True, True, False]),
)
_ANYONE: dict[str, Any] = {
    "plans": st.lists(_PLANS, min_size=1, max_size=2),
    "pays": st.one_of(st.just([1]), st.lists(st.sampled_from([0, 1, 1, 1, 2, 3, 4, 5]), min_size=1, max_size=6)),
    "reach_bp": st.integers(1_000, 30_000),
    "others": st.sampled_from([0, 0, 500, 2_000]),
    "spare": st.integers(-50_000, 50_000),
    "salary_bp": st.integers(4_000, 10_000),
    "deposits": st.integers(0, 50_000),
    "hardship": st.one_of(st.none(), _CASES, _CASES),
    "change": st.one_of(st.none(), st.none(), st.tuples(st.integers(20, 400), st.sampled_from(CHANGES))),
    "wish": st.one_of(st.none(), st.sampled_from(WISHES)),
    "income_known": st.sampled_from([True, True, True, True, False]),
}
#: Half the customers are in trouble that is shown, with card debt they cannot quite bear.
_IN_TROUBLE = _ANYONE | {
    "plans": st.lists(
        st.builds(lambda plan, card: (*plan[:7], card), _PLANS, st.sampled_from([True, True, False])),
        min_size=1,
        max_size=2,
    ),
    "reach_bp": st.integers(3_000, 11_000),
    "hardship": st.tuples(st.sampled_from(["medical", "other"]), st.just("verified"), st.sampled_from([True])),
    "income_known": st.sampled_from([True]),
    "change": st.none(),
}
PEOPLE = st.one_of(st.builds(Person, **_ANYONE), st.builds(Person, **_IN_TROUBLE))


def books_of(people: Sequence[Person], policies: PolicyBook) -> Books:
    """The night's books of random customers."""
    policy = policies.in_force(NIGHT)
    rows = [row for n, one in enumerate(people) for row in _plans(n, one)]
    plans = pl.DataFrame(rows, schema={k: PLAN_TYPES[k] for k in PLAN}, orient="row")
    due = booked_installments(plans).select("plan_id", "due_on", pl.sum_horizontal("principal_cents", "interest_cents"))
    dues = {name: rows for (name,), rows in due.group_by("plan_id", maintain_order=True)}
    moves = [
        m for n, one in enumerate(people) for k in range(len(one.plans)) for m in _moves(one, dues[f"P{n}-{k}"].rows())
    ]
    paid = pl.DataFrame(moves, schema=REPAYMENT_TYPES, orient="row")
    asked = cases(*(row for n, one in enumerate(people) for row in _asked(n, one)))
    told = hardship(
        *(
            {
                "case_id": f"H{n}",
                "customer_token": token(n),
                "cause": one.hardship[0],
                "evid_status": one.hardship[1],
                "willing_to_pay": one.hardship[2],
                "opened_on": date(2025, 7, 1),
            }
            for n, one in enumerate(people)
            if one.hardship is not None
        )
    )
    agreed = plan_versions(plans, paid, asked, policies, KINDS, NIGHT)
    progress = plan_progress(plans, paid, agreed, told, NIGHT, policy)
    own = dict(progress.group_by("customer_token").agg(pl.col("monthly_payment_cents").sum()).iter_rows())
    profile = pl.DataFrame([_profile(n, p, own.get(token(n), 0)) for n, p in enumerate(people)], schema=PROFILE)
    decision = pl.DataFrame([{**DECISION, "customer_token": token(n)} for n, _ in enumerate(people)], schema=DECIDED)
    offers = pl.DataFrame([_offer(n, p) for n, p in enumerate(people)], schema=OFFERED)
    return Books(plans, paid, asked, told, agreed, progress, profile, decision, offers, NIGHT, policy)


def _plans(number: int, one: Person) -> Iterator[dict[str, Any]]:
    for k, (back, day, wait, yuan, ppm, term, method, card) in enumerate(one.plans):
        started = add_months(date(2025, 7, 1), -back, anchor_day=day)
        rate = Decimal(ppm) / 1_000_000
        named = method if ppm else "INTEREST_FREE"
        exact = Plan(yuan * 100, rate, term, started, RepayMethod(named), first_due_on=add_months(started, 1))
        yield {
            **PLAN,
            "plan_id": f"P{number}-{k}",
            "customer_token": token(number),
            "product_code": "card_general" if card else "car",
            "plan_seq": k + 1,
            "principal_cents": yuan * 100,
            "annual_rate": rate,
            "term_m": term,
            "repay_method": named,
            "installment_cents": build_schedule(exact).payment_cents,
            "started_on": started,
            "first_due_on": started + timedelta(days=wait),
            "changed_on": started,
            "feed_date": started,
        }


def _moves(one: Person, dues: Sequence[tuple[str, date, int]]) -> Iterator[dict[str, Any]]:
    for k, (plan, on, cents) in enumerate(d for d in dues if d[1] <= NIGHT):
        how = one.pays[k % len(one.pays)]
        amount = {0: 0, 2: cents // 3, 5: 2 * cents}.get(how, cents)
        booked = min(on + timedelta(days=12), NIGHT) if how == 3 else on
        row = {"repayment_id": f"{plan}-{k}", "plan_id": plan, "kind": "payment", "reverses_id": None}
        if amount:
            yield {**row, "received_on": booked, "value_on": on, "amount_cents": amount}
        if how == 4:
            back = min(on + timedelta(days=3), NIGHT)
            taken = {"repayment_id": f"{plan}-{k}B", "kind": "reversal", "reverses_id": row["repayment_id"]}
            yield {**row, **taken, "received_on": back, "value_on": back, "amount_cents": amount}


def _asked(number: int, one: Person) -> Iterator[dict[str, Any]]:
    for k in range(len(one.plans)):
        about = {"plan_id": f"P{number}-{k}", "customer_token": token(number)}
        if one.change is not None:
            days, terms = one.change
            on = NIGHT - timedelta(days=days)
            rows = accepted(terms["route"], on, on, 0, **{c: v for c, v in terms.items() if c != "route"})
            names = {"Q0": f"Q{number}-{k}", "A0": f"A{number}-{k}"}
            for row in rows:
                refers = {"refers_to": names[row["refers_to"]]} if "refers_to" in row else {}
                yield {**row, **refers, "case_id": names[row["case_id"]], **about}
        if one.wish is not None:
            asked = {"case_id": f"W{number}-{k}", "kind": "change_request", "opened_on": NIGHT - timedelta(days=2)}
            yield {**asked, **about, **one.wish}


def _profile(number: int, one: Person, own: int) -> dict[str, Any]:
    service = one.others * 100 + own
    # What is free under the shipped stress is then about `reach_bp` of the own payments.
    income = max((own * one.reach_bp // 10_000 + one.others * 100) * 100 // 56, 200_000) if one.income_known else None
    return {
        "customer_token": token(number),
        "income_cents": income,
        "debt_service_cents": service,
        "free_cash_flow_cents": None
        if income is None
        else income - max(150_000, income * 3 // 10) - service + one.spare,
        "balance_avg_cents_3m": one.deposits * 100,
        "salary_now_cents": None if income is None else income * one.salary_bp // 10_000,
        "salary_before_cents": income,
        "income_source": "payroll",
    }


def _offer(number: int, one: Person) -> dict[str, Any]:
    _, _, _, yuan, ppm, term, _, _ = one.plans[0]
    method = RepayMethod.ANNUITY if ppm else RepayMethod.INTEREST_FREE
    plan = Plan(yuan * 100, Decimal(ppm) / 1_000_000, term, NIGHT, method)
    schedule = build_schedule(plan)
    return {
        "customer_token": token(number),
        "rank": 1,
        "term_m": term,
        "nominal_rate": ppm / 1_000_000,
        "amount_cents": yuan * 100,
        "payment_cents": schedule.payment_cents,
        "total_cost_cents": schedule.cost_cents,
    }
