"""Who may have a plan, up to how much, how long and at which rates, and why not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from transforms.decision.plan_break import sustainable_payment, with_steadiness
from transforms.decision.rate_grid import LONGEST_TERM_M, rate_grid
from transforms.decision.second_plan import second_plan_gate
from transforms.decision.verdict import decided, with_basis_points
from transforms.policy.sections import GRADES
from transforms.risk.affordability import (
    ceil_ratio_bp,
    cents,
    down_to_step,
    exposure_left,
    financed_by,
    granted_without_line,
    least_bound,
    max_payment,
    next_line,
    not_below_zero,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from transforms.policy.policy import Policy
    from transforms.policy.product import Product


def customer_eligibility(
    customer_profile: pl.DataFrame,
    risk_assessment: pl.DataFrame,
    policy: Policy,
    rate_card: pl.DataFrame,
    as_of: date,
    *,
    products: Sequence[Product] = (),
    hardship_evidence: pl.DataFrame | None = None,
    stability: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`eligibility.customer_eligibility`: one row per customer of `customer_profile`, in its order.

    Profile and assessment are of the same customers. `products` are those the policy sells (none: no bound of theirs);
    `hardship_evidence` is the frame of :func:`transforms.decision.second_plan.hardship_evidence` (None: no open cases);
    `stability` that of :func:`transforms.decision.plan_break.stability` (None: unknown). The limit is the
    least of seven bounds (see the contract), in whole steps; declined customers have none.
    A better score, more income or less debt never lowers limit or term nor raises the rate of a cell.
    ValueError when a customer has no risk assessment or `rate_card` was priced under another policy version.
    """
    if stray := set(rate_card["policy_version"].unique()) - {policy.version}:
        raise ValueError(f"the rate card was priced under policy version {sorted(stray)}, not {policy.version}")
    own = [c for c in risk_assessment.columns if c not in customer_profile.columns]
    risk = risk_assessment.select("customer_token", *own)
    joined = customer_profile.join(risk, on="customer_token", how="left", maintain_order="left")
    if missing := joined["risk_grade"].null_count():
        raise ValueError(f"{missing} customers of the profile have no risk assessment")
    known = _with_gate(joined, hardship_evidence, policy)
    priced = _with_terms(_with_treatment(known, policy), policy, rate_card)
    bounded = _with_limits(priced, policy, products, as_of, stability)
    judged = decided(with_basis_points(bounded, policy), policy)
    return _published(judged, policy, as_of)


def _with_gate(frame: pl.DataFrame, evidence: pl.DataFrame | None, policy: Policy) -> pl.DataFrame:
    known = pl.DataFrame(schema={"customer_token": pl.String, "hardship_evidence": pl.String})
    joined = frame.join(known if evidence is None else evidence, on="customer_token", how="left", maintain_order="left")
    return joined.with_columns(second_plan_gate=second_plan_gate(policy))


