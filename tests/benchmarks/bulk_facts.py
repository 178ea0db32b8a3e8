"""Typed facts in bulk: the windowed feeds of a large lender put straight into a lake, as landing would leave them.

Per day and customer 0.4 bank lines, 0.05 orders, 0.002 refunds and 0.006 bureau inquiries; 92 % arrive on the day
of their event, 6 % up to three days later, 2 % up to 45 days later. A delivery is a file sorted by shard and token,
rows that arrive after their month are in the late store, and `fenqi merge-files` has been run. Columns that no
feature reads hold one value.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from transforms.dates.calendar import add_months
from warehouse.contract import load_contract
from warehouse.keys import load_keys
from warehouse.lake import Lake
from warehouse.maintenance import merge_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.settings import Settings


@dataclass(frozen=True)
class BulkFeed:
    """How many rows a day a feed has per customer, and the SQL of the columns that features read.

    Of `draws` days each is drawn for itself, then they take turns (a draw for every day would take most of the time):
    so many that nearly everybody is in one, and not in step with checkpoints.
    """

    name: str
    per_customer: float
    draws: int
    columns: dict[str, str]


_LINE = (
    "['card_payment', 'card_payment', 'card_payment', 'groceries', 'groceries', 'travel', 'utilities', 'rent', "
    "'medical', 'education', 'insurance', 'gambling', 'cash_withdrawal', 'failed_debit_fee', 'debt_service', "
    "'other_debit', 'saving', 'salary', 'other_credit', 'loan_in'][1 + (h // 97) % 20]"
)
FEEDS = (
    BulkFeed(
        "bank.bank_transaction",
        0.4,
        13,
        {
            "line_type": _LINE,
            "direction": f"CASE WHEN {_LINE} IN ('salary', 'other_credit', 'loan_in') THEN 'credit' ELSE 'debit' END",
            "amount_cents": "(100 + (h // 7) % 100000)::BIGINT",
        },
    ),
    BulkFeed(
        "commerce.commerce_order",
        0.05,
        61,
        {
            "status": "['delivered', 'delivered', 'delivered', 'delivered', 'canceled'][1 + (h // 97) % 5]",
            "paid_cents": "(100 + (h // 7) % 500000)::BIGINT",
            "installment_count": "[1, 1, 3, 6][1 + (h // 31) % 4]::INTEGER",
        },
    ),
    BulkFeed("commerce.order_refund", 0.002, 181, {"amount_cents": "(100 + (h // 7) % 500000)::BIGINT"}),
    BulkFeed(
        "credit.credit_inquiry",
        0.006,
        181,
        {"inquiry_reason": "['loan_approval', 'card_approval', 'post_loan_review'][1 + (h // 97) % 3]"},
    ),
)
_OTHER = {"VARCHAR": "''", "BIGINT": "0::BIGINT", "INTEGER": "0::INTEGER", "DOUBLE": "0.0::DOUBLE", "BOOLEAN": "false"}
_LATE = "CASE WHEN h % 100 < 92 THEN 0 WHEN h % 100 < 98 THEN 1 + (h // 13) % 3 ELSE 4 + (h // 13) % 42 END"


def make_lake(settings: Settings, customers: int, months: int, night: date) -> None:
    """A lake with so many months of deliveries up to the end of the month of `night`; nothing where it is made."""
    done = settings.home / "made"
    if done.is_file():
        return
    started = time.perf_counter()
    load_keys(settings, create=True)
    Lake.create(settings)
    with Lake.open(settings) as lake:
        _make_customers(lake, customers, settings.shards)
        for feed in FEEDS:
            _draw(lake, feed)
            for days in _by_month(night, months):
                with lake.commit(f"land {feed.name} {days[0]:%Y-%m}"):
                    for day in days:
                        _deliver(lake, feed, day)
                    _register(lake, feed.name, days, int(customers * feed.per_customer))
        merge_files(lake)
    done.touch()
    print(f"{months} months of {customers} customers made in {time.perf_counter() - started:.0f} s", file=sys.stderr)


def _by_month(night: date, months: int) -> Iterator[list[date]]:
    """The days of each of the months up to that of `night`, whole."""
    first = add_months(night.replace(day=1), 1 - months)
    for number in range(months):
        start, end = add_months(first, number), add_months(first, number + 1)
        yield [start + timedelta(days=n) for n in range((end - start).days)]


def _make_customers(lake: Lake, customers: int, shards: int) -> None:
    """Number → token with the version bits of ours, and its shard: the token's leading bits."""
    lake.con.execute(
        "CREATE TEMP TABLE customer AS SELECT number, token::UUID AS token, "
        f"((('0x' || token[1:4])::INTEGER * {shards}) >> 16)::SMALLINT AS shard FROM (SELECT number, "
        "m[1:12] || '8' || m[14:16] || 'a' || m[18:32] AS token "
        f"FROM (SELECT range AS number, md5(range::VARCHAR) AS m FROM range({customers}))) ORDER BY token"
    )


