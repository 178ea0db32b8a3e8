"""Every lawful route for whoever has a plan (个性化二次分期): open or not, on which terms, why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.risk.affordability import ceil_ratio_bp
from transforms.second_installment.facts import plan_facts
from transforms.second_installment.reasons import OVERRIDE, citation_of
from transforms.second_installment.relief import art70_restructure, payment_holiday
from transforms.second_installment.routes import (
    due_date_change,
    early_settlement,
    new_purchase,
    rate_review,
    term_change,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from polars.datatypes import DataType, DataTypeClass

    from transforms.loans.states import LoanStates
    from transforms.loans.version_tables import Versions
    from transforms.policy.policy import Policy

#: Columns of `eligibility.second_installment`, in the contract's order.
COLUMNS: Mapping[str, DataType | DataTypeClass] = {
    "as_of_date": pl.Date,
    "plan_id": pl.String,
    "route": pl.String,
    "customer_token": pl.String,
    "shard": pl.Int16,
    "basis": pl.String,
    "product_kind": pl.String,
    "eligible": pl.Boolean,
    "reasons": pl.List(pl.String),
    "citation": pl.String,
    "override_reason": pl.String,
    "requested": pl.Boolean,
    "behaviour_score": pl.Int32,
    "plan_cnt": pl.Int32,
    "term_months": pl.Int32,
    "annual_rate": pl.Decimal(9, 6),
    "amount_cents": pl.Int64,
    "down_payment_cents": pl.Int64,
    "waived_cents": pl.Int64,
    "due_day": pl.Int32,
    "pause_months": pl.Int32,
    "interest_mode": pl.String,
    "resume_on": pl.Date,
    "payment_before_cents": pl.Int64,
    "payment_after_cents": pl.Int64,
    "highest_payment_cents": pl.Int64,
    "total_cost_diff_cents": pl.Int64,
    "dsr_before_bp": pl.Int32,
    "dsr_after_bp": pl.Int32,
    "pressure_before_bp": pl.Int32,
    "pressure_after_bp": pl.Int32,
    "stressed_capacity_cents": pl.Int64,
    "makes_restructured": pl.Boolean,
    "policy_version": pl.String,
}


def second_installment(
    progress: pl.DataFrame,
    profile: pl.DataFrame,
    eligibility: pl.DataFrame,
    offers: pl.DataFrame,
    rate_card: pl.DataFrame,
    hardship: pl.DataFrame,
    agreed: Versions,
    requests: pl.DataFrame,
    kinds: Mapping[str, str],
    states: LoanStates,
    as_of: date,
    policy: Policy,
) -> pl.DataFrame:
    """`eligibility.second_installment`: one row per plan and route, whether or not it is open.

    `progress`, `profile`, `eligibility`, `offers` and `rate_card` are the night's tables; `hardship` the latest cases
    with the cause only where it may be known; `agreed` what was agreed so far; `requests` the open wishes; `kinds` the
    kind of each product; `states` every plan of the progress, ready to be changed. A refusal has at least one reason
    and the citation where a rule stands behind it; payments, costs and ratios are those of the exact schedules before
    and after.
    """
    facts = plan_facts(progress, profile, eligibility, hardship, agreed, requests, kinds, as_of, policy)
    routes = [
        new_purchase(facts, offers, policy),
        term_change(facts, states, policy),
        art70_restructure(facts, states, policy),
        payment_holiday(facts, states, policy),
        early_settlement(facts, policy),
        rate_review(facts, rate_card, states, policy),
        due_date_change(facts, states, policy),
    ]
    return _published(pl.concat(routes, how="diagonal_relaxed"), facts, as_of, policy)


def _published(rows: pl.DataFrame, facts: pl.DataFrame, as_of: date, policy: Policy) -> pl.DataFrame:
    """The contract's columns; a refused route keeps no terms."""
    about = ("customer_token", "shard", "basis", "behaviour_score", "plan_cnt", "income_cents", "debt_service_cents")
    means = ("payment_before_cents", "regular_cents", "capacity_cents", "free_income_cents", "wished_routes", "kind")
    frame = rows.join(facts.select("plan_id", "price_grade", *about, *means), on="plan_id", how="left")
    eligible = pl.col("reasons").list.len() == 0
    terms = [c for c in COLUMNS if c in rows.columns and c not in ("plan_id", "route", "reasons")]
    service = pl.col("debt_service_cents").fill_null(0)
    before = service + pl.col("payment_before_cents") - pl.col("regular_cents")
    after = service + pl.col("payment_after_cents") - pl.col("regular_cents")
    longest = {grade: g.max_term_m for grade, g in policy.grades.items()}
    grade_term = pl.col("price_grade").replace_strict(longest, default=None, return_dtype=pl.Int32)
    overrides = eligible & (pl.col("route") == "art70_restructure") & (pl.col("term_months") > grade_term)
    return (
        _cited(frame, policy)
        .with_columns(pl.when(eligible).then(c).alias(c) for c in terms)
        .with_columns(
            as_of_date=pl.lit(as_of),
            product_kind=pl.when(pl.col("kind") != "").then("kind"),
            eligible=eligible,
            override_reason=pl.when(overrides).then(pl.lit(OVERRIDE)),
            requested=pl.col("wished_routes").list.contains(pl.col("route")).fill_null(value=False),
            dsr_before_bp=_ratio(before, pl.col("income_cents")),
            dsr_after_bp=pl.when(eligible).then(_ratio(after, pl.col("income_cents"))),
            pressure_before_bp=_ratio(before, pl.col("free_income_cents")),
            pressure_after_bp=pl.when(eligible).then(_ratio(after, pl.col("free_income_cents"))),
            stressed_capacity_cents=pl.col("capacity_cents"),
            makes_restructured=pl.col("route").is_in(["art70_restructure", "payment_holiday"]),
            policy_version=pl.lit(policy.version),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())
        .sort("customer_token", "plan_id", "route")
    )


def _cited(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Adds the citation of each refusal; plans share few combinations of route, kind and reasons."""
    told = frame.with_columns(_told=pl.col("reasons").list.join(" "))
    seen = told.filter(pl.col("_told") != "").select("route", "kind", "_told").unique()
    rows = [(*row, citation_of(row[2].split(" "), row[0], row[1], policy)) for row in seen.iter_rows()]
    citations = pl.DataFrame(rows, schema={**dict(seen.schema), "citation": pl.String}, orient="row")
    return told.join(citations, on=["route", "kind", "_told"], how="left", maintain_order="left")


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Monthly obligations in basis points of what bears them, at most 200 times."""
    return ceil_ratio_bp(pl.max_horizontal(part, pl.lit(0, pl.Int64)), whole).clip(upper_bound=2_000_000)
