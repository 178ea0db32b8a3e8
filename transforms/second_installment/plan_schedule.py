"""Every version of a running plan's schedule: what was agreed, what changed, why, by which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.booked import booked_installments
from transforms.loans.positions import latest_plans

if TYPE_CHECKING:
    from datetime import date

    from transforms.loans.product_conventions import ProductConventions
    from transforms.loans.version_tables import Versions
    from transforms.policy.policy import Policy

#: The figure of the policy that a route's terms keep to.
_FIGURES = {
    "booked": "pricing.payment_rounding",
    "term_change": "plans.reinstallment_allowed",
    "art70_restructure": "plans.personalised_max_term_m",
    "payment_holiday": "holiday.once_in_m",
    "early_settlement": "default_costs.early_settlement_fee_bp",
    "rate_review": "changes.rate_review_gain_bp",
    "due_date_change": "changes.due_date_per_year",
    "part_prepayment": "servicing.part_prepayment",
}


def plan_schedule(
    installment_plan_known: pl.DataFrame,
    plan_progress: pl.DataFrame,
    plan_versions: Versions,
    previews: tuple[pl.DataFrame, pl.DataFrame],
    conventions: ProductConventions,
    as_of: date,
    policy: Policy,
) -> pl.DataFrame:
    """`eligibility.plan_schedule`: one row per plan still owed, version and installment.

    Version 1 is what was booked, later ones what was agreed or repaid ahead, the last ones previews of open wishes,
    which bind nobody. Installment 0 of a later version is what had been settled before it, 1 the down payment or what
    was repaid ahead where there is such. Sums:
    principal of a version is what was lent and capitalised; payments are principal, interest and fees.
    """
    owed = plan_progress.filter(pl.col("status").is_in(["running", "broken", "written_off"]))
    base = owed.select("plan_id", "customer_token", "shard", pl.col("version_no").alias("_in_force"))
    booked = latest_plans(installment_plan_known).join(base, on="plan_id", how="semi")
    figures, drafts = previews
    first = booked.select(
        "plan_id",
        "annual_rate",
        version_no=pl.lit(1, pl.Int32),
        route=pl.lit("booked"),
        request_id=pl.lit(None, pl.String),
        agreed_on=pl.col("started_on"),
        effective_on=pl.col("started_on"),
    )
    heads = ["plan_id", "version_no", "route", "request_id", "agreed_on", "effective_on", "annual_rate"]
    later = plan_versions.versions.select(heads)
    rates = owed.select("plan_id", "annual_rate")
    draft = figures.join(rates, on="plan_id").with_columns(
        agreed_on=pl.lit(None, pl.Date), effective_on=pl.lit(None, pl.Date)
    )
    versions = pl.concat([first.select(heads), later, draft.select(heads)], how="vertical_relaxed")
    rows = pl.concat(
        [
            booked_installments(booked, conventions).with_columns(version_no=pl.lit(1, pl.Int32)),
            plan_versions.installments.select(pl.exclude("version_no"), "version_no"),
            drafts.select(pl.exclude("version_no"), "version_no"),
        ]
    )
    number, in_force = pl.col("version_no"), pl.col("_in_force")
    state = (
        pl.when(number == in_force)
        .then(pl.lit("in_force"))
        .when(number < in_force)
        .then(pl.lit("superseded"))
        .otherwise(pl.lit("preview"))
    )
    rules = {route: _rule(name, policy) for route, name in _FIGURES.items()}
    left = pl.col("principal_cents").sum() - pl.col("principal_cents").cum_sum()
    return (
        rows.join(base, on="plan_id")
        .join(versions, on=["plan_id", "version_no"])
        .sort("customer_token", "plan_id", "version_no", "installment_no")
        .with_columns(
            as_of_date=pl.lit(as_of),
            version_state=state,
            rule=pl.col("route").replace_strict(rules, return_dtype=pl.String),
            payment_cents=pl.sum_horizontal("principal_cents", "interest_cents", "fee_cents"),
            balance_cents=left.over("plan_id", "version_no", order_by="installment_no"),
        )
    )


def _rule(figure: str, policy: Policy) -> str:
    known = policy.figures[figure]
    return f"{figure}: {known.citation}"
