"""Rows waiting for their delivery: blocks are written out one by one, so memory is bounded by a block.

Each feed has its opening rows apart from the later ones; a later delivery is read back a chunk of dates at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from warehouse.contract import load_contract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.simulator.timeline import Timeline

#: Deliveries held in memory together.
_CHUNK = 32


class Spool:
    """A folder of parts by feed and block; `_delivery` says which delivery a row belongs to."""

    def __init__(self, folder: Path, timeline: Timeline) -> None:
        self._folder, self._timeline = folder, timeline
        self._parts: dict[str, list[tuple[Path, Path]]] = {}

    def add(self, feed: str, frame: pl.DataFrame) -> None:
        """Keep a block's rows; of a table of changes the last change before each delivery counts."""
        last = len(self._timeline.business_dates)
        delivery = pl.Series("_delivery", self._timeline.delivery_of(frame["_arrival"].to_numpy()))
        frame = frame.with_columns(delivery).filter(pl.col("_delivery") < last)
        contract = load_contract(feed)
        if contract.properties.get("history") == "changes":
            frame = frame.sort("_arrival", maintain_order=True).unique(
                [*contract.key, "_delivery"], keep="last", maintain_order=True
            )
        names = ("opening", "later")
        parts = self._parts.setdefault(feed, [])
        opening, later = (self._folder / f"{feed}-{len(parts):05}-{name}.parquet" for name in names)
        columns = [c.name for c in contract.delivered if c.name in frame.columns]
        frame.filter(pl.col("_delivery") == 0).select(columns).write_parquet(opening, compression="lz4")
        rest = frame.filter(pl.col("_delivery") > 0).sort("_delivery", maintain_order=True)
        rest.select([*columns, "_delivery"]).write_parquet(later, compression="lz4")
        parts.append((opening, later))

    def blocks(self, feed: str) -> int:
        """How many blocks a feed came in."""
        return len(self._parts[feed])

    def opening(self, feed: str) -> Iterator[pl.DataFrame]:
        """The opening delivery's rows, a block at a time."""
        for opening, _ in self._parts[feed]:
            yield pl.read_parquet(opening)

    def later(self, feed: str) -> Iterator[pl.DataFrame]:
        """The rows of each later delivery, in order; empty frames where nothing came."""
        files = [later for _, later in self._parts[feed]]
        count = len(self._timeline.business_dates)
        for first in range(1, count, _CHUNK):
            beyond = min(first + _CHUNK, count)
            wanted = pl.col("_delivery").is_between(first, beyond - 1)
            chunk = pl.concat([pl.scan_parquet(f).filter(wanted).collect() for f in files])
            for delivery in range(first, beyond):
                yield chunk.filter(pl.col("_delivery") == delivery).drop("_delivery")
