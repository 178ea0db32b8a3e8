"""Dagster's SQLite event log, with its databases kept open instead of opened anew for each event.

A night stores some two thousand events. Dagster builds a SQLAlchemy engine for each, so every statement is compiled
again, and closes the file after it, which moves the write-ahead log into the database each time: a third of a small
night's processor time. The files are Dagster's own and can be read by its UI meanwhile.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster._serdes import ConfigurableClassData

#: Databases kept open: the index, and those of the newest runs.
_KEPT = 8
_BUSY_TIMEOUT_S = 30


class KeptOpenEventLogStorage(SqliteEventLogStorage):
    """The same files and the same locking as `SqliteEventLogStorage`; only engines are kept."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> KeptOpenEventLogStorage:
        """Make one from its configuration, as Dagster does."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            engine = self._engines[shard] = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=QueuePool,
                pool_size=1,
                connect_args={"timeout": _BUSY_TIMEOUT_S, "check_same_thread": False},
            )
            event.listen(engine, "connect", _relaxed)
        self._engines.move_to_end(shard)
        while len(self._engines) > _KEPT:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def dispose(self) -> None:
        """Close what is open; Dagster calls it when the instance is left."""
        while self._engines:
            self._engines.popitem()[1].dispose()
        super().dispose()


def _relaxed(connection: Any, _: Any) -> None:
    """Wait for the disk when the write-ahead log is moved into the database, not at each of four commits per event.

    A killed process loses nothing by it; a power cut may lose the newest events, never the database.
    """
    connection.execute("PRAGMA synchronous = NORMAL")
