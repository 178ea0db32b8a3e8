"""Everything known of a customer on the night that risk, eligibility and offers look at (M08, M18, M30)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.profile.card_behaviour import behaviour_segment, pay_behaviour
from transforms.profile.debt_ledger import plan_position
from transforms.profile.features import EVENT_DATE, columns_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from transforms.profile.parameters import ProfileParameters

_BANK = [*columns_of("bank.bank_transaction", published=True), "balance_avg_cents_3m", "balance_min_cents_3m"]
#: Columns that orders and refunds alone decide.
COMMERCE_COLUMNS = [
    *columns_of("commerce.commerce_order", published=True),
    *("refund_ratio_12m", "order_active_months_12m", "installment_share_12m", "top_category"),
]
_BUREAU = [
    *columns_of("credit.credit_inquiry", published=True),
    *("lender_cnt", "open_account_cnt", "revolving_limit_cents", "revolving_balance_cents"),
    *("current_dpd", "overdue_cents", "new_lender_cnt_3m", "bureau_reported_on", "bureau_age_days"),
]
#: Windows that only feed other columns.
_INTERNAL = [c for source in EVENT_DATE for c in columns_of(source) if c not in columns_of(source, published=True)]
_CONSENTS = {"consent_bank_statement": _BANK, "consent_ecommerce": COMMERCE_COLUMNS, "consent_credit_bureau": _BUREAU}


def customer_profile(
    frames: Mapping[str, pl.DataFrame],
    income: pl.DataFrame,
    ledger: pl.DataFrame,
    as_of: date,
    parameters: ProfileParameters,
) -> pl.DataFrame:
    """`profile.customer_profile`: one row per customer of `frames["customer"]`.

    `income` and `ledger` are the night's `profile.income_estimate` and `profile.debt_ledger` of the same customers.
    Where a consent does not hold, its source's features are empty; where it holds and there is nothing, counts and
    sums are nil. Money in cents; ratios as the contract says.
    """
    profile = _who(frames["customer"], as_of)
    for frame in (
        frames["consent"],
        income.select("customer_token", "income_cents", "income_source", "income_confidence"),
        *(_nil(frames[f"{name}_windows"]) for name in ("bank", "order", "inquiry")),
        frames["balance"],
        _orders(frames),
        _cards(frames["card_year"]),
        _bureau(frames, as_of),
        _debts(ledger),
        _plans(frames, as_of),
        frames["line"].select("customer_token", "line_cents", line_used_cents="used_cents", line_frozen="is_frozen"),
    ):
        profile = profile.join(frame, on="customer_token", how="left", maintain_order="left")
    profile = _with_consents(_filled(profile))
    return _with_ratios(profile, parameters, as_of)


def months_between(start: pl.Expr, as_of: date) -> pl.Expr:
    """Full months from a date to the night, not below 0."""
    day = pl.lit(as_of)
    months = (day.dt.year() - start.dt.year()) * 12 + day.dt.month().cast(pl.Int32) - start.dt.month().cast(pl.Int32)
    return (months - (day.dt.day() < start.dt.day()).cast(pl.Int32)).clip(lower_bound=0).cast(pl.Int32)


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
        job_tenure_m=months_between(pl.col("employment_start"), as_of),
        edu_level="education_level",
        province_code="province_code",
        marketing_opt_out="marketing_opt_out",
        automated_decision_opt_out="automated_decision_opt_out",
        stated_preference="stated_preference",
        onboarded_m=months_between(pl.col("onboarded_on"), as_of),
    )


def _nil(windows: pl.DataFrame) -> pl.DataFrame:
    return windows.with_columns(pl.exclude("customer_token").fill_null(0))


def _orders(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return (
        frames["order_year"]
        .join(frames["refund_year"], on="customer_token", how="left")
        .join(frames["order_category"].rename({"category_code": "top_category"}), on="customer_token", how="left")
        .select(
            "customer_token",
            "top_category",
            refund_ratio_12m=pl.when(pl.col("paid_cents") > 0).then(
                (pl.col("refund_cents").fill_null(0) / pl.col("paid_cents")).clip(upper_bound=1.0)
            ),
            order_active_months_12m=pl.col("active_months"),
            installment_share_12m=pl.when(pl.col("orders") > 0).then(pl.col("in_installments") / pl.col("orders")),
        )
    )


def _cards(card_year: pl.DataFrame) -> pl.DataFrame:
    used = pl.col("cash_cents").fill_null(0) + pl.col("purchase_cents").fill_null(0)
    return card_year.select(
        "customer_token",
        cycle_cnt_12m="cycles",
        full_pay_ratio_12m=pl.when(pl.col("owed") > 0).then(pl.col("paid_in_full") / pl.col("owed")),
        min_pay_ratio_12m=pl.when(pl.col("owed") > 0).then(pl.col("paid_minimum") / pl.col("owed")),
        late_cycle_cnt_12m="late_cycles",
        cash_advance_share_12m=pl.when(used > 0).then(pl.col("cash_cents").fill_null(0) / used),
        card_worst_dpd=pl.col("worst_months") * 30,
        pay_behaviour=pay_behaviour(),
    )


def _bureau(frames: Mapping[str, pl.DataFrame], as_of: date) -> pl.DataFrame:
    """What the last reports say; a customer with a consent and no report has nothing here and counts nil."""
    is_open = pl.col("status") == "open"
    card = is_open & (pl.col("account_kind") == "credit_card")
    has_credit = is_open & ((pl.col("balance_cents") > 0) | (pl.col("credit_limit_cents") > 0))
    latest = (
        frames["credit_latest"]
        .group_by("customer_token")
        .agg(
            lender_cnt=pl.col("lender_code").filter(has_credit).n_unique().cast(pl.Int32),
            open_account_cnt=is_open.sum().cast(pl.Int32),
            revolving_limit_cents=pl.col("credit_limit_cents").filter(card).sum(),
            revolving_balance_cents=pl.col("balance_cents").filter(card).sum(),
            current_dpd=pl.col("dpd").filter(pl.col("status").is_in(["open", "written_off"])).max().fill_null(0),
            overdue_cents=pl.col("overdue_cents").sum(),
            bureau_reported_on=pl.col("reported_on").max(),
        )
    )
    return (
        latest.join(frames["credit_year"], on="customer_token", how="left")
        .join(frames["new_lenders"], on="customer_token", how="left")
        .with_columns(
            new_lender_cnt_3m=pl.col("new_lenders").fill_null(0),
            bureau_age_days=(pl.lit(as_of) - pl.col("bureau_reported_on")).dt.total_days().cast(pl.Int32),
        )
        .drop("new_lenders")
    )


def _debts(ledger: pl.DataFrame) -> pl.DataFrame:
    return ledger.group_by("customer_token").agg(
        debt_service_cents=pl.col("monthly_service_cents").sum(), debt_balance_cents=pl.col("balance_cents").sum()
    )


def _plans(frames: Mapping[str, pl.DataFrame], as_of: date) -> pl.DataFrame:
    running = pl.col("status") == "running"
    broken = pl.col("status").is_in(["broken", "written_off"])
    due = pl.col("due_cents").filter(running | broken)
    paid = pl.min_horizontal("paid_cents", "due_cents").filter(running | broken)
    settled_due = pl.col("due_cents").filter(pl.col("status") == "settled").sum()
    return (
        plan_position(frames, as_of)
        .filter(pl.col("status") != "cancelled")
        .group_by("customer_token")
        .agg(
            plan_cnt=pl.len().cast(pl.Int32),
            running_plan_cnt=running.sum().cast(pl.Int32),
            broken_plan_cnt=broken.sum().cast(pl.Int32),
            plan_outstanding_cents=pl.col("outstanding_cents").filter(running | broken).sum(),
            plan_installment_cents=pl.col("installment_cents").filter(running).sum(),
            plan_arrears_cents=pl.col("arrears_cents").filter(running).sum(),
            due=due.sum() + settled_due,
            paid=paid.sum() + settled_due,
        )
        .with_columns(plan_on_time_share=pl.when(pl.col("due") > 0).then(pl.col("paid") / pl.col("due")))
        .drop("due", "paid")
    )


#: What nothing known means where the source may be read.
_NIL = [
    *columns_of("bank.bank_transaction", published=True),
    *columns_of("commerce.commerce_order", published=True),
    *columns_of("credit.credit_inquiry", published=True),
    *("order_active_months_12m", "lender_cnt", "open_account_cnt", "revolving_limit_cents", "revolving_balance_cents"),
    *("current_dpd", "overdue_cents", "new_lender_cnt_3m", "debt_service_cents", "debt_balance_cents"),
    *("plan_cnt", "running_plan_cnt", "broken_plan_cnt", "plan_outstanding_cents", "plan_installment_cents"),
    *("plan_arrears_cents", "cycle_cnt_12m", "late_cycle_cnt_12m"),
]


def _filled(profile: pl.DataFrame) -> pl.DataFrame:
    flags = [*_CONSENTS, "line_frozen"]
    return profile.with_columns(
        *(pl.col(c).fill_null(0) for c in _NIL),
        *(pl.col(c).fill_null(value=False) for c in flags),
        pl.col("pay_behaviour").fill_null("inactive"),
    )


def _with_consents(profile: pl.DataFrame) -> pl.DataFrame:
    reported = pl.max_horizontal("worst_dpd", "card_worst_dpd")
    own = pl.col("card_worst_dpd")
    worst = pl.when(pl.col("consent_credit_bureau")).then(reported.fill_null(0)).otherwise(own)
    masked = [
        pl.when(pl.col(consent)).then(pl.col(column)).alias(column)
        for consent, columns in _CONSENTS.items()
        for column in columns
    ]
    return profile.with_columns(max_dpd_12m=worst).with_columns(masked)


def _with_ratios(profile: pl.DataFrame, parameters: ProfileParameters, as_of: date) -> pl.DataFrame:
    income, service = pl.col("income_cents"), pl.col("debt_service_cents")
    living = pl.max_horizontal(
        pl.lit(parameters.living_cost_floor_cents, pl.Int64),
        (income.fill_null(0) * parameters.living_cost_share_bp) // 10_000,
    )
    fresh = pl.col("bureau_age_days") <= parameters.bureau_fresh_days
    return (
        profile.with_columns(
            as_of_date=pl.lit(as_of, pl.Date),
            dsr=pl.when(income > 0).then(service / income),
            free_cash_flow_cents=income - living - service,
            liquid_buffer_m=(pl.col("balance_avg_cents_3m") / (service + living)).clip(lower_bound=0.0),
            revol_util=pl.when(pl.col("revolving_limit_cents") > 0).then(
                pl.col("revolving_balance_cents") / pl.col("revolving_limit_cents")
            ),
            bureau_status=pl.when(fresh)
            .then(pl.lit("fresh"))
            .when(fresh.not_())
            .then(pl.lit("stale"))
            .otherwise(pl.lit("missing")),
        )
        .with_columns(behaviour_segment=behaviour_segment(parameters))
        .drop("worst_dpd", "card_worst_dpd", *(c for c in _INTERNAL if c in profile.columns))
    )
