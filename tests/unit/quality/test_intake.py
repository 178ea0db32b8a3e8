"""The door: what is delivered again, with the content it had or with another, and what a correction sets right."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from quality.gx_session import GxSession, key_rules
from quality.intake import DeliveryIntake
from tests.unit.warehouse.support import lake, write
from warehouse.contract import load_contract
from warehouse.deliveries import file_digest
from warehouse.delivery_writer import write_delivery
from warehouse.keys import load_keys
from warehouse.registry import feed_snapshot
from warehouse.vault import open_vault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from quality.intake import Intake
    from quality.results import CheckResult
    from warehouse.deliveries import Delivery
    from warehouse.lake import Lake

PAID, LINE, CUSTOMER, ORDER = "credit.repayment", "bank.bank_transaction", "bank.customer", "commerce.commerce_order"
D1 = date(2026, 3, 10)
D2, D3 = D1 + timedelta(days=20), D1 + timedelta(days=21)
Row = dict[str, Any]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Lake]:
    with lake(tmp_path) as made:
        yield made


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


@pytest.fixture
def bank(opened: Lake) -> Bank:
    return Bank(opened)


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


def test_a_payment_delivered_again_twenty_days_later_counts_once(bank: Bank) -> None:
    bank.send(PAID, D1, [payment("P000002", D1)])
    bank.send(PAID, D2, [payment("P000002", D1)])
    _, again = bank.take_in(PAID, D2)
    assert again.accepted
    assert bank.numbers(PAID, D2) == ["P000002"]
    assert bank.listed(PAID) == [("P000002", ["key_seen_before"], False)]
    assert (again.counts.accepted, again.counts.quarantined) == (0, 1)
    verdict = by_rule(again)["key_seen_before"]
    assert (verdict.bad_rows, verdict.passed, verdict.blocks) == (1, False, False)
    assert by_rule(again)["bad_share"].bad_rows == 0


def test_a_bank_line_sent_again_twenty_days_later_counts_once(bank: Bank) -> None:
    """Its text is not kept in the lake, so another text is no other content; what follows from it is not either."""
    bank.send(LINE, D1, [line("DUPR10", D1, counterparty_id="S1")])
    bank.send(LINE, D2, [line("DUPR10", D1, description="代发工资", counterparty_id="S1"), line("new", D2)])
    assert bank.take_in(LINE, D2)[-1].accepted
    assert bank.numbers(LINE, D2) == ["DUPR10", "new"]


def test_a_number_with_another_amount_is_quarantined_with_the_reason(bank: Bank) -> None:
    bank.send(PAID, D1, [payment("P000002", D1)])
    bank.send(PAID, D2, [payment("P000002", D1, 5), *many(0, D2)])
    _, later = bank.take_in(PAID, D2)
    assert later.accepted
    assert bank.listed(PAID) == [("P000002", ["key_reused"], True)]
    assert "no key of an earlier delivery comes again with other content" in by_rule(later)["key_reused"].summary_line()
    assert bank.numbers(PAID, D2).count("P000002") == 1


def test_more_of_them_than_the_contract_allows_stop_the_night(bank: Bank) -> None:
    bank.send(PAID, D1, many(0, D1))
    bank.send(PAID, D2, [payment(row["repayment_id"], D1, 1) for row in many(0, D1)])
    refused = bank.take_in(PAID, D2)[-1]
    assert not refused.accepted
    assert {r.rule for r in refused.results if r.blocks} == {"key_reused", "bad_share"}
    assert len(bank.listed(PAID)) == 40


def test_a_sender_that_repeats_the_last_weeks_each_night_stops_none(bank: Bank) -> None:
    for number in range(14):
        day = D1 + timedelta(days=number)
        rows = [payment(f"{number - back}", day - timedelta(days=back)) for back in range(min(11, number + 1))]
        bank.send(PAID, day, rows)
    last = D1 + timedelta(days=13)
    assert all(intake.accepted for intake in bank.take_in(PAID, last))
    assert sorted(bank.numbers(PAID, last), key=int) == [str(n) for n in range(14)]


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


def test_nothing_is_judged_again_that_nothing_has_changed_for(bank: Bank) -> None:
    """A corrected delivery of other days and outside the window changes nothing for the later one."""
    bank.send(PAID, D1, [payment("a", D1)])
    bank.send(PAID, D2, [payment("b", D2)])
    bank.take_in(PAID, D2)
    assert bank.landings(PAID) == 2
    assert len(bank.take_in(PAID, D2)) == 1, "the night's own delivery is always judged"
    assert bank.landings(PAID) == 2, "and stands"
    bank.send(PAID, D1, [payment("z", D1)], sequence=2)
    bank.take_in(PAID, D2)
    assert bank.landings(PAID) == 3


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


def test_all_changes_of_a_history_are_accepted(bank: Bank) -> None:
    base = {"customer_id": "C1", "birth_date": date(1990, 5, 5), "onboarded_on": date(2020, 1, 1)}
    base |= {"marketing_opt_out": False, "automated_decision_opt_out": False}
    rows = [{**base, "changed_on": date(2025, month, 1), "sex": "U"} for month in (3, 1, 2)]
    bank.send(CUSTOMER, D1, [*rows, {**rows[0], "sex": "F"}])
    refused = bank.take_in(CUSTOMER, D1)[-1]
    assert (by_rule(refused)["key_unique"].bad_rows, refused.accepted) == (2, False)
    bank.send(CUSTOMER, D1, rows, sequence=2)
    assert bank.take_in(CUSTOMER, D1)[-1].counts.accepted == 3


def test_the_checks_on_keys_seen_before_are_those_of_feeds_that_are_compared() -> None:
    assert "key_seen_before" not in key_rules(load_contract(CUSTOMER))
    assert {"key_seen_before", "key_reused"} <= set(key_rules(load_contract(PAID)))


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


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_an_old_extract_lands_with_empty_columns_and_says_so(bank: Bank, file_format: str) -> None:
    frame = pl.DataFrame([order(n) for n in range(3)]).drop("item_count", "amount_cents")
    write_delivery(bank.lake.settings.feeds_root, ORDER, D1, frame, file_format=file_format)  # type: ignore[arg-type]
    [taken] = bank.take_in(ORDER, D1)
    assert taken.accepted
    assert taken.counts.accepted == 3
    absent = "merchant_id, ordered_at, item_count, amount_cents"
    assert taken.words.endswith(f"without {absent}")
    assert taken.metadata["absent_columns"] == absent
    verdicts = by_rule(taken)
    assert (verdicts["columns_present"].passed, verdicts["columns_as_declared"].passed) == (True, False)
    assert not verdicts["columns_as_declared"].blocks
    [message] = bank.lake.con.execute("SELECT message FROM lake.control.feed_delivery").fetchone() or (None,)
    assert f"lacks {absent}: read as empty" in str(message)


def test_unknown_columns_are_left_out_and_said_and_a_missing_required_one_stops(bank: Bank) -> None:
    delivery = bank.send(ORDER, D1, [order(n) for n in range(3)])
    [file] = delivery.files
    rows = pl.read_parquet(file.path, hive_partitioning=False)

    def rewritten(frame: pl.DataFrame) -> Intake:
        frame.write_parquet(file.path)
        body = json.loads(delivery.manifest.read_text(encoding="utf-8"))
        body["files"][0]["sha256"] = file_digest(file.path)
        delivery.manifest.write_text(json.dumps(body), encoding="utf-8")
        return bank.take_in(ORDER, D1)[-1]

    more = rewritten(rows.with_columns(basket=pl.lit("x")))
    assert (more.accepted, more.metadata["unknown_columns"]) == (True, "basket")
    assert "basket" in by_rule(more)["columns_as_declared"].summary_line()
    less = rewritten(rows.drop("status"))
    assert not less.accepted
    assert "lacks status" in by_rule(less)["columns_present"].summary_line()


def test_what_came_of_a_delivery_is_said_and_counted_for_the_pages(bank: Bank) -> None:
    """One of forty payments has no amount that can be: it is quarantined, the rest lands."""
    bank.send(PAID, D1, [*many(0, D1), payment("bad", D1, -5)])
    [taken] = bank.take_in(PAID, D1)
    assert taken.words == f"{PAID} {D1} #1: 40 rows landed, 1 quarantined, 0 unreadable"
    assert taken.metadata == {
        "dagster/row_count": 40,
        "quarantined_rows": 1,
        "unreadable_lines": 0,
        "delivery_seq": 1,
        "quarantine_table": "lake.control.quarantine",
    }
    [missing] = bank.take_in(LINE, D1)
    assert missing.words.startswith(f"{LINE} {D1}: refused: {LINE}: delivery_there")
    assert (missing.accepted, missing.metadata["delivery_seq"]) == (False, 0)


def test_a_refused_delivery_is_registered_once_and_lands_when_it_is_corrected(bank: Bank) -> None:
    """Nothing of it counts; taken in again nothing changes; the next sequence replaces it."""
    bank.send(PAID, D1, [payment(f"bad{n}", D1, -5) for n in range(40)])
    refused = [bank.take_in(PAID, D1)[-1] for _ in range(2)]
    assert [taken.accepted for taken in refused] == [False, False]
    assert (bank.landings(PAID), bank.numbers(PAID, D1)) == (1, [])
    query = "SELECT status, message, quarantined_rows FROM lake.control.feed_delivery"
    [(status, message, quarantined)] = bank.lake.con.execute(query).fetchall()
    assert (status, quarantined) == ("refused", 40)
    assert message.startswith(f"{PAID}: bad_share: 40 of 40 rows break")
    bank.send(PAID, D1, [payment("good", D1)], sequence=2)
    assert bank.take_in(PAID, D1)[-1].accepted
    assert bank.numbers(PAID, D1) == ["good"]
