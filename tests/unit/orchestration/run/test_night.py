"""What is to be done about a night that stopped, by whose fault it was."""

from __future__ import annotations

from orchestration.run.night import BOOKS_AGREE, remedy_of
from warehouse.contract import load_contract

MISSING = ("credit.repayment", "delivery_there", "2026-03-31: credit.repayment: no delivery for 2026-03-31 under feeds")
BROKEN = ("bank.account", "file_digest", "2026-03-31: bank.account: file_digest: account-1.csv has another SHA-256")
UNREADABLE = ("bank.consent", "delivery_there", "2026-03-31: bank.consent: _manifest.json cannot be read")
OUTPUT = ("monitoring.portfolio", "products_add_up", "1 of 1 rows break it")


def test_nothing_delivered_is_delivered_and_what_is_wrong_corrected() -> None:
    assert remedy_of([MISSING]) == "deliver what is missing (credit.repayment), then run the same command again"
    assert remedy_of([BROKEN, UNREADABLE, MISSING]) == (
        "deliver what is missing (credit.repayment), and ask the sender for a corrected delivery (next sequence) of "
        "bank.account, bank.consent, then run the same command again"
    )


def test_books_that_differ_are_compared_and_the_engine_leads() -> None:
    (rule,) = (r for r in load_contract("servicing.plan_progress").rules if r.code == BOOKS_AGREE)
    assert "servicing.plan_reconciliation" in rule.description
    told = remedy_of([("servicing.plan_progress", BOOKS_AGREE, "2 of 24 rows break it")])
    assert "servicing.plan_reconciliation where reason = 'unexplained'" in told
    assert "the engine's figures are what would be published" in told
    assert "no delivery is at fault" in remedy_of([OUTPUT, ("servicing.plan_progress", BOOKS_AGREE, "2 of 24")])


def test_no_sender_is_blamed_for_a_table_computed_here() -> None:
    told = remedy_of([OUTPUT])
    assert "no delivery is at fault" in told
    assert "sender" not in told
    assert remedy_of([OUTPUT, BROKEN]).startswith(
        "ask the sender for a corrected delivery (next sequence) of bank.account,"
    )


def test_a_night_that_failed_by_itself_is_mended() -> None:
    assert remedy_of([]).startswith("mend the cause")
