"""Plans of which the lender's books state figures, and what the reconciliation says of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from tests.unit.transforms.loans.books import no_versions, paid, plans
from tests.unit.transforms.outputs import plan_reconciliation
from tests.unit.transforms.support import book
from transforms.dates.business_days import parse_calendar
from transforms.loans.product_conventions import ProductConventions
from transforms.policy.conventions import Conventions
from warehouse.contract import load_contract
from warehouse.reference import load_document

if TYPE_CHECKING:
    from transforms.dates.calendar import Roll
    from transforms.loans.version_tables import Versions

BOOK = book()
NIGHT = date(2025, 4, 30)
POLICY = BOOK.in_force(NIGHT)
DUE = 106_619
THREE = [(date(2025, m, 10), DUE) for m in (2, 3, 4)]
#: 12,000 at 12 % over 12 months: principal left after so many installments.
LEFT = {0: 1_200_000, 1: 1_105_381, 2: 1_009_816, 3: 913_295, 4: 815_809}
_TYPES = {"book_on": pl.Date, "book_next_due_on": pl.Date, "book_outstanding_cents": pl.Int64, "book_dpd": pl.Int32}


def own(books: dict[str, Any], **change: Any) -> pl.DataFrame:
    """A plan of which the books state what is given."""
    frame = plans({"feed_date": NIGHT, **change})
    return frame.with_columns(pl.lit(books.get(name), dtype).alias(name) for name, dtype in _TYPES.items())


def reconciled(
    books: dict[str, Any],
    money: list[tuple[Any, ...]],
    *,
    changed: Versions | None = None,
    known: ProductConventions | None = None,
    **change: Any,
) -> tuple[dict[str, str], str]:
    """(reason by figure that differs, agreement) of one plan."""
    rows, agreement = plan_reconciliation(
        own(books, **change), paid(*money), changed or no_versions(), NIGHT, POLICY, known or ProductConventions()
    )
    assert rows.columns == [name for name, _ in load_contract("servicing.plan_reconciliation").lake_columns()]
    return dict(rows.select("figure", "reason").iter_rows()), agreement["books_agreement"].item()


def rolling(roll: Roll = "following") -> ProductConventions:
    """Due dates of the plan's product roll by the closed days of China."""
    document = load_document("calendars", "cn")
    return ProductConventions(
        NIGHT,
        {"card_general": ((date(2020, 1, 1), Conventions(due_date_roll=roll)),)},
        {"cn": parse_calendar(document.body, source=document.path.name)},
    )
