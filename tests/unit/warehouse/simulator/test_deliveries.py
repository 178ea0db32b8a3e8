"""The simulator's deliveries as intake sees them: readable, by contract, with exactly the faults of the answer file."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.unit.warehouse.simulator.small_lender import END, START
from warehouse.contract import contract_names, load_contract
from warehouse.deliveries import discover
from warehouse.simulator.feeds import simulated_feeds

if TYPE_CHECKING:
    from tests.unit.warehouse.simulator.small_lender import SmallLender


def test_every_feed_is_delivered_on_every_date_whole_and_as_announced(lender: SmallLender) -> None:
    """A feed every business date, its files, sums and counts right."""
    days = [START + timedelta(days=i) for i in range((END - START).days + 1)]
    on = {f: sorted({d.business_date for d in discover(lender.root, f)}) for f in contract_names("feed")}
    assert on == {f: days if f in simulated_feeds() else [] for f in contract_names("feed")}
    assert lender.problems == []


def test_all_three_file_formats_are_used(lender: SmallLender) -> None:
    names = [f.path.name for feed in contract_names("feed") for d in discover(lender.root, feed) for f in d.files]
    assert {n.partition(".")[2] for n in names} == {"csv", "csv.gz", "parquet"}


def test_rows_break_exactly_the_rules_the_answer_file_names(lender: SmallLender) -> None:
    """Planted faults in known numbers, nothing else wrong."""
    expected: dict[tuple[str, date], Counter[str]] = {}
    for fault in lender.answers["faults"]:
        if fault["rule"] is not None:
            key = fault["feed"], date.fromisoformat(fault["business_date"])
            expected.setdefault(key, Counter())[fault["rule"]] += fault["count"]
    found = {key: Counter(rules) for key, rules in lender.broken.items() if rules}
    assert found == expected
    kinds = {f["kind"] for f in lender.answers["faults"]}
    assert kinds >= {
        "bad_enum",
        "negative_amount",
        "missing_value",
        "unparseable_date",
        "duplicate_row",
        "duplicate_key",
    }
    assert kinds >= {"sent_again", "late", "corrected_delivery"}


def test_faults_stay_within_what_contracts_allow(lender: SmallLender) -> None:
    """A normal night is published."""
    rows = {(d["feed"], d["business_date"]): d["rows"] for d in lender.answers["deliveries"]}
    for (feed, day), rules in lender.broken.items():
        allowed = float(load_contract(feed).properties["maxBadShare"])
        assert all(n <= allowed * rows[feed, day.isoformat()] for n in rules.values()), (feed, day, rules)


def test_late_rows_are_counted(lender: SmallLender) -> None:
    for fault in (f for f in lender.answers["faults"] if f["kind"] == "late"):
        day = date.fromisoformat(fault["business_date"])
        event = load_contract(fault["feed"]).event_date
        arrived = lender.accepted[fault["feed"]].filter(_day=day)
        assert arrived.filter(pl.col(str(event)) < day.replace(day=1)).height == fault["count"]


def test_the_corrected_delivery_replaces_a_wrong_one(lender: SmallLender) -> None:
    (fault,) = (f for f in lender.answers["faults"] if f["kind"] == "corrected_delivery")
    both = [d for d in discover(lender.root, fault["feed"]) if d.business_date.isoformat() == fault["business_date"]]
    assert [d.sequence for d in both] == [1, 2]
    wrong, right = (pl.read_parquet(d.files[0].path) for d in both)
    gone = right.join(wrong, on=right.columns, how="anti", nulls_equal=True)
    assert gone.height == fault["count"] > 0


@pytest.mark.parametrize(
    ("feed", "column", "parent", "key"),
    [
        ("bank.account", "customer_id", "bank.customer", "customer_id"),
        ("bank.account_balance", "account_id", "bank.account", "account_id"),
        ("bank.bank_transaction", "account_id", "bank.account", "account_id"),
        ("bank.consent", "customer_id", "bank.customer", "customer_id"),
        ("commerce.commerce_order", "merchant_id", "commerce.merchant", "merchant_id"),
        ("commerce.order_refund", "order_id", "commerce.commerce_order", "order_id"),
        ("commerce.installment_request", "customer_id", "bank.customer", "customer_id"),
        ("credit.credit_account", "customer_id", "bank.customer", "customer_id"),
        ("credit.installment_plan", "order_id", "commerce.commerce_order", "order_id"),
        ("credit.installment_plan", "customer_id", "credit.customer_line", "customer_id"),
        ("credit.repayment", "plan_id", "credit.installment_plan", "plan_id"),
        ("credit.repayment", "reverses_id", "credit.repayment", "repayment_id"),
    ],
)
def test_references_lead_somewhere(lender: SmallLender, feed: str, column: str, parent: str, key: str) -> None:
    child = lender.accepted[feed].filter(pl.col(column).is_not_null())
    # What is late may come after what refers to it; only what arrived by the end has to be whole.
    lost = child.join(lender.accepted[parent].select(pl.col(key).alias(column)).unique(), on=column, how="anti")
    assert lost.height <= (0.02 * child.height if feed in ("commerce.order_refund", "credit.repayment") else 0)


def test_nothing_happens_after_it_arrived(lender: SmallLender) -> None:
    """An event is known on or after its day."""
    for feed, rows in lender.accepted.items():
        assert rows.filter(pl.col(str(load_contract(feed).event_date)) > pl.col("_day")).is_empty(), feed


def test_nobody_in_it_can_be_real(lender: SmallLender) -> None:
    people = lender.accepted["bank.customer"]
    assert people["id_number"].str.contains(r"^99\d{15}Z$").all()
    assert people["mobile"].str.contains(r"^100\d{8}$").all()
    assert people["email"].str.ends_with("@example.invalid").all()
