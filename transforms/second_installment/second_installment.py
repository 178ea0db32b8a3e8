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

    from transforms.loans.states import LoanStates
    from transforms.loans.version_tables import Versions
    from transforms.policy.policy import Policy
    from transforms.policy.reasons import Reasons


def second_installment(
    plan_progress: pl.DataFrame,
    customer_profile: pl.DataFrame,
    customer_eligibility: pl.DataFrame,
    installment_offer: pl.DataFrame,
    rate_card: pl.DataFrame,
    permitted_cases: pl.DataFrame,
    plan_versions: Versions,
    open_requests: pl.DataFrame,
    product_kinds: Mapping[str, str],
    loan_states: LoanStates,
    as_of: date,
    policy: Policy,
    reasons: Reasons,
) -> pl.DataFrame:
    """`eligibility.second_installment`: one row per plan and route, whether or not it is open.

    `plan_progress`, `customer_profile`, `customer_eligibility`, `installment_offer` and `rate_card` are the night's
    tables; `permitted_cases` the latest cases with the cause only where it may be known; `plan_versions` what was
    agreed so far; `open_requests` the open wishes; `product_kinds` the kind of each product; `loan_states` every plan
    of the progress, ready to be changed. A refusal has at least one reason and the citation of the rule behind it,
    where there is one; payments, costs and ratios are those of the exact schedules before and after.
    """
    facts = plan_facts(
        plan_progress,
        customer_profile,
        customer_eligibility,
        permitted_cases,
        plan_versions,
        open_requests,
        product_kinds,
        as_of,
        policy,
    )
    routes = [
        new_purchase(facts, installment_offer, policy),
        term_change(facts, loan_states, policy),
        art70_restructure(facts, loan_states, policy),
        payment_holiday(facts, loan_states, policy),
        early_settlement(facts, policy),
        rate_review(facts, rate_card, loan_states, policy),
        due_date_change(facts, loan_states, policy),
    ]
    return _published(pl.concat(routes, how="diagonal_relaxed"), facts, as_of, policy, reasons)


def _published(rows: pl.DataFrame, facts: pl.DataFrame, as_of: date, policy: Policy, reasons: Reasons) -> pl.DataFrame:
    """The contract's columns; a refused route keeps no terms."""
    about = ("customer_token", "shard", "basis", "behaviour_score", "plan_cnt", "income_cents", "debt_service_cents")
    means = ("payment_before_cents", "regular_cents", "capacity_cents", "free_income_cents", "wished_routes", "kind")
    frame = rows.join(facts.select("plan_id", "price_grade", *about, *means), on="plan_id", how="left")
    eligible = pl.col("reasons").list.len() == 0
    terms = [c for c in rows.columns if c not in ("plan_id", "route", "reasons")]
    service = pl.col("debt_service_cents").fill_null(0)
    before = service + pl.col("payment_before_cents") - pl.col("regular_cents")
    after = service + pl.col("payment_after_cents") - pl.col("regular_cents")
    longest = {grade: g.max_term_m for grade, g in policy.grades.items()}
    grade_term = pl.col("price_grade").replace_strict(longest, default=None, return_dtype=pl.Int32)
    overrides = eligible & (pl.col("route") == "art70_restructure") & (pl.col("term_months") > grade_term)
    return (
        _cited(frame, policy, reasons)
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
        .sort("customer_token", "plan_id", "route")
    )


def _cited(frame: pl.DataFrame, policy: Policy, reasons: Reasons) -> pl.DataFrame:
    """Adds the citation of each refusal; plans share few combinations of route, kind and reasons."""
    coded = frame.with_columns(_codes=pl.col("reasons").list.join(" "))
    seen = coded.filter(pl.col("_codes") != "").select("route", "kind", "_codes").unique()
    rows = [(*row, citation_of(row[2].split(" "), row[0], row[1], policy, reasons)) for row in seen.iter_rows()]
    citations = pl.DataFrame(rows, schema={**dict(seen.schema), "citation": pl.String}, orient="row")
    return coded.join(citations, on=["route", "kind", "_codes"], how="left", maintain_order="left")


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Monthly obligations in basis points of the income that pays them, at most 200 times."""
    return ceil_ratio_bp(pl.max_horizontal(part, pl.lit(0, pl.Int64)), whole).clip(upper_bound=2_000_000)
