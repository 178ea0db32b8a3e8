"""What a night knows of each delivery: which count, what each is, and since when the lender knew of a row."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.warehouse.support import lake, landed
from warehouse.contract import load_contract
from warehouse.keys import load_keys
from warehouse.night import Night
from warehouse.registry import (
    DeliveryRecord,
    LandedDeliveries,
    current_deliveries,
    feed_snapshot,
    refused,
    registry,
    superseded,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.lake import Lake

PAID, CASE, DUE = "credit.repayment", "credit.service_case", "credit.card_statement"
D1, D2, D3 = date(2026, 3, 10), date(2026, 3, 11), date(2026, 4, 2)
NIGHT = date(2026, 4, 3)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Lake]:
    with lake(tmp_path) as made:
        yield made


def payment(number: str, on: date) -> dict[str, Any]:
    return {
        "repayment_id": number,
        "plan_id": "P1",
        "customer_id": "C1",
        "received_on": on,
        "value_on": on,
        "kind": "payment",
        "amount_cents": 100,
    }


def known_on(opened: Lake, feed: str = PAID, key: str = "repayment_id", as_of: date = NIGHT) -> dict[str, date]:
    night = Night(opened, load_keys(opened.settings), as_of, "test")
    try:
        rows = night.feed(feed, (0, 7), known_on=True).all
        plain = opened.con.execute(f"SELECT count(*) FROM {night.feed(feed, (0, 7)).all}").fetchone()
        found = opened.con.execute(f"SELECT {key}, known_on FROM {rows}").fetchall()
    finally:
        night.close(keep=False)
    assert plain == (len(found),)
    return dict(found)


def test_a_history_is_known_from_its_event_dates_and_a_day_from_its_delivery(opened: Lake) -> None:
    """Late rows too, which lie apart: of February in a delivery of March, of March in one of April."""
    landed(opened, PAID, D1, [payment("a", date(2026, 2, 10)), payment("b", D1)])
    landed(opened, PAID, D2, [payment("c", date(2026, 2, 20)), payment("d", D2)])
    landed(opened, PAID, D3, [payment("e", date(2026, 3, 12))])
    assert feed_snapshot(opened, NIGHT).kinds(PAID) == {D1: "history", D2: "daily", D3: "daily"}
    assert known_on(opened) == {"a": date(2026, 2, 10), "b": D1, "c": D2, "d": D2, "e": D3}


def test_a_manifest_that_says_what_it_is_is_believed(opened: Lake) -> None:
    landed(opened, PAID, D1, [payment("a", date(2026, 2, 10))], kind="daily")
    landed(opened, PAID, D2, [payment("b", date(2026, 2, 20))], kind="migration")
    landed(opened, PAID, D3, [payment("c", date(2026, 3, 12))], kind="history")
    assert feed_snapshot(opened, NIGHT).kinds(PAID) == {D1: "daily", D2: "migration", D3: "history"}
    assert known_on(opened) == {"a": D1, "b": date(2026, 2, 20), "c": date(2026, 3, 12)}
    told = opened.con.execute("SELECT delivery_kind FROM lake.control.feed_delivery ORDER BY business_date").fetchall()
    assert told == [("daily",), ("migration",), ("history",)]


def test_the_first_delivery_corrected_stays_the_history(opened: Lake) -> None:
    landed(opened, PAID, D1, [payment("a", date(2026, 2, 10))])
    landed(opened, PAID, D2, [payment("b", date(2026, 2, 20))])
    landed(opened, PAID, D1, [payment("a", date(2026, 2, 11))], sequence=2)
    landed(opened, PAID, D2, [payment("b", date(2026, 2, 21))], sequence=2)
    assert known_on(opened) == {"a": date(2026, 2, 11), "b": D2}


def test_a_delivery_of_an_earlier_date_handed_in_later_becomes_the_history(opened: Lake) -> None:
    landed(opened, PAID, D2, [payment("b", date(2026, 2, 20))])
    assert known_on(opened) == {"b": date(2026, 2, 20)}
    landed(opened, PAID, D1, [payment("a", date(2026, 2, 10))])
    assert known_on(opened) == {"a": date(2026, 2, 10), "b": D2}


def test_of_a_feed_of_changes_the_day_of_the_change_counts(opened: Lake) -> None:
    case = {"customer_id": "C1", "kind": "complaint", "channel": "app", "language": "zh", "vulnerable": False}
    case |= {"status": "closed", "opened_on": date(2026, 1, 5), "changed_on": date(2026, 1, 9)}
    landed(opened, CASE, D1, [{**case, "case_id": "a"}])
    landed(opened, CASE, D2, [{**case, "case_id": "b"}])
    assert known_on(opened, CASE, "case_id") == {"a": date(2026, 1, 9), "b": D2}


def test_nothing_is_known_after_it_was_handed_in(opened: Lake) -> None:
    """A statement falls due after its delivery: its event lies ahead, the lender knew it from the day it came."""
    figures = ("credit_limit_cents", "statement_balance_cents", "min_due_cents", "paid_cents", "months_past_due")
    statement = {"card_id": "K", "customer_id": "C1", **dict.fromkeys(figures, 0)}
    dates = {"cycle_end": date(2026, 3, 5), "due_on": date(2026, 3, 25)}
    landed(opened, DUE, D1, [statement | dates])
    assert known_on(opened, DUE, "'K'") == {"K": D1}


def test_an_earlier_night_knows_the_same_kinds(opened: Lake) -> None:
    landed(opened, PAID, D1, [payment("a", date(2026, 2, 10))])
    landed(opened, PAID, D3, [payment("b", date(2026, 3, 12))])
    assert feed_snapshot(opened, NIGHT).back_to(D2).kinds(PAID) == {D1: "history"}
    assert feed_snapshot(opened, NIGHT).kinds(CASE) == {}


def test_a_warehouse_of_before_knows_no_kind_and_takes_the_first_for_the_history(opened: Lake) -> None:
    landed(opened, PAID, D1, [payment("a", date(2026, 2, 10))], kind="daily")
    opened.con.execute("ALTER TABLE lake.control.feed_delivery DROP COLUMN delivery_kind")
    type(opened).create(opened.settings)
    assert known_on(opened) == {"a": date(2026, 2, 10)}


def entry(day: date, sequence: int, *, accepted: bool = True) -> DeliveryRecord:
    return DeliveryRecord(PAID, day, sequence, 1, f"d{day}{sequence}", "b", accepted, None, 1)


def test_of_each_date_the_highest_accepted_sequence_stands() -> None:
    """Whatever the order they come in; a refused correction corrects nothing, a date of refusals alone has none."""
    first, second, third = entry(D1, 1), entry(D1, 2), entry(D1, 3, accepted=False)
    other, bad = entry(D3, 1), entry(D2, 1, accepted=False)
    for entries in ([bad, first, second, third, other], [other, third, second, first, bad]):
        assert current_deliveries(entries) == [second, other]
        assert superseded(entries) == ((D1, 1),)
        assert refused(entries) == (D2,)


def test_rows_of_a_corrected_delivery_count_no_more(opened: Lake) -> None:
    """Those that the correction leaves out too; late rows too; another date's first sequence counts as before."""
    landed(opened, PAID, D1, [payment("other", D1)])
    landed(opened, PAID, D2, [payment("a", D2), payment("gone", D2), payment("late", date(2026, 2, 1))])
    landed(opened, PAID, D2, [payment("a", D2)], sequence=2)
    night = Night(opened, load_keys(opened.settings), NIGHT, "test")
    rows = f"SELECT repayment_id, delivery_seq FROM {night.feed(PAID).all} ORDER BY ALL"
    assert opened.con.execute(rows).fetchall() == [("a", 2), ("other", 1)]
    used = night.feed_snapshot.deliveries[PAID]
    assert [(x.business_date, x.sequence) for x in used] == [(D1, 1), (D2, 2)]
    assert night.feed_snapshot.superseded[PAID] == ((D2, 1),)
    assert night.feed_snapshot.landing_no == 3, "the last landing the night knows of"


