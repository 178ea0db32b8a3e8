"""How a customer pays cards, and which segment that puts them in (M19-M21, M52)."""

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


def behaviour_segment(parameters: ProfileParameters) -> pl.Expr:
    """The first that fits of high_debt, occasionally_late, transactor, high_potential, thin_file, revolver, standard.

    Reads profile columns; unknown values never put anyone into a segment. A potential needs evidence: employed, in
    the job for some time, income from bank lines or an official proof.
    """
    p = parameters
    debt = pl.col("debt_service_cents") * 10_000 > pl.col("income_cents") * p.high_debt_dsr_bp
    use = pl.col("revolving_balance_cents") * 10_000 > pl.col("revolving_limit_cents") * p.high_debt_use_bp
    many = pl.col("lender_cnt") >= p.high_debt_lenders
    late = (pl.col("max_dpd_12m") > 0) | pl.col("pay_behaviour").is_in(["late", "occasionally_late"])
    unknown = pl.col("open_account_cnt").fill_null(0) == 0
    tenure = pl.col("job_tenure_m").is_between(3, p.high_potential_max_tenure_m)
    young = (pl.col("age_years") <= p.high_potential_max_age) & tenure
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
        .when((young & proven & ~pl.col("is_student")).fill_null(value=False))
        .then(pl.lit("high_potential"))
        .when(unknown & (pl.col("pay_behaviour") == "inactive"))
        .then(pl.lit("thin_file"))
        .when(pl.col("pay_behaviour").is_in(["revolver", "minimum_payer"]))
        .then(pl.lit("revolver"))
        .otherwise(pl.lit("standard"))
    )
