"""Monthly income by the best source there is, with how sure it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from transforms.profile.pay_cycles import CYCLES
from transforms.profile.payroll import bank_income
from transforms.profile.salary_rhythm import SALARY

if TYPE_CHECKING:
    from datetime import date

    from transforms.profile.parameters import ProfileParameters

#: Sources from best to worst, with the confidence of the proof itself or of six regular pay cycles.
CONFIDENCE = {
    "tax": 0.95,
    "social_security": 0.9,
    "payroll": 0.9,
    "gig": 0.6,
    "employer_proof": 0.65,
    "recurring": 0.45,
    "stated": 0.2,
    "none": 0.0,
}
#: What each way of paying counts as, and how much of the source's confidence it deserves.
_BANK = {
    "labelled": ("payroll", 1.0),
    "company": ("payroll", 0.9),
    "person": ("payroll", 0.75),
    "irregular": ("gig", 1.0),
    "support": ("recurring", 1.0),
}
#: A person with one of these is not on a payroll, whatever comes in regularly.
_NO_PAYROLL = ("student", "retired", "unemployed")
_OFFICIAL = ("tax", "social_security")


def income_estimate(
    customer: pl.DataFrame,
    consent: pl.DataFrame,
    income_lines: pl.DataFrame,
    as_of: date,
    profile_parameters: ProfileParameters,
) -> pl.DataFrame:
    """`profile.income_estimate`: one row per customer of `customer`.

    Tax or social security before pay seen on bank lines (payroll), before irregular pay (gig), before an employer's
    proof, before other regular credits (recurring), before what is stated. Bank lines need the bank_statement consent;
    how they are read is in :mod:`transforms.profile.payroll`. Their confidence falls with cycles missing or without
    pay, with unsteadiness and with a change of level under way, and rises where a proof says the same.
    """
    consents = consent.select("customer_token", "consent_bank_statement")
    fresh = pl.col("verified_income_on") >= as_of - timedelta(days=profile_parameters.verified_income_days)
    allowed = pl.col("consent_bank_statement").fill_null(value=False)
    bank = bank_income(income_lines, as_of)
    people = (
        customer.select(
            "customer_token",
            "shard",
            "employment_type",
            stated_cents=pl.col("stated_income_cents"),
            verified_cents=pl.when(fresh).then("verified_income_cents"),
            verified_source=pl.when(fresh).then("verified_income_source"),
        )
        .join(consents, on="customer_token", how="left", maintain_order="left")
        .join(bank, on="customer_token", how="left", maintain_order="left")
        .with_columns(pl.when(allowed).then(pl.col(c)).alias(c) for c in bank.columns if c != "customer_token")
    )
    not_employed = pl.col("employment_type").is_in(_NO_PAYROLL).fill_null(value=False)
    unlabelled = pl.col("bank_kind").is_in(["company", "person"])
    kind = pl.when(not_employed & unlabelled).then(pl.lit("support")).otherwise("bank_kind")
    people = people.with_columns(bank_kind=kind).with_columns(
        bank_source=pl.col("bank_kind").replace_strict({k: s for k, (s, _) in _BANK.items()}, return_dtype=pl.String),
        worth=pl.col("bank_kind").replace_strict({k: w for k, (_, w) in _BANK.items()}, return_dtype=pl.Float64),
    )
    return _published(people.with_columns(income_source=_source()), as_of)


def _source() -> pl.Expr:
    proved = pl.col("verified_cents") > 0
    seen = pl.col("bank_cents") > 0
    return (
        pl.when(proved & pl.col("verified_source").is_in(_OFFICIAL))
        .then("verified_source")
        .when(seen & pl.col("bank_source").is_in(["payroll", "gig"]))
        .then("bank_source")
        .when(proved & (pl.col("verified_source") == "employer_proof"))
        .then("verified_source")
        .when(seen)
        .then("bank_source")
        .when(pl.col("stated_cents") > 0)
        .then(pl.lit("stated"))
        .otherwise(pl.lit("none"))
    )


def _published(people: pl.DataFrame, as_of: date) -> pl.DataFrame:
    source = pl.col("income_source")
    from_bank = source == pl.col("bank_source")
    amount = (
        pl.when(source.is_in([*_OFFICIAL, "employer_proof"]))
        .then("verified_cents")
        .when(from_bank)
        .then("bank_cents")
        .when(source == "stated")
        .then("stated_cents")
    )
    base = source.replace_strict(CONFIDENCE, return_dtype=pl.Float64)
    sure = (
        pl.when(from_bank).then((base * pl.col("worth") * _steadiness() + _agreement()).clip(0.0, 0.99)).otherwise(base)
    )
    of = {kind: pl.when(pl.col("bank_source") == kind).then("bank_cents") for kind in ("payroll", "gig", "recurring")}
    return people.select(
        as_of_date=pl.lit(as_of, pl.Date),
        customer_token="customer_token",
        shard="shard",
        income_cents=amount,
        income_source="income_source",
        income_confidence=sure,
        months_seen=pl.col("bank_months").fill_null(0),
        months_missed=pl.col("bank_missed").fill_null(0),
        income_cv=pl.col("bank_cv"),
        income_drift=pl.col("bank_drift"),
        payroll_basis=pl.when(pl.col("bank_source") == "payroll").then("bank_kind"),
        payroll_cents=of["payroll"],
        gig_cents=of["gig"],
        recurring_cents=of["recurring"],
        verified_cents="verified_cents",
        stated_cents="stated_cents",
        **{name: pl.col(name) for name in SALARY},
    )


def _steadiness() -> pl.Expr:
    """Share of confidence left by few cycles, missed ones, cycles apart from their median, and a level that moves."""
    seen = (pl.col("bank_months") / CYCLES).sqrt()
    missed = (1 - 0.15 * pl.col("bank_missed")).clip(0.25, 1.0)
    steady = 1 - 2 * pl.col("bank_deviation").clip(0.0, 0.25)
    moving = pl.when((pl.col("bank_drift") - 1).abs() > 0.05).then(0.75).otherwise(1.0)
    return seen * missed * steady * moving


def _agreement() -> pl.Expr:
    """What a proof within a tenth of the bank lines adds."""
    near = (pl.col("verified_cents") - pl.col("bank_cents")).abs() * 10 <= pl.col("bank_cents")
    return pl.when(near).then(0.05).otherwise(0.0)
