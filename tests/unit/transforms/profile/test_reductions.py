"""A balance holds until the next end-of-day balance; top categories and ways of paying are counted by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.unit.transforms.consent_dates import DAY, consent_dates
from tests.unit.transforms.profile.queries import reductions
from tests.unit.transforms.profile.whole_night import FEEDS, NIGHT, token, warehouse
from warehouse.contract import load_contract
from warehouse.registry import FeedSnapshot

WHO = token("customer_token", 0)
#: The night's three months begin after 31 December: 90 days.
START = date(2025, 12, 31)


def asked(frame: str, feed: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The row that a reduction gives for one customer with these rows of one feed."""
    contract = load_contract(feed)
    empty = dict.fromkeys(name for name, _ in contract.lake_columns())
    full = [
        {**empty, "customer_token": WHO, "shard": 0, "delivery_seq": 1, "feed_date": row[contract.event_date], **row}
        for row in rows
    ]
    con = warehouse({feed: full})
    knows = FeedSnapshot(NIGHT, 0, 0, {}, {}, {})
    query = reductions(NIGHT, {c.name: knows.relations(c) for c in FEEDS})[frame].replace(" AT (VERSION => 0)", "")
    cursor = con.execute(query)
    names = [d[0] for d in cursor.description or ()]
    (found,) = cursor.fetchall()
    return dict(zip(names, found, strict=True))


def balance(day: date, cents: int, account: int = 0) -> dict[str, Any]:
    return {"account_token": token("account", account), "balance_date": day, "balance_cents": cents}


def test_a_balance_stands_until_the_next_one_and_that_before_the_window_opens_it() -> None:
    """10 until 9 January, 40 until 1 March, 70 since: 9, 50 and 31 days of the 90."""
    rows = [balance(date(2025, 12, 20), 10), balance(date(2026, 1, 10), 40), balance(date(2026, 3, 1), 70)]
    found = asked("balance", "bank.account_balance", rows)
    assert found["balance_avg_cents_3m"] == (9 * 10 + 50 * 40 + 31 * 70) // 90
    assert (found["balance_min_cents_3m"], found["balance_last_cents"]) == (10, 70)


def test_a_new_account_is_averaged_over_its_own_days_and_accounts_are_summed() -> None:
    rows = [balance(START, 1_000), balance(date(2026, 3, 22), 300, 1), balance(date(2026, 3, 27), 500, 1)]
    found = asked("balance", "bank.account_balance", rows)
    assert found["balance_avg_cents_3m"] == 1_000 + (5 * 300 + 5 * 500) // 10
    assert (found["balance_min_cents_3m"], found["balance_last_cents"]) == (1_300, 1_500)


def order(n: int, category: str | None, cents: int, method: str = "card") -> dict[str, Any]:
    return {
        "order_id": str(n),
        "ordered_on": date(2026, 2, n),
        "category_code": category,
        "paid_cents": cents,
        "payment_method": method,
        "status": "delivered",
        "installment_count": 1,
    }


def test_preferences_are_what_most_was_spent_on_and_paid_by() -> None:
    rows = [order(1, "toys", 300), order(2, "food", 500, "voucher"), order(3, "toys", 100), order(4, None, 9_000)]
    found = asked("order_category", "commerce.commerce_order", rows)
    assert (found["top_category"], found["second_category"], found["category_cnt_12m"]) == ("food", "toys", 2)
    assert found["top_category_share_12m"] == pytest.approx(500 / 900)
    method = asked("order_method", "commerce.commerce_order", rows)
    assert method["preferred_payment_method"] == "card"


