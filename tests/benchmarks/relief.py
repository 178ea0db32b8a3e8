"""What relief does for customers hit by a shock, against a lender that offers nothing: the same people, the same draws.

`python -m tests.benchmarks.relief --customers 4000 --seed 7` plays the simulated lender for a year, looks at the books
at each month's end as the batch does (plans in progress, routes, contacts), lets most of those who are offered relief
take it, and plays on. Latent months before a decision stay as they were; later ones differ only where the lower burden
changes what a draw decides. What relief does to the risk of stopping is an assumption of the simulator, said below.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from tests.unit.transforms.eligibility.support import book
from transforms.eligibility.payment_holiday import COLUMNS as HOLIDAY
from transforms.eligibility.second_installment import second_installment
from transforms.servicing.agreements import Agreements, agreements
from transforms.servicing.cases import open_requests
from transforms.servicing.contact_queue import contact_queue
from transforms.servicing.plan_progress import plan_progress
from warehouse.simulator import bureau, cases, feeds_plans, income, plans, repayments
from warehouse.simulator.arrivals import Post
from warehouse.simulator.draws import BLOCK, Streams, luck
from warehouse.simulator.latent import JOB_LOSS, latent
from warehouse.simulator.population import PAYROLL, population
from warehouse.simulator.repayments import BROKEN, FAILED, Relief
from warehouse.simulator.timeline import month_number, timeline

KINDS = dict.fromkeys(plans.PRODUCTS, "card_installment") | dict.fromkeys(
    ("education", "medical", "car"), "consumption_loan"
)
START, END = date(2025, 3, 31), date(2026, 3, 31)
#: Shocks that begin in these months are followed to the end of the year.
FOLLOWED = (month_number(date(2025, 4, 1)), month_number(date(2025, 9, 1)))
TAKES = 0.8
_LIVING_CENTS, _LIVING_SHARE = 150_000, 0.3


@dataclass
class World:
    """The simulated lender and what relief has been taken."""

    customers: int
    seed: int
    shocks: bool = True
    acceptances: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.line = timeline(START, END, 12, "monthly")
        self.streams = Streams(self.seed, 0)
        numbers = np.arange(1, self.customers + 1)
        self.people = population(self.streams, numbers, self.line, employers=max(10, BLOCK // 40))
        self.burden = bureau.burden(self.people, bureau.accounts(self.streams, self.people, self.line))
        n, months = self.people.size, len(self.line.latent_months)
        self.eased = np.ones((months, n))
        first = latent(self.streams, self.people, self.line, self.burden, shocks=self.shocks)
        # Who was lent to is the same in every variant: plans are drawn once.
        self.booked = plans.plans(self.streams, self.people, self.line, first, np.zeros((6, 1), np.int64))
        self.shock = first.shock
        self.earned = income.income(self.streams, self.people, self.line, first)
        p = self.booked.customer.size
        self.relief = Relief(np.full((months, p), -1), np.zeros((months, p), bool))
        self.play()

    def play(self) -> None:
        """Play again from the start with the relief taken so far."""
        self.hidden = latent(self.streams, self.people, self.line, self.burden, shocks=self.shocks, eased=self.eased)
        self.served = repayments.service(self.streams, self.line, self.hidden, self.booked, relief=self.relief)

    def night(self, day: date) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, Agreements]:
        """(progress, routes, contacts, agreements) of a month's end."""
        policy = POLICIES.in_force(day)
        told = known(feeds_plans.installment_plan(self.people, self.line, self.booked, self.served), day)
        paid = known(feeds_plans.repayment(self.people, self.booked, self.served, Post(self.seed, late=False)), day)
        reported = known(cases.hardship_case(self.streams, self.people, self.line, self.hidden, self.booked), day)
        reported = reported.sort("changed_on", maintain_order=True).unique("case_id", keep="last")
        asked = pl.DataFrame(self.acceptances, schema=CASE_SCHEMA, orient="row")
        agreed = agreements(told, paid, asked, POLICIES, KINDS, day)
        progress = plan_progress(told, paid, agreed, reported, day, policy)
        profile = self.profile(progress, paid, day)
        decision = profile.select(
            "customer_token",
            decision=pl.lit("review"),
            reasons=pl.lit(["human_review"]),
            limit_cents=pl.lit(0, pl.Int64),
            price_grade=pl.lit("C"),
        )
        wishes = open_requests(asked, day, policy)
        none = pl.DataFrame(schema=OFFERS), pl.DataFrame(schema=RATES)
        routes = second_installment(progress, profile, decision, *none, reported, agreed, wishes, KINDS, day, policy)
        holidays = pl.DataFrame(schema=dict(HOLIDAY))
        quiet = asked.with_columns(shard=pl.lit(0, pl.Int16)).clear()
        return progress, routes, contact_queue(progress, routes, holidays, profile, quiet, day, policy), agreed

    def profile(self, progress: pl.DataFrame, paid: pl.DataFrame, day: date) -> pl.DataFrame:
        """What the profile would know: income of the last six months, last month's pay, debts, failed debits."""
        k = month_number(day) - self.line.months.start
        received = self.earned.received[max(k - 5, 0) : k + 1]
        usual = np.median(received, axis=0).astype(np.int64)
        jobless = self.shock[month_number(day) - self.line.latent_months.start] == JOB_LOSS
        salary = np.where((self.people.kind == PAYROLL) & jobless, 0, received[-1])
        name = [f"C{n:07}" for n in self.people.number]
        other = (self.burden * 100 * self.people.base_income).astype(np.int64)
        frame = pl.DataFrame(
            {
                "customer_token": name,
                "income_cents": usual,
                "salary_cents_1m": salary,
                "income_source": np.where(self.people.kind == PAYROLL, "payroll", "recurring"),
                "_other": other,
            }
        )
        own = (
            progress.filter(status="running")
            .group_by("customer_token")
            .agg(pl.col("next_due_cents").sum().alias("_own"))
        )
        failed = (
            paid.filter((pl.col("kind") == "failed_debit") & (pl.col("received_on") > day.replace(day=1)))
            .group_by("customer_token")
            .agg(pl.len().cast(pl.Int64).alias("failed_debit_cnt_1m"))
        )
        service = pl.col("_other") + pl.col("_own").fill_null(0)
        living = pl.max_horizontal(pl.lit(_LIVING_CENTS), (pl.col("income_cents") * _LIVING_SHARE).cast(pl.Int64))
        return (
            frame.join(own, on="customer_token", how="left")
            .join(failed, on="customer_token", how="left")
            .with_columns(
                debt_service_cents=service,
                free_cash_flow_cents=pl.col("income_cents") - service - living,
                balance_avg_cents_3m=pl.lit(0, pl.Int64),
                marketing_opt_out=pl.lit(value=False),
                failed_debit_cnt_1m=pl.col("failed_debit_cnt_1m").fill_null(0),
            )
        )

    def take(self, routes: pl.DataFrame, day: date) -> int:
        """Most of those offered relief take it the same night; gives how many did."""
        relief = routes.filter("eligible", pl.col("route").is_in(["art70_restructure", "payment_holiday"]))
        chosen = relief.sort("plan_id", "route").unique("plan_id", keep="first", maintain_order=True)
        numbers = chosen["customer_token"].str.slice(1).cast(pl.Int64).to_numpy()
        takes = luck(self.seed, numbers) < TAKES
        before = len(self.acceptances)
        for row in chosen.filter(pl.Series(takes)).iter_rows(named=True):
            about = {
                "plan_id": row["plan_id"],
                "customer_token": row["customer_token"],
                "route": row["route"],
                "opened_on": day,
                "effective_on": day,
                "term_m": row["term_months"] if row["route"] == "art70_restructure" else None,
                "pause_m": row["pause_months"],
                "interest_mode": row["interest_mode"],
                "annual_rate": row["annual_rate"] if row["route"] == "art70_restructure" else None,
                "down_payment_cents": row["down_payment_cents"],
                "waived_cents": row["waived_cents"],
                "status": "closed",
            }
            name = f"{row['plan_id']}-{day}-{row['route']}"
            self.acceptances.append({**about, "case_id": f"Q{name}", "kind": "change_request"})
            self.acceptances.append({**about, "case_id": f"A{name}", "kind": "acceptance", "refers_to": f"Q{name}"})
        return (len(self.acceptances) - before) // 2

    def apply(self, agreed: Agreements, day: date) -> None:
        """What is due after the night follows the schedules agreed; the burden a shock adds falls with the payment."""
        fresh = agreed.versions.filter(pl.col("effective_on") == day)
        at = {name: k for k, name in enumerate(plan_names(self.people, self.booked))}
        k0 = month_number(day) - self.line.latent_months.start + 1
        if k0 >= len(self.line.latent_months):
            return
        rows = agreed.installments.join(fresh.select("plan_id", "version_no"), on=["plan_id", "version_no"])
        for (plan,) in fresh.select("plan_id").iter_rows():
            p = at[plan]
            self.relief.due[k0:, p] = 0
            self.relief.moved[k0, p] = True
            ahead = rows.filter((pl.col("plan_id") == plan) & (pl.col("installment_no") > 0) & (pl.col("due_on") > day))
            for due, principal, interest in ahead.select("due_on", "principal_cents", "interest_cents").iter_rows():
                k = month_number(due) - self.line.latent_months.start
                if k < len(self.line.latent_months):
                    self.relief.due[k, p] += principal + interest
            usual = max(int(self.booked.installment[p]), 1)
            share = np.clip(self.relief.due[k0:, p] / usual, 0.0, 1.0)
            customer = self.booked.customer[p]
            self.eased[k0:, customer] = np.minimum(self.eased[k0:, customer], share)


