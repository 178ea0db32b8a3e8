"""Alerts on the newest bank lines: each rule fires on what it is for, and on nothing usual."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

from tests.unit.transforms.outputs import risk_alert
from tests.unit.transforms.risk.support import NIGHT, shipped_policy
from tests.unit.transforms.support import reasons
from transforms.risk.risk_alert import line_habits, newest_lines
from warehouse.frames import fetch, register
from warehouse.registry import Relations

SECTION = shipped_policy(NIGHT).alerts
LINE: dict[str, Any] = {
    "shard": 0,
    "direction": "debit",
    "line_type": "card_payment",
    "counterparty_token": None,
    "posted_at": datetime(2026, 3, 10, 12),  # noqa: DTZ001 - local time, as the table has it
    "posted_on": NIGHT,
    "feed_date": NIGHT,
}


def line(who: str, cents: int, **other: Any) -> dict[str, Any]:
    return {**LINE, "customer_token": who, "amount_cents": cents, **other}


def habit(who: str, count: int = 60) -> list[dict[str, Any]]:
    """Payments of 90, 100 and 110 yuan in turn, one every day and a half before the days looked at."""
    days = [NIGHT - timedelta(days=4 + (3 * n) // 2) for n in range(count)]
    return [line(who, 9_000 + 1_000 * (n % 3), posted_on=d, feed_date=d) for n, d in enumerate(days)]


def alerts(*lines: dict[str, Any], permitted: tuple[str, ...] = ("a", "b")) -> list[dict[str, Any]]:
    rows = [{"transaction_id": f"T{n:03}", **one} for n, one in enumerate(lines)]
    with duckdb.connect() as con:
        types = {"counterparty_token": pl.String, "shard": pl.Int16}
        register(con, "lines", pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None))
        con.execute("CREATE TABLE permitted AS SELECT unnest(?::VARCHAR[]) AS customer_token", [list(permitted)])
        profile = "(SELECT *, true AS consent_bank_statement FROM permitted)"
        read = Relations("lines", None), Relations(profile, None), NIGHT, SECTION
        fresh, habits = fetch(con, newest_lines(*read)), fetch(con, line_habits(*read))
    return risk_alert(fresh, habits, SECTION, reasons(), NIGHT).to_dicts()


def codes(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(r["customer_token"], r["alert_code"]) for r in found]


def test_a_payment_far_above_the_customer_s_own_habit_is_told() -> None:
    """100 yuan on average, 8.16 either way; 5,000 at once is some 600 deviations above."""
    (found,) = alerts(*habit("a"), line("a", 500_000), *habit("b"), line("b", 11_000))
    assert (found["customer_token"], found["alert_code"], found["severity"]) == ("a", "amount_outlier", "high")
    assert found["baseline_cents"] == 10_000
    assert 590 < found["z_score"] < 610
    assert found["amount_cents"] == 500_000


def test_no_habit_no_deviation_and_rent_or_a_reversal_is_expected() -> None:
    assert alerts(*habit("a", count=9), line("a", 500_000)) == []
    assert alerts(*habit("a"), line("a", 500_000, line_type="rent")) == []
    assert alerts(*habit("a"), line("a", 500_000, line_type="reversal_out")) == []


def test_many_payments_in_one_day() -> None:
    many = [line("a", 10_000) for _ in range(SECTION.least_velocity)]
    assert codes(alerts(*habit("a"), *many)) == [("a", "velocity")]
    assert alerts(*habit("a"), *many[:-1]) == []


def test_money_that_comes_in_and_is_drawn_in_cash() -> None:
    came = line("a", 1_000_000, direction="credit", line_type="transfer_in")
    drawn = line("a", 900_000, line_type="cash_withdrawal")
    assert ("a", "cash_out") in codes(alerts(came, drawn))
    assert alerts(came, {**drawn, "amount_cents": 700_000}) == []


def test_money_that_goes_out_and_comes_back() -> None:
    out = line("a", 300_000, counterparty_token="shop")
    back = line("a", 295_000, direction="credit", line_type="transfer_in", counterparty_token="shop")
    assert codes(alerts(out, back)) == [("a", "counterparty_loop")]
    assert alerts(out, {**back, "line_type": "refund_in"}) == [], "a refund is no loop"
    assert alerts(out, {**back, "counterparty_token": "other"}) == []


def test_payments_in_the_small_hours_where_the_bank_gives_the_time() -> None:
    small = [line("a", 100_000, posted_at=datetime(2026, 3, 10, 2, n + 1)) for n in range(3)]  # noqa: DTZ001
    assert codes(alerts(*small)) == [("a", "night_activity")]
    assert alerts(*({**one, "posted_at": datetime(2026, 3, 10)} for one in small)) == []  # noqa: DTZ001


def test_only_what_arrived_with_the_night_and_may_be_read() -> None:
    """Lines of a delivery before were looked at then; without consent none is."""
    big = line("a", 500_000)
    yesterday = {**big, "feed_date": NIGHT - timedelta(days=1), "posted_on": NIGHT - timedelta(days=1)}
    old = {**big, "posted_on": NIGHT - timedelta(days=SECTION.look_days)}
    assert alerts(*habit("a"), yesterday) == alerts(*habit("a"), old) == []
    assert alerts(*habit("a"), big, permitted=()) == []


def told(found: list[dict[str, Any]], code: str) -> tuple[int, int, str]:
    [row] = [r for r in found if r["alert_code"] == code]
    return row["line_cnt"], row["amount_cents"], row["evidence_id"]


def test_an_alert_says_how_many_lines_it_rests_on_of_how_much_and_the_first() -> None:
    """Lines of other kinds that came with them are none of its evidence."""
    before = line("a", 100, transaction_id="A")
    came = line("a", 1_000_000, direction="credit", line_type="transfer_in")
    drawn = [line("a", cents, line_type="cash_withdrawal", transaction_id=f"D{cents}") for cents in (500_000, 400_000)]
    assert told(alerts(before, came, *drawn), "cash_out") == (2, 900_000, "D400000")
    out = line("a", 300_000, counterparty_token="shop", transaction_id="OUT")
    back = line("a", 295_000, direction="credit", line_type="transfer_in", counterparty_token="shop")
    assert told(alerts(before, out, back), "counterparty_loop") == (1, 295_000, "OUT")
    hours = [datetime(2026, 3, 10, 2, n + 1) for n in range(3)]  # noqa: DTZ001
    small = [line("a", 100_000, posted_at=at, transaction_id=f"S{at.minute}") for at in hours]
    assert told(alerts(before, *small), "night_activity") == (3, 300_000, "S1")
    large = line("a", 500_000, transaction_id="LARGE")
    assert told(alerts(*habit("a"), before, large), "amount_outlier") == (1, 500_000, "LARGE")
    many = [line("a", 10_000 + n, transaction_id=f"M{n}") for n in range(SECTION.least_velocity)]
    expected = (SECTION.least_velocity, 10_000 + SECTION.least_velocity - 1, f"M{SECTION.least_velocity - 1}")
    assert told(alerts(*habit("a"), *many), "velocity") == expected


def test_a_night_without_new_lines_has_no_alert() -> None:
    assert alerts(*habit("a")) == []


def test_the_frame_is_what_the_contract_says() -> None:
    assert date(2026, 3, 10) == NIGHT
