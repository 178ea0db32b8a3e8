"""Money moved between own accounts, taken back or given back is no income, whatever the bank prints of it."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.transforms.profile.statements import OWN, SECOND, Line, each_month, estimate, paid, spent
from transforms.profile.income_pairs import other_sides_sql, pairs_sql, shortened_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY, SINCE = date(2026, 3, 6), "DATE '2026-01-31'"


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
    """(debit, credit) of the pairs made."""
    return {(one, other) for one, other in found(rows, "FROM pair")}


def shortened(*rows: Row) -> dict[str, int]:
    """Credit → what is taken off it."""
    return dict(found(rows, shortened_sql("come", "gone", "pair")))


def found(rows: Sequence[Row], query: str) -> list[tuple[Any, ...]]:
    con = duckdb.connect(config={"threads": "1"})
    con.execute(
        "CREATE TABLE line (transaction_id VARCHAR, direction VARCHAR, line_type VARCHAR, account_token VARCHAR, "
        "posted_on DATE, counterparty_token VARCHAR, amount_cents BIGINT, customer_token VARCHAR)"
    )
    for row in rows:
        values = [*row[:4], DAY + timedelta(days=row.days), *row[5:]]
        con.execute("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    con.execute("CREATE TABLE come AS FROM line WHERE direction = 'credit'")
    con.execute(f"CREATE TABLE gone AS {other_sides_sql('come', 'line', SINCE)}")
    con.execute(f"CREATE TABLE pair AS {pairs_sql('come', 'gone')}")
    return con.execute(query).fetchall()


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (debit("d"), credit("c")),
        (debit("d"), credit("c", days=3)),
        (debit("d"), credit("c", days=-3)),
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
        (debit("d"), credit("c", days=3 + 1)),
        (debit("d"), credit("c", days=-3 - 1)),
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
    assert pairs(wage._replace(days=-3), on, again) == {("d", "c")}
    assert pairs(wage._replace(days=-3 - 1), on, again) == set()
    assert pairs(wage._replace(days=1), on, again) == set()
    assert pairs(wage._replace(cents=700_000), on, again) == set()
    assert pairs(wage._replace(account="C"), on, again) == set()
    assert pairs(wage, on, again._replace(days=-1)) == set()
    assert pairs(wage, on, again._replace(other="EMP")) == set()


def test_debits_of_no_amount_or_before_the_first_day_are_nothing() -> None:
    assert pairs(debit("d")._replace(cents=0), credit("c")._replace(cents=0)) == set()
    first = (date(2026, 1, 31) - DAY).days
    assert pairs(debit("d", days=first), credit("c", days=first + 1)) == set()
    assert pairs(debit("d", days=first + 1), credit("c", days=first + 1)) == {("d", "c")}


WAGE = credit("w", "A", kind="salary", other="EMP")
REVERSAL = debit("r", kind="reversal_out")


@pytest.mark.parametrize(
    ("came", "back"),
    [
        (WAGE, REVERSAL),
        (WAGE, REVERSAL._replace(days=31)),
        (WAGE, REVERSAL._replace(other="EMP", account="B")),
        (WAGE._replace(other=None), REVERSAL),
        (WAGE._replace(other=None), REVERSAL._replace(other="EMP")),
        (credit("w", "A"), REVERSAL),
        (WAGE, debit("r", other="EMP")),  # given back, without a word
        (WAGE, debit("r", "B", 31, "other_debit", "EMP")),
        (credit("w", "A", other="FRIEND"), debit("r", days=-31, other="FRIEND")),
        (credit("w", "A", other="SHOP"), debit("r", days=-9, kind="card_payment", other="SHOP")),  # case R11
    ],
)
def test_money_that_goes_back(came: Row, back: Row) -> None:
    assert pairs(came, back) == {("r", "w")}


@pytest.mark.parametrize(
    ("came", "back"),
    [
        (WAGE, REVERSAL._replace(days=31 + 1)),
        (WAGE, REVERSAL._replace(days=-1)),
        (WAGE, REVERSAL._replace(account="B")),
        (WAGE, REVERSAL._replace(other="ANOTHER")),
        (WAGE, debit("r")),  # an equal debit of the same account, by chance
        (WAGE, debit("r", days=-1, other="EMP")),  # paid to the employer before
        (WAGE, debit("r", days=1, kind="card_payment", other="EMP")),  # bought from the employer
        (WAGE, debit("r", days=31 + 1, other="EMP")),
        (credit("w", "A", other="FRIEND"), debit("r", days=31 + 1, other="FRIEND")),
        (credit("w", "A", other="FRIEND"), debit("r", other="STRANGER")),
    ],
)
def test_money_that_stays(came: Row, back: Row) -> None:
    assert pairs(came, back) == set()


def test_a_reversal_takes_the_wage_of_the_day_and_not_another() -> None:
    earlier, transfer = WAGE._replace(number="before", days=-30), credit("t", "A")
    assert pairs(earlier, WAGE, transfer, REVERSAL) == {("r", "w")}
    assert pairs(earlier, WAGE._replace(days=-2), transfer._replace(days=-1), REVERSAL) == {("r", "t")}
    assert pairs(WAGE, WAGE._replace(number="x"), REVERSAL) == {("r", "w")}


def test_a_reversal_that_is_undone_takes_nothing_back() -> None:
    again = credit("again", "A", kind="refund_in")
    assert pairs(WAGE, REVERSAL, again._replace(days=3)) == {("r", "again")}
    assert pairs(WAGE, REVERSAL, again._replace(days=3 + 1)) == {("r", "w")}
    assert pairs(WAGE, REVERSAL, again._replace(kind="transfer_in", days=1)) == {("r", "w")}
    # What a shop paid back and took back again was not the wage.
    assert pairs(WAGE._replace(days=-2), again._replace(days=-1), REVERSAL) == {("r", "again")}


def test_a_smaller_reversal_is_taken_off_the_last_wage() -> None:
    small = REVERSAL._replace(cents=200_000, days=2)
    earlier = WAGE._replace(number="before", days=-20)
    assert shortened(earlier, WAGE, small) == {"w": 200_000}
    assert shortened(WAGE, small, small._replace(number="s", cents=1)) == {"w": 200_001}
    assert shortened(WAGE, small._replace(days=31)) == {"w": 200_000}
    assert shortened(WAGE, small._replace(days=31 + 1)) == {}
    assert shortened(WAGE, small._replace(days=-1)) == {}
    assert shortened(WAGE, small._replace(account="B")) == {}
    assert shortened(WAGE, small._replace(account="B", other="EMP")) == {"w": 200_000}
    assert shortened(WAGE, small._replace(other="ANOTHER")) == {}
    assert shortened(WAGE, small._replace(kind="transfer_out", other="EMP")) == {}
    assert shortened(WAGE, small._replace(cents=WAGE.cents + 1)) == {}
    assert shortened(credit("c", "A"), small) == {}
    assert shortened(credit("c", "A", kind="company_in", other="EMP"), small._replace(other="EMP")) == {"c": 200_000}


def test_a_smaller_reversal_with_a_credit_of_its_own_is_done_with() -> None:
    small, interest = (
        REVERSAL._replace(number="s", cents=1_234),
        credit("i", "A", kind="interest_in")._replace(cents=1_234),
    )
    assert shortened(WAGE, interest, small) == {}
    # Nor is anything taken off a wage that was taken back whole.
    assert shortened(WAGE._replace(days=-30, number="before"), WAGE, REVERSAL, small) == {"before": 1_234}


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
    possible = []
    for d, c in product(rows, rows):
        if (d.direction, c.direction) != ("debit", "credit"):
            continue
        days = c.days - d.days
        if abs(days) <= 3 and c.account != d.account and d.other in (None, c.account) and c.other in (None, d.account):
            possible.append((abs(days) * 4 + 2 * (days < 0), d.number, c.number))
        if d.other == c.other is not None:
            possible.append((abs(days) * 4, d.number, c.number))
    made: set[tuple[str, str]] = set()
    while possible:
        _, d_number, c_number = min(possible)
        made.add((d_number, c_number))
        possible = [p for p in possible if p[1] != d_number and p[2] != c_number]
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


def test_a_wage_credited_twice_and_reversed_once_is_one_wage() -> None:
    """Case I08, in each of the last three months; with text and without, by the bank or given back to the employer."""
    wages = [paid(d, 10_000.0, "代发工资", "E1") for d in each_month(10)]
    twice = [paid(d, 10_000.0, "代发工资", "E1") for d in each_month(10, first=2)]
    for text, other in (("冲正 代发工资", None), ("错账冲销", "E1"), ("代发工资", "E1"), ("工资退回", None)):
        back = [spent(d + timedelta(days=1), 10_000.0, text, other) for d in each_month(10, first=2)]
        found = estimate([*wages, *twice, *back])
        assert (found["income_cents"], found["income_source"]) == (1_000_000, "payroll")
        assert found["income_cv"] == 0


def test_a_wage_paid_too_high_and_partly_taken_back() -> None:
    wages = [paid(d, 10_000.0, "代发工资", "E1") for d in each_month(10, last=3)]
    wages += [paid(d, 12_345.0, "代发工资", "E1") for d in each_month(10, first=2)]
    wages += [spent(d, 2_345.0, "多发工资扣回", "E1") for d in each_month(12, first=2)]
    assert estimate(wages)["income_cents"] == 1_000_000


def test_a_wage_taken_back_bit_by_bit_was_not_earned() -> None:
    wages = [paid(d, 10_000.0, "代发工资", "E1") for d in each_month(10)]
    back = [spent(date(2026, 3, 11), c, "工资退回", "E1") for c in (4_000.0, 6_000.0)]
    assert estimate([*wages, back[0]], date(2026, 3, 31))["months_missed"] == 0
    assert estimate([*wages, *back], date(2026, 3, 31))["months_missed"] == 1


def test_a_wage_taken_back_whole_was_not_earned() -> None:
    """Case I11: the job ended in February, March's wage goes back the day after."""
    wages = [paid(d, 10_000.0, "代发工资", "E1") for d in each_month(10)]
    kept = estimate(wages, date(2026, 3, 31))
    back = estimate([*wages, spent(date(2026, 3, 11), 10_000.0, "工资退回", "E1")], date(2026, 3, 31))
    assert (kept["months_missed"], back["months_missed"]) == (0, 1)


def test_refunds_are_no_income() -> None:
    """Case R11, and where neither text nor channel says that it is a refund."""
    bought = [spent(d, 5_000.0, "消费", "SHOP", "pos") for d in each_month(5)]
    for text, channel in (("退款", "pos"), (None, "pos"), (None, "online"), ("转账", "transfer")):
        back = [paid(d + timedelta(days=3), 5_000.0, text, "SHOP", channel) for d in each_month(5)]
        assert estimate([*bought, *back])["income_source"] == "none"


def test_a_firm_whose_mistakes_are_reversed_stays_an_employer() -> None:
    wages = [paid(d, 10_000.0, "星河科技有限公司 转账", "E9") for d in each_month(10)]
    twice = [paid(d, 10_000.0, "星河科技有限公司 转账", "E9") for d in each_month(10, first=2)]
    back = [spent(d, 10_000.0, "转账", "E9") for d in each_month(10, first=2)]
    found = estimate([*wages, *twice, *back])
    assert (found["income_cents"], found["payroll_basis"]) == (1_000_000, "company")
