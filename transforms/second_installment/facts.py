"""Inputs of the decision on routes of a second installment: one row per plan, with the customer's means.

Means under stress: income falls by the policy's share, living costs and other debts stay. What is then left is the
capacity for the own plans. Source: the policy's section `affordability`; CONC 7.3 and art. 70 ask for payments that can
be kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.dates.months import full_months
from transforms.loans.agreed_change import CHANGES
from transforms.loans.limits import objection_of_counts
from transforms.profile.salary import SALARY_COLUMNS, salary_followed, salary_now
from transforms.risk.affordability import cents, not_below_zero

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transforms.loans.version_tables import Versions
    from transforms.policy.policy import Policy

_EVIDENCE_RANK = {"rejected": 0, "none": 0, "requested": 1, "received": 2, "verified": 3}
_RUNNING, _BROKEN = ("running",), ("broken", "written_off")


def evidence_rank(status: str) -> int:
    """How far evidence has come; what was rejected counts like none."""
    return _EVIDENCE_RANK[status]


def plan_facts(
    progress: pl.DataFrame,
    profile: pl.DataFrame,
    eligibility: pl.DataFrame,
    hardship: pl.DataFrame,
    agreed: Versions,
    requests: pl.DataFrame,
    kinds: Mapping[str, str],
    as_of: date,
    policy: Policy,
) -> pl.DataFrame:
    """One row per plan of `servicing.plan_progress`, with what decides its routes.

    `hardship` are the latest cases, with `cause` only where the customer lets it be known; `requests` the open wishes
    (plan_id, route, term_m, due_day, pause_m, interest_mode). Amounts are cents, scores points of 100.
    """
    frame = (
        progress.with_columns(
            kind=pl.col("product_code").replace_strict(kinds, default="", return_dtype=pl.String),
            basis=_basis(),
            months_on_book=full_months(pl.col("started_on"), pl.lit(as_of)),
        )
        .join(_behaviour(progress), on="customer_token", how="left")
        .join(_hardship(progress, hardship), on="plan_id", how="left")
        .join(_wishes(requests), on="plan_id", how="left")
        .join(_counts(agreed, policy, as_of), on="plan_id", how="left")
        .join(profile.select(PROFILE_COLUMNS), on="customer_token", how="left")
        .join(eligibility.select(ELIGIBILITY_COLUMNS), on="customer_token", how="left")
    )
    return _with_means(frame, policy)


#: What of the night's tables is looked at.
PROFILE_COLUMNS = (
    *("customer_token", "debt_service_cents", "free_cash_flow_cents", "balance_avg_cents_3m"),
    *SALARY_COLUMNS,
)
ELIGIBILITY_COLUMNS = ("customer_token", "decision", "reasons", "limit_cents", "price_grade")


def _basis() -> pl.Expr:
    status = pl.col("status")
    return (
        pl.when(status.is_in(_RUNNING))
        .then(pl.lit("running"))
        .when(status.is_in(_BROKEN))
        .then(pl.lit("broken"))
        .when(status == "settled")
        .then(pl.lit("closed_good"))
        .otherwise(pl.lit("cancelled"))
    )


def _behaviour(progress: pl.DataFrame) -> pl.DataFrame:
    """Per customer: score of the plans so far, 0 to 100, empty before the first installment is judged; plans taken.

    60 points for the share of installments paid on time, 25 for days past due (none at 90), 15 for the share repaid;
    20 less where a plan was broken or restructured.
    """
    real = progress.filter(pl.col("status") != "cancelled")
    due, principal = pl.col("due_cnt").sum(), pl.col("principal_cents").sum()
    repaid = not_below_zero(principal - pl.col("outstanding_cents").sum())
    worst = pl.col("own_max_dpd").max().clip(0, 90).cast(pl.Int64)
    trouble = ((pl.col("restruct_cnt") > 0) | pl.col("status").is_in(_BROKEN)).any()
    return real.group_by("customer_token").agg(
        pl.when(due > 0)
        .then(
            (
                pl.col("on_time_cnt").sum().cast(pl.Int64) * 60 // due.cast(pl.Int64)
                + (90 - worst) * 25 // 90
                + repaid * 15 // principal
                - pl.when(trouble).then(20).otherwise(0)
            ).clip(0, 100)
        )
        .cast(pl.Int32)
        .alias("behaviour_score"),
        pl.len().cast(pl.Int32).alias("plan_cnt"),
    )


def _hardship(progress: pl.DataFrame, hardship: pl.DataFrame) -> pl.DataFrame:
    """Per plan the newest open case that is about it, or about all the customer's plans."""
    cases = hardship.filter(status="open").select(
        "customer_token",
        pl.col("plan_id").alias("_of_plan"),
        pl.col("case_id").alias("hardship_case_id"),
        "cause",
        pl.col("evid_status").replace_strict(_EVIDENCE_RANK, return_dtype=pl.Int32).alias("evidence"),
        "willing_to_pay",
        "opened_on",
        "expected_resume_on",
    )
    return (
        progress.select("plan_id", "customer_token")
        .join(cases, on="customer_token")
        .filter(pl.col("_of_plan").is_null() | (pl.col("_of_plan") == pl.col("plan_id")))
        .sort("opened_on", "hardship_case_id")
        .unique("plan_id", keep="last", maintain_order=True)
        .drop("customer_token", "_of_plan", "opened_on")
    )


