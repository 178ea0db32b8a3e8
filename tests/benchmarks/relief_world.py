"""One world of the relief study: the simulated lender, what its books and cases show each night, what relief changes.

Only the customers followed are looked at each night; everybody is played, so that all draws stay as they are. The
night's tables come of the transforms a real night runs (income from bank lines, plans in progress, routes, contacts);
what those read of other tables is put together here: other debts, and no deposits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tests.unit.transforms.outputs import contact_queue, plan_progress, second_installment
from tests.unit.transforms.support import book
from transforms.dates.calendar import add_months
from transforms.loans.product_conventions import ProductConventions
from transforms.loans.states import loan_states
from transforms.loans.versions import plan_versions
from transforms.profile.income_lines import CANDIDATES, LOOKBACK_MONTHS
from transforms.profile.payroll import bank_income
from transforms.servicing.cases import open_requests
from warehouse.contract import load_contract
from warehouse.shapes import polars_schema
from warehouse.simulator import bureau, cases, feeds_plans, income, plans, repayments
from warehouse.simulator.arrivals import Post
from warehouse.simulator.draws import BLOCK, Streams, luck
from warehouse.simulator.latent import JOB_LOSS, latent
from warehouse.simulator.population import population
from warehouse.simulator.repayments import BROKEN, FAILED, Relief
from warehouse.simulator.templates import TEMPLATES
from warehouse.simulator.timeline import day_in_month, epoch_day, month_number, month_start, timeline

if TYPE_CHECKING:
    from transforms.loans.version_tables import Versions

KINDS = dict.fromkeys(plans.PRODUCTS, "card_installment") | dict.fromkeys(
    ("education", "medical", "car"), "consumption_loan"
)
START, END = date(2025, 3, 31), date(2026, 3, 31)
#: Share of those offered relief who take it, at once.
TAKES = 0.8
#: Days after a call on which who answers it opens a case, and after which the evidence is there; share of it rejected.
_CASE_DAYS, _EVIDENCE_DAYS, _REJECTED, _WILLING = 3, 10, 0.1, 0.9
_LIVING_CENTS, _LIVING_SHARE = 150_000, 0.3
NEVER = 10**6
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


@dataclass(frozen=True)
class Night:
    """What a night found for the customers followed."""

    routes: pl.DataFrame
    contacts: pl.DataFrame
    agreed: Versions


@dataclass
class World:
    """The simulated lender; `answers` is the share of those called who open a case where there is a difficulty."""

    customers: int
    seed: int
    shocks: bool = True
    answers: float = 0.0
    acceptances: list[dict[str, Any]] = field(default_factory=list)
    reported: list[dict[str, Any]] = field(default_factory=list)

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
        p = self.booked.customer.size
        self.relief = Relief(np.full((months, p), -1), np.zeros((months, p), bool))
        self.followed = np.zeros(n, bool)
        self.play()

    def play(self) -> None:
        """Play again from the start with the relief taken so far."""
        self.hidden = latent(self.streams, self.people, self.line, self.burden, shocks=self.shocks, eased=self.eased)
        self.served = repayments.service(self.streams, self.line, self.hidden, self.booked, relief=self.relief)
        self._feeds: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame] | None = None

    def follow(self, who: np.ndarray) -> None:
        """Look at these customers (a mask) from now on."""
        self.followed = who
        self._feeds = None
        self.__dict__.pop("lines", None)

    @cached_property
    def lines(self) -> pl.DataFrame:
        """Bank lines that may be pay, of those followed; relief changes none of them."""
        found = income.income(self.streams, self.people, self.line, self.hidden).lines.arrays()
        types = np.asarray([t.line_type for t in TEMPLATES])
        keep = self.followed[found.customer] & np.isin(types[found.template], list(CANDIDATES))
        frame = pl.DataFrame(
            {
                "_number": self.people.number[found.customer[keep]],
                "line_type": types[found.template[keep]],
                "_kind": found.other_kind[keep],
                "_other": found.other[keep],
                "posted_on": pl.Series(found.day[keep].astype(np.int32)).cast(pl.Date),
                "cents": found.amount[keep],
            }
        )
        return frame.select(
            pl.format("C{}", pl.col("_number").cast(pl.String).str.zfill(7)).alias("customer_token"),
            pl.format("{}:{}", "_kind", "_other").alias("payer"),
            pl.col("line_type").replace_strict(CANDIDATES, return_dtype=pl.String).alias("origin"),
            "posted_on",
            "cents",
        )

    @property
    def feeds(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """(plans, repayments, cases of hardship) of those followed, as played so far."""
        if self._feeds is None:
            names = pl.Series(self.tokens[self.followed]).implode()
            own = pl.col("customer_token").is_in(names)
            told = tokened(feeds_plans.installment_plan(self.people, self.line, self.booked, self.served)).filter(own)
            paid = tokened(feeds_plans.repayment(self.people, self.booked, self.served, Post(self.seed, late=False)))
            hard = tokened(cases.hardship_case(self.streams, self.people, self.line, self.hidden, self.booked))
            self._feeds = told, paid.filter(own), hard.filter(own)
        return self._feeds

    @cached_property
    def tokens(self) -> np.ndarray:
        """The customers as the feeds write them."""
        return np.asarray([f"C{n:07}" for n in self.people.number])

    def night(self, day: date) -> Night:
        """What the night of a day finds."""
        policy, epoch = POLICIES.in_force(day), epoch_day(day)
        told, paid, hard = (f.filter(pl.col("_arrival") <= epoch).drop("_arrival") for f in self.feeds)
        answered = [r for r in self.reported if r["changed_on"] <= day]
        hard = pl.concat([hard, pl.DataFrame(answered, schema=hard.schema)])
        hard = hard.sort("changed_on", maintain_order=True).unique("case_id", keep="last", maintain_order=True)
        asked = pl.DataFrame(self.acceptances, schema=CASE_SCHEMA, orient="row")
        agreed = plan_versions(told, paid, asked, POLICIES, KINDS, day)
        progress = plan_progress(told, paid, agreed, hard, day, policy)
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
        states = loan_states(told, progress, agreed, ProductConventions(), day)
        routes = second_installment(
            progress, profile, decision, *none, hard, agreed, wishes, KINDS, states, day, policy
        )
        holidays = pl.DataFrame(schema=polars_schema(load_contract("eligibility.payment_holiday")))
        quiet = asked.with_columns(shard=pl.lit(0, pl.Int16)).clear()
        return Night(routes, contact_queue(progress, routes, holidays, profile, quiet, day, policy), agreed)

    def profile(self, progress: pl.DataFrame, paid: pl.DataFrame, day: date) -> pl.DataFrame:
        """Of those followed, what the profile knows of income and pay, debts, failed debits."""
        lines = self.lines.filter(
            pl.col("posted_on").is_between(add_months(day, -LOOKBACK_MONTHS), day, closed="right")
        )
        seen = bank_income(lines, day).select(
            "customer_token",
            pl.col("bank_cents").alias("income_cents"),
            pl.col("bank_kind")
            .replace_strict(
                {"irregular": "gig", "support": "recurring", None: "none"}, default="payroll", return_dtype=pl.String
            )
            .alias("income_source"),
            "salary_now_cents",
            "salary_before_cents",
        )
        month = add_months(day, -1)
        running = progress.filter(status="running")
        own = running.group_by("customer_token").agg(pl.col("next_due_cents").sum().alias("_own"))
        failed = (
            paid.filter((pl.col("kind") == "failed_debit") & (pl.col("received_on") > month))
            .group_by("customer_token")
            .agg(pl.len().cast(pl.Int64).alias("failed_debit_cnt_1m"))
        )
        other = (self.burden * 100 * self.people.base_income).astype(np.int64)[self.followed]
        service = pl.col("_other") + pl.col("_own").fill_null(0)
        living = pl.max_horizontal(pl.lit(_LIVING_CENTS), (pl.col("income_cents") * _LIVING_SHARE).cast(pl.Int64))
        frame = pl.DataFrame({"customer_token": self.tokens[self.followed], "_other": other})
        for more in (seen, own, failed):
            frame = frame.join(more, on="customer_token", how="left")
        return frame.with_columns(
            income_cents=pl.col("income_cents").cast(pl.Int64),
            income_source=pl.col("income_source").fill_null("none"),
            debt_service_cents=service,
            free_cash_flow_cents=(pl.col("income_cents") - service - living).cast(pl.Int64),
            balance_avg_cents_3m=pl.lit(0, pl.Int64),
            marketing_opt_out=pl.lit(value=False),
            failed_debit_cnt_1m=pl.col("failed_debit_cnt_1m").fill_null(0),
        )

    def answer(self, contacts: pl.DataFrame, day: date) -> None:
        """Of those called before they are behind, `answers` open a case where there is a difficulty; once each."""
        month = month_number(day) - self.line.latent_months.start
        for token in contacts.filter(pl.col("kind") == "early_help")["customer_token"].unique().sort():
            at = int(token[1:]) - 1
            kind, number = self.shock[month, at], self.people.number[at : at + 1]
            case = f"X{token}"
            known = any(r["case_id"] == case for r in self.reported) or token in self.filed(day)
            if kind == 0 or known or luck(self.seed + 2, number)[0] >= self.answers:
                continue
            opened, shown = (day + timedelta(days=d) for d in (_CASE_DAYS, _EVIDENCE_DAYS))
            rejected = luck(self.seed + 3, number)[0] < _REJECTED
            row = {
                "case_id": case,
                "customer_token": token,
                "cause": "income_loss" if kind == JOB_LOSS else "medical",
                "willing_to_pay": bool(luck(self.seed + 4, number)[0] < _WILLING),
                "opened_on": opened,
                "expected_resume_on": add_months(opened.replace(day=1), 3),
                "status": "open",
            }
            later = "rejected" if rejected else "received"
            over = [m for m in range(month, self.shock.shape[0]) if self.shock[m, at] == 0]
            until = month_start(self.line.latent_months.start + (over[0] if over else self.shock.shape[0]))
            ends = max(date(1970, 1, 1) + timedelta(days=int(until)), shown + timedelta(days=1))
            self.reported += [
                {**row, "evid_status": "requested", "changed_on": opened},
                {**row, "evid_status": later, "changed_on": shown},
                {**row, "evid_status": later, "changed_on": ends, "status": "closed"},
            ]

    def filed(self, day: date) -> set[str]:
        """Customers who have opened a case of their own accord."""
        own = self.feeds[2].filter((pl.col("opened_on") <= day) & (pl.col("status") == "open"))
        return set(own["customer_token"])

    def take(self, routes: pl.DataFrame, day: date) -> int:
        """Most of those offered relief take it the same night; gives how many did."""
        relief = routes.filter("eligible", pl.col("route").is_in(["art70_restructure", "payment_holiday"]))
        chosen = relief.sort("plan_id", "route").unique("plan_id", keep="first", maintain_order=True)
        numbers = chosen["customer_token"].str.slice(1).cast(pl.Int64).to_numpy()
        takes = luck(self.seed, numbers) < TAKES
        before = len(self.acceptances)
        for row in chosen.filter(pl.Series(takes)).iter_rows(named=True):
            agreement = row["route"] == "art70_restructure"
            about = {
                **{c: row[c] for c in ("plan_id", "customer_token", "route", "interest_mode", "down_payment_cents")},
                "waived_cents": row["waived_cents"],
                "opened_on": day,
                "effective_on": day,
                "term_m": row["term_months"] if agreement else None,
                "pause_m": row["pause_months"],
                "annual_rate": row["annual_rate"] if agreement else None,
                "status": "closed",
            }
            name = f"{row['plan_id']}-{day}-{row['route']}"
            self.acceptances.append({**about, "case_id": f"Q{name}", "kind": "change_request"})
            self.acceptances.append({**about, "case_id": f"A{name}", "kind": "acceptance", "refers_to": f"Q{name}"})
        return (len(self.acceptances) - before) // 2

    def apply(self, agreed: Versions, day: date) -> None:
        """What is due after the night follows the schedules agreed; the burden a shock adds falls with the payment.

        This month's dues can still follow where they lie ahead; the draw that decides the month is only eased where
        none of the customer's dues has shown it yet.
        """
        fresh = agreed.versions.filter(pl.col("effective_on") == day)
        rows = agreed.installments.join(fresh.select("plan_id", "version_no"), on=["plan_id", "version_no"])
        now, months = month_number(day) - self.line.latent_months.start, len(self.line.latent_months)
        ahead_now = day_in_month(np.full(self.booked.anchor.size, month_number(day)), self.booked.anchor) > epoch_day(
            day
        )
        for (plan,) in fresh.select("plan_id").iter_rows():
            p = self.plan_at[plan]
            customer = self.booked.customer[p]
            k0 = now if ahead_now[p] else now + 1
            shown = not ahead_now[self.booked.customer == customer].all()
            eased_from = now + 1 if shown else now
            if k0 >= months:
                continue
            self.relief.due[k0:, p] = 0
            self.relief.moved[k0, p] = True
            ahead = rows.filter((pl.col("plan_id") == plan) & (pl.col("installment_no") > 0) & (pl.col("due_on") > day))
            for due, principal, interest in ahead.select("due_on", "principal_cents", "interest_cents").iter_rows():
                k = month_number(due) - self.line.latent_months.start
                if k < months:
                    self.relief.due[k, p] += principal + interest
            usual = max(int(self.booked.installment[p]), 1)
            share = np.clip(self.relief.due[eased_from:, p] / usual, 0.0, 1.0)
            share = np.where(self.relief.due[eased_from:, p] < 0, 1.0, share)
            self.eased[eased_from:, customer] = np.minimum(self.eased[eased_from:, customer], share)

    @cached_property
    def plan_at(self) -> dict[str, int]:
        """Where each plan, as the feeds write it, is among the booked."""
        frame = pl.DataFrame({"_number": self.people.number[self.booked.customer], "_seq": self.booked.seq})
        return {name: k for k, name in enumerate(frame.select(feeds_plans.PLAN_ID).to_series())}

    def broken_plans(self) -> np.ndarray:
        """Per plan whether it broke in the year (a mask)."""
        x = self.served.changes
        late = (x.status == BROKEN) & (x.day > epoch_day(START))
        mask = np.zeros(self.booked.customer.size, bool)
        mask[x.plan[late]] = True
        return mask

    def failed_days(self) -> tuple[np.ndarray, np.ndarray]:
        """(customer, day) of every failed debit."""
        x = self.served.movements
        failed = x.kind == FAILED
        return self.booked.customer[x.plan[failed]], x.received[failed]


def tokened(frame: pl.DataFrame) -> pl.DataFrame:
    """A feed with tokens for customer numbers, all of one shard."""
    return frame.rename({"customer_id": "customer_token"}).with_columns(shard=pl.lit(0, pl.Int16))
