"""Wishes, acceptances and cases of hardship, said in few words."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from tests.unit.transforms.support import token

CASE_TYPES: dict[str, Any] = {
    **dict.fromkeys(("case_id", "customer_token", "plan_id", "kind", "route", "refers_to"), pl.String),
    **dict.fromkeys(("opened_on", "effective_on", "changed_on"), pl.Date),
    **dict.fromkeys(("term_m", "due_day", "pause_m"), pl.Int32),
    **dict.fromkeys(("interest_mode", "channel", "language", "status"), pl.String),
    "annual_rate": pl.Decimal(9, 6),
    **dict.fromkeys(("down_payment_cents", "waived_cents"), pl.Int64),
    "vulnerable": pl.Boolean,
}
HARDSHIP_TYPES: dict[str, Any] = {
    **dict.fromkeys(("case_id", "customer_token", "plan_id", "cause", "evid_status", "status"), pl.String),
    **dict.fromkeys(("opened_on", "expected_resume_on", "changed_on"), pl.Date),
    "willing_to_pay": pl.Boolean,
}


def cases(*rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of `credit.service_case` of plan P1."""
    usual = {
        "customer_token": token(0),
        "plan_id": "P1",
        "channel": "app",
        "language": "zh",
        "status": "open",
        "vulnerable": False,
    }
    made = [{**dict.fromkeys(CASE_TYPES), **usual, "changed_on": row.get("opened_on"), **row} for row in rows]
    return pl.DataFrame(made, schema=CASE_TYPES, orient="row")


def accepted(route: str, asked: date, on: date, number: int = 1, **terms: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A request and its acceptance with the terms."""
    request = {"case_id": f"Q{number}", "kind": "change_request", "route": route, "opened_on": asked}
    acceptance = {
        "case_id": f"A{number}",
        "kind": "acceptance",
        "route": route,
        "refers_to": f"Q{number}",
        "opened_on": on,
        **terms,
    }
    return request, acceptance


def hardship(*rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of `credit.hardship_case` about all plans of the customer."""
    usual = {
        "case_id": "H1",
        "customer_token": token(0),
        "cause": "income_loss",
        "evid_status": "verified",
        "willing_to_pay": True,
        "status": "open",
        "opened_on": date(2025, 4, 1),
        "changed_on": date(2025, 4, 1),
    }
    made = [{**dict.fromkeys(HARDSHIP_TYPES), **usual, **row} for row in rows]
    return pl.DataFrame(made, schema=HARDSHIP_TYPES, orient="row")
