"""Small books: a plan and what was paid on it, said in few words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from tests.unit.transforms.support import policy, token
from transforms.loans.version_tables import AGREEMENT, REFUSED, UNDONE, VERSION_INSTALLMENT, Versions

if TYPE_CHECKING:
    from transforms.policy.sections import Servicing

RULES: Servicing = policy().servicing

PLAN: dict[str, Any] = {
    "plan_id": "P1",
    "customer_token": token(0),
    "shard": 0,
    "product_code": "card_general",
    "purpose_code": "general",
    "merchant_id": None,
    "order_id": None,
    "plan_seq": 1,
    "principal_cents": 1_200_000,
    "annual_rate": Decimal("0.120000"),
    "term_m": 12,
    "repay_method": "ANNUITY",
    "upfront_fee_cents": 0,
    "installment_cents": 106_619,
    "started_on": date(2025, 1, 10),
    "first_due_on": date(2025, 2, 10),
    "status": "running",
    "changed_on": date(2025, 1, 10),
    "feed_date": date(2025, 1, 10),
    "delivery_seq": 1,
}
PLAN_TYPES: dict[str, Any] = {
    **dict.fromkeys(("plan_id", "customer_token", "product_code", "purpose_code"), pl.String),
    **dict.fromkeys(("merchant_id", "order_id", "repay_method", "status"), pl.String),
    **dict.fromkeys(("plan_seq", "term_m"), pl.Int32),
    **dict.fromkeys(("shard", "delivery_seq"), pl.Int16),
    **dict.fromkeys(("principal_cents", "upfront_fee_cents", "installment_cents"), pl.Int64),
    **dict.fromkeys(("started_on", "first_due_on", "changed_on", "feed_date"), pl.Date),
    "annual_rate": pl.Decimal(9, 6),
}
REPAYMENT_TYPES: dict[str, Any] = {
    **dict.fromkeys(("repayment_id", "plan_id", "kind", "reverses_id"), pl.String),
    **dict.fromkeys(("received_on", "value_on"), pl.Date),
    "amount_cents": pl.Int64,
}


def plans(*changes: dict[str, Any]) -> pl.DataFrame:
    """A plan of 12,000 yuan over 12 months at 12 % per argument, with that argument's columns changed."""
    rows = [{**PLAN, **change} for change in changes or ({},)]
    return pl.DataFrame(rows, schema={c: PLAN_TYPES[c] for c in PLAN}, orient="row")


def no_versions() -> Versions:
    """Plans as they were booked, nothing agreed since."""
    return Versions(*(pl.DataFrame(schema=dict(s)) for s in (AGREEMENT, VERSION_INSTALLMENT, REFUSED, UNDONE)))


def paid(*rows: tuple[Any, ...], plan_id: str = "P1") -> pl.DataFrame:
    """Movements (day, cents[, kind[, value day[, id it reverses]]]), numbered R1, R2, ..."""
    made = []
    for number, (day, cents, *more) in enumerate(rows, start=1):
        kind, value, back = (*more, *(None,) * (3 - len(more)))
        made.append(
            {
                "repayment_id": f"R{number}",
                "plan_id": plan_id,
                "kind": kind or "payment",
                "reverses_id": back,
                "received_on": day,
                "value_on": value or day,
                "amount_cents": cents,
            }
        )
    return pl.DataFrame(made, schema=REPAYMENT_TYPES, orient="row")
