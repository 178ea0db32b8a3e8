"""Landing: a slice is replaced whole, bad rows are kept apart, identifiers stay out, late rows lie apart."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.warehouse.support import lake, landed, write
from warehouse.contract import load_contract
from warehouse.keys import load_keys
from warehouse.landing import LandingCounts, basis_digest, land, make_tokens, refuse
from warehouse.reading import drop_staging, read_delivery
from warehouse.repeats import SEEN_BEFORE
from warehouse.vault import open_vault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.lake import Lake

PAID, CUSTOMER = "credit.repayment", "bank.customer"
DAY = date(2026, 3, 10)
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """One lake for all tests of the module, each with a date of its own."""
    home: Path = tmp_path_factory.mktemp("landing")
    with lake(home) as made:
        yield made


def payment(number: str, on: date, cents: int = 100, customer: str = "C1") -> dict[str, Any]:
    return {
        "repayment_id": number,
        "plan_id": "P1",
        "customer_id": customer,
        "received_on": on,
        "value_on": on,
        "kind": "payment",
        "amount_cents": cents,
    }


def take(opened: Lake, rows: Rows, day: date, bad: dict[int, str], *, refused: bool = False, **more: Any) -> Any:
    """Land or refuse a delivery of repayments; `bad` names the rule that a row, by number, broke."""
    contract, con, keys = load_contract(PAID), opened.con, load_keys(opened.settings)
    delivery = write(opened.settings.feeds_root, PAID, day, rows)
    reading = read_delivery(con, contract, delivery)
    make_tokens(opened, keys, contract, reading)
    con.execute("CREATE OR REPLACE TABLE stage.bad (row_id BIGINT, rules VARCHAR[])")
    for row, rule in bad.items():
        con.execute("INSERT INTO stage.bad VALUES (?, ?)", [row, [rule]])
    given = {"quarantined": "stage.bad", "basis": "b", "event_dates": [day], "run_id": "run-7"}
    try:
        if refused:
            return refuse(opened, keys, contract, delivery, reading=reading, message="no", **given)
        return land(opened, keys, contract, delivery, reading, **given, **more)
    finally:
        drop_staging(con, reading)


def facts(opened: Lake, day: date, table: str = "repayment") -> list[tuple[Any, ...]]:
    query = f"SELECT repayment_id, amount_cents, delivery_seq FROM lake.credit.{table} WHERE feed_date = ? ORDER BY 1"
    return opened.con.execute(query, [day]).fetchall()


def listed(opened: Lake, day: date) -> list[tuple[Any, ...]]:
    query = "SELECT row_no, row_key, rules, file_name IS NOT NULL FROM lake.control.quarantine WHERE business_date = ?"
    return opened.con.execute(f"{query} ORDER BY 1", [day]).fetchall()


def kept(opened: Lake, day: date) -> dict[int, str]:
    """Content of quarantined rows in the vault, by number."""
    with open_vault(opened.con, opened.settings, load_keys(opened.settings)):
        query = "SELECT row_no, content FROM vault.quarantined_row WHERE business_date = ?"
        return dict(opened.con.execute(query, [day]).fetchall())


def test_rows_that_broke_a_rule_are_kept_apart_and_the_rest_is_landed(opened: Lake) -> None:
    rows = [payment("a", DAY), payment("b", DAY, -1), payment("c", DAY)]
    assert take(opened, rows, DAY, {1: "amount_positive"}) == LandingCounts(2, 1, 0)
    assert facts(opened, DAY) == [("a", 100, 1), ("c", 100, 1)]
    assert listed(opened, DAY) == [(1, "b", ["amount_positive"], True)]
    assert '"repayment_id":"b"' in kept(opened, DAY)[1]


def test_a_row_kept_apart_is_listed_under_its_customers_token(opened: Lake) -> None:
    """So that what is kept of a customer is found; the identifier itself stays out of the list."""
    day = DAY + timedelta(days=10)
    rows = [payment("a", day, customer="C1"), payment("b", day, customer="C2"), payment("c", day, -1, customer="C2")]
    take(opened, rows, day, {2: "amount_positive"})
    found = opened.con.execute(
        "SELECT r.repayment_id FROM lake.control.quarantine AS q "
        "JOIN lake.credit.repayment AS r USING (customer_token) WHERE q.business_date = ? AND r.feed_date = ?",
        [day, day],
    )
    assert found.fetchall() == [("b",)]


def test_a_row_that_has_landed_before_is_listed_without_its_content(opened: Lake) -> None:
    day = DAY + timedelta(days=1)
    rows = [payment("a", day), payment("b", day), payment("c", day)]
    assert take(opened, rows, day, {0: SEEN_BEFORE, 2: "key_reused"}).quarantined == 2
    assert [(row, rules) for row, _, rules, _ in listed(opened, day)] == [(1, [SEEN_BEFORE]), (2, ["key_reused"])]
    assert set(kept(opened, day)) == {2}


def test_landing_again_replaces_the_slice_its_list_and_what_the_vault_keeps(opened: Lake) -> None:
    day = DAY + timedelta(days=2)
    late = payment("late", date(2026, 2, 27))
    take(opened, [payment("a", day), payment("b", day), late], day, {0: "one"})
    take(opened, [payment("a", day), payment("b", day), late], day, {1: "two"})
    assert facts(opened, day) == [("a", 100, 1)]
    assert facts(opened, day, "repayment_late") == [("late", 100, 1)]
    assert [(key, rules) for _, key, rules, _ in listed(opened, day)] == [("b", ["two"])]
    assert '"repayment_id":"b"' in kept(opened, day)[1]
    query = "SELECT landing_no, status, accepted_rows, quarantined_rows, row_count, run_id, event_dates FROM {}"
    registered = opened.con.execute(query.format("lake.control.feed_delivery WHERE business_date = ?"), [day])
    first, second = registered.fetchall()
    assert second[1:] == first[1:] == ("accepted", 2, 1, 3, "run-7", [day])
    assert second[0] == first[0] + 1


def test_a_slice_that_stands_is_counted_and_left(opened: Lake) -> None:
    day = DAY + timedelta(days=3)
    take(opened, [payment("a", day)], day, {})
    assert take(opened, [payment("a", day, 900)], day, {0: "one"}, stands=True) == LandingCounts(0, 1, 0)
    assert facts(opened, day) == [("a", 100, 1)]
    assert listed(opened, day) == []


def test_a_refused_delivery_takes_its_rows_out_and_says_why(opened: Lake) -> None:
    day = DAY + timedelta(days=4)
    take(opened, [payment("a", day), payment("z", date(2026, 2, 1))], day, {})
    take(opened, [payment("a", day), payment("b", day)], day, {1: "one"}, refused=True)
    assert facts(opened, day) == facts(opened, day, "repayment_late") == []
    assert [key for _, key, _, _ in listed(opened, day)] == ["b"]
    assert set(kept(opened, day)) == {1}
    query = "SELECT status, message, accepted_rows, quarantined_rows FROM lake.control.feed_delivery "
    found = opened.con.execute(f"{query} WHERE business_date = ? ORDER BY landing_no DESC", [day]).fetchone()
    assert found == ("refused", "no", 0, 1)


def test_the_first_of_the_month_is_on_time_and_the_day_before_late(opened: Lake) -> None:
    day = DAY + timedelta(days=5)
    take(opened, [payment("first", date(2026, 3, 1)), payment("last", date(2026, 2, 28))], day, {})
    assert [row[0] for row in facts(opened, day)] == ["first"]
    assert [row[0] for row in facts(opened, day, "repayment_late")] == ["last"]


def test_another_slice_of_the_same_day_or_of_another_is_not_touched(opened: Lake) -> None:
    day = DAY + timedelta(days=6)
    landed(opened, PAID, day, [payment("a", day)])
    landed(opened, PAID, day, [payment("b", day)], sequence=2)
    landed(opened, PAID, day + timedelta(days=1), [payment("c", day)])
    assert facts(opened, day) == [("a", 100, 1), ("b", 100, 2)]
    assert facts(opened, day + timedelta(days=1)) == [("c", 100, 1)]


def test_identifiers_become_tokens_and_the_originals_lie_in_the_vault(opened: Lake) -> None:
    """The same customer has the same token in every feed; of the birthday the month is left."""
    day = DAY + timedelta(days=8)
    person = {"customer_id": "C77", "full_name": "KANARIENVOGEL", "birth_date": date(1990, 2, 17), "changed_on": day}
    choices = {"marketing_opt_out": False, "automated_decision_opt_out": False}
    landed(opened, CUSTOMER, day, [{**person, **choices, "onboarded_on": day}])
    landed(opened, PAID, day, [payment("p", day, customer="C77")])
    query = "SELECT customer_token, birth_month, shard FROM lake.bank.customer WHERE feed_date = ?"
    found = opened.con.execute(query, [day]).fetchone()
    assert found is not None
    token, month, shard = found
    assert month == date(1990, 2, 1)
    paid = opened.con.execute("SELECT customer_token, shard FROM lake.credit.repayment WHERE feed_date = ?", [day])
    assert paid.fetchall() == [(token, shard)]
    assert "full_name" not in [row[0] for row in opened.con.execute("DESCRIBE lake.bank.customer").fetchall()]
    with open_vault(opened.con, opened.settings, load_keys(opened.settings)):
        query = "SELECT customer_id, identifiers ->> 'full_name' FROM vault.identity WHERE customer_token = ?"
        assert opened.con.execute(query, [token]).fetchall() == [("C77", "KANARIENVOGEL")]


def test_a_verdict_rests_on_the_delivery_the_rules_and_what_it_is_compared_with(opened: Lake) -> None:
    contract, day = load_contract(PAID), DAY + timedelta(days=9)
    one = write(opened.settings.feeds_root, PAID, day, [payment("a", day)])
    other = write(opened.settings.feeds_root, PAID, day, [payment("b", day)], sequence=2)
    assert basis_digest(contract, one, [], []) == basis_digest(contract, one, [], [day])
    assert basis_digest(contract, one, [], []) != basis_digest(contract, other, [], [])
    assert basis_digest(load_contract(CUSTOMER), one, [], []) != basis_digest(contract, one, [], [])