def test_an_order_counts_with_what_was_paid_and_one_not_paid_for_prefers_nothing() -> None:
    """Coupons are no spending; orders not paid yet are orders, and say nothing of how one pays."""
    unpaid = {"paid_cents": None, "payment_method": None, "installment_count": None, "status": "created"}
    rows = [order(1, "toys", 8_000) | {"amount_cents": 10_000}, *(order(n, "food", 0) | unpaid for n in (2, 3))]
    windows = asked("order_windows", "commerce.commerce_order", rows)
    assert (windows["order_cents_3m"], windows["order_cnt_3m"]) == (8_000, 3)
    assert windows["installment_order_cnt_12m"] == 0
    method = asked("order_method", "commerce.commerce_order", rows)
    assert method["preferred_payment_method"] == "card"
    assert asked("order_category", "commerce.commerce_order", rows)["top_category"] == "toys"


def test_reports_slightly_late_are_counted_apart_from_the_worst() -> None:
    rows = [
        {"credit_account_token": token("x", 0), "reported_on": date(2026, month, 28), "dpd": dpd, "lender_code": "L"}
        for month, dpd in ((1, 5), (2, 29), (3, 30))
    ]
    found = asked("credit_year", "credit.credit_account", rows)
    assert (found["worst_dpd"], found["late_report_cnt_12m"]) == (30, 2)


@pytest.mark.parametrize(
    ("frame", "feed"),
    [
        ("customer", "bank.customer"),
        ("household", "bank.household_member"),
        ("line", "credit.customer_line"),
    ],
)
def test_of_several_changes_in_one_delivery_the_last_stands(frame: str, feed: str) -> None:
    key = {name: "K" for name in load_contract(feed).lake_key if name != "customer_token"}
    days = [date(2026, 1, 5), date(2026, 2, 5), date(2026, 1, 20)]
    assert asked(frame, feed, [{"changed_on": day, "feed_date": NIGHT, **key} for day in days])["changed_on"] == days[1]


def test_a_consent_withdrawn_and_given_again_in_one_history_holds() -> None:
    base = {"consent_id": "K", "consent_scope": "social", "granted_on": date(2025, 1, 1), "feed_date": NIGHT}
    changes = [
        base | {"changed_on": date(2026, 2, 1)},
        base | {"changed_on": date(2026, 1, 1), "withdrawn_on": date(2026, 1, 1)},
    ]
    assert asked("consent", "bank.consent", changes)["consent_social"]
    assert not asked("consent", "bank.consent", [changes[1], base | {"changed_on": date(2025, 1, 1)}])["consent_social"]


def consent(**dates: date) -> dict[str, Any]:
    given = {"consent_id": "K", "consent_scope": "credit_bureau", "granted_on": date(2025, 1, 1)}
    return given | {"changed_on": date(2025, 1, 1), "feed_date": NIGHT} | dates


@pytest.mark.parametrize(
    ("dates", "holds"),
    [
        *consent_dates(NIGHT),
        ({"expires_on": NIGHT + DAY, "withdrawn_on": NIGHT - DAY}, False),
    ],
)
def test_a_consent_holds_from_the_day_it_is_given_and_not_on_the_day_it_is_withdrawn(
    dates: dict[str, date], *, holds: bool
) -> None:
    assert asked("consent", "bank.consent", [consent(**dates)])["consent_credit_bureau"] is holds


def test_a_consent_holds_for_its_own_scope_and_one_that_holds_is_enough() -> None:
    found = asked("consent", "bank.consent", [consent(), consent(withdrawn_on=NIGHT) | {"consent_id": "L"}])
    scopes = ("bank_statement", "ecommerce", "credit_bureau", "social")
    assert {scope for scope in scopes if found[f"consent_{scope}"]} == {"credit_bureau"}


def statement(month: int, **figures: int | date) -> dict[str, Any]:
    names = ("credit_limit_cents", "statement_balance_cents", "min_due_cents", "paid_cents", "months_past_due")
    nothing = dict.fromkeys((*names, "purchases_cents", "cash_advance_cents"), 0)
    return {"card_token": token("card", 0), "due_on": date(2026, month, 10), **nothing, **figures}


