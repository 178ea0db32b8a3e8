"""Progress of plans worked by hand: installments due and paid, days past due, what is still owed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tests.unit.transforms.loans.books import paid, plans
from tests.unit.transforms.loans.cases import accepted, cases, hardship
from tests.unit.transforms.loans.worked_plans import NIGHT, PLAN, WORKED, Worked
from tests.unit.transforms.outputs import plan_progress
from tests.unit.transforms.support import book, token
from transforms.dates.business_days import parse_calendar
from transforms.loans.product_conventions import ProductConventions
from transforms.loans.versions import plan_versions
from transforms.policy.conventions import Conventions
from warehouse.reference import load_document

BOOK = book()
_CALENDAR = load_document("calendars", "cn")
#: As the shipped catalogue has them.
KNOWN = ProductConventions(
    NIGHT,
    {"card_general": ((date(2020, 1, 1), Conventions(due_date_roll="following")),)},
    {"cn": parse_calendar(_CALENDAR.body, source=_CALENDAR.path.name)},
)


def booked(one: Worked) -> pl.DataFrame:
    terms = {**PLAN, **one.plan}
    stated = terms.pop("due_day", None)
    row = {**terms, "annual_rate": Decimal(terms["annual_rate"]), "changed_on": terms["started_on"]}
    rows = [row, *([{**row, "status": one.closed[0], "changed_on": one.closed[1]}] if one.closed else [])]
    return plans(*rows).with_columns(due_day=pl.lit(stated, pl.Int32))


def moved(one: Worked) -> pl.DataFrame:
    return paid(*((*row[:4], f"R{row[4] + 1}") if len(row) > 4 else row for row in one.money))


def stood(one: Worked) -> dict[str, Any]:
    of, money = booked(one), moved(one)
    asked = [
        row
        for n, (route, on, agreed_on, terms) in enumerate(one.changes)
        for row in accepted(route, on, agreed_on, n, **terms)
    ]
    agreed = plan_versions(of, money, cases(*asked), BOOK, {"card_general": "card_installment"}, NIGHT, KNOWN)
    assert agreed.refused.is_empty()
    told = hardship(*([{"opened_on": one.hardship, "customer_token": token(0)}] if one.hardship else []))
    return plan_progress(of, money, agreed, told, NIGHT, BOOK.in_force(NIGHT), KNOWN).row(0, named=True)


@pytest.mark.parametrize("one", WORKED, ids=[one.name for one in WORKED])
def test_worked_plan(one: Worked) -> None:
    row = stood(one)
    assert {name: row[name] for name in one.expected} == one.expected
    assert row["paid_cents"] + row["waived_cents"] + row["open_cents"] == row["total_cents"] + row[
        "overpaid_cents"
    ] or (row["status"] in ("settled", "cancelled"))
