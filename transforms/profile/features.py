"""Windowed features, each declared once: source, what is counted, how it is summed, over which windows.

The SQL of the reductions, the month tiles and the names of the profile's columns all come from here. As-of rule of
every feature: rows that had arrived by the business date, whose event lies after the same day w months earlier and
not after the business date.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

Aggregation = Literal["sum", "count", "min", "max"]

#: Trailing windows in months; the last is the longest.
WINDOWS = (1, 3, 6, 12)


@dataclass(frozen=True)
class Feature:
    """One windowed feature: `aggregation` of `value` over the rows of `source` for which `where` holds."""

    name: str
    source: str
    aggregation: Aggregation
    where: str = "true"
    value: str = "1"

    def aggregate(self) -> str:
        """SQL of its aggregate over event rows; a sum is cast at once (DuckDB sums to HUGEINT)."""
        if self.aggregation == "count":
            return f"count(*) FILTER (WHERE {self.where})"
        if self.aggregation == "sum":
            return f"coalesce(sum({self.value}) FILTER (WHERE {self.where}), 0)::BIGINT"
        return f"{self.aggregation}({self.value}) FILTER (WHERE {self.where})"

    def merge(self, condition: str | None = None) -> str:
        """SQL that merges partial aggregates of the same feature, those for which `condition` holds."""
        only = f" FILTER (WHERE {condition})" if condition else ""
        if self.aggregation in ("count", "sum"):
            return f'coalesce(sum("{self.name}"){only}, 0)::BIGINT'
        return f'{self.aggregation}("{self.name}"){only}'

    def column(self, window: int) -> str:
        """Name of its column for a window of so many months."""
        return f"{self.name}_{window}m"


_BANK, _ORDER, _INQUIRY = "bank.bank_transaction", "commerce.commerce_order", "credit.credit_inquiry"
_WENT_THROUGH = "status NOT IN ('canceled', 'unavailable')"

FEATURES: tuple[Feature, ...] = (
    Feature("bank_in_cents", _BANK, "sum", "direction = 'credit'", "amount_cents"),
    Feature("bank_out_cents", _BANK, "sum", "direction = 'debit'", "amount_cents"),
    Feature("bank_txn_cnt", _BANK, "count"),
    Feature("salary_cents", _BANK, "sum", "line_type IN ('salary', 'pension')", "amount_cents"),
    Feature("gambling_cents", _BANK, "sum", "line_type = 'gambling' AND direction = 'debit'", "amount_cents"),
    Feature("cash_cents", _BANK, "sum", "line_type = 'cash_withdrawal'", "amount_cents"),
    Feature("failed_debit_cnt", _BANK, "count", "line_type = 'failed_debit_fee'"),
    Feature("order_cnt", _ORDER, "count", _WENT_THROUGH),
    Feature("order_cents", _ORDER, "sum", _WENT_THROUGH, "paid_cents"),
    Feature("inquiry_cnt", _INQUIRY, "count", "inquiry_reason IN ('loan_approval', 'card_approval')"),
)

#: Sources large enough that their closed months are kept as tiles.
TILED = (_BANK,)

#: The date of the event of each windowed source.
EVENT_DATE = {_BANK: "posted_on", _ORDER: "ordered_on", _INQUIRY: "inquired_on"}


def features_of(source: str) -> tuple[Feature, ...]:
    """The features of one source, in order."""
    return tuple(f for f in FEATURES if f.source == source)


def columns_of(source: str) -> list[str]:
    """The profile's columns of one source: every feature for every window."""
    return [f.column(w) for f in features_of(source) for w in WINDOWS]


def features_digest(source: str) -> str:
    """Eight digits that change when a declaration of the source does: tiles of other declarations are not these."""
    return hashlib.sha256(repr(features_of(source)).encode()).hexdigest()[:8]
