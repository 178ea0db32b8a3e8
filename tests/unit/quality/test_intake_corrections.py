"""The door: what a correction sets right, and what is judged again for it."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.unit.quality.bank import D1, D2, D3, PAID, Bank, Row, many, payment
from tests.unit.warehouse.support import lake
from warehouse.contract import load_contract
from warehouse.registry import feed_snapshot

if TYPE_CHECKING:
    from pathlib import Path


def test_a_correction_of_an_earlier_delivery_judges_again_what_was_compared_with_it(bank: Bank) -> None:
    bank.send(PAID, D1, [payment("a", D1), payment("b", D1)])
    bank.send(PAID, D2, [payment("a", D1), payment("c", D2)])
    bank.take_in(PAID, D2)
    bank.send(PAID, D1, [payment("b", D1)], sequence=2)
    bank.send(PAID, D3, [payment("d", D3)])
    corrected, judged, new = bank.take_in(PAID, D3)
    assert [i.delivery.sequence for i in (corrected, judged, new) if i.delivery] == [2, 1, 1]
    assert judged.counts.accepted == 2, "the payment is in no earlier delivery any more"
    assert bank.numbers(PAID, D3) == ["a", "b", "c", "d"]


def test_an_earlier_delivery_handed_in_later_takes_the_row_back(bank: Bank) -> None:
    bank.send(PAID, D2, [payment("a", D1), payment("c", D2)])
    bank.take_in(PAID, D2)
    bank.send(PAID, D1, [payment("a", D1)])
    bank.send(PAID, D3, [payment("d", D3)])
    assert len(bank.take_in(PAID, D3)) == 3
    assert bank.numbers(PAID, D3) == ["a", "c", "d"]
    assert bank.lake.con.execute(f"SELECT feed_date FROM lake.{PAID} WHERE repayment_id = 'a'").fetchall() == [(D1,)]


def test_other_rows_of_an_earlier_delivery_landed_count_as_a_change(bank: Bank) -> None:
    """b is first refused by a, then a goes: c, seven days after b and twelve after a, is compared with b alone."""
    b, c = D1 + timedelta(days=6), D1 + timedelta(days=12)
    bank.send(PAID, D1, [payment("k", D1), payment("x", D1)])
    bank.send(PAID, b, [payment("k", b), *many(0, b)])
    bank.send(PAID, c, [payment("k", c), *many(100, c)])
    bank.take_in(PAID, c)
    assert bank.listed(PAID) == [("k", ["key_reused"], True)], "in b; of c it is the first key that counts"
    bank.send(PAID, D1, [payment("x", D1)], sequence=2)
    bank.take_in(PAID, c)
    kept = [
        day
        for (day,) in bank.lake.con.execute(
            f"SELECT feed_date FROM lake.{PAID} WHERE repayment_id = 'k' ORDER BY 1"
        ).fetchall()
    ]
    assert kept == [D1, b]
    assert bank.numbers(PAID, c).count("k") == 1


@pytest.mark.parametrize("seed", [0, 1])
def test_in_whatever_order_deliveries_come_the_same_rows_land(tmp_path: Path, seed: int) -> None:
    """Repetitions, other contents, corrections, each taken in as it comes, against all of them at once."""
    dice = random.Random(seed)  # noqa: S311 - rows of a test
    days = [D1 + timedelta(days=n) for n in (0, 6, 15, 24)]
    sent: list[tuple[date, int, list[Row]]] = []
    for day, sequence in [*((day, 1) for day in days), (days[0], 2), (days[1], 2)]:
        ons = [D1, D1, day, *(d for d in days if d < day)]
        rows = {f"{n}": payment(f"{n}", dice.choice(ons), dice.choice([1, 1, 2])) for n in dice.sample(range(7), 5)}
        sent.append((day, sequence, [*rows.values(), *many(100 * day.toordinal(), day)]))
    states = []
    for name, order in (("at once", sent), ("as they come", dice.sample(sent, len(sent)))):
        with lake(tmp_path / name) as opened:
            bank = Bank(opened)
            for day, sequence, rows in order:
                bank.send(PAID, day, rows, sequence)
                if name == "as they come":
                    bank.take_in(PAID, days[-1])
            bank.take_in(PAID, days[-1])
            rows_known = feed_snapshot(opened, days[-1]).relations(load_contract(PAID)).all
            query = f"SELECT feed_date, repayment_id, received_on, amount_cents FROM {rows_known} ORDER BY ALL"
            states.append((opened.con.execute(query).fetchall(), sorted(bank.listed(PAID), key=str)))
    assert states[0][0] == states[1][0]
    assert any(rules == ["key_seen_before"] for _, rules, _ in states[0][1])
    assert any(rules == ["key_reused"] for _, rules, _ in states[0][1])


def test_a_delivery_registered_without_its_dates_is_judged_again(bank: Bank) -> None:
    """As in a warehouse made before: what was counted twice then is found."""
    bank.send(PAID, D1, [payment("a", D1)])
    bank.send(PAID, D2, [payment("b", D2)])
    bank.take_in(PAID, D2)
    bank.lake.con.execute("UPDATE lake.control.feed_delivery SET event_dates = NULL")
    assert len(bank.take_in(PAID, D2)) == 2
    told = bank.lake.con.execute(
        "SELECT event_dates FROM lake.control.feed_delivery WHERE landing_no > 2 ORDER BY business_date"
    ).fetchall()
    assert told == [([D1],), ([D2],)]
