"""The door: what lands, what stops a night, what is only noted, and how it is said."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.unit.quality.bank import CUSTOMER, D1, LINE, ORDER, PAID, Bank, by_rule, many, order, payment
from warehouse.deliveries import file_digest
from warehouse.delivery_writer import write_delivery
from warehouse.landing import LandingCounts

if TYPE_CHECKING:
    from quality.intake import Intake


def test_all_changes_of_a_history_are_accepted(bank: Bank) -> None:
    base = {"customer_id": "C1", "birth_date": date(1990, 5, 5), "onboarded_on": date(2020, 1, 1)}
    base |= {"marketing_opt_out": False, "automated_decision_opt_out": False}
    rows = [{**base, "changed_on": date(2025, month, 1), "sex": "U"} for month in (3, 1, 2)]
    bank.send(CUSTOMER, D1, [*rows, {**rows[0], "sex": "F"}])
    refused = bank.take_in(CUSTOMER, D1)[-1]
    assert (by_rule(refused)["key_unique"].bad_rows, refused.accepted) == (2, False)
    bank.send(CUSTOMER, D1, rows, sequence=2)
    assert bank.take_in(CUSTOMER, D1)[-1].counts.accepted == 3


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
    assert missing.counts == LandingCounts(0, 0, 0)


def test_a_refused_delivery_is_registered_once_and_lands_when_it_is_corrected(bank: Bank) -> None:
    """Nothing of it counts; taken in again nothing changes; the next sequence replaces it."""
    bank.send(PAID, D1, [payment(f"bad{n}", D1, -5) for n in range(40)])
    refused = [bank.take_in(PAID, D1)[-1] for _ in range(2)]
    assert [taken.accepted for taken in refused] == [False, False]
    assert [taken.counts for taken in refused] == [LandingCounts(0, 0, 0)] * 2
    assert (bank.landings(PAID), bank.numbers(PAID, D1)) == (1, [])
    query = "SELECT status, message, quarantined_rows FROM lake.control.feed_delivery"
    [(status, message, quarantined)] = bank.lake.con.execute(query).fetchall()
    assert (status, quarantined) == ("refused", 40)
    assert message.startswith(f"{PAID}: bad_share: 40 of 40 rows break")
    bank.send(PAID, D1, [payment("good", D1)], sequence=2)
    assert bank.take_in(PAID, D1)[-1].accepted
    assert bank.numbers(PAID, D1) == ["good"]


def test_a_file_that_cannot_be_read_stops_the_night_and_leaves_nothing_behind(bank: Bank) -> None:
    """Its digest is the one announced, so it came as it was sent; the next sequence lands."""
    delivery = bank.send(PAID, D1, [payment("a", D1)])
    [file] = delivery.files
    file.path.write_bytes(b"no parquet")
    unannounced = bank.take_in(PAID, D1)[-1]
    assert [r.rule for r in unannounced.results if r.blocks] == ["file_digest"]
    body = json.loads(delivery.manifest.read_text(encoding="utf-8"))
    body["files"][0] |= {"sha256": file_digest(file.path), "bytes": file.path.stat().st_size}
    delivery.manifest.write_text(json.dumps(body), encoding="utf-8")
    unread = bank.take_in(PAID, D1)[-1]
    assert [r.rule for r in unread.results if r.blocks] == ["file_readable"]
    assert (unread.accepted, unread.counts) == (False, LandingCounts(0, 0, 0))
    bank.send(PAID, D1, [payment("b", D1)], sequence=2)
    assert bank.take_in(PAID, D1)[-1].accepted
    assert bank.numbers(PAID, D1) == ["b"]
    query = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'stage' AND table_name LIKE '%repayment%'"
    assert bank.lake.con.execute(query).fetchall() == [], "what was staged of it is dropped"
