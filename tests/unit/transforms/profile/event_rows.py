"""Random event rows of any windowed source, split and known as the warehouse splits and knows them."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
from hypothesis import strategies as st

from transforms.windows.checkpoints import CheckpointState, carried_slice_sql, moved_slice_sql, moving_sql, slice_sql
from transforms.windows.features import EVENT_DATE, features_of, windows_of
from transforms.windows.tiles import first_tile_month, tile_sql
from transforms.windows.windows import window_starts
from warehouse.contract import load_contract

#: (customer, days before the night, days from event to arrival, seed of everything else)
Drawn = tuple[int, int, int, int]


def drawn_rows(size: int = 60) -> st.SearchStrategy[list[Drawn]]:
    """Rows of three customers over 14 months: many arrive at once, some up to 70 days late, some ahead of their day."""
    return st.lists(
        st.tuples(
            st.integers(0, 2),
            st.one_of(st.integers(-5, 430), st.sampled_from([0, 1, 8, 9, 27, 28, 30, 31, 89, 92, 181, 184, 365, 366])),
            st.one_of(st.just(0), st.integers(0, 70), st.integers(-40, 0)),
            st.integers(0, 9_999),
        ),
        max_size=size,
    )


@dataclass(frozen=True)
class Known:
    """What is known of a source: the texts that can stand after FROM."""

    facts: str
    late: str

    @property
    def all(self) -> str:
        return f"(SELECT * FROM {self.facts} UNION ALL SELECT * FROM {self.late})"


class Events:
    """The rows of one source around a night, in a database of their own."""

    def __init__(self, source: str, rows: list[Drawn], night: date) -> None:
        self.source, self.event = source, EVENT_DATE[source]
        self.con = duckdb.connect(config={"threads": "1"})
        columns = _columns(source)
        for table in ("facts", "late"):
            self.con.execute(f"CREATE TABLE {table} ({', '.join(f'{n} {t}' for n, t in columns)})")
        values = _vocabulary(source)
        for who, ago, late, seed in rows:
            event = night - timedelta(days=ago)
            feed = event + timedelta(days=late)
            dice = random.Random(seed)  # noqa: S311 - rows of a test
            row = [_value(n, t, (who, event, feed), self.event, values, dice) for n, t in columns]
            table = "late" if event < feed.replace(day=1) else "facts"
            self.con.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)

    def known(self, arrived: date, as_of: date | None = None) -> Known:
        """What had arrived by a day, of events up to a day."""
        return self._where(f"feed_date <= DATE '{arrived}' AND {self.event} <= DATE '{as_of or arrived}'")

    def tiles(self, arrived: date, night: date, share: int = 1, name: str = "tiles") -> tuple[str | None, list[date]]:
        """Of the tiles that the windows of a night can use one in `share`, and their months."""
        arrivals = self.arrived(arrived)
        month, last = first_tile_month(window_starts(self.source, night)), arrived.replace(day=1)
        months = []
        self.con.execute(f"DROP TABLE IF EXISTS {name}")
        while month < last:
            if month.month % share == 0:
                query = tile_sql(self.source, arrivals.facts, arrivals.late, month)
                self.con.execute(f"INSERT INTO {name} {query}" if months else f"CREATE TABLE {name} AS {query}")
                months.append(month)
            month = (month + timedelta(days=31)).replace(day=1)
        return name if months else None, months

    def slice(self, day: date, night: date, name: str = "held", share: int = 1) -> str:
        """A night's slice of the checkpoint of a day, made from tiles of what had arrived by then, and from rows."""
        arrived = self.arrived(day)
        tiles = self.tiles(day, night, share, "slice_tiles")
        query = slice_sql(self.source, arrived.facts, arrived.late, *tiles, day, night)
        self.con.execute(f"CREATE OR REPLACE TABLE {name} AS {query}")
        return name

    def moved(self, held: str, day: date, here: date, there: date, name: str) -> str:
        """The slice of the night `there` from that of the night `here`."""
        arrived = self.arrived(day)
        moving = f"({moving_sql(self.source, arrived.facts, arrived.late, here, there)})"
        query = moved_slice_sql(self.source, moving, held, here, there)
        self.con.execute(f"CREATE OR REPLACE TABLE {name} AS {query}")
        return name

    def carried(self, held: str, here: tuple[date, date], day: date, night: date, name: str) -> str:
        """The slice of a night of the checkpoint of a day from `held`, of the checkpoint day and night `here`."""
        then, now = (
            CheckpointState(known.facts, known.late, *dates)
            for known, dates in ((self.arrived(here[0]), here), (self.arrived(day), (day, night)))
        )
        query = carried_slice_sql(self.source, held, then, now)
        self.con.execute(f"CREATE OR REPLACE TABLE {name} AS {query}")
        return name

    def windows(self, query: str) -> dict[str, dict[str, Any]]:
        """Customer → column → value."""
        cursor = self.con.execute(query)
        names = [d[0] for d in cursor.description or ()]
        return {str(r[0]): dict(zip(names[1:], r[1:], strict=True)) for r in cursor.fetchall()}

    def counted(self, arrived: date, as_of: date | None = None) -> dict[str, dict[str, Any]]:
        """One query per feature, window and customer, straight from the declaration."""
        rows, day = self.known(arrived, as_of).all, as_of or arrived
        starts = dict(zip(windows_of(self.source), window_starts(self.source, day), strict=True))
        longest = f"{self.event} > DATE '{min(starts.values())}'"
        result: dict[str, dict[str, Any]] = {}
        for (who,) in self.con.execute(f"SELECT DISTINCT customer_token FROM {rows} WHERE {longest}").fetchall():
            mine = f"{rows} WHERE customer_token = '{who}'"
            result[str(who)] = {
                f.column(w): self.con.execute(
                    f"SELECT {f.aggregate()} FROM {mine} AND {self.event} > DATE '{starts[w]}'"
                ).fetchall()[0][0]
                for f in features_of(self.source)
                for w in f.windows
            }
        return result

    def arrived(self, day: date) -> Known:
        """What had arrived by a day, whatever the date of its event."""
        return self._where(f"feed_date <= DATE '{day}'")

    def _where(self, condition: str) -> Known:
        return Known(*(f"(SELECT * FROM {table} WHERE {condition})" for table in ("facts", "late")))


def _columns(source: str) -> list[tuple[str, str]]:
    return list(load_contract(source).lake_columns())


def _vocabulary(source: str) -> dict[str, list[str]]:
    """Column → the texts that any feature of the source compares it with, and one more."""
    found: dict[str, list[str]] = {}
    for feature in features_of(source):
        for column, texts in re.findall(r"(\w+) (?:=|<>|IN|NOT IN) (\(?'[^)]*?'(?:\)|$|(?= )))", feature.where):
            found.setdefault(column, ["another"]).extend(re.findall(r"'([^']*)'", texts))
    return {column: sorted(set(texts)) for column, texts in found.items()}


def _value(
    name: str, type_: str, row: tuple[int, date, date], event: str, values: dict[str, list[str]], dice: random.Random
) -> Any:
    who, event_date, feed_date = row
    special: dict[str, Any] = {
        "customer_token": f"00000000-0000-0000-0000-00000000000{who}",
        "shard": who,
        event: event_date,
        "feed_date": feed_date,
    }
    if name in special:
        return special[name]
    if name in values:
        return dice.choice(values[name])
    if type_ in ("BIGINT", "INTEGER", "SMALLINT"):
        return dice.randint(0, 5 if type_ == "SMALLINT" else 1_000)
    return event_date if type_ == "DATE" else None
