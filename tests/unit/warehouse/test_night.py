"""What a night holds in memory: the customers of a range, and copies of small feeds."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import warehouse.night as module
from tests.unit.warehouse.support import lake, landed
from warehouse.keys import load_keys
from warehouse.night import Night

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.lake import Lake

CUSTOMER, PAID = "bank.customer", "credit.repayment"
D1, D2, NIGHT = date(2026, 3, 10), date(2026, 4, 2), date(2026, 4, 3)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Lake]:
    with lake(tmp_path) as made:
        yield made


@pytest.fixture
def night(opened: Lake) -> Iterator[Night]:
    night = Night(opened, load_keys(opened.settings), NIGHT, "test")
    yield night
    night.close(keep=False)


def customer(number: int) -> dict[str, Any]:
    given = {"marketing_opt_out": False, "automated_decision_opt_out": False, "sex": "U"}
    return {"customer_id": f"C{number}", "changed_on": D1, "birth_date": date(1990, 5, 5), "onboarded_on": D1, **given}


def payment(number: str, on: date) -> dict[str, Any]:
    day = {"received_on": on, "value_on": on}
    return {"repayment_id": number, "plan_id": "P1", "customer_id": "C1", "kind": "payment", "amount_cents": 1, **day}


@pytest.mark.parametrize(("at_once", "shards"), [(16, 8), (15, 4), (8, 4), (7, 2), (4, 2), (3, 1), (2, 1), (1, 1)])
def test_a_range_is_as_many_shards_as_hold_so_many_customers(
    opened: Lake, night: Night, monkeypatch: pytest.MonkeyPatch, at_once: int, shards: int
) -> None:
    monkeypatch.setattr(module, "CUSTOMERS_AT_ONCE", at_once)
    landed(opened, CUSTOMER, D1, [customer(n) for n in range(16)])
    assert night.shards_at_once == shards
    ranges = list(night.shard_groups())
    assert [last - first + 1 for first, last in ranges] == [shards] * (8 // shards)
    assert [shard for first, last in ranges for shard in range(first, last + 1)] == list(range(8))


def test_a_range_is_as_many_shards_as_configured(opened: Lake, night: Night) -> None:
    opened.settings.shards_at_once = 2
    assert night.shards_at_once == 2
    assert list(night.shard_groups(4)) == [(0, 3), (4, 7)]


@pytest.mark.parametrize(("most", "held"), [(4, True), (3, False)])
def test_a_small_feed_is_copied_and_reads_as_in_the_lake(
    opened: Lake, monkeypatch: pytest.MonkeyPatch, most: int, held: bool
) -> None:
    """Late rows and all, without those that a correction replaced or that came later; the copy goes with the night."""
    monkeypatch.setattr(module, "COPIED_ROWS", most)
    landed(opened, PAID, D1, [payment("a", D1), payment("gone", D1)])
    landed(opened, PAID, D1, [payment("a", D1), payment("b", D1)], sequence=2)
    landed(opened, PAID, D2, [payment("late", D1), payment("c", D2)])
    landed(opened, PAID, date(2026, 4, 4), [payment("tomorrow", date(2026, 4, 4))])
    night = Night(opened, load_keys(opened.settings), NIGHT, "test")
    query = f"SELECT repayment_id, received_on FROM {night.feed(PAID).all} ORDER BY ALL"
    assert ("lake.credit.repayment " in query) is not held
    assert opened.con.execute(query).fetchall() == [("a", D1), ("b", D1), ("c", D2), ("late", D1)]
    earlier = f"SELECT repayment_id FROM {night.feed(PAID, as_of=D1).all} ORDER BY ALL"
    assert opened.con.execute(earlier).fetchall() == [("a",), ("b",)]
    night.close(keep=False)
    left = opened.con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'staged%'").fetchone()
    assert left == (0,)
