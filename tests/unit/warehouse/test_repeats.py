"""A staged row is found again among what earlier deliveries have landed, by brute force too."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.warehouse.support import lake, landed, write
from warehouse.contract import load_contract
from warehouse.deliveries import Delivery
from warehouse.keys import load_keys
from warehouse.landing import make_tokens
from warehouse.reading import read_delivery
from warehouse.registry import DeliveryRecord, current_deliveries, registry
from warehouse.repeats import compared, event_dates, rows_seen_before, window_days

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from warehouse.lake import Lake

PAID, BALANCE, MARKET = "credit.repayment", "bank.account_balance", "market.market_indicator"
START, DAY = date(2026, 2, 1), date(2026, 3, 20)
Row = dict[str, Any]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Lake]:
    with lake(tmp_path) as made:
        yield made


def payment(number: str, on: date, cents: int = 100, **more: Any) -> Row:
    row = {"repayment_id": number, "plan_id": "P1", "customer_id": "C1", "received_on": on, "value_on": on}
    return {**row, "kind": "payment", "amount_cents": cents, **more}


def seen(opened: Lake, feed: str, day: date, rows: Sequence[Row]) -> dict[int, bool]:
    """Position → whether with the same content, of the rows found again."""
    contract = load_contract(feed)
    delivery = write(opened.settings.feeds_root, feed, day, rows)
    reading = read_delivery(opened.con, contract, delivery)
    make_tokens(opened, load_keys(opened.settings), contract, reading)
    dates = event_dates(opened.con, contract, reading)
    earlier = current_deliveries(registry(opened.con, feed, day).values())
    table = rows_seen_before(opened, contract, delivery, reading, earlier, dates)
    return dict(opened.con.execute(f"FROM {table}").fetchall()) if table else {}


def test_a_key_is_found_on_its_event_date_over_all_history(opened: Lake) -> None:
    """Within the window on any date. Both stores are looked through: of the two a lies in the late one."""
    landed(opened, PAID, START, [payment("a", date(2025, 11, 5)), payment("b", START)])
    landed(opened, PAID, DAY - timedelta(days=7), [payment("c", date(2026, 3, 1)), payment("d", date(2026, 2, 9))])
    again = [payment("a", date(2025, 11, 5)), payment("b", START, 999), payment("c", date(2026, 3, 2))]
    again += [payment("d", date(2026, 2, 9)), payment("b", date(2026, 2, 2)), payment("e", START)]
    assert seen(opened, PAID, DAY, again) == {0: True, 1: False, 2: False, 3: True}


def test_a_key_of_identifiers_is_found_by_its_token(opened: Lake) -> None:
    row = {"account_id": "A1", "customer_id": "C1", "balance_date": START, "balance_cents": 5}
    landed(opened, BALANCE, START, [row, {**row, "account_id": "A2"}])
    again = [row, {**row, "account_id": "A2", "balance_cents": 6}, {**row, "account_id": "A3"}]
    assert seen(opened, BALANCE, DAY, [*again, {**row, "customer_id": "C2"}]) == {0: True, 1: False, 3: False}


def test_a_value_that_only_one_of_two_rows_gives_is_no_other_content(opened: Lake) -> None:
    landed(opened, PAID, START, [payment("a", START), payment("b", START, reverses_id="x")])
    landed(opened, PAID, START + timedelta(days=1), [payment("c", START, reverses_id="x")])
    again = [payment("a", START, reverses_id="x"), payment("b", START), payment("c", START, reverses_id="y")]
    assert seen(opened, PAID, DAY, again) == {0: True, 1: True, 2: False}


def test_what_a_correction_has_replaced_is_not_found(opened: Lake) -> None:
    landed(opened, PAID, START, [payment("a", START), payment("b", START)])
    landed(opened, PAID, START, [payment("b", START)], sequence=2)
    assert seen(opened, PAID, DAY, [payment("a", START)]) == {}
    assert seen(opened, PAID, DAY, [payment("a", START), payment("b", START)]) == {1: True}


def test_a_row_without_a_key_or_a_feed_without_a_window_is_not_looked_for(opened: Lake) -> None:
    landed(opened, PAID, START, [payment("a", START)])
    assert seen(opened, PAID, DAY, [payment("a", START, repayment_id=None)]) == {}
    figure = {"indicator_code": "lpr_1y", "period_end": START, "released_on": START, "unit": "percent"}
    figure["indicator_value"] = Decimal("3.0")
    landed(opened, MARKET, START, [figure])
    assert window_days(load_contract(MARKET)) == 0
    assert seen(opened, MARKET, DAY, [figure]) == {}


def test_only_deliveries_that_can_hold_a_date_are_compared() -> None:
    """A delivery of before event dates were on record may hold any; one without rows holds none."""

    def told(day: date, *dates: date) -> DeliveryRecord:
        return DeliveryRecord(PAID, day, 1, 1, "", "", accepted=True, message=None, accepted_rows=1, event_dates=dates)

    day, old = date(2026, 1, 1), date(2025, 6, 1)
    before = [told(day, day), told(day + timedelta(days=1)), told(day + timedelta(days=2), old, DAY)]
    window = [told(DAY - timedelta(days=8), DAY - timedelta(days=8)), told(DAY - timedelta(days=7))]
    unknown = DeliveryRecord(PAID, old, 1, 1, "", "", accepted=True, message=None, accepted_rows=1)
    earlier = [unknown, *before, *window, told(DAY, DAY)]
    delivery = Delivery(PAID, DAY, 1, None, "")  # type: ignore[arg-type]
    contract = load_contract(PAID)
    assert compared(contract, delivery, earlier, [old]) == [unknown, before[2], window[1]]
    assert compared(contract, delivery, earlier, [DAY, day]) == [unknown, before[0], before[2], window[1]]
    assert compared(contract, delivery, earlier, []) == [unknown, window[1]]
    assert compared(load_contract(MARKET), delivery, earlier, [day]) == []


@pytest.mark.parametrize("seed", range(4))
def test_rows_seen_before_are_those_of_brute_force(opened: Lake, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - rows of a test
    history: list[tuple[date, Row]] = []

    def drawn(day: date) -> dict[str, Row]:
        ons = [day - timedelta(days=dice.choice([0, 0, 1, 9, 40])) for _ in range(8)]
        return {
            row["repayment_id"]: row
            for row in (payment(str(dice.randrange(40)), on, dice.choice([1, 2])) for on in ons)
        }

    for number in range(12):
        day = START + timedelta(days=dice.choice([0, 1, 4]) + 4 * number)
        rows = list(drawn(day).values())
        landed(opened, PAID, day, rows)
        history = [(d, r) for d, r in history if d != day] + [(day, row) for row in rows]
    day = START + timedelta(days=50)
    rows = list(drawn(day).values()) + [dict(row) for _, row in dice.sample(history, 6)]
    expected: dict[int, bool] = {}
    for position, row in enumerate(rows):
        hits = [
            other == row
            for came, other in history
            if other["repayment_id"] == row["repayment_id"]
            and (came >= day - timedelta(days=7) or other["received_on"] == row["received_on"])
        ]
        if hits:
            expected[position] = any(hits)
    assert seen(opened, PAID, day, rows) == expected
    assert {*expected.values()} == {True, False}
