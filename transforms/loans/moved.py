"""Arrears that changes have moved to later installments, as known tonight; own days past due run on until paid.

What was signed stays as it was computed; whether the customer was late by then is judged by all that is known since, so
a payment that turns up later takes its arrears off the record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.prepayments import PREPAID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars.datatypes import DataType, DataTypeClass

#: Of each version beyond the first what stands moved out of arrears when it takes effect, the days it had been overdue,
#: and what the plan's money came to by then with the down payment that is agreed: what comes on top pays it.
MOVED: Mapping[str, DataType | DataTypeClass] = {
    "plan_id": pl.String,
    "version_no": pl.Int32,
    "moved_cents": pl.Int64,
    "moved_dpd": pl.Int32,
    "counted_cents": pl.Int64,
}


def change_looks(versions: pl.DataFrame) -> pl.DataFrame:
    """(plan_id, version_no, day): the end of the day on which a version finds what is overdue.

    Money of its own day came before the change, unless a down payment is agreed, which it then pays.
    """
    eve = pl.when(pl.col("down_payment_cents") > 0).then(1).otherwise(0)
    return versions.select("plan_id", "version_no", day=pl.col("effective_on") - pl.duration(days=eve))


def moved_arrears(versions: pl.DataFrame, positions: pl.DataFrame) -> pl.DataFrame:
    """One row per version beyond the first, columns of `MOVED`.

    `positions` are those of every version with its number, on the days of :func:`change_looks` among others. A new
    schedule takes all that it finds overdue into installments to come, whatever it was agreed for, but for what it
    waives and the down payment; what it wrongly counted as paid stays overdue under it. Arrears moved twice keep the
    days of both.
    """
    before = positions.select(
        "plan_id",
        version_no=(pl.col("version_no") + 1).cast(pl.Int32),
        day="as_of_date",
        money=pl.col("paid_cents") + pl.col("waived_cents"),
        late="arrears_cents",
        dpd="dpd",
    )
    stood = (
        versions.join(change_looks(versions), on=["plan_id", "version_no"])
        .join(before, on=["plan_id", "version_no", "day"])
        .with_columns(arrears=pl.min_horizontal("late", "overdue_cents"))
        .sort("plan_id", "version_no")
    )
    columns = ("plan_id", "version_no", "route", "down_payment_cents", "waived_cents", "money", "arrears", "dpd")
    rows, at, cents, days, counted = list[tuple[str, int, int, int, int]](), "", 0, 0, 0
    for plan, number, route, down, waived, money, arrears, dpd in stood.select(columns).iter_rows():
        if plan != at:
            at, cents, days, counted = plan, 0, 0, 0
        moved = 0 if route == PREPAID else max(arrears - waived - down, 0)
        left = max(cents - max(money - counted, 0), 0)
        # The eve of a change with a down payment is a day short of the change.
        days = (dpd + (down > 0 and dpd > 0) if moved else 0) + (days if left else 0)
        cents, counted = moved + left, money + down
        rows.append((plan, number, cents, days, counted))
    return pl.DataFrame(rows, schema=dict(MOVED), orient="row")
