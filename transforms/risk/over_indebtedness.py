"""Over-indebtedness: financial pressure before and after a plan, growth of debt, and the action it requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.reading import Sql
from transforms.risk.affordability import max_payment
from transforms.risk.earlier_assessment import installment_debt

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.policy import Policy
    from transforms.policy.reasons import Reasons
    from transforms.policy.sections_risk import OverIndebtedness
    from transforms.reading import Rows

#: Pressure is shown up to this many times what is left after living cost; beyond, and with nothing left, it is this.
MOST_PRESSURE = 9.99


def last_borrowed(installment_plan: Rows, credit_account: Rows, customer_profile: Rows) -> Sql:
    """(customer_token, last_borrowed_on): the newest own plan, or with consent account at any lender."""
    permitted = f"(SELECT customer_token FROM {customer_profile.all} WHERE consent_credit_bureau)"
    return Sql(
        "SELECT customer_token, max(borrowed_on) AS last_borrowed_on FROM ("
        f"SELECT customer_token, started_on AS borrowed_on FROM {installment_plan.all} WHERE status <> 'cancelled' "
        "UNION ALL "
        f"SELECT customer_token, opened_on FROM {credit_account.all} SEMI JOIN {permitted} USING (customer_token)"
        ") GROUP BY customer_token"
    )


def over_indebtedness(
    customer_profile: pl.DataFrame,
    debt_ledger: pl.DataFrame,
    earlier_assessment: pl.DataFrame,
    last_borrowed: pl.DataFrame,
    policy: Policy,
    reasons: Reasons,
    as_of: date,
) -> pl.DataFrame:
    """`risk.over_indebtedness`: one row per customer of `customer_profile`, in its order.

    `earlier_assessment` gives the installment debt a cooldown ago. Pressure is debt service over income less living
    cost; after: with the highest payment the policy holds affordable. What is not known counts nothing.
    """
    a, section = policy.affordability, policy.over_indebtedness
    before = earlier_assessment.select("customer_token", installment_debt_before_cents="installment_debt_cents")
    joined = customer_profile
    for frame in (installment_debt(debt_ledger), before, last_borrowed):
        joined = joined.join(frame, on="customer_token", how="left", maintain_order="left")
    income, service = pl.col("income_cents"), pl.col("debt_service_cents")
    living = pl.max_horizontal(
        pl.lit(a.living_cost_floor_cents, dtype=pl.Int64), income * a.living_cost_share_bp // 10_000
    )
    weighed = joined.with_columns(
        installment_debt_cents=pl.col("installment_debt_cents").fill_null(0),
        residual_income_cents=pl.when(income.is_not_null()).then(income - living),
        payment_before_cents=service,
        payment_after_cents=service + max_payment(policy),
        plan_cnt=pl.col("running_plan_cnt"),
    ).with_columns(pressure_before=_pressure("payment_before_cents"), pressure_after=_pressure("payment_after_cents"))
    factors = _factors(section)
    judged = (
        weighed.with_columns(
            over_factors=pl.concat_list(
                [pl.when(test.fill_null(value=False)).then(pl.lit(name)) for name, (test, _) in factors.items()]
            ).list.drop_nulls(),
            over_score=pl.sum_horizontal(
                [pl.when(test.fill_null(value=False)).then(points).otherwise(0) for test, points in factors.values()]
            ).clip(upper_bound=100),
        )
        .with_columns(cooling=pl.col("last_borrowed_on") + pl.duration(days=section.cool_off_days))
        .with_columns(action=_action(section, as_of))
    )
    return judged.with_columns(
        as_of_date=pl.lit(as_of, pl.Date),
        pressure_delta=pl.col("pressure_after") - pl.col("pressure_before"),
        over_debt_flag=pl.col("action") != "none",
        cool_off_until=pl.when(pl.col("action") == "cool_off").then("cooling"),
        reason_en=reasons.because("debt_action", "action", "debt_factor", "over_factors", "en"),
        reason_zh=reasons.because("debt_action", "action", "debt_factor", "over_factors", "zh"),
    )


def _pressure(payment: str) -> pl.Expr:
    """Payment over what is left after living cost; the most where nothing is left; null where income is unknown."""
    left = pl.col("residual_income_cents")
    ratio = (pl.col(payment) / left).clip(upper_bound=MOST_PRESSURE)
    return (
        pl.when(left > 0)
        .then(ratio)
        .when(left.is_not_null() & (pl.col(payment) > 0))
        .then(pl.lit(MOST_PRESSURE))
        .when(left.is_not_null())
        .then(pl.lit(0.0))
    )


def _factors(section: OverIndebtedness) -> dict[str, tuple[pl.Expr, int]]:
    """Name → (whether it is passed, its points); amounts are compared in whole cents."""
    s = section
    income, service, left = pl.col("income_cents"), pl.col("debt_service_cents"), pl.col("residual_income_cents")
    used, limit = pl.col("revolving_balance_cents"), pl.col("revolving_limit_cents")
    now, before = pl.col("installment_debt_cents"), pl.col("installment_debt_before_cents")
    grown = (now * 10_000 > before * (10_000 + s.max_debt_growth_bp)) & (now - before >= s.least_debt_growth_cents)
    return {
        "dsr": (service * 10_000 > income * s.max_dsr_bp, s.dsr_points),
        "pressure": (
            (service > 0) & (service * 10_000 > left.clip(lower_bound=0) * s.max_pressure_bp),
            s.pressure_points,
        ),
        "revolving_use": (used * 10_000 > limit * s.max_revolving_use_bp, s.revolving_use_points),
        "new_lenders": (pl.col("new_lender_cnt_3m") > s.max_new_lenders_3m, s.new_lenders_points),
        "debt_growth": (grown, s.debt_growth_points),
        "many_plans": (pl.col("running_plan_cnt") >= s.many_plans, s.many_plans_points),
    }


def _action(section: OverIndebtedness, as_of: date) -> pl.Expr:
    """The strictest that applies."""
    cooling = (pl.col("over_score") >= section.cool_off_points) & (pl.col("cooling") > as_of)
    return (
        pl.when(pl.col("over_score") >= section.stop_points)
        .then(pl.lit("stop"))
        .when(pl.col("running_plan_cnt") >= section.max_open_plans)
        .then(pl.lit("cap_plans"))
        .when(cooling.fill_null(value=False))
        .then(pl.lit("cool_off"))
        .otherwise(pl.lit("none"))
    )