def test_what_statements_say_of_paying_is_counted_by_hand() -> None:
    """Paid in full; a cent less, at the minimum and a tenth; a cent above that; nothing owed; a credit balance."""
    owed = {"statement_balance_cents": 10_000, "min_due_cents": 1_000, "credit_limit_cents": 20_000}
    rows = [
        statement(1, **owed, paid_cents=10_000, purchases_cents=700),
        statement(2, **owed, paid_cents=1_100, cash_advance_cents=300, months_past_due=2),
        statement(3, **owed, paid_cents=1_101, months_past_due=1),
        statement(3, paid_cents=5, credit_limit_cents=20_000) | {"due_on": date(2026, 3, 11)},
        statement(3, statement_balance_cents=-50) | {"due_on": date(2026, 3, 12)},
        statement(3, **owed) | {"due_on": date(2025, 3, 31)},
    ]
    found = asked("card_year", "credit.card_statement", rows)
    assert found.pop("customer_token") is not None
    assert found == {
        "cycles": 5,
        "owed": 3,
        "paid_in_full": 1,
        "paid_minimum": 1,
        "late_cycles": 2,
        "worst_months": 2,
        "active_cycles": 2,
        "limited": 4,
        "use_bp": 3 * 5_000,
        "cash_cents": 300,
        "purchase_cents": 700,
    }


def test_use_of_a_card_is_in_whole_basis_points_of_its_limit_and_a_credit_balance_uses_nothing() -> None:
    """A third of 3 cents, all of one cent; without a limit there is nothing to use."""
    figures = [(1, 3), (1, 1), (-50, 10_000), (0, 1), (700, 0)]
    rows = [
        statement(3, statement_balance_cents=owed, credit_limit_cents=limit) | {"due_on": date(2026, 3, day)}
        for day, (owed, limit) in enumerate(figures, start=1)
    ]
    found = asked("card_year", "credit.card_statement", rows)
    assert (found["limited"], found["use_bp"]) == (4, 3_333 + 10_000)


def test_a_lender_is_new_whose_first_account_was_opened_after_the_three_months_began() -> None:
    """The second has an older account too; the fourth opened on the day before the three months."""
    opened = [("new", START + DAY), ("old", START + DAY), ("old", date(2024, 1, 1)), ("edge", START)]
    rows = [
        {"credit_account_token": token("x", n), "reported_on": NIGHT, "dpd": 0, "lender_code": lender, "opened_on": day}
        for n, (lender, day) in enumerate(opened)
    ]
    assert asked("new_lenders", "credit.credit_account", rows)["new_lenders"] == 1


def test_a_year_of_orders_begins_after_the_same_day_of_the_year_before() -> None:
    rows = [
        order(1, "toys", 100) | {"merchant_id": "m1"},
        order(2, "toys", 100) | {"merchant_id": "m2"},
        order(3, "food", 900, "voucher") | {"merchant_id": "m3", "ordered_on": date(2025, 3, 31)},
        order(4, "toys", 100, "voucher") | {"merchant_id": "m3", "ordered_on": date(2025, 4, 1), "status": "canceled"},
    ]
    year = asked("order_year", "commerce.commerce_order", rows)
    assert (year["order_active_months_12m"], year["merchant_cnt_12m"]) == (1, 2)
    category = asked("order_category", "commerce.commerce_order", rows)
    assert (category["top_category"], category["category_cnt_12m"]) == ("toys", 1)
    assert asked("order_method", "commerce.commerce_order", rows)["preferred_payment_method"] == "card"


def test_reports_of_a_year_ago_to_the_day_no_longer_count() -> None:
    rows = [
        {"credit_account_token": token("x", 0), "reported_on": day, "dpd": dpd, "lender_code": "L"}
        for day, dpd in ((date(2025, 3, 31), 90), (date(2025, 4, 1), 1), (NIGHT, 0))
    ]
    found = asked("credit_year", "credit.credit_account", rows)
    assert (found["worst_dpd"], found["late_report_cnt_12m"]) == (1, 1)
