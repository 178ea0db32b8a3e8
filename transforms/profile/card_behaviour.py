"""How a customer pays cards, and which segment that puts them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from transforms.profile.parameters import ProfileParameters


def pay_behaviour() -> pl.Expr:
    """Behaviour over the statements of 12 months, from the counts of the card_year reduction.

    late: three late cycles or a month twice past due; occasionally_late: any late cycle; inactive: no balance owed;
    transactor: at least nine in ten paid in full; minimum_payer: at least half paid at the minimum; else revolver.
    """
    owed = pl.col("owed").fill_null(0)
    return (
        pl.when((pl.col("late_cycles") >= 3) | (pl.col("worst_months") >= 2))
        .then(pl.lit("late"))
        .when(pl.col("late_cycles") > 0)
        .then(pl.lit("occasionally_late"))
        .when(owed == 0)
        .then(pl.lit("inactive"))
        .when(pl.col("paid_in_full") * 10 >= owed * 9)
        .then(pl.lit("transactor"))
        .when(pl.col("paid_minimum") * 2 >= owed)
        .then(pl.lit("minimum_payer"))
        .otherwise(pl.lit("revolver"))
    )


def card_columns(card_year: pl.DataFrame) -> pl.DataFrame:
    """The profile's columns of cards, from the counts of the card_year reduction."""
    used = pl.col("cash_cents").fill_null(0) + pl.col("purchase_cents").fill_null(0)
    return card_year.select(
        "customer_token",
        cycle_cnt_12m="cycles",
        active_cycle_cnt_12m=pl.col("active_cycles").cast(pl.Int32),
        full_pay_ratio_12m=pl.when(pl.col("owed") > 0).then(pl.col("paid_in_full") / pl.col("owed")),
        min_pay_ratio_12m=pl.when(pl.col("owed") > 0).then(pl.col("paid_minimum") / pl.col("owed")),
        late_cycle_cnt_12m="late_cycles",
        card_use_avg_12m=pl.when(pl.col("limited") > 0).then(pl.col("use_bp") / (pl.col("limited") * 10_000)),
        cash_advance_share_12m=pl.when(used > 0).then(pl.col("cash_cents").fill_null(0) / used),
        card_worst_dpd=pl.col("worst_months") * 30,
        pay_behaviour=pay_behaviour(),
    )


def behaviour_segment(parameters: ProfileParameters) -> pl.Expr:
    """The first that fits of the segments, in the order of the expression below.

    Reads profile columns; unknown values never put anyone into a segment. A potential needs evidence: young, employed,
    in the job for some months, income from bank lines or a proof, an industry whose wages grow; students are barred.
    """
    p = parameters
    debt = pl.col("debt_service_cents") * 10_000 > pl.col("income_cents") * p.high_debt_dsr_bp
    use = pl.col("revolving_balance_cents") * 10_000 > pl.col("revolving_limit_cents") * p.high_debt_use_bp
    many = pl.col("lender_cnt") >= p.high_debt_lenders
    late = (pl.col("max_dpd_12m") > 0) | pl.col("pay_behaviour").is_in(["late", "occasionally_late"])
    unknown = pl.col("open_account_cnt").fill_null(0) == 0
    tenure = pl.col("job_tenure_m").is_between(p.high_potential_min_tenure_m, p.high_potential_max_tenure_m)
    young = pl.col("age_years").is_between(p.high_potential_min_age, p.high_potential_max_age) & tenure
    growing = pl.col("industry_wage_growth_bp") >= p.high_potential_min_growth_bp
    proven = (pl.col("employment_type") == "employee") & pl.col("income_source").is_in(
        ["tax", "social_security", "payroll", "employer_proof"]
    )
    return (
        pl.when((debt | use | many).fill_null(value=False))
        .then(pl.lit("high_debt"))
        .when(late.fill_null(value=False))
        .then(pl.lit("occasionally_late"))
        .when(pl.col("pay_behaviour") == "transactor")
        .then(pl.lit("transactor"))
        .when((young & growing & proven & ~pl.col("is_student")).fill_null(value=False))
        .then(pl.lit("high_potential"))
        .when(unknown & (pl.col("pay_behaviour") == "inactive"))
        .then(pl.lit("thin_file"))
        .when(pl.col("pay_behaviour").is_in(["revolver", "minimum_payer"]))
        .then("pay_behaviour")
        .otherwise(pl.lit("standard"))
    )
