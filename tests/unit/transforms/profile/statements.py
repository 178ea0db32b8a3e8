"""Bank statements made up by hand, in the ways real ones differ: what banks print, who they name, when they pay.

A statement is lines of (day, direction, amount in currency units, text, other account, channel, own account), read as
landing reads them: the text becomes a line type and is forgotten.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from tests.unit.transforms.outputs import income_estimate
from transforms.profile.income_lines import income_lines
from warehouse.frames import fetch
from warehouse.line_rules import line_type_sql, load_line_rules
from warehouse.registry import Relations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Line = tuple[date, str, float, str | None, str | None, str, str]

NIGHT = date(2026, 3, 18)
OWN, SECOND = "6217-0000-0001", "6217-0000-0002"


def paid(
    day: date,
    amount: float,
    text: str | None,
    payer: str | None = None,
    channel: str = "transfer",
    account: str = OWN,
) -> Line:
    return day, "credit", amount, text, payer, channel, account


def spent(
    day: date,
    amount: float,
    text: str | None,
    payee: str | None = None,
    channel: str = "transfer",
    account: str = OWN,
) -> Line:
    return day, "debit", amount, text, payee, channel, account


def months(first: int, last: int) -> list[tuple[int, int]]:
    """(year, month) from `first` to `last` months before the night, the earliest first."""
    at = NIGHT.year * 12 + NIGHT.month - 1
    return [divmod(at - ago, 12) for ago in range(first, last - 1, -1)]


def each_month(day: int, first: int = 7, last: int = 0) -> list[date]:
    """The given day of each month, moved to the Friday before where it falls on a weekend, up to the night."""
    days = [date(year, month + 1, min(day, 28 if month == 1 else 30)) for year, month in months(first, last)]
    moved = [d.replace(day=max(1, d.day - max(0, d.weekday() - 4))) for d in days]
    return [d for d in moved if d <= NIGHT]


def estimate(lines: Iterable[Line], night: date = NIGHT, **person: object) -> dict[str, object]:
    """The row of `profile.income_estimate` of one customer with that statement, and nothing else known."""
    return estimates({"one": lines}, night, **person)["one"]


def estimates(
    statements: Mapping[str, Iterable[Line]], night: date = NIGHT, **person: object
) -> dict[str, dict[str, object]]:
    """The row of `profile.income_estimate` of each of several customers, by name."""
    con = duckdb.connect(config={"threads": "1"})
    con.execute(
        "CREATE TABLE raw (who VARCHAR, n INTEGER, posted_on DATE, direction VARCHAR, amount DOUBLE, "
        "description VARCHAR, counterparty_id VARCHAR, channel VARCHAR, account_id VARCHAR)"
    )
    rows = [(who, n, *line) for who, lines in statements.items() for n, line in enumerate(lines)]
    if rows:
        con.executemany("INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    con.execute(
        "CREATE TABLE line AS SELECT format('{} {}', who, n) AS transaction_id, md5(who)::UUID AS customer_token, "
        "md5(account_id)::UUID AS account_token, md5(counterparty_id)::UUID AS counterparty_token, posted_on, "
        f"direction, (amount * 100)::BIGINT AS amount_cents, channel, bank_code, "
        f"{line_type_sql(load_line_rules())} AS line_type "
        "FROM (SELECT *, NULL AS bank_code, NULL AS mcc FROM raw)"
    )
    names = list(statements)
    con.execute(
        "CREATE TABLE account AS SELECT md5(who)::UUID AS customer_token, md5(a)::UUID AS account_token "
        f"FROM (SELECT unnest(?) AS who), (VALUES ('{OWN}'), ('{SECOND}')) AS own (a)",
        [names],
    )
    nothing: dict[str, object] = {
        "shard": 0,
        "employment_type": None,
        "stated_income_cents": None,
        "verified_income_cents": None,
        "verified_income_source": None,
        "verified_income_on": None,
    }
    types = {
        "shard": pl.Int16,
        "employment_type": pl.String,
        "stated_income_cents": pl.Int64,
        "verified_income_cents": pl.Int64,
        "verified_income_source": pl.String,
        "verified_income_on": pl.Date,
    }
    tokens = [con.execute("SELECT md5(?)::UUID::VARCHAR", [who]).fetchall()[0][0] for who in names]
    frames = {
        "customer": pl.DataFrame([{"customer_token": t, **nothing, **person} for t in tokens], schema_overrides=types),
        "consent": pl.DataFrame({"customer_token": tokens, "consent_bank_statement": [True] * len(tokens)}),
        "income_lines": fetch(con, income_lines(Relations("line", None), Relations("account", None), night)),
    }
    found = {row["customer_token"]: row for row in income_estimate(frames, night).iter_rows(named=True)}
    return {who: found[token] for who, token in zip(names, tokens, strict=True)}
