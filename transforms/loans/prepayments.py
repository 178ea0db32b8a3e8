"""Events of each plan in order: its booked acceptances and its partial prepayments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from transforms.loans.allocation import replay
from transforms.loans.movements import net_movements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from transforms.policy.policy import Policy

#: Route of a version that comes of a part repaid early.
PREPAID = "part_prepayment"


def prepayments(
    booked: pl.DataFrame,
    repayments: pl.DataFrame,
    accepted: Mapping[str, Sequence[Mapping[str, Any]]],
    as_of: date,
    policy: Policy,
) -> dict[str, list[Mapping[str, Any]]]:
    """Per plan with any, what changes its schedule in the order it takes effect.

    Besides the `accepted` changes: each early settlement that counts by `as_of` and may be a part only, or whose
    interest only the loan itself knows. It takes effect on its value date; where the lender signed a change on that day
    or later without knowing of it, with that change.
    """
    movements = net_movements(repayments).filter(kind="early_settlement").filter(pl.col("value_on") <= as_of)
    uneven = booked.filter(pl.col("daily_denominator") == 0)["plan_id"].unique().to_list()
    asked = pl.col("plan_id").is_in([*accepted, *uneven])
    of_changed, rest = movements.filter(asked), movements.filter(~asked)
    parts = _parts_only(booked, repayments, rest, as_of, policy)
    events: dict[str, list[tuple[date, int, Mapping[str, Any]]]] = {
        plan: [(one["effective_on"], 1, one) for one in ones] for plan, ones in accepted.items()
    }
    days = pl.concat([of_changed, parts]).group_by("plan_id", "value_on", maintain_order=True)
    for row in days.agg(pl.col("known_on", "prepayment_effect").last()).sort("value_on").iter_rows(named=True):
        blind = [
            one["effective_on"]
            for one in accepted.get(row["plan_id"], ())
            if row["value_on"] <= one["effective_on"] < row["known_on"]
        ]
        effective = max([row["value_on"], *blind])
        event = {
            **row,
            "route": PREPAID,
            "case_id": None,
            "opened_on": row["value_on"],
            "effective_on": effective,
        }
        events.setdefault(row["plan_id"], []).append((effective, 2 if blind else 0, event))
    return {plan: [e for *_, e in sorted(found, key=lambda x: (x[0], x[1]))] for plan, found in events.items()}


def counted_in(movements: pl.DataFrame, earned: pl.DataFrame) -> pl.DataFrame:
    """`movements` of versions (plan_id, version_no), with early settlements of before them as plain payments.

    `earned` says under which version each early settlement came: the schedules of later ones count it already.
    """
    came = earned.select("plan_id", "value_on", _under="version_no")
    counted = (pl.col("kind") == "early_settlement") & (pl.col("_under") < pl.col("version_no"))
    return (
        movements.join(came, on=["plan_id", "value_on"], how="left", maintain_order="left")
        .with_columns(kind=pl.when(counted).then(pl.lit("payment")).otherwise("kind"))
        .drop("_under")
    )


def _parts_only(
    booked: pl.DataFrame, repayments: pl.DataFrame, early: pl.DataFrame, as_of: date, policy: Policy
) -> pl.DataFrame:
    """Those of the early settlements of unchanged plans that did not reach for all of the principal."""
    plans = early.select("plan_id").unique()
    if plans.is_empty():
        return early
    found = replay(
        booked.join(plans, on="plan_id", how="semi"),
        net_movements(repayments.join(plans, on="plan_id", how="semi")),
        [as_of],
        policy.servicing,
        policy.default_costs.early_settlement_fee_bp,
    )
    some = found.prepaid.select("plan_id").unique()
    return early.join(some, on="plan_id", how="semi")
