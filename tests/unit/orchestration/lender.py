"""A lender whose deliveries are put into the lake as landing leaves them, and whose nights are asked for windows."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from orchestration.inputs.checkpoints import Checkpoints
from tests.unit.transforms.profile.queries import reductions
from transforms.windows.windows import full_window_sql
from warehouse.contract import contract_names, load_contract
from warehouse.frames import register
from warehouse.keys import load_keys
from warehouse.night import Night

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.lake import Lake

BANK, ORDER = "bank.bank_transaction", "commerce.commerce_order"
SHARDS = (0, 7)
#: What stands in columns that no feature reads.
_OTHER = {"VARCHAR": "'other'", "BIGINT": "1", "INTEGER": "1", "SMALLINT": "1", "DOUBLE": "0.1"}
#: Days from a row's event to its delivery: most at once, some late, some much, some announced ahead.
_LATE = [0, 0, 0, 0, 1, 2, 9, 40, -6]


class Lender:
    """Nine customers in one lake."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._runs = 0
        self._dice = random.Random(5)  # noqa: S311 - rows of a test

    def deliver(self, feed: str, days: Sequence[date], sequence: int = 1) -> None:
        """A delivery of a few rows on each of these days."""
        contract, con = load_contract(feed), self.lake.con
        event = str(contract.event_date)
        rows = [self._row(event, day, sequence, n) for day in days for n in range(12)]
        known = [n if n in rows[0] else f"{_OTHER.get(t, 'NULL')} AS {n}" for n, t in contract.lake_columns()]
        register(con, "delivered_rows", pl.DataFrame(rows))
        con.execute(f"CREATE OR REPLACE TEMP TABLE delivered AS SELECT {', '.join(known)} FROM delivered_rows")
        with self.lake.commit(f"land {feed}"):
            for table, late in ((contract.table, "NOT"), (f"{contract.table}_late", "")):
                con.execute(
                    f"INSERT INTO lake.{contract.schema}.{table} BY NAME FROM delivered "
                    f"WHERE {late} ({event} < date_trunc('month', feed_date))"
                )
            con.execute(
                "INSERT INTO lake.control.feed_delivery BY NAME SELECT ? AS feed, day AS business_date, "
                "? AS delivery_seq, (SELECT coalesce(max(landing_no), 0) FROM lake.control.feed_delivery) "
                "+ row_number() OVER (ORDER BY day) AS landing_no, '' AS delivery_digest, "
                "'accepted' AS status, format('{} {} {}', ?, day, ?) AS basis_digest, 12 AS row_count, "
                "12 AS accepted_rows, 0 AS quarantined_rows, 0 AS unreadable_rows, '' AS run_id, "
                "now()::TIMESTAMP AS recorded_at FROM (SELECT unnest(?::DATE[]) AS day)",
                [feed, sequence, feed, sequence, list(days)],
            )
        con.unregister("delivered_rows")

    def _row(self, event: str, feed_date: date, sequence: int, number: int) -> dict[str, Any]:
        dice, who = self._dice, self._dice.randrange(9)
        return {
            "transaction_id": f"{feed_date}-{sequence}-{number}",
            "order_id": f"{feed_date}-{sequence}-{number}",
            event: feed_date - timedelta(days=dice.choice(_LATE)),
            "customer_token": f"00000000-0000-0000-0000-00000000000{who}",
            "account_token": f"00000000-0000-0000-0000-00000000000{who}",
            "direction": dice.choice(["credit", "debit"]),
            "line_type": dice.choice(["salary", "gambling", "cash_withdrawal"]),
            "status": dice.choice(["delivered", "canceled"]),
            "amount_cents": dice.randrange(1_000),
            "paid_cents": dice.randrange(1_000),
            "order_cents": 1_000,
            "installment_count": dice.randrange(1, 4),
            "shard": who % 8,
            "feed_date": feed_date,
            "delivery_seq": sequence,
        }

    def night(self, as_of: date) -> Night:
        """The night of a run of its own."""
        self._runs += 1
        return Night(self.lake, load_keys(self.lake.settings), as_of, f"run{self._runs}")

    def windows(
        self, as_of: date, night: Night | None = None, feeds: Sequence[str] = (BANK,)
    ) -> dict[str, list[tuple[Any, ...]]]:
        """Per feed the windows of a date by checkpoint, as that night or an open later one knows it.

        That they are the windows of all rows is asserted here, so no test can forget it.
        """
        own = night or self.night(as_of)
        checkpoints, found = Checkpoints(self.lake, from_rows=0), {}
        sources = {name: own.feed(name, SHARDS, as_of) for name in contract_names("feed")}
        under = {feed: checkpoints.under(own, feed, sources[feed], as_of, SHARDS) for feed in feeds}
        queries = reductions(as_of, sources | under)
        for feed in feeds:
            name = {BANK: "bank_windows", ORDER: "order_windows"}[feed]
            full = full_window_sql(feed, sources[feed].all, as_of)
            assert ("lake.cache" in queries[name], "lake.cache" in full) == (True, False)
            found[feed] = self._sorted(queries[name])
            assert found[feed] == self._sorted(full), (feed, as_of)
        if night is None:
            own.close(keep=False)
        return found

    def slices(self) -> set[tuple[str, date, str]]:
        """Every slice of the cache."""
        return set(self.lake.con.execute("SELECT table_name, slice_on, basis FROM lake.cache.slice").fetchall())

    def _sorted(self, query: str) -> list[tuple[Any, ...]]:
        return self.lake.con.execute(f"FROM ({query}) ORDER BY customer_token").fetchall()
