"""A sender, the door its deliveries come in by, and what is sent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from quality.gx_session import GxSession
from quality.intake import DeliveryIntake
from tests.unit.warehouse.support import write
from warehouse.contract import load_contract
from warehouse.keys import load_keys
from warehouse.registry import feed_snapshot
from warehouse.vault import open_vault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quality.intake import Intake
    from quality.results import CheckResult
    from warehouse.deliveries import Delivery
    from warehouse.lake import Lake

PAID, LINE, CUSTOMER, ORDER = "credit.repayment", "bank.bank_transaction", "bank.customer", "commerce.commerce_order"
D1 = date(2026, 3, 10)
D2, D3 = D1 + timedelta(days=20), D1 + timedelta(days=21)
Row = dict[str, Any]


class Bank:
    """A sender and the door its deliveries come in by."""

    def __init__(self, opened: Lake) -> None:
        self.lake, self._keys = opened, load_keys(opened.settings)
        self._intake = DeliveryIntake(opened, self._keys, GxSession(opened.con), "test")

    def send(self, feed: str, day: date, rows: Sequence[Row], sequence: int = 1) -> Delivery:
        return write(self.lake.settings.feeds_root, feed, day, rows, sequence=sequence)

    def take_in(self, feed: str, day: date) -> list[Intake]:
        return self._intake.catch_up(feed, day)

    def numbers(self, feed: str, day: date) -> list[str]:
        """Keys of the rows that the night of a date knows, each as often as it counts."""
        contract = load_contract(feed)
        rows = feed_snapshot(self.lake, day).relations(contract).all
        key = contract.lake_key[0]
        return [n for (n,) in self.lake.con.execute(f"SELECT {key} FROM {rows} ORDER BY 1").fetchall()]

    def landings(self, feed: str) -> int:
        found = self.lake.con.execute("SELECT count(*) FROM lake.control.feed_delivery WHERE feed = ?", [feed])
        return int((found.fetchone() or (0,))[0])

    def listed(self, feed: str) -> list[tuple[Any, ...]]:
        """(key, rules, whether its content is in the vault) of the rows kept out."""
        with open_vault(self.lake.con, self.lake.settings, self._keys):
            return self.lake.con.execute(
                "SELECT row_key, rules, v.row_no IS NOT NULL FROM lake.control.quarantine AS q "
                "LEFT JOIN vault.quarantined_row AS v USING (feed, business_date, delivery_seq, row_no) "
                "WHERE feed = ? ORDER BY business_date, row_no",
                [feed],
            ).fetchall()


def payment(number: str, on: date, cents: int = 106_619) -> Row:
    row = {"repayment_id": number, "plan_id": "P1", "customer_id": "C1", "received_on": on, "value_on": on}
    return {**row, "kind": "payment", "amount_cents": cents}


def line(number: str, on: date, **more: Any) -> Row:
    row = {"transaction_id": number, "customer_id": "C1", "account_id": "A1", "posted_on": on, "direction": "debit"}
    return {**row, "amount_cents": 333_300, "channel": "pos", "mcc": "5411", "description": "超市", **more}


def order(number: int, **more: Any) -> Row:
    row = {"order_id": f"O{number}", "customer_id": "C1", "ordered_on": D1, "category_code": "food", "item_count": 1}
    row |= {"amount_cents": 10_000, "paid_cents": 10_000, "payment_method": "card", "installment_count": 1}
    return {**row, "status": "delivered", **more}


def many(first: int, on: date) -> list[Row]:
    return [payment(f"m{n}", on) for n in range(first, first + 40)]


def by_rule(intake: Intake) -> dict[str, CheckResult]:
    return {r.rule: r for r in intake.results}