POLICIES = book()
OFFERS: dict[str, Any] = {
    **dict.fromkeys(("customer_token",), pl.String),
    **dict.fromkeys(("rank", "term_m"), pl.Int32),
    "nominal_rate": pl.Float64,
    **dict.fromkeys(("amount_cents", "payment_cents", "total_cost_cents"), pl.Int64),
}
RATES: dict[str, Any] = {
    **dict.fromkeys(("risk_grade", "product_code", "plan_type"), pl.String),
    "term_m": pl.Int32,
    "nominal_rate": pl.Float64,
    "price_above_cap": pl.Boolean,
}
CASE_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("case_id", "customer_token", "plan_id", "kind", "route", "refers_to", "interest_mode"), pl.String),
    **dict.fromkeys(("channel", "language", "status"), pl.String),
    **dict.fromkeys(("opened_on", "effective_on"), pl.Date),
    **dict.fromkeys(("term_m", "due_day", "pause_m"), pl.Int32),
    "annual_rate": pl.Decimal(9, 6),
    **dict.fromkeys(("down_payment_cents", "waived_cents"), pl.Int64),
    "vulnerable": pl.Boolean,
}


def known(frame: pl.DataFrame, day: date) -> pl.DataFrame:
    """Rows that had arrived by a night, with tokens for customer numbers."""
    epoch = (day - date(1970, 1, 1)).days
    return (
        frame.filter(pl.col("_arrival") <= epoch)
        .drop("_arrival")
        .rename({"customer_id": "customer_token"})
        .with_columns(shard=pl.lit(0, pl.Int16))
    )


