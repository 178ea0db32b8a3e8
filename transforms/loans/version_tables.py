"""Tables of the versions of plans' schedules, and all of a night's in one object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from transforms.loans.booked import INSTALLMENT
from transforms.loans.prepayments import PREPAID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars.datatypes import DataType, DataTypeClass

    from transforms.loans.running import Running

#: Routes that bend a plan for a customer in difficulty: the plan becomes a restructured asset.
RELIEF = ("art70_restructure", "payment_holiday")

#: A version beyond the first: from when it holds, what was agreed or repaid; `overdue_cents` what it found overdue.
AGREEMENT: Mapping[str, DataType | DataTypeClass] = {
    "plan_id": pl.String,
    "version_no": pl.Int32,
    "route": pl.String,
    "request_id": pl.String,
    "acceptance_id": pl.String,
    "requested_on": pl.Date,
    "agreed_on": pl.Date,
    "effective_on": pl.Date,
    "interest_from": pl.Date,
    "annual_rate": pl.Float64,
    "term_m": pl.Int32,
    "due_day": pl.Int32,
    "pause_from": pl.Date,
    "pause_to": pl.Date,
    "interest_mode": pl.String,
    "down_payment_cents": pl.Int64,
    "prepaid_cents": pl.Int64,
    "waived_cents": pl.Int64,
    "capitalised_cents": pl.Int64,
    "overdue_cents": pl.Int64,
    "total_cost_diff_cents": pl.Int64,
}
#: Acceptances that are not booked, and why.
REFUSED: Mapping[str, DataType | DataTypeClass] = {"acceptance_id": pl.String, "reason": pl.String}
EARNED: Mapping[str, DataType | DataTypeClass] = {
    "plan_id": pl.String,
    "version_no": pl.Int32,
    "value_on": pl.Date,
    "earned_cents": pl.Int64,
    "unearned_cents": pl.Int64,
}
UNDONE: Mapping[str, DataType | DataTypeClass] = {"acceptance_id": pl.String, "undone_on": pl.Date}


#: An installment of a further version; version 1 is the schedule a plan was booked with.
VERSION_INSTALLMENT: Mapping[str, DataType | DataTypeClass] = {"version_no": pl.Int32, **INSTALLMENT}


@dataclass(frozen=True)
class Versions:
    """Versions in force or superseded, their installments, acceptances not booked and undone; the changed plans' loans.

    `loans` has the running loan of each changed plan as its latest version left it, and its due day; `earned` what an
    early settlement of a version found earned, and capitalised ahead (columns of `EARNED`).
    """

    versions: pl.DataFrame
    installments: pl.DataFrame
    refused: pl.DataFrame
    undone: pl.DataFrame
    loans: Mapping[str, tuple[Running, int]] = field(default_factory=dict)
    earned: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(EARNED)))

    @property
    def agreed(self) -> pl.DataFrame:
        """The versions that customers agreed to."""
        return self.versions.filter(pl.col("route") != PREPAID)
