"""M27: money moved between own accounts is no income, also where the bank prints no counterparty."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import NamedTuple

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.profile.statements import OWN, SECOND, Line, each_month, estimate, paid, spent
from transforms.profile.income_pairs import OWN_DAYS, pairs_sql

DAY = date(2026, 3, 6)


class Row(NamedTuple):
    """A line: its number, direction, kind, own account, days after :data:`DAY`, other account, cents, customer."""

    number: str
    direction: str
    kind: str
    account: str
    days: int = 0
    other: str | None = None
    cents: int = 600_000
    customer: str = "R08"


def debit(number: str, account: str = "A", days: int = 0, kind: str = "transfer_out", other: str | None = None) -> Row:
    return Row(number, "debit", kind, account, days, other)


def credit(number: str, account: str = "B", days: int = 0, kind: str = "transfer_in", other: str | None = None) -> Row:
    return Row(number, "credit", kind, account, days, other)


def pairs(*rows: Row) -> set[tuple[str, str]]:
    con = duckdb.connect(config={"threads": "1"})
    con.execute(
        "CREATE TABLE line (transaction_id VARCHAR, direction VARCHAR, line_type VARCHAR, account_token VARCHAR, "
        "posted_on DATE, counterparty_token VARCHAR, amount_cents BIGINT, customer_token VARCHAR)"
    )
    con.execute("CREATE TABLE account AS SELECT unnest(['A', 'B', 'C']) AS account_token, 'R08' AS customer_token")
    for row in rows:
        values = [*row[:4], DAY + timedelta(days=row.days), *row[5:]]
        con.execute("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    found = con.execute(pairs_sql("line", "account", "DATE '2026-01-31'")).fetchall()
    return {(debit_id, credit_id) for debit_id, credit_id in found}


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (debit("d"), credit("c")),
        (debit("d"), credit("c", days=OWN_DAYS)),
        (debit("d"), credit("c", days=-OWN_DAYS)),
        (debit("d", other="B"), credit("c")),
        (debit("d"), credit("c", other="A")),
        (debit("d", kind="other_debit"), credit("c", kind="other_credit")),
        (debit("d", kind="debt_service"), credit("c")),  # the own credit card is paid
        (debit("d", kind="saving"), credit("c", kind="own_transfer_in")),
        (debit("d"), credit("c", kind="support_in")),
        (debit("d"), credit("c", kind="company_in")),  # the other bank's name is printed
        (debit("d", kind="cash_withdrawal"), credit("c", kind="cash_deposit")),
        (debit("d"), credit("c", kind="salary", other="A")),
    ],
)
def test_two_sides_of_one_transfer(sent: Row, received: Row) -> None:
    assert pairs(sent, received) == {("d", "c")}


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (debit("d"), credit("c", days=OWN_DAYS + 1)),
        (debit("d"), credit("c", days=-OWN_DAYS - 1)),
        (debit("d"), credit("c", "A")),  # on the same account: by chance
        (debit("d"), credit("c")._replace(cents=600_001)),
        (debit("d"), credit("c")._replace(customer="R09")),
        (debit("d", other="STRANGER"), credit("c")),
        (debit("d"), credit("c", other="STRANGER")),
        (debit("d", other="C"), credit("c")),  # sent to a third account
        (debit("d"), credit("c", other="C")),
        (debit("d"), credit("c", kind="salary")),
        (debit("d"), credit("c", kind="pension")),
        (debit("d", kind="rent"), credit("c")),
        (debit("d"), credit("c", kind="benefit")),
        (debit("d"), credit("c", kind="cash_deposit")),
        (debit("d", kind="cash_withdrawal"), credit("c")),
    ],
)
def test_what_only_looks_alike(sent: Row, received: Row) -> None:
    assert pairs(sent, received) == set()


def test_the_nearest_is_taken_and_each_line_once() -> None:
    assert pairs(debit("d"), credit("far", days=2), credit("near", days=1)) == {("d", "near")}
    assert pairs(debit("far", days=-2), debit("near", days=1), credit("c")) == {("near", "c")}
    # Of two as near the one that is booked in its order, then a plain transfer, then the lower number.
    assert pairs(debit("d"), credit("before", days=-1), credit("later", days=1)) == {("d", "later")}
    assert pairs(debit("d"), credit("a", kind="company_in"), credit("b")) == {("d", "b")}
    assert pairs(debit("d"), credit("b"), credit("a")) == {("d", "a")}
    # What is given up is left for others.
    there = [debit("d1"), debit("d2", days=1), credit("c1", days=1), credit("c2", days=3)]
    assert pairs(*there) == {("d2", "c1"), ("d1", "c2")}


def test_a_wage_passed_on_under_its_own_name_has_come_in_before() -> None:
    wage, on, again = credit("w", "A", kind="salary", other="EMP"), debit("d"), credit("c", kind="salary")
    assert pairs(wage, on, again) == {("d", "c")}
    assert pairs(wage._replace(days=-OWN_DAYS), on, again) == {("d", "c")}
    assert pairs(wage._replace(days=-OWN_DAYS - 1), on, again) == set()
    assert pairs(wage._replace(days=1), on, again) == set()
    assert pairs(wage._replace(cents=700_000), on, again) == set()
    assert pairs(wage._replace(account="C"), on, again) == set()
    assert pairs(wage, on, again._replace(days=-1)) == set()
    assert pairs(wage, on, again._replace(other="EMP")) == set()


def test_lines_of_no_amount_or_before_the_first_day_are_nothing() -> None:
    assert pairs(debit("d")._replace(cents=0), credit("c")._replace(cents=0)) == set()
    first = (date(2026, 1, 31) - DAY).days
    assert pairs(debit("d", days=first), credit("c", days=first + 1)) == set()
    assert pairs(debit("d", days=first + 1), credit("c", days=first + 1)) == {("d", "c")}


@settings(max_examples=60)
@given(
    drawn=st.lists(
        st.tuples(st.booleans(), st.sampled_from("ABC"), st.integers(0, 8), st.sampled_from([None, "A", "B"])),
        max_size=14,
    ),
    seed=st.integers(0, 99),
)
def test_the_order_of_arrival_decides_nothing(drawn: list[tuple[bool, str, int, str | None]], seed: int) -> None:
    """What is made is what picking the best pair there is, again and again, makes."""
    rows = [
        (debit if out else credit)(f"{n:02d}", account, days, other=other)
        for n, (out, account, days, other) in enumerate(drawn)
    ]
    shuffled = random.Random(seed).sample(rows, len(rows))  # noqa: S311 - rows of a test
    made = pairs(*shuffled)
    assert made == pairs(*rows) == _one_by_one(rows)
    lines = [number for pair in made for number in pair]
    assert len(lines) == len(set(lines))


def _one_by_one(rows: list[Row]) -> set[tuple[str, str]]:
    possible = sorted(
        (abs(c.days - d.days), c.days < d.days, d.number, c.number)
        for d in rows
        for c in rows
        if (d.direction, c.direction) == ("debit", "credit")
        and abs(c.days - d.days) <= OWN_DAYS
        and c.account != d.account
        and d.other in (None, c.account)
        and c.other in (None, d.account)
    )
    made: set[tuple[str, str]] = set()
    while possible:
        *_, d, c = possible[0]
        made.add((d, c))
        possible = [p for p in possible if p[2] != d and p[3] != c]
    return made


def _round_trips(text: str | None, amount: float, there: int, back: int) -> list[Line]:
    """Two own accounts, twice a month the same amount, no counterparty printed."""
    lines = []
    for day, away, to in [
        *((d, OWN, SECOND) for d in each_month(there)),
        *((d, SECOND, OWN) for d in each_month(back)),
    ]:
        lines += [spent(day, amount, text, account=away), paid(day, amount, text, account=to)]
    return lines


@pytest.mark.parametrize(
    "moved",
    [
        _round_trips("网银转账", 6_000.0, 6, 9),  # case R08
        _round_trips("转账", 5_237.0, 6, 16),  # case I09
        _round_trips(None, 5_237.0, 6, 16),
        [*_round_trips("转账", 4_321.09, 3, 3), *_round_trips("生活费", 1_234.56, 12, 14)],
    ],
)
def test_money_sent_round_between_own_accounts_is_no_income(moved: list[Line]) -> None:
    assert estimate(moved)["income_source"] == "none"
    wage = [paid(d, 8_123.45, "转账", "E1") for d in each_month(10)]
    assert estimate([*moved, *wage])["income_cents"] == 812_345


def test_a_wage_that_equals_another_debit_stays_income() -> None:
    wage = [paid(d, 8_123.45, None) for d in each_month(10)]
    same_account = [spent(d, 8_123.45, None) for d in each_month(10)]
    to_a_stranger = [spent(d, 8_123.45, "转账", "STRANGER", account=SECOND) for d in each_month(10)]
    assert estimate([*wage, *same_account])["income_cents"] == 812_345
    assert estimate([*wage, *to_a_stranger])["income_cents"] == 812_345
    named = [paid(d, 8_123.45, "转账", "E1") for d in each_month(10)]
    labelled = [paid(d, 8_123.45, "代发工资") for d in each_month(10)]
    nameless = [spent(d, 8_123.45, "转账", account=SECOND) for d in each_month(10)]
    assert estimate([*named, *nameless])["income_cents"] == 812_345
    assert estimate([*labelled, *nameless])["income_cents"] == 812_345


def test_a_wage_passed_on_counts_once() -> None:
    """Case I12, with and without the accounts named."""
    for from_account, to_account in ((OWN, SECOND), (None, None)):
        lines = [paid(d, 10_000.0, "代发工资", "E1") for d in each_month(10)]
        lines += [spent(d + timedelta(days=1), 10_000.0, "转账", to_account) for d in each_month(10)]
        lines += [paid(d + timedelta(days=1), 10_000.0, "工资", from_account, account=SECOND) for d in each_month(10)]
        assert estimate(lines)["income_cents"] == 1_000_000