def plan_names(people: Any, booked: Any) -> list[str]:
    """Plans as the feeds write them, in the order they were booked."""
    frame = pl.DataFrame({"_number": people.number[booked.customer], "_seq": booked.seq})
    return frame.select(feeds_plans.PLAN_ID).to_series().to_list()


def broken(world: World, hit: np.ndarray) -> int:
    """How many of the customers had a plan broken in the year."""
    first = (START - date(1970, 1, 1)).days
    x = world.served.changes
    late = (x.status == BROKEN) & (x.day > first)
    return int(np.isin(np.flatnonzero(hit), world.booked.customer[x.plan[late]]).sum())


def study(customers: int, seed: int) -> dict[str, Any]:
    """Run the lender with relief and without, and count."""
    nothing, calm, world = World(customers, seed), World(customers, seed, shocks=False), World(customers, seed)
    nights = [d for d in world.line.business_dates if d > START]
    starts = world.line.latent_months.start
    begins = (world.shock[1:] > 0) & (world.shock[:-1] == 0)
    hit_month = np.full(customers, -1)
    for month in range(FOLLOWED[0], FOLLOWED[1] + 1):
        age = month - world.booked.start_month
        has = (age >= 1) & (age <= world.booked.term) & (world.booked.cancelled == 0)
        running = np.bincount(world.booked.customer[has], minlength=customers) > 0
        hit_month = np.where((hit_month < 0) & begins[month - starts - 1] & running, month, hit_month)
    hit = hit_month >= 0
    missed = first_missed(nothing, hit_month)
    found, offered, taken = (np.full(customers, 10**6) for _ in range(3))
    for day in nights:
        _progress, routes, contacts, _ = world.night(day)
        epoch = (day - date(1970, 1, 1)).days
        mark(found, contacts.filter(pl.col("kind").is_in(["early_help", "relief_open"])), epoch)
        relief = routes.filter("eligible", pl.col("route").is_in(["art70_restructure", "payment_holiday"]))
        mark(offered, relief, epoch)
        if world.take(routes, day):
            mark(taken, pl.DataFrame(world.acceptances[-1:], schema=CASE_SCHEMA), epoch)
            world.apply(world.night(day)[3], day)
            world.play()
    shock_night = np.asarray([night_of(nights, m) if m >= 0 else 10**6 for m in hit_month])
    after = found >= shock_night
    n = int(hit.sum())
    return {
        "customers": customers,
        "seed": seed,
        "hit_by_a_shock_with_a_running_plan": n,
        "missed_a_payment_without_relief": int((hit & (missed < 10**6)).sum()),
        "of_those_found_before_it": int((hit & (missed < 10**6) & (found < missed)).sum()),
        "of_those_offered_relief_before_it": int((hit & (missed < 10**6) & (offered < missed)).sum()),
        "found_at_all": int((hit & (found < 10**6)).sum()),
        "found_before_any_missed_payment": int((hit & (found < missed)).sum()),
        "found_on_the_first_month_end": int((hit & after & (found == shock_night)).sum()),
        "offered_an_affordable_route": int((hit & (offered < 10**6)).sum()),
        "relief_taken_all_customers": len(world.acceptances) // 2,
        "broken_with_relief": broken(world, hit),
        "broken_lender_offers_nothing": broken(nothing, hit),
        "broken_same_people_without_shocks": broken(calm, hit),
    }


def mark(seen: np.ndarray, rows: pl.DataFrame, epoch: int) -> None:
    """Note the first day on which customers are among the rows."""
    who = rows["customer_token"].unique().str.slice(1).cast(pl.Int64).to_numpy() - 1
    seen[who] = np.minimum(seen[who], epoch)


def night_of(nights: list[date], month: int) -> int:
    """The month's end of a month, as an epoch day."""
    return next(((d - date(1970, 1, 1)).days for d in nights if month_number(d) == month), 10**6)


def first_missed(world: World, hit_month: np.ndarray) -> np.ndarray:
    """Per customer the day of the first failed debit in or after the month of the shock; 10**6 for none."""
    x = world.served.movements
    failed = x.kind == FAILED
    customer, day = world.booked.customer[x.plan[failed]], x.received[failed]
    begins = np.asarray(
        [(date(m // 12, m % 12 + 1, 1) - date(1970, 1, 1)).days if m >= 0 else 10**7 for m in hit_month]
    )
    first = np.full(hit_month.size, 10**6)
    counts = day >= begins[customer]
    np.minimum.at(first, customer[counts], day[counts])
    return first


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    print(json.dumps(study(given.customers, given.seed), indent=1))
