"""Everything known of a customer on the night that risk, eligibility and offers look at.

Which columns there are, what each means, which consent it needs and what nothing known counts as is declared in
`transforms.profile.declared`; derived columns are computed from the formulas declared there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.dates.months import full_months
from transforms.profile.card_behaviour import behaviour_segment, card_columns
from transforms.profile.declared.tables import formulas, nil_by_default, under_consent
from transforms.profile.household import household_columns
from transforms.profile.occupation import occ_stability, wage_growth_bp
from transforms.profile.own_credit import bureau_columns, debt_columns, plan_columns
from transforms.profile.salary_rhythm import SALARY

if TYPE_CHECKING:
    from datetime import date

    from transforms.profile.occupation import Occupations
    from transforms.profile.parameters import ProfileParameters

#: Columns that orders and refunds alone decide.
COMMERCE_COLUMNS = under_consent("ecommerce")
_CONSENTS = {
    "consent_bank_statement": under_consent("bank_statement"),
    "consent_ecommerce": COMMERCE_COLUMNS,
    "consent_credit_bureau": under_consent("credit_bureau"),
}
_SOCIAL = under_consent("social")


def customer_profile(
    customer: pl.DataFrame,
    consent: pl.DataFrame,
    household: pl.DataFrame,
    bank_windows: pl.DataFrame,
    order_windows: pl.DataFrame,
    refund_windows: pl.DataFrame,
    inquiry_windows: pl.DataFrame,
    balance: pl.DataFrame,
    order_year: pl.DataFrame,
    order_category: pl.DataFrame,
    order_method: pl.DataFrame,
    card_year: pl.DataFrame,
    credit_latest: pl.DataFrame,
    credit_year: pl.DataFrame,
    new_lenders: pl.DataFrame,
    line: pl.DataFrame,
    social: pl.DataFrame,
    income_estimate: pl.DataFrame,
    debt_ledger: pl.DataFrame,
    plan_progress: pl.DataFrame,
    as_of: date,
    profile_parameters: ProfileParameters,
    occupations: Occupations,
) -> pl.DataFrame:
    """`profile.customer_profile`: one row per customer of `customer`.

    The frames are reductions (:mod:`transforms.profile.reductions`) and tables of the same customers.
    Where a consent does not hold, its source's features are empty; where it holds and there is nothing, counts and
    sums are nil. Money in cents; ratios as declared.
    """
    profile = _who(customer, as_of)
    for frame in (
        consent,
        household_columns(customer, household, as_of, counts=profile_parameters.spouse_counts),
        income_estimate.select(
            "customer_token",
            "income_cents",
            "income_source",
            "income_confidence",
            "income_cv",
            "income_drift",
            *SALARY,
        ),
        *(bank_windows, order_windows, refund_windows, inquiry_windows),
        balance,
        *(order_year, order_category, order_method),
        card_columns(card_year),
        bureau_columns(credit_latest, credit_year, new_lenders, as_of),
        debt_columns(debt_ledger),
        plan_columns(plan_progress, as_of),
        line.select(
            "customer_token",
            "line_cents",
            line_used_cents="used_cents",
            line_frozen="is_frozen",
            line_changed_on="changed_on",
        ),
        social,
    ):
        profile = profile.join(frame, on="customer_token", how="left", maintain_order="left")
    profile = profile.with_columns(
        occ_stability(occupations), wage_growth_bp(occupations), as_of_date=pl.lit(as_of, pl.Date)
    )
    profile = _with_consents(_filled(profile), profile_parameters)
    profile = _with_totals(profile, profile_parameters)
    profile = profile.with_columns(pl.sql_expr(formula).alias(name) for name, formula in formulas().items())
    return profile.with_columns(behaviour_segment=behaviour_segment(profile_parameters))


def _months_since(start: pl.Expr, as_of: date) -> pl.Expr:
    """Full months from a date to the night, not below 0."""
    return full_months(start, pl.lit(as_of)).clip(lower_bound=0)


def _who(customer: pl.DataFrame, as_of: date) -> pl.DataFrame:
    # Only the month of birth is in the lake: a year of age counts once the month is over, never too early.
    past_birthday = pl.col("birth_month").dt.month() < as_of.month
    return customer.select(
        "customer_token",
        "shard",
        age_years=as_of.year - pl.col("birth_month").dt.year() - (~past_birthday).cast(pl.Int32),
        is_student=pl.col("is_student").fill_null(pl.col("employment_type") == "student").fill_null(value=False),
        employment_type="employment_type",
        occupation_code="occupation_code",
        industry_code="industry_code",
        job_tenure_m=_months_since(pl.col("employment_start"), as_of),
        edu_level="education_level",
        province_code="province_code",
        marketing_opt_out="marketing_opt_out",
        automated_decision_opt_out="automated_decision_opt_out",
        stated_preference="stated_preference",
        onboarded_m=_months_since(pl.col("onboarded_on"), as_of),
    )


def _filled(profile: pl.DataFrame) -> pl.DataFrame:
    """Fill NULLs with what nothing known counts as: 0, and FALSE for consents and flags."""
    flags = [*_CONSENTS, "consent_social", "line_frozen", "restruct_flag"]
    return profile.with_columns(
        *(pl.col(c).fill_null(0) for c in nil_by_default()),
        *(pl.col(c).fill_null(value=False) for c in flags),
        pl.col("pay_behaviour").fill_null("inactive"),
        pl.col("five_class").fill_null("normal"),
        pl.col("social_alert_cnt_3m").fill_null(0),
    )


def _with_consents(profile: pl.DataFrame, parameters: ProfileParameters) -> pl.DataFrame:
    """Null the columns without consent; social data also needs the policy's permission."""
    reported = pl.max_horizontal("worst_dpd", "card_worst_dpd")
    own = pl.col("card_worst_dpd")
    worst = pl.when(pl.col("consent_credit_bureau")).then(reported.fill_null(0)).otherwise(own)
    social = pl.col("consent_social") & pl.lit(parameters.social_alerts)
    masked = [
        pl.when(pl.col(consent)).then(pl.col(column)).alias(column)
        for consent, columns in _CONSENTS.items()
        for column in columns
        if column in profile.columns
    ]
    return profile.with_columns(max_dpd_12m=worst).with_columns(
        *masked, *(pl.when(social).then(pl.col(column)).alias(column) for column in _SOCIAL)
    )


def _with_totals(profile: pl.DataFrame, parameters: ProfileParameters) -> pl.DataFrame:
    """Obligations, free cash flow, buffer and how fresh the bureau's data are: what needs the policy's figures."""
    income, service = pl.col("income_cents"), pl.col("debt_service_cents")
    household = pl.col("household_income_cents")
    living = pl.max_horizontal(
        pl.lit(parameters.living_cost_floor_cents, pl.Int64),
        ((income.fill_null(0) + household) * parameters.living_cost_share_bp) // 10_000,
    )
    fresh = pl.col("bureau_age_days") <= parameters.bureau_fresh_days
    return profile.with_columns(
        obligations_cents=service + pl.col("rent_cents_3m").fill_null(0) // 3,
        free_cash_flow_cents=income + household - living - service,
        liquid_buffer_m=(pl.col("balance_avg_cents_3m") / (service + living)).clip(lower_bound=0.0),
        bureau_status=pl.when(fresh)
        .then(pl.lit("fresh"))
        .when(fresh.not_())
        .then(pl.lit("stale"))
        .otherwise(pl.lit("missing")),
    )
