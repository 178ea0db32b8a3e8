"""Money allocated to installments, movement by movement, for many plans at once.

A movement settles what is due by its value date in the policy's order; what is left over is carried to the next
installments. The arrays are those of :mod:`transforms.loans.ledger`; the k-th movement of every plan is allocated in
one step, so the cost grows with movements and not with plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from transforms.loans.ledger import EARLY, NEVER, PAYMENT, SNAPSHOT, WAIVER, Ledger
from transforms.loans.rules import COMPONENTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from transforms.policy.sections import Servicing

    Ints = NDArray[np.int64]

_KINDS = {"payment": PAYMENT, "waiver": WAIVER, "early_settlement": EARLY}
_CHUNK = 2048
_USE = ("earned_cents", "unearned_cents")


@dataclass(frozen=True)
class Replay:
    """What a replay found.

    `positions`: a row per plan and date asked for. `peaks`: days past due at the end of the day before a movement,
    where there were any (plan_id, on, dpd). `settled`: the day each installment was settled (plan_id, installment_no,
    due_on, settled_on), of those that were. `prepaid`: principal repaid ahead by an early settlement that did not
    reach for all of it (plan_id, on, cents): the schedule after it is to be computed anew.
    """

    positions: pl.DataFrame
    peaks: pl.DataFrame
    settled: pl.DataFrame
    prepaid: pl.DataFrame


def replay(
    installments: pl.DataFrame,
    movements: pl.DataFrame,
    dates: Sequence[date] | pl.DataFrame,
    rules: Servicing,
    settlement_fee_bp: int = 0,
    earned: pl.DataFrame | None = None,
) -> Replay:
    """Allocate `movements` (of `net_movements`) to `installments` (of `booked_installments`) and look on `dates`.

    `dates` are those of every plan, or a frame of each plan's own (plan_id, day). `settlement_fee_bp` is what settling
    early costs, of the principal not due yet. `earned` (plan_id, value_on, earned_cents, unearned_cents) is the
    interest earned by an early settlement, and what was capitalised for days still to come, where its installments
    cannot say it.

    A position counts value dates up to its date, as tonight's knowledge has them; movements of plans without
    installments are left out. Amounts are cents; `dpd` counts from the due date of the oldest installment short by
    more than the policy's tolerance. `total_cents` is all the plan charges, less what early settlement spared:
    paid + waived + open = total + overpaid, to the cent. `late_cent_days` are cents of overdue principal times the days
    they were overdue, from the due date of each installment not paid within its grace: what late interest is earned on.
    `earned_cents` is interest earned since the last due date that no installment has borne. A plan on which nothing is
    open owes nothing: what was paid ahead is then no longer carried.
    """
    order = installments.group_by("plan_id").len().sort("len", "plan_id").with_row_index("_at")
    events = _events(order, movements, dates, earned)
    cells = installments.join(order.select("plan_id", "_at"), on="plan_id").sort("_at", "due_on", "installment_no")
    counts = order["len"].cast(pl.Int64).to_numpy()
    ends, event_ends = np.cumsum(counts), np.searchsorted(events[0], np.arange(counts.size), side="right")
    number = cells["installment_no"].cast(pl.Int64).to_numpy()
    due, start = (cells[c].to_physical().cast(pl.Int64).to_numpy() for c in ("due_on", "starts_on"))
    parts = np.stack([cells[f"{c}_cents"].to_numpy() for c in COMPONENTS], axis=1)
    varies = pl.col("daily_denominator") == 0
    days = pl.max_horizontal((pl.col("due_on") - pl.col("starts_on")).dt.total_days(), 1)
    own = pl.max_horizontal(pl.col("interest_cents") + pl.col("waiting_cents") - pl.col("brought_cents"), 0)
    rates = cells.select(
        brought="brought_cents",
        top=pl.when(varies).then(own).otherwise("daily_numerator"),
        bottom=pl.when(varies).then(days).otherwise("daily_denominator"),
        own=own,
    )
    brought, top, bottom, whole = (rates[c].to_numpy() for c in rates.columns)
    found: list[Ledger] = []
    for low in range(0, counts.size, _CHUNK):
        high = min(low + _CHUNK, counts.size)
        cell0, event0 = (int(e[low - 1]) if low else 0 for e in (ends, event_ends))
        cell, event = slice(cell0, int(ends[high - 1])), slice(event0, int(event_ends[high - 1]))
        ledger = Ledger(
            low,
            counts[low:high],
            (number[cell], start[cell], due[cell]),
            parts[cell],
            (brought[cell], top[cell], bottom[cell], whole[cell]),
            rules,
        )
        ledger.settlement_fee_bp = settlement_fee_bp
        ledger.play(*(column[event] for column in events))
        found.append(ledger)
    names = order.select(pl.col("_at").cast(pl.Int64), "plan_id")
    return Replay(*(_frame(names, [getattr(x, what) for x in found], what) for what in _COLUMNS))


_COLUMNS: dict[str, tuple[str, ...]] = {
    "positions": (
        *("_at", "as_of_date", "due_cents", "paid_cents", "waived_cents", "arrears_cents", "arrears_interest_cents"),
        *("arrears_principal_cents", "outstanding_cents", "open_cents", "total_cents", "charged_principal_cents"),
        *("carried_cents", "overpaid_cents", "oldest_due_on", "dpd", "unpaid_cnt", "coming_cnt"),
        *(
            "previous_due_on",
            "next_due_on",
            "next_due_cents",
            "next_open_cents",
            "earned_cents",
            "last_paid_on",
            "last_due_on",
        ),
        "late_cent_days",
    ),
    "peaks": ("_at", "on", "dpd"),
    "settled": ("_at", "installment_no", "due_on", "settled_on"),
    "prepaid": ("_at", "on", "cents"),
}


def _frame(names: pl.DataFrame, parts: Sequence[list[tuple[Ints, ...]]], what: str) -> pl.DataFrame:
    """One frame of the columns collected; days become dates, a day never reached becomes NULL."""
    columns, rows = _COLUMNS[what], [row for part in parts for row in part]
    data: dict[str, Ints | list[int]] = {
        c: np.concatenate([row[k] for row in rows]) if rows else [] for k, c in enumerate(columns)
    }
    frame = pl.DataFrame(data, schema=dict.fromkeys(columns, pl.Int64))
    days = [c for c in columns if c == "as_of_date" or c.endswith("on")]
    known = [pl.when(pl.col(c).abs() < int(NEVER)).then(pl.col(c)).cast(pl.Int32).cast(pl.Date).alias(c) for c in days]
    counts = [pl.col(c).cast(pl.Int32) for c in columns if c.endswith(("cnt", "_no")) or c == "dpd"]
    return frame.with_columns(*known, *counts).join(names, on="_at", how="left").drop("_at")


def _events(
    order: pl.DataFrame,
    movements: pl.DataFrame,
    dates: Sequence[date] | pl.DataFrame,
    earned: pl.DataFrame | None,
) -> tuple[Ints, ...]:
    """(plan, day, kind, cents, use) of movements and looks, plan by plan in the order they happen."""
    at = order.select("plan_id", pl.col("_at").cast(pl.Int64))
    known = (
        movements.with_columns(pl.lit(None, pl.Int64).alias(c) for c in _USE)
        if earned is None
        else movements.join(earned, on=["plan_id", "value_on"], how="left", maintain_order="left")
    )
    money = known.join(at, on="plan_id", maintain_order="left").select(
        "_at",
        pl.col("value_on").alias("day"),
        pl.col("kind").replace_strict(_KINDS, return_dtype=pl.Int64),
        "amount_cents",
        pl.col(_USE).fill_null(int(NEVER)),
        pl.int_range(pl.len()).alias("_no"),
    )
    if isinstance(dates, pl.DataFrame):
        looks = at.join(dates.select("plan_id", "day"), on="plan_id").select("_at", "day")
    else:
        looks = at.select("_at").join(pl.DataFrame({"day": sorted(dates)}, schema={"day": pl.Date}), how="cross")
    looks = looks.with_columns(
        kind=pl.lit(SNAPSHOT, pl.Int64),
        amount_cents=pl.lit(0, pl.Int64),
        **dict.fromkeys(_USE, pl.lit(int(NEVER), pl.Int64)),
        _no=pl.lit(2**40, pl.Int64),
    )
    both = pl.concat([money, looks]).with_columns(pl.col("day").to_physical().cast(pl.Int64)).sort("_at", "day", "_no")
    events = (both[c].to_numpy() for c in ("_at", "day", "kind", "amount_cents"))
    return (*events, both.select(_USE).to_numpy())