def _draw(lake: Lake, feed: BulkFeed) -> None:
    """The rows of so many days, a table each, in the order of the customers' tokens as landing sorts.

    Who and what come from a hash of the draw and the customer, so they are the same every time. Of the customers of a
    day, a third have two rows.
    """
    parts = 1_000_000
    first, second = int(parts * feed.per_customer * 0.75), int(parts * feed.per_customer * 0.25)
    columns = ", ".join(
        f"{sql} AS {name}" for name, sql in {"days_late": f"({_LATE})::INTEGER", **feed.columns}.items()
    )
    for draw in range(feed.draws):
        salt = f"{feed.name} {draw}"
        drawn = f"SELECT *, hash('{salt}', number) % {parts} AS u FROM customer"
        lines = f"SELECT number, token, shard, CASE WHEN u < {second} THEN [1, 2] ELSE [1] END AS lines FROM ({drawn})"
        lake.con.execute(
            f"CREATE OR REPLACE TEMP TABLE draw_{draw} AS SELECT token AS customer_token, shard, {columns} FROM "
            f"(SELECT c.*, (hash(number, line, '{salt}') >> 1)::BIGINT AS h FROM ({lines} WHERE u < {first}) AS c, "
            "unnest(lines) AS l(line))"
        )


def _deliver(lake: Lake, feed: BulkFeed, day: date) -> None:
    """One delivery, split into the fact and its late store."""
    contract, names = load_contract(feed.name), []
    event, on_time = str(contract.event_date), f"days_late < {day.day}"
    own = {
        event: f"DATE '{day}' - days_late",
        "feed_date": f"DATE '{day}'",
        "delivery_seq": "1::SMALLINT",
        **{name: name for name in ("customer_token", "shard", *feed.columns)},
    }
    for name, type_ in contract.lake_columns():
        other = "'00000000-0000-0000-0000-000000000000'::UUID" if name.endswith("_token") else _OTHER.get(type_, "NULL")
        names.append(f"{own.get(name, other)} AS {name}")
    for table, where in ((contract.table, on_time), (f"{contract.table}_late", f"NOT ({on_time})")):
        lake.con.execute(
            f"INSERT INTO lake.{contract.schema}.{table} BY NAME SELECT {', '.join(names)} "
            f"FROM draw_{day.toordinal() % feed.draws} WHERE {where}"
        )


def _register(lake: Lake, feed: str, days: list[date], rows: int) -> None:
    lake.con.execute(
        "INSERT INTO lake.control.feed_delivery BY NAME SELECT $feed AS feed, day AS business_date, "
        "1 AS delivery_seq, (SELECT coalesce(max(landing_no), 0) FROM lake.control.feed_delivery) "
        "+ row_number() OVER (ORDER BY day) AS landing_no, '' AS delivery_digest, 'accepted' AS status, "
        "$feed || day AS basis_digest, $rows AS row_count, $rows AS accepted_rows, 0 AS quarantined_rows, "
        "0 AS unreadable_rows, '' AS run_id, now()::TIMESTAMP AS recorded_at "
        "FROM (SELECT unnest($days::DATE[]) AS day)",
        {"feed": feed, "rows": rows, "days": days},
    )


def plain_files(settings: Settings, folder: Path, night: date) -> None:
    """The twelve months that the windows of `night` read, as plain Parquet files: what a rival would be given.

    A file per feed and month of arrival, unencrypted, with the columns that features read only, and a 64-bit number
    for the customer's token, which all of them group by faster (and Spark cannot read a UUID).
    """
    if (folder / "made").is_file():
        return
    with Lake.open(settings, read_only=True) as lake:
        for feed in FEEDS:
            contract = load_contract(feed.name)
            customer = "(hash(customer_token) >> 1)::BIGINT AS customer_token"
            columns = [customer, str(contract.event_date), "feed_date", *feed.columns]
            (folder / feed.name).mkdir(parents=True, exist_ok=True)
            for days in _by_month(night, 13):
                parts = " UNION ALL ".join(
                    f"SELECT {', '.join(columns)} FROM lake.{contract.schema}.{table} "
                    f"WHERE feed_date BETWEEN DATE '{days[0]}' AND DATE '{days[-1]}'"
                    for table in (contract.table, f"{contract.table}_late")
                )
                target = folder / feed.name / f"{days[0]:%Y%m}.parquet"
                lake.con.execute(f"COPY ({parts}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    (folder / "made").touch()
