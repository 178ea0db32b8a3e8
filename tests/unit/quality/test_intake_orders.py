"""The door: orders as shops have them stop no night; what no shop means is a finding."""

from __future__ import annotations

import pytest

from tests.unit.quality.bank import D1, ORDER, Bank, Row, order

UNPAID: Row = {"paid_cents": None, "payment_method": None, "installment_count": None}


@pytest.mark.parametrize(
    "more",
    [
        {"paid_cents": 8_000},
        {"paid_cents": 0, "payment_method": "voucher"},
        {"amount_cents": 0, "paid_cents": 0, "payment_method": "voucher"},
        {"status": "created", **UNPAID},
        {"status": "canceled", **UNPAID},
        {"status": "canceled", "paid_cents": 0, "payment_method": None, "installment_count": 0},
        {"status": "shipped", "paid_cents": 0, "payment_method": "cash_on_delivery"},
        {"status": "unavailable", "amount_cents": None},
        {"amount_cents": None},
    ],
)
def test_what_every_shop_has_stops_no_night_however_many_there_are(bank: Bank, more: Row) -> None:
    """A coupon, a voucher for all of it, one not paid, cancelled, paid at the door, out of stock, without price."""
    bank.send(ORDER, D1, [order(n, **more) for n in range(20)])
    taken = bank.take_in(ORDER, D1)[-1]
    assert taken.accepted, taken.words
    assert taken.counts.accepted == 20


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"paid_cents": 10_002}, "paid_within_price"),
        ({"payment_method": None}, "payment_told_when_paid"),
        ({"installment_count": None}, "payment_told_when_paid"),
        ({"paid_cents": None}, "paid_known_when_delivered"),
    ],
)
def test_what_no_shop_means_is_a_finding(bank: Bank, more: Row, rule: str) -> None:
    bank.send(ORDER, D1, [order(0, **more), *(order(n) for n in range(1, 30)), order(30, paid_cents=10_001)])
    taken = bank.take_in(ORDER, D1)[-1]
    assert (taken.accepted, taken.counts.accepted) == (True, 30)
    assert bank.listed(ORDER) == [("O0", [rule], True)]
