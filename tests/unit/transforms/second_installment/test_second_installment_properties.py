"""Whatever customers have, paid and ask for: what is disclosed is what is booked, and can be borne."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.unit.transforms.loans.cases import accepted, cases
from tests.unit.transforms.outputs import plan_progress
from tests.unit.transforms.random_books import NIGHT, PEOPLE, POLICIES, Person, books_of
from tests.unit.transforms.second_installment.test_second_installment import KINDS
from transforms.loans.agreed_change import CHANGES, ROUTES
from transforms.loans.versions import plan_versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.transforms.second_installment.test_second_installment import Books
    from transforms.policy.policy import Policy, PolicyBook

#: Few examples of a dozen customers each: every example goes through all transforms once and once more per route.
MANY = settings(
    max_examples=8,
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


#: Settles inside a pause whose interest was capitalised: more of it is for days to come than is due by now.
IN_A_PAUSE = Person(
    plans=[(19, 24, 33, 34105, 156000, 19, "ANNUITY", False)],
    pays=[3, 4, 3, 1],
    reach_bp=11005,
    others=0,
    spare=-161,
    salary_bp=7764,
    deposits=35,
    hardship=None,
    change=(37, {"route": "payment_holiday", "pause_m": 3, "interest_mode": "capitalise"}),
    wish=None,
    income_known=False,
)


@MANY
@given(st.lists(PEOPLE, min_size=12, max_size=12), st.sampled_from(sorted(POLICIES)))
@example([IN_A_PAUSE], "hard")
def test_the_cost_disclosed_is_what_the_ledger_says_once_it_is_booked(people: list[Person], name: str) -> None:
    """For every route that states a cost: open after the acceptance less open before it, to the cent."""
    policies = POLICIES[name]
    books = books_of(people, policies)
    before = dict(books.progress.select("plan_id", "open_cents").iter_rows())
    for route in CHANGES:
        rows = books.routes.filter("eligible", pl.col("total_cost_diff_cents").is_not_null(), route=route)
        if rows.is_empty():
            continue
        after, highest = booked(books, policies, rows)
        for row in rows.iter_rows(named=True):
            plan = row["plan_id"]
            assert row["total_cost_diff_cents"] == after[plan] - before[plan], (row, after[plan], before[plan])
            if route not in ("payment_holiday", "early_settlement"):
                assert row["highest_payment_cents"] == highest[plan], row
    new = books.routes.filter("eligible", route="new_purchase").join(books.offers, on="customer_token", suffix="_of")
    assert new["total_cost_diff_cents"].equals(new["total_cost_cents"])


def booked(books: Books, policies: PolicyBook, rows: pl.DataFrame) -> tuple[dict[str, int], dict[str, int]]:
    """Open amount and highest payment of each plan once its route is accepted the same night."""
    told = pl.concat([books.wishes, cases(*(c for row in rows.iter_rows(named=True) for c in _acceptance(row)))])
    agreed = plan_versions(books.plans, books.paid, told, policies, KINDS, NIGHT)
    assert agreed.refused.filter(pl.col("acceptance_id").str.starts_with("Z")).is_empty(), agreed.refused
    progress = plan_progress(books.plans, books.paid, agreed, books.told, NIGHT, books.policy)
    newest = agreed.installments.filter(
        (pl.col("version_no") == pl.col("version_no").max().over("plan_id"))
        & (pl.col("installment_no") > 0)
        & (pl.col("due_on") > NIGHT)  # a down payment is no installment
    )
    paid = newest.group_by("plan_id").agg(pl.sum_horizontal("principal_cents", "interest_cents", "fee_cents").max())
    return dict(progress.select("plan_id", "open_cents").iter_rows()), dict(paid.iter_rows())


def _acceptance(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    spreads = row["route"] in ("term_change", "art70_restructure")
    terms = {
        "term_m": row["term_months"] if spreads else None,
        "pause_m": row["pause_months"],
        **{c: row[c] for c in ("due_day", "interest_mode", "annual_rate", "down_payment_cents", "waived_cents")},
    }
    about = {"plan_id": row["plan_id"], "customer_token": row["customer_token"]}
    for case in accepted(row["route"], NIGHT, NIGHT, 0, **terms):
        name = f"Z{case['case_id']}-{row['plan_id']}"
        refers = {"refers_to": f"ZQ0-{row['plan_id']}"} if "refers_to" in case else {}
        yield {**case, **about, **refers, "case_id": name}


@MANY
@given(st.lists(PEOPLE, min_size=12, max_size=12), st.sampled_from(sorted(POLICIES)))
def test_no_payment_is_more_than_what_is_free_under_stress(people: list[Person], name: str) -> None:
    """A customer's agreements together with the plans that stay, and a changed term with all other plans."""
    books = books_of(people, POLICIES[name])
    means = {row["customer_token"]: row for row in books.profile.iter_rows(named=True)}
    cases_of = {row["customer_token"]: row for row in books.told.iter_rows(named=True)}
    plans_of: dict[str, list[dict[str, Any]]] = {}
    for row in books.progress.iter_rows(named=True):
        plans_of.setdefault(row["customer_token"], []).append(row)
    routes = books.routes.filter("eligible", pl.col("route").is_in(["art70_restructure", "term_change"]))
    highest = {(row["plan_id"], row["route"]): row["highest_payment_cents"] for row in routes.iter_rows(named=True)}
    for customer, plans in plans_of.items():
        regular = {p["plan_id"]: p["monthly_payment_cents"] for p in plans}
        free = free_cents(means[customer], cases_of.get(customer), sum(regular.values()), books.policy)
        agreed = {plan: highest.get((plan, "art70_restructure")) for plan in regular}
        if any(agreed.values()):
            assert sum(regular[p] if a is None else a for p, a in agreed.items()) <= free
        for plan, now in regular.items():
            changed = highest.get((plan, "term_change"))
            if changed is not None:
                assert sum(regular.values()) - now + changed <= free


def free_cents(means: dict[str, Any], case: dict[str, Any] | None, own: int, policy: Policy) -> int:
    """What all own plans may take a month when income falls, counted anew: living costs and other debts come first."""
    income, a = means["income_cents"], policy.affordability
    if income is None:
        return 0
    stressed = income * (10_000 - a.stress_income_drop_bp) // 10_000
    if case is not None and case["cause"] == "income_loss" and case["evid_status"] in ("received", "verified"):
        stressed = min(stressed, means["salary_now_cents"])
    living = max(a.living_cost_floor_cents, stressed * a.living_cost_share_bp // 10_000)
    others = max(means["debt_service_cents"] - own, 0)
    flow = means["free_cash_flow_cents"] + min(means["debt_service_cents"], own) - (income - stressed)
    return max(min(stressed - living - others, stressed * a.stress_dsr_limit_bp // 10_000 - others, flow), 0)


def test_the_random_books_open_and_refuse_every_route() -> None:
    """What the properties above are tried on is not empty."""
    seen: Counter[tuple[str, bool]] = Counter()

    @settings(max_examples=4, deadline=None, database=None, derandomize=True)
    @given(st.lists(PEOPLE, min_size=25, max_size=25))
    def count(people: list[Person]) -> None:
        seen.update(books_of(people, POLICIES["shipped"]).routes.select("route", "eligible").iter_rows())

    count()
    assert all(seen[route, is_open] for route in ROUTES for is_open in (False, True)), seen