def _wishes(requests: pl.DataFrame) -> pl.DataFrame:
    """Per plan what is asked for, a column per term wished, and the routes asked for."""

    def wish(route: str, column: str) -> pl.Expr:
        return pl.col(column).filter(pl.col("route") == route).last()

    return requests.group_by("plan_id").agg(
        pl.col("route").unique().sort().alias("wished_routes"),
        wish("term_change", "term_m").alias("wished_term_m"),
        wish("due_date_change", "due_day").alias("wished_due_day"),
        wish("payment_holiday", "pause_m").alias("wished_pause_m"),
        wish("payment_holiday", "interest_mode").alias("wished_interest_mode"),
    )


def _counts(agreed: Versions, policy: Policy, as_of: date) -> pl.DataFrame:
    """Per changed plan and route, the code that says one more change is too many or too soon; empty where it is not."""
    before: dict[str, list[dict[str, object]]] = {}
    for plan, route, on in agreed.agreed.sort("version_no").select("plan_id", "route", "agreed_on").iter_rows():
        before.setdefault(plan, []).append({"route": route, "opened_on": on})
    schema = {"plan_id": pl.String, **{f"count_{route}": pl.String for route in CHANGES}}
    rows = [
        {"plan_id": plan, **{f"count_{r}": objection_of_counts(r, changes, policy, as_of) for r in CHANGES}}
        for plan, changes in before.items()
    ]
    return pl.DataFrame(rows, schema=schema)


def _with_means(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Adds the payment now, the sum of the own plans' payments, and the capacity for them under stress.

    `capacity_cents` is what all own plans together may take; `room_cents` what this one may take while the others are
    paid as they are.
    """
    a = policy.affordability
    income = pl.col("income_cents")
    # Where a loss of income is shown by evidence, the salary that still comes counts if it is less than the stress.
    shown = (pl.col("cause") == "income_loss") & (pl.col("evidence") >= _EVIDENCE_RANK["received"])
    fallen = pl.when(shown & salary_followed()).then(salary_now())
    stressed = pl.min_horizontal(income * (10_000 - a.stress_income_drop_bp) // 10_000, fallen)
    living = pl.max_horizontal(
        pl.lit(a.living_cost_floor_cents, dtype=pl.Int64), stressed * a.living_cost_share_bp // 10_000
    )
    alive = pl.col("basis").is_in(["running", "broken"])
    regular = pl.when(alive).then("monthly_payment_cents").otherwise(0)
    asked = pl.when(alive & (pl.col("coming_cnt") == 0)).then("arrears_cents").otherwise(regular)
    together = pl.col("regular_cents").sum().over("customer_token")
    owed = pl.when(alive).then("outstanding_cents").otherwise(0)
    paid_of = frame.with_columns(
        alive=alive, regular_cents=regular, payment_before_cents=asked, owed_cents=owed
    ).with_columns(
        own_payments_cents=together,
        own_arrears_cents=pl.when(alive).then("arrears_cents").otherwise(0).sum().over("customer_token"),
    )
    other = not_below_zero(cents("debt_service_cents") - pl.col("own_payments_cents"))
    flow = pl.col("free_cash_flow_cents") + pl.min_horizontal(cents("debt_service_cents"), "own_payments_cents")
    left = pl.min_horizontal(
        stressed - living - other,
        stressed * a.stress_dsr_limit_bp // 10_000 - other,
        flow - (income - stressed),
    )
    return (
        paid_of.with_columns(
            stressed_income_cents=stressed,
            capacity_cents=pl.when(income.is_not_null()).then(not_below_zero(left)).otherwise(0),
        )
        .with_columns(
            room_cents=not_below_zero(
                pl.col("capacity_cents") - (pl.col("own_payments_cents") - pl.col("regular_cents"))
            ),
            free_income_cents=not_below_zero(stressed - living),
        )
        .with_columns(
            beyond_ability=pl.col("own_payments_cents") + pl.col("own_arrears_cents") > pl.col("capacity_cents")
        )
    )