def test_a_night_reads_up_to_its_own_date_and_a_range_of_shards(opened: Lake) -> None:
    """Neither a delivery of a later date nor an event announced for a later date; `arrivals` gives the latter."""
    landed(opened, PAID, D1, [payment("a", D1), payment("ahead", D2)])
    landed(opened, PAID, D2, [payment("b", D2)])
    night = Night(opened, load_keys(opened.settings), D1, "test")

    def read(relation: str) -> set[str]:
        return {name for (name,) in opened.con.execute(f"SELECT repayment_id FROM {relation}").fetchall()}

    assert read(night.feed(PAID).all) == {"a"}
    contract = load_contract(PAID)
    assert read(night.feed_snapshot.arrivals(contract).all) == {"a", "ahead"}
    found = opened.con.execute(f"SELECT DISTINCT shard FROM {night.feed(PAID).all}").fetchone()
    assert found is not None
    (shard,) = found
    assert read(night.feed(PAID, (shard, shard)).all) == {"a"}
    assert read(night.feed(PAID, (shard + 1, 8)).all) | read(night.feed(PAID, (-1, shard - 1)).all) == set()
    assert read(night.feed(PAID).until("received_on", D1).all) == {"a"}
    assert read(night.feed(PAID).until("received_on", date(2026, 3, 9)).all) == set()


