"""The gate to a further plan, and how far evidence of hardship has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.policy.sections import EVIDENCE

if TYPE_CHECKING:
    from transforms.policy.policy import Policy


def hardship_evidence(hardship_case_latest: pl.DataFrame) -> pl.DataFrame:
    """(customer_token, hardship_evidence) of customers with an open case: how far its evidence has come at most.

    `hardship_case_latest` are the latest rows of `credit.hardship_case`; evidence that was rejected is none.
    """
    place = {name: n for n, name in enumerate(EVIDENCE)} | {"rejected": 0}
    return (
        hardship_case_latest.filter(pl.col("status") == "open")
        .group_by("customer_token")
        .agg(pl.col("evid_status").replace_strict(place, return_dtype=pl.Int64).max().alias("_place"))
        .select(
            "customer_token",
            hardship_evidence=pl.col("_place").replace_strict(dict(enumerate(EVIDENCE)), return_dtype=pl.String),
        )
    )


def second_plan_gate(policy: Policy) -> pl.Expr:
    """Whether a customer may have a further plan, or why not.

    `no_plan`: there is none yet; `broken`: a plan was broken, without the evidence that the hardship route asks for;
    `broken_with_evidence`: with it; `too_many`: as many plans are open as may be; `too_early`, `too_little_paid`: the
    plans so far are too young, or too little of them is paid; `passed`. Reads columns of the profile and
    `hardship_evidence`.
    """
    gate = policy.second_plan
    enough = EVIDENCE[EVIDENCE.index(policy.restructure.evidence) :]
    shown = pl.col("hardship_evidence").is_in(enough).fill_null(value=False)
    return (
        pl.when(pl.col("plan_on_book_m").is_null())
        .then(pl.lit("no_plan"))
        .when(pl.col("broken_plan_cnt").fill_null(0) > 0)
        .then(pl.when(shown).then(pl.lit("broken_with_evidence")).otherwise(pl.lit("broken")))
        .when(pl.col("running_plan_cnt") >= gate.max_plans)
        .then(pl.lit("too_many"))
        .when(pl.col("plan_on_book_m") < gate.min_on_book_m)
        .then(pl.lit("too_early"))
        .when(pl.col("plan_paid_bp") < gate.min_paid_bp)
        .then(pl.lit("too_little_paid"))
        .otherwise(pl.lit("passed"))
    )