def _with_treatment(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Adds what the policy gives the behaviour segment, and the price grade that follows."""
    standard = policy.treatments["standard"]

    def treatment(field: str) -> pl.Expr:
        return pl.col("behaviour_segment").replace_strict(
            {name: getattr(t, field) for name, t in policy.treatments.items()},
            default=getattr(standard, field),
            return_dtype=pl.Int64,
        )

    place = pl.col("risk_grade").replace_strict({g: i for i, g in enumerate(GRADES)}, return_dtype=pl.Int64)
    payments = treatment("step_up_payments")
    stepped_up = (payments > 0) & (pl.col("on_time_payment_cnt") >= payments)
    moved = (place + treatment("grade_notch")).clip(0, len(GRADES) - 1)
    return frame.with_columns(
        price_grade=moved.replace_strict(dict(enumerate(GRADES)), return_dtype=pl.String),
        segment_term=treatment("max_term_m"),
        segment_limit=pl.when(stepped_up).then(treatment("step_up_limit_cents")).otherwise(treatment("limit_cents")),
        segment_share=treatment("limit_share_bp"),
    )


def _with_terms(frame: pl.DataFrame, policy: Policy, rate_card: pl.DataFrame) -> pl.DataFrame:
    """Adds the longest term by grade, segment and age, the rates within it, and the age gate."""
    most_y = policy.age.maximum_at_end_y
    grade_term = _of_grade(policy, "max_term_m")
    segment_term = pl.when(pl.col("segment_term") > 0).then(pl.col("segment_term"))
    age = pl.col("age_years").cast(pl.Int64)
    # Completed years hide up to eleven months; with a whole year in hand the customer never ends above the bound.
    age_term = (most_y - age) * 12 if most_y else pl.lit(None, dtype=pl.Int64)
    grid = rate_grid(rate_card, policy.amounts.reference_product)
    bound = pl.min_horizontal(grade_term, segment_term, age_term, pl.lit(LONGEST_TERM_M)).clip(0).cast(pl.Int32)
    looked_up = frame.with_columns(bound_m=bound, age_term=age_term).join(
        grid, on=["price_grade", "bound_m"], how="left", maintain_order="left"
    )
    gate = (
        pl.when(age.is_null())
        .then(pl.lit("unknown"))
        .when(age < policy.age.minimum_y)
        .then(pl.lit("under_age"))
        .when(pl.col("age_term") < pl.col("shortest_m"))
        .then(pl.lit("over_age"))
        .otherwise(pl.lit("passed"))
    )
    return looked_up.with_columns(
        age_gate=gate,
        max_term_m=pl.col("grid_term_m").fill_null(0),
        cap_binding=pl.col("cap_binding").fill_null(value=False),
        price_above_cap=pl.col("price_above_cap").fill_null(value=False),
    )


def _of_grade(policy: Policy, field: str) -> pl.Expr:
    figures = {grade: getattr(g, field) for grade, g in policy.grades.items()}
    return pl.col("price_grade").replace_strict(figures, return_dtype=pl.Int64)


def _with_limits(
    frame: pl.DataFrame, policy: Policy, products: Sequence[Product], as_of: date, stability: pl.DataFrame | None
) -> pl.DataFrame:
    """Adds ratios in basis points, the affordable payment, every bound of the limit, and the least of them."""
    income, debt = cents("income_cents"), cents("debt_service_cents")
    living = pl.max_horizontal(
        pl.lit(policy.affordability.living_cost_floor_cents, dtype=pl.Int64),
        income * policy.affordability.living_cost_share_bp // 10_000,
    )
    # Without consent to bank lines the profile has no cash flow: withheld consent alone must not refuse (PIPL art. 16).
    derived_flow = pl.when(pl.col("income_cents").is_not_null()).then(income - debt - living)
    policy_limit = max(limit.max_amount_cents for limit in policy.kinds.values() if limit.allowed)
    product_limit = max((p.max_amount_cents for p in products), default=policy_limit)
    loss = pl.col("pd_12m").cast(pl.Float64) * pl.col("lgd").cast(pl.Float64) * 10_000
    step = policy.amounts.step_cents
    with_payment = frame.with_columns(
        free_cash_flow_cents=pl.coalesce("free_cash_flow_cents", derived_flow),
        dsr_bp=ceil_ratio_bp(debt, pl.col("income_cents")).clip(upper_bound=2_000_000_000),
        expected_loss_bp=loss.ceil().cast(pl.Int64, strict=False),
    ).with_columns(max_payment_cents=max_payment(policy))
    surely = sustainable_payment(pl.col("steady_cents"), pl.col("savings_cents"), pl.col("max_term_m"))
    financed = financed_by(pl.min_horizontal("max_payment_cents", surely), pl.col("max_term_m"), pl.col("grid_payment"))
    least, name = least_bound(step)
    return (
        with_steadiness(with_payment, stability, policy)
        .with_columns(
            limit_affordability_cents=down_to_step(financed, step).fill_null(0),
            limit_exposure_cents=exposure_left(policy),
            limit_segment_cents=pl.when(pl.col("segment_limit") > 0).then(pl.col("segment_limit")),
            limit_grade_cents=_of_grade(policy, "limit_cents") * pl.col("segment_share") // 10_000,
            limit_product_cents=pl.lit(product_limit, dtype=pl.Int64),
            limit_policy_cents=pl.lit(policy_limit, dtype=pl.Int64),
        )
        .with_columns(line_next_cents=next_line(policy, granted_without_line(), as_of))
        .with_columns(
            limit_line_cents=pl.when(pl.col("line_next_cents").is_not_null()).then(
                not_below_zero(pl.col("line_next_cents") - cents("line_used_cents"))
            )
        )
        .with_columns(limit_bound_by=name)
        .with_columns(limit_cents=least)
    )


def _published(frame: pl.DataFrame, policy: Policy, as_of: date) -> pl.DataFrame:
    """The contract's columns; a declined customer keeps the bounds, and has no limit, term or rates."""
    declined = pl.col("decision") == "declined"
    until = as_of + timedelta(days=policy.offers.prequalified_days)
    eligible = pl.col("decision") == "eligible"
    days = policy.notices.adverse_days
    notice = as_of + timedelta(days=days) if days else None
    return frame.with_columns(
        as_of_date=pl.lit(as_of),
        limit_bound_by=pl.when(declined).then(pl.lit("declined")).otherwise("limit_bound_by"),
        limit_cents=pl.when(declined).then(0).otherwise("limit_cents"),
        max_term_m=pl.when(declined).then(0).otherwise("max_term_m"),
        min_rate=pl.when(~declined).then("min_rate"),
        max_rate=pl.when(~declined).then("max_rate"),
        human_review=pl.col("human_review").fill_null(value=False) | (pl.col("decision") == "review"),
        notice_due_on=pl.when(declined).then(pl.lit(notice, dtype=pl.Date)),
        # No line rises for somebody who is declined.
        line_next_cents=pl.when(declined)
        .then(pl.min_horizontal("line_next_cents", "line_cents"))
        .otherwise("line_next_cents"),
        prequalified_until=pl.when(eligible).then(pl.lit(until)),
        policy_id=pl.lit(policy.policy_id),
        policy_version=pl.lit(policy.version),
    )
