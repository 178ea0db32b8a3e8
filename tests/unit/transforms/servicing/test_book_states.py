"""A plan on the day of its books, looked at in several ways."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from tests.unit.transforms.loans.books import no_versions, paid
from tests.unit.transforms.servicing.book_support import DUE, LEFT, NIGHT, POLICY, THREE, own, rolling
from transforms.dates.business_days import parse_calendar
from transforms.loans.movements import once
from transforms.loans.product_conventions import ProductConventions
from transforms.servicing.book_states import AHEAD, DAY_BEFORE, LATER, LOOKS, NEXT_DAY, POSTED, READINGS, World
from warehouse.reference import load_document


def looked_at(look: str, money: list[tuple[Any, ...]], on: date, known: ProductConventions) -> dict[str, Any]:
    told = own({}).with_columns(pl.lit(on, pl.Date).alias("book_on"), pl.lit(10, pl.Int32).alias("_due_day"))
    world = World(own({}), once(paid(*money)), no_versions(), POLICY, known, NIGHT)
    return world.stood(told, look).row(0, named=True)


def test_every_look_reads_the_same_figures() -> None:
    for look in ("", *LOOKS):
        assert list(looked_at(look, THREE, date(2025, 4, 20), rolling())) == ["plan_id", *READINGS]


def test_money_of_closed_days_is_posted_on_the_next_working_day() -> None:
    """The first of May and the days to the fifth are closed; the 27th of April is a Sunday that is worked."""
    document = load_document("calendars", "cn")
    plain = ProductConventions(NIGHT, {}, {"cn": parse_calendar(document.body, source=document.path.name)})
    saturday, sunday = date(2025, 4, 26), date(2025, 4, 27)
    late = [*THREE[:2], (sunday, DUE)]
    assert looked_at(NEXT_DAY, late, saturday, plain)["outstanding_cents"] == LEFT[3]
    assert looked_at(NEXT_DAY, late, date(2025, 4, 24), plain)["outstanding_cents"] == LEFT[2]
    friday = [*THREE[:2], (date(2025, 4, 25), DUE)]
    assert looked_at(POSTED, friday, saturday, plain)["outstanding_cents"] == LEFT[2]
    assert looked_at(POSTED, friday, sunday, plain)["outstanding_cents"] == LEFT[3]


def test_a_day_before_the_plan_is_its_first_day() -> None:
    first = looked_at(DAY_BEFORE, [], date(2025, 1, 10), ProductConventions())
    assert (first["outstanding_cents"], first["dpd"]) == (LEFT[0], 0)


def test_what_is_paid_ahead_by_then_is_repaid_and_nothing_later() -> None:
    ahead = [*THREE, (date(2025, 4, 25), DUE), (date(2025, 4, 28), DUE)]
    assert looked_at(AHEAD, ahead, date(2025, 4, 26), ProductConventions())["outstanding_cents"] == LEFT[4]
    known = looked_at(
        LATER, [*THREE[:2], (date(2025, 4, 28), DUE, "payment", date(2025, 4, 10))], date(2025, 4, 26), rolling()
    )
    assert known["outstanding_cents"] == LEFT[2]