def test_what_an_earlier_night_knew_goes_as_far_as_its_date(opened: Lake) -> None:
    for day in (D1, D2, D3):
        landed(opened, PAID, day, [payment(f"a{day}", day)])
        landed(opened, PAID, day, [payment(f"b{day}", day)], sequence=2)
    known = feed_snapshot(opened, NIGHT)
    earlier = known.back_to(D2)
    assert [x.business_date for x in earlier.deliveries[PAID]] == [D1, D2]
    assert earlier.superseded[PAID] == ((D1, 1), (D2, 1))
    assert earlier.digest(PAID) == feed_snapshot(opened, D2).digest(PAID) != known.digest(PAID)
    assert known.back_to(NIGHT) == known
    with pytest.raises(ValueError, match="knows nothing of"):
        earlier.back_to(D3)


def test_the_basis_of_a_range_of_dates_has_its_first_and_not_its_end(opened: Lake) -> None:
    for day in (D1, D2, D3):
        landed(opened, PAID, day, [payment(f"a{day}", day)])
    known = feed_snapshot(opened, NIGHT)
    assert known.basis(PAID, D1, D3) == known.back_to(D2).basis(PAID)
    assert known.basis(PAID, D2, D3) != known.basis(PAID, D1, D3)
    assert known.basis(PAID, D2) != known.basis(PAID)


def test_what_this_run_and_what_others_have_landed_is_seen(opened: Lake) -> None:
    known = LandedDeliveries(opened)

    def agrees() -> bool:
        return all(known.of(feed, NIGHT) == registry(opened.con, feed, NIGHT) for feed in (PAID, DUE))

    landed(opened, PAID, D1, [payment("a", D1)])
    assert set(known.of(PAID, NIGHT)) == {(D1, 1)}
    with known.landing(PAID):
        landed(opened, PAID, D2, [payment("b", D2)])
    assert set(known.of(PAID, NIGHT)) == {(D1, 1), (D2, 1)}
    assert set(known.of(PAID, D1)) == {(D1, 1)}
    landed(opened, PAID, D3, [payment("c", D3)])  # by another run
    assert agrees()
    with known.landing(DUE):
        landed(opened, PAID, D3, [payment("c", D3), payment("d", D3)], sequence=2)  # by another run, meanwhile
        opened.con.execute("CREATE SCHEMA lake.elsewhere")
    assert agrees()
    with known.landing(DUE):
        pass  # it was landed unchanged before
    assert agrees()
