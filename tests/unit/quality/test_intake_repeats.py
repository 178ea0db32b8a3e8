"""The door: what is delivered again, with the content it had or with another, and what is not judged again."""

from __future__ import annotations

from datetime import timedelta

from quality.gx_session import key_rules
from tests.unit.quality.bank import CUSTOMER, D1, D2, LINE, PAID, Bank, by_rule, line, many, payment
from warehouse.contract import load_contract


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


def test_nothing_is_judged_again_that_nothing_has_changed_for(bank: Bank) -> None:
    """A corrected delivery of other days and outside the window changes nothing for the later one."""
    bank.send(PAID, D1, [payment("a", D1)])
    bank.send(PAID, D2, [payment("b", D2)])
    bank.take_in(PAID, D2)
    assert bank.landings(PAID) == 2
    assert [i.business_date for i in bank.take_in(PAID, D2)] == [D2], "the night's own delivery is always judged"
    assert bank.landings(PAID) == 2, "and stands"
    bank.send(PAID, D1, [payment("z", D1)], sequence=2)
    bank.take_in(PAID, D2)
    assert bank.landings(PAID) == 3


def test_the_checks_on_keys_seen_before_are_those_of_feeds_that_are_compared() -> None:
    assert "key_seen_before" not in key_rules(load_contract(CUSTOMER))
    assert {"key_seen_before", "key_reused"} <= set(key_rules(load_contract(PAID)))
