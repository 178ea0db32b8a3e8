"""Movements on plans as known tonight: payments net of reversals, each from its value date.

A reversal takes back the movement it names, wholly or in part, wherever in time it lies; the schedule is replayed
without it. A reversal may itself be reversed, and the payment counts again. A reversal whose movement is not known yet
changes nothing, for nothing of it has counted. A movement sent again under its number counts once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars.datatypes import DataType, DataTypeClass

#: What an allocation replays. `known_on`: the day the lender knew of it.
MOVEMENT: Mapping[str, DataType | DataTypeClass] = {
    "plan_id": pl.String,
    "value_on": pl.Date,
    "received_on": pl.Date,
    "known_on": pl.Date,
    "kind": pl.String,
    "amount_cents": pl.Int64,
    "repayment_id": pl.String,
    "prepayment_effect": pl.String,
}
_MONEY = ("payment", "waiver", "early_settlement")
_LONGEST_CHAIN = 32


def once(repayments: pl.DataFrame) -> pl.DataFrame:
    """Rows of `credit.repayment`, each number once (the first to arrive), with the columns an older feed lacks.

    `known_on` is the day the lender knew of the movement; where that is not given, the day it was booked.
    """
    first = [c for c in ("feed_date", "delivery_seq") if c in repayments.columns]
    known = pl.max_horizontal("known_on", "received_on") if "known_on" in repayments.columns else pl.col("received_on")
    effect = [] if "prepayment_effect" in repayments.columns else [pl.lit(None, pl.String).alias("prepayment_effect")]
    return (
        repayments.sort("repayment_id", *first, maintain_order=True)
        .unique("repayment_id", keep="first", maintain_order=True)
        .with_columns(known.alias("known_on"), *effect)
    )


def net_movements(repayments: pl.DataFrame) -> pl.DataFrame:
    """Payments, waivers and settlements less what was taken back of them, in the order they count; nothing at zero.

    `repayments` has the columns of `credit.repayment`; failed debits are left out, no money moved. Of one day
    installments are paid before anything is repaid early, whatever the numbers of the movements.
    """
    rows = once(repayments)
    return (
        rows.filter(pl.col("kind").is_in(_MONEY))
        .join(_taken_back(rows), on=["repayment_id", "plan_id"], how="left", maintain_order="left")
        .with_columns(pl.col("amount_cents") - pl.col("taken_back").fill_null(0))
        .filter(pl.col("amount_cents") > 0)
        .select(pl.col(name).cast(dtype) for name, dtype in MOVEMENT.items())
        .sort("plan_id", "value_on", pl.col("kind") == "early_settlement", "received_on", "repayment_id")
    )


def _taken_back(rows: pl.DataFrame) -> pl.DataFrame:
    """(repayment_id, plan_id, taken_back): what reversals take back of each movement of their own plan.

    What was taken back of a reversal itself does not count.
    """
    reversals = rows.filter(pl.col("kind") == "reversal").select(
        "repayment_id", "reverses_id", "plan_id", stated="amount_cents", amount_cents="amount_cents"
    )
    back = _summed(reversals)
    for _ in range(_LONGEST_CHAIN):
        again = (
            reversals.drop("amount_cents")
            .join(back, on=["repayment_id", "plan_id"], how="left")
            .with_columns(
                amount_cents=pl.max_horizontal(
                    pl.col("stated") - pl.col("taken_back").fill_null(0), pl.lit(0, pl.Int64)
                )
            )
            .drop("taken_back")
        )
        after = _summed(again)
        if after.equals(back):
            break
        back = after
    return back


def concerning(repayments: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Movements of a kind and the reversals that take them back, those of reversals too; rows of :func:`once`."""
    found = repayments.filter(kind=kind)
    reversals = repayments.filter(kind="reversal")
    last = found
    for _ in range(_LONGEST_CHAIN):
        named = last.select("plan_id", reverses_id="repayment_id")
        last = reversals.join(named, on=["plan_id", "reverses_id"], how="semi")
        last = last.join(found, on=["plan_id", "repayment_id"], how="anti")
        if last.is_empty():
            break
        found = pl.concat([found, last])
    return found


def _summed(reversals: pl.DataFrame) -> pl.DataFrame:
    return (
        reversals.group_by("reverses_id", "plan_id")
        .agg(pl.col("amount_cents").sum().cast(pl.Int64).alias("taken_back"))
        .rename({"reverses_id": "repayment_id"})
        .sort("repayment_id", "plan_id")
    )


def orphan_reversals(repayments: pl.DataFrame) -> pl.DataFrame:
    """(plan_id, repayment_id, amount_cents) of reversals that name no movement of their plan that is known."""
    rows = once(repayments)
    named = rows.select("plan_id", pl.col("repayment_id").alias("reverses_id"))
    return (
        rows.filter(pl.col("kind") == "reversal")
        .join(named, on=["plan_id", "reverses_id"], how="anti")
        .select("plan_id", "repayment_id", "amount_cents")
    )
