"""Money allocated to installments, movement by movement, for many plans at once.

A movement settles what is due by its value date in the policy's order; what is left over is carried to the next
installments. Plans lie side by side in arrays (plan, installment, component) and the k-th movement of every plan is
allocated in one step, so the cost grows with movements and not with plans.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from transforms.loans.rules import COMPONENTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from transforms.eligibility.policy_sections import Servicing

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

PAYMENT, WAIVER, EARLY, SNAPSHOT = range(4)
_KINDS = {"payment": PAYMENT, "waiver": WAIVER, "early_settlement": EARLY}
_INTEREST, _FEE, _PRINCIPAL = range(3)
_NEVER = np.int64(2**40)
_CHUNK = 2048


@dataclass(frozen=True)
class Replay:
    """What a replay found.

    `positions`: a row per plan and date asked for. `peaks`: days past due at the end of the day before a movement,
    where there were any (plan_id, on, dpd). `settled`: the day each installment was settled (plan_id, due_on,
    settled_on), of those that were.
    """

    positions: pl.DataFrame
    peaks: pl.DataFrame
    settled: pl.DataFrame


def replay(
    installments: pl.DataFrame, movements: pl.DataFrame, dates: Sequence[date] | pl.DataFrame, rules: Servicing
) -> Replay:
    """Allocate `movements` (of `net_movements`) to `installments` (of `booked_installments`) and look on `dates`.

    `dates` are those of every plan, or a frame of each plan's own (plan_id, day).

    A position counts value dates up to its date, as tonight's knowledge has them; movements of plans without
    installments are left out. Amounts are cents; `dpd` counts from the due date of the oldest installment short by
    more than the policy's tolerance. `total_cents` is all the plan charges, less what early settlement spared:
    paid + waived + open = total + overpaid, to the cent. `late_cent_days` are cents of overdue principal times the days
    they were overdue, from the due date of each installment not paid within its grace: what late interest is earned on.
    """
    order = installments.group_by("plan_id").len().sort("len", "plan_id").with_row_index("_at")
    events = _events(order, movements, dates)
    cells = installments.join(order.select("plan_id", "_at"), on="plan_id").sort("_at", "due_on", "installment_no")
    counts = order["len"].cast(pl.Int64).to_numpy()
    ends, event_ends = np.cumsum(counts), np.searchsorted(events[0], np.arange(counts.size), side="right")
    values = cells.select("due_on", *(f"{c}_cents" for c in COMPONENTS))
    due = values["due_on"].to_physical().cast(pl.Int64).to_numpy()
    parts = np.stack([values[f"{c}_cents"].to_numpy() for c in COMPONENTS], axis=1)
    found: list[_Ledger] = []
    for low in range(0, counts.size, _CHUNK):
        high = min(low + _CHUNK, counts.size)
        cell0, event0 = (int(e[low - 1]) if low else 0 for e in (ends, event_ends))
        cell, event = slice(cell0, int(ends[high - 1])), slice(event0, int(event_ends[high - 1]))
        ledger = _Ledger(low, counts[low:high], due[cell], parts[cell], rules)
        ledger.play(*(column[event] for column in events))
        found.append(ledger)
    names = order.select(pl.col("_at").cast(pl.Int64), "plan_id")
    return Replay(*(_frame(names, [getattr(x, what) for x in found], what) for what in _COLUMNS))


_COLUMNS: dict[str, tuple[str, ...]] = {
    "positions": (
        *("_at", "as_of_date", "due_cents", "paid_cents", "waived_cents", "arrears_cents", "arrears_interest_cents"),
        *(
            "arrears_principal_cents",
            "outstanding_cents",
            "open_cents",
            "total_cents",
            "charged_principal_cents",
            "carried_cents",
        ),
        *("overpaid_cents", "oldest_due_on", "dpd", "unpaid_cnt", "due_cnt", "on_time_cnt", "coming_cnt"),
        *("previous_due_on", "next_due_on", "next_due_cents", "next_open_cents", "last_paid_on", "last_due_on"),
        "late_cent_days",
    ),
    "peaks": ("_at", "on", "dpd"),
    "settled": ("_at", "due_on", "settled_on"),
}


def _frame(names: pl.DataFrame, parts: Sequence[list[tuple[Ints, ...]]], what: str) -> pl.DataFrame:
    """One frame of the columns collected; days become dates, a day never reached becomes NULL."""
    columns, rows = _COLUMNS[what], [row for part in parts for row in part]
    data: dict[str, Ints | list[int]] = {
        c: np.concatenate([row[k] for row in rows]) if rows else [] for k, c in enumerate(columns)
    }
    frame = pl.DataFrame(data, schema=dict.fromkeys(columns, pl.Int64))
    days = [c for c in columns if c == "as_of_date" or c.endswith("on")]
    known = [pl.when(pl.col(c).abs() < int(_NEVER)).then(pl.col(c)).cast(pl.Int32).cast(pl.Date).alias(c) for c in days]
    counts = [pl.col(c).cast(pl.Int32) for c in columns if c.endswith("cnt") or c == "dpd"]
    return frame.with_columns(*known, *counts).join(names, on="_at", how="left").drop("_at")


def _events(
    order: pl.DataFrame, movements: pl.DataFrame, dates: Sequence[date] | pl.DataFrame
) -> tuple[Ints, Ints, Ints, Ints]:
    """(plan, day, kind, cents) of movements and looks, plan by plan in the order they happen."""
    at = order.select("plan_id", pl.col("_at").cast(pl.Int64))
    money = movements.join(at, on="plan_id").select(
        "_at",
        pl.col("value_on").alias("day"),
        pl.col("kind").replace_strict(_KINDS, return_dtype=pl.Int64),
        "amount_cents",
        pl.int_range(pl.len()).alias("_no"),
    )
    if isinstance(dates, pl.DataFrame):
        looks = at.join(dates.select("plan_id", "day"), on="plan_id").select("_at", "day")
    else:
        looks = at.select("_at").join(pl.DataFrame({"day": sorted(dates)}, schema={"day": pl.Date}), how="cross")
    looks = looks.with_columns(
        kind=pl.lit(SNAPSHOT, pl.Int64), amount_cents=pl.lit(0, pl.Int64), _no=pl.lit(2**40, pl.Int64)
    )
    both = pl.concat([money, looks]).with_columns(pl.col("day").to_physical().cast(pl.Int64)).sort("_at", "day", "_no")
    plan, day, kind, cents = (both[c].to_numpy() for c in ("_at", "day", "kind", "amount_cents"))
    return plan, day, kind, cents


class _Ledger:
    """The books of a chunk of plans; arrays are (plan, installment) or (plan, installment, component)."""

    def __init__(self, first: int, counts: Ints, due: Ints, parts: Ints, rules: Servicing) -> None:
        n, longest = counts.size, int(counts.max())
        row = np.repeat(np.arange(n), counts)
        column = np.arange(row.size) - np.repeat(np.cumsum(counts) - counts, counts)
        self.first, self.rules = first, rules
        self.due = np.full((n, longest), _NEVER)
        self.due[row, column] = due
        self.total = np.zeros((n, longest, len(COMPONENTS)), np.int64)
        self.total[row, column] = parts
        self.open = self.total.copy()
        self.ahead, self.ahead_principal = (np.zeros((n, longest), np.int64) for _ in range(2))
        self.paid, self.waived, self.over = (np.zeros(n, np.int64) for _ in range(3))
        self.last_paid = np.full(n, -_NEVER)
        self.late, self.late_to = np.zeros(n, np.int64), np.full(n, -_NEVER)
        self.settled_day = np.full((n, longest), _NEVER)
        self.last_due = np.where(self.due < _NEVER, self.due, -_NEVER).max(axis=1)
        self.positions: list[tuple[Ints, ...]] = []
        self.peaks: list[tuple[Ints, ...]] = []
        self.settled: list[tuple[Ints, ...]] = []

    def play(self, plan: Ints, day: Ints, kind: Ints, cents: Ints) -> None:
        """Go through all events; `plan` is ascending."""
        row = plan - self.first
        rank = np.arange(row.size) - np.searchsorted(row, row, side="left")
        order = np.argsort(rank, kind="stable")
        steps = np.searchsorted(rank[order], np.arange(int(rank.max(initial=-1)) + 2))
        for low, high in itertools.pairwise(steps):
            now = order[low:high]
            looks = kind[now] == SNAPSHOT
            if looks.any():
                self._look(row[now[looks]], day[now[looks]])
            if not looks.all():
                money = now[~looks]
                self._allocate(row[money], day[money], kind[money], cents[money])
        at, number = np.nonzero(self.settled_day < _NEVER)
        self.settled.append((at + self.first, self.due[at, number], self.settled_day[at, number]))

    def _oldest(self, left: Ints, due: Ints, reached: Bools) -> Ints:
        """Due date of the first installment, among those `reached`, short by more than the tolerance; _NEVER: none."""
        short = np.cumsum(np.where(reached, left, 0), axis=1) > self.rules.shortfall_tolerance_cents
        return np.where(short.any(axis=1), due[np.arange(due.shape[0]), short.argmax(axis=1)], _NEVER)

    def _late(self, row: Ints, day: Ints) -> Ints:
        """Cent-days of overdue principal up to a day: those counted so far and those since."""
        due, to = self.due[row], self.late_to[row][:, None]
        settled = due + self.rules.grace_days
        begun = np.where(to > settled, to, due)
        days = np.where(settled < day[:, None], np.maximum(day[:, None] - begun, 0), 0)
        return np.asarray(self.late[row] + (self.open[row][:, :, _PRINCIPAL] * days).sum(axis=1))

    def _allocate(self, row: Ints, day: Ints, kind: Ints, cents: Ints) -> None:
        self.late[row], self.late_to[row] = self._late(row, day), day
        left, due = self.open[row], self.due[row]
        oldest = self._oldest(left.sum(axis=2), due, due < day[:, None])
        behind = np.maximum(day - 1 - oldest, 0)
        late = np.flatnonzero(behind)
        self.peaks.append((row[late] + self.first, day[late] - 1, behind[late]))
        reached = due <= day[:, None]
        taken = self._pour_due(np.where(reached[:, :, None], left, 0), cents, day - oldest)
        left = left - taken
        rest = cents - taken.sum(axis=(1, 2))
        ahead = self._pour_ahead(np.where(reached[:, :, None], 0, left), rest, kind == EARLY)
        left = left - ahead
        carried = np.where((kind == EARLY)[:, None, None], 0, ahead)
        self.ahead[row] += carried.sum(axis=2)
        self.ahead_principal[row] += carried[:, :, _PRINCIPAL]
        self.over[row] += rest - ahead.sum(axis=(1, 2))
        forgiven = self._close(row, left, reached, kind == EARLY)
        money = kind != WAIVER
        self.paid[row] += np.where(money, cents, 0)
        self.waived[row] += np.where(money, 0, cents) + forgiven
        self.last_paid[row] = np.where(money, day, self.last_paid[row])
        self.open[row] = left
        whole = self.total[row].sum(axis=2) > 0
        done = whole & (left.sum(axis=2) <= self.rules.shortfall_tolerance_cents) & (self.settled_day[row] == _NEVER)
        self.settled_day[row] = np.where(done, day[:, None], self.settled_day[row])

    def _pour_due(self, left: Ints, cents: Ints, dpd: Ints) -> Ints:
        """What a movement settles of the installments due, in the order of its days past due."""
        r = self.rules
        taken = _pour(left, cents, r.allocation_by, r.allocation_order)
        late = np.flatnonzero(dpd > r.late_allocation_dpd) if r.late_allocation_dpd else np.zeros(0, np.int64)
        if late.size:
            taken[late] = _pour(left[late], cents[late], r.late_allocation_by, r.late_allocation_order)
        return taken

    def _pour_ahead(self, left: Ints, cents: Ints, early: Bools) -> Ints:
        """What is left goes to the next installments; an early settlement repays principal first, then what is due."""
        r = self.rules
        taken = _pour(left, cents, "installment", r.allocation_order)
        rows = np.flatnonzero(early)
        if rows.size:
            taken[rows] = _pour(left[rows], cents[rows], "component", ("principal", "interest", "fee"))
        return taken

    def _close(self, row: Ints, left: Ints, reached: Bools, early: Bools) -> Ints:
        """After a whole early settlement nothing more is charged; gives the cents of principal let go as rounding."""
        coming = np.where(reached[:, :, None], 0, left)
        principal = coming[:, :, _PRINCIPAL].sum(axis=1)
        whole = early & (principal <= self.rules.settlement_tolerance_cents)
        spared = np.where(whole[:, None, None], coming, 0)
        left -= spared
        spared[:, :, _PRINCIPAL] = 0
        self.total[row] -= spared
        return np.where(whole, principal, 0)

    def _look(self, row: Ints, day: Ints) -> None:
        left, due, total = self.open[row], self.due[row], self.total[row]
        each, reached = left.sum(axis=2), due <= day[:, None]
        oldest = self._oldest(each, due, reached)
        behind = oldest < _NEVER
        charged = total.sum(axis=2)
        coming = ~reached & (due < _NEVER) & (charged > 0)
        following = coming.any(axis=1)
        first = coming.argmax(axis=1)
        at = np.arange(row.size)
        grace = due + self.rules.grace_days
        judged = (charged > 0) & ((grace <= day[:, None]) | (reached & (self.settled_day[row] < _NEVER)))
        overdue = np.where(reached[:, :, None], left, 0).sum(axis=1)
        self.positions.append(
            (
                row + self.first,
                day,
                np.where(reached, charged, 0).sum(axis=1),
                self.paid[row],
                self.waived[row],
                overdue.sum(axis=1),
                overdue[:, _INTEREST],
                overdue[:, _PRINCIPAL],
                left[:, :, _PRINCIPAL].sum(axis=1) + np.where(reached, 0, self.ahead_principal[row]).sum(axis=1),
                each.sum(axis=1),
                charged.sum(axis=1),
                total[:, :, _PRINCIPAL].sum(axis=1),
                np.where(reached, 0, self.ahead[row]).sum(axis=1),
                self.over[row],
                oldest,
                np.where(behind, day - oldest, 0),
                np.where(behind, (reached & (each > 0)).sum(axis=1), 0),
                judged.sum(axis=1),
                (judged & (self.settled_day[row] <= grace)).sum(axis=1),
                coming.sum(axis=1),
                np.where(reached, due, -_NEVER).max(axis=1),
                np.where(following, due[at, first], _NEVER),
                np.where(following, charged[at, first], 0),
                np.where(following, each[at, first], 0),
                self.last_paid[row],
                self.last_due[row],
                self._late(row, day),
            )
        )


def _pour(left: Ints, cents: Ints, by: str, order: Sequence[str]) -> Ints:
    """How much of each cell `cents` settle, filling the cells by installment or by component, in `order`."""
    places = [COMPONENTS.index(name) for name in order]
    axes = (0, 1, 2) if by == "installment" else (0, 2, 1)
    queue = left[:, :, places].transpose(axes)
    flat = queue.reshape(left.shape[0], -1)
    before = np.cumsum(flat, axis=1) - flat
    taken = np.clip(cents[:, None] - before, 0, flat).reshape(queue.shape).transpose(axes)
    return np.asarray(taken[:, :, np.argsort(places)])
