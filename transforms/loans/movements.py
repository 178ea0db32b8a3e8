"""Money that moved on plans, replayed as of tonight: what was taken back never counted, and counts from its value date.

A reversal takes back the movement it names, wholly or in part, wherever in time it stands; the schedule is replayed
without it. A reversal whose movement is not known yet changes nothing, for nothing of it has counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars.datatypes import DataType, DataTypeClass

#: What an allocation replays.
MOVEMENT: Mapping[str, DataType | DataTypeClass] = {
    "plan_id": pl.String,
    "value_on": pl.Date,
    "received_on": pl.Date,
    "kind": pl.String,
    "amount_cents": pl.Int64,
    "repayment_id": pl.String,
}
_MONEY = ("payment", "waiver", "early_settlement")


def net_movements(repayments: pl.DataFrame) -> pl.DataFrame:
    """Payments, waivers and settlements less what was taken back of them, in the order they count; nothing at zero.

    `repayments` has the columns of `credit.repayment`; failed debits are left out, no money moved.
    """
    back = (
        repayments.filter(pl.col("kind") == "reversal")
        .group_by("reverses_id")
        .agg(pl.col("amount_cents").sum().cast(pl.Int64).alias("taken_back"))
        .rename({"reverses_id": "repayment_id"})
    )
    return (
        repayments.filter(pl.col("kind").is_in(_MONEY))
        .join(back, on="repayment_id", how="left", maintain_order="left")
        .with_columns(pl.col("amount_cents") - pl.col("taken_back").fill_null(0))
        .filter(pl.col("amount_cents") > 0)
        .select(pl.col(name).cast(dtype) for name, dtype in MOVEMENT.items())
        .sort("plan_id", "value_on", "received_on", "repayment_id")
    )
