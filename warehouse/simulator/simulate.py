"""The synthetic lender's deliveries: every feed, every business date, what is true and what is wrong kept apart."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import polars as pl

from warehouse.contract import load_contract
from warehouse.delivery_writer import write_delivery
from warehouse.simulator.commerce import merchants
from warehouse.simulator.draws import BLOCK, Streams
from warehouse.simulator.feeds import simulated_feeds
from warehouse.simulator.lender import Everyone, play
from warehouse.simulator.planting import Planted, corrected, plant
from warehouse.simulator.spool import Spool
from warehouse.simulator.timeline import Cadence, Timeline, timeline
from warehouse.simulator.unusual import UNUSUAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from warehouse.delivery_writer import FileFormat
    from warehouse.simulator.feeds import SimulatedFeed

ANSWERS = "answers.json"
TRUTH = "truth"

#: The feed that is corrected on the second date (on the first, where there is no other), and the column set right.
_CORRECTED = (("market.market_indicator", "indicator_value"), ("commerce.commerce_order", "item_count"))
#: Rows of a delivery remembered for sending again with the next.
_REMEMBERED = 200


@dataclass(frozen=True)
class SimulationSummary:
    """What was written: rows by feed (planted ones included), planted faults by kind, bytes of all deliveries."""

    customers: int
    business_dates: tuple[date, ...]
    rows: dict[str, int]
    faults: dict[str, int]
    bytes_written: int
    answers: Path
    truth: tuple[Path, ...]


@dataclass
class _Record:
    """What goes into the answer file."""

    planted: list[Planted] = field(default_factory=list)
    deliveries: list[dict[str, str | int]] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    written: int = 0


def simulate_feeds(
    customers: int,
    start: date,
    end: date,
    seed: int,
    out: Path,
    *,
    history_months: int = 12,
    cadence: Cadence = "daily",
    faults: bool = True,
    shocks: bool = True,
    progress: Callable[[str, int, int], None] | None = None,
) -> SimulationSummary:
    """Write the deliveries of all feeds for the business dates from `start` to `end` under `out`.

    The first delivery carries the history of `history_months` (own plans with their movements from their start), each
    later one what arrived since the one before it. Beside the feeds lie `answers.json`, which counts every planted
    fault and names who did something unusual when, and `truth/`, what really was. The same arguments give the same
    bytes; a later `end` changes no earlier delivery. `faults=False` leaves out planted rows, corrections and late
    arrivals; `shocks=False` gives the same lender without job losses and illness, for comparison.

    Raises ValueError for fewer than one customer, an end before the start, or no history; ContractError where a feed
    that every night needs is made by no function of the simulator.
    """
    if customers < 1:
        raise ValueError(f"customers is {customers}; at least one is needed")
    line, feeds = timeline(start, end, history_months, cadence), simulated_feeds()
    out.mkdir(parents=True, exist_ok=True)
    tell = progress or (lambda _what, _done, _all: None)
    record = _Record()
    with tempfile.TemporaryDirectory(prefix=".simulating-", dir=out) as scratch:
        spool = Spool(Path(scratch), line)
        truth = _play(spool, feeds, Path(scratch), out, customers, seed, line, late=faults, shocks=shocks, tell=tell)
        for done, (feed, simulated) in enumerate(feeds.items()):
            tell(f"writing {feed}", done, len(feeds))
            _write_feed(spool, simulated, out, seed, line, record, faults=faults)
        tell("written", len(feeds), len(feeds))
    counted = Counter[str]()
    for one in record.planted:
        counted[one.kind] += one.count
    answers = out / ANSWERS
    body = {
        "format": "fenqi-answers/1",
        "arguments": {
            "customers": customers,
            "start": start.isoformat(),
            "end": end.isoformat(),
            "seed": seed,
            "history_months": history_months,
            "cadence": cadence,
            "faults": faults,
            "shocks": shocks,
        },
        "faults": [asdict(p) | {"business_date": p.business_date.isoformat()} for p in record.planted],
        "deliveries": record.deliveries,
        "unusual": [
            row | {"business_date": row["business_date"].isoformat()}
            for row in pl.read_parquet(out / TRUTH / f"{UNUSUAL}.parquet").iter_rows(named=True)
        ],
    }
    answers.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return SimulationSummary(
        customers, line.business_dates, dict(record.rows), dict(counted), record.written, answers, truth
    )


def _play(
    spool: Spool,
    feeds: Mapping[str, SimulatedFeed[...]],
    scratch: Path,
    out: Path,
    customers: int,
    seed: int,
    line: Timeline,
    *,
    late: bool,
    shocks: bool,
    tell: Callable[[str, int, int], None],
) -> tuple[Path, ...]:
    """Play all blocks into the spool; gives the truth tables' paths."""
    streams = Streams(seed, -1)
    everyone = Everyone(streams, line, merchants(streams, line, customers))
    for feed, simulated in feeds.items():
        if simulated.once:
            spool.add(feed, simulated.rows_of(everyone))
    blocks = -(-customers // BLOCK)
    parts: dict[str, list[Path]] = {}
    for block in range(blocks):
        tell("simulating customers", block * BLOCK, customers)
        numbers = np.arange(block * BLOCK + 1, min((block + 1) * BLOCK, customers) + 1)
        played = play(seed, block, numbers, everyone, shocks=shocks, late=late)
        for feed, simulated in feeds.items():
            if not simulated.once:
                spool.add(feed, simulated.rows_of(played))
        for name, frame in played.truth().items():
            part = scratch / f"{name}-{block:05}.parquet"
            frame.write_parquet(part, compression="lz4")
            parts.setdefault(name, []).append(part)
    tell("simulating customers", customers, customers)
    (out / TRUTH).mkdir(exist_ok=True)
    for name, files in parts.items():
        pl.concat([pl.read_parquet(f) for f in files]).write_parquet(out / TRUTH / f"{name}.parquet")
    return tuple(out / TRUTH / f"{name}.parquet" for name in parts)


def _write_feed(
    spool: Spool,
    simulated: SimulatedFeed[...],
    out: Path,
    seed: int,
    line: Timeline,
    record: _Record,
    *,
    faults: bool,
) -> None:
    """Write all deliveries of one feed."""
    dates, feed, file_format = line.business_dates, simulated.feed, simulated.file_format
    # By the feed's name: another feed beside it plants no other rows in this one.
    draws = Streams(seed, crc32(feed.encode()))
    previous: pl.DataFrame | None = None
    remembered: pl.DataFrame | None = None
    planted: list[Planted] = []

    def planting(day: date, frame: pl.DataFrame, days_since: int) -> pl.DataFrame:
        if not faults:
            return frame
        frame, found = plant(
            frame, simulated, day, draws.at("fault", day.toordinal()), previous=previous, days_since=days_since
        )
        planted.extend(found)
        return frame

    def opening() -> Iterator[pl.DataFrame]:
        nonlocal remembered
        for part, frame in enumerate(spool.opening(feed)):
            if part == 0:
                remembered = frame.head(_REMEMBERED)
            yield planting(dates[0], frame, 0) if part == 0 else frame

    column = _corrected_column(feed, 0, line) if faults else None
    single = column is not None or spool.blocks(feed) == 1
    given: pl.DataFrame | Iterator[pl.DataFrame] = pl.concat(list(opening())) if single else opening()
    _deliver(out, feed, dates[0], given, file_format, record, planted, column)
    previous = remembered
    for index, frame in enumerate(spool.later(feed), start=1):
        planted.clear()
        day = dates[index]
        if faults:
            planted.extend(_late(frame, feed, day))
        full = planting(day, frame, (day - dates[index - 1]).days)
        column = _corrected_column(feed, index, line) if faults and frame.height > 1 else None
        _deliver(out, feed, day, full, file_format, record, planted, column)
        previous = frame.head(_REMEMBERED)


def _deliver(
    out: Path,
    feed: str,
    day: date,
    frame: pl.DataFrame | Iterator[pl.DataFrame],
    file_format: FileFormat,
    record: _Record,
    planted: list[Planted],
    corrected_column: str | None,
) -> None:
    """Write one delivery, and before it the wrong one it corrects, where it does."""
    sequence, note = 1, None
    if corrected_column is not None and isinstance(frame, pl.DataFrame):
        wrong, differing = corrected(frame, corrected_column)
        record.written += _size(write_delivery(out, feed, day, wrong, file_format=file_format))
        sequence, note = 2, "corrects sequence 1"
        planted.append(Planted("corrected_delivery", feed, day, 2, differing, None))
    manifest = write_delivery(out, feed, day, frame, sequence=sequence, file_format=file_format, note=note)
    record.written += _size(manifest)
    rows = int(json.loads(manifest.read_text(encoding="utf-8"))["row_count"])
    record.rows[feed] += rows
    here = [replace(p, sequence=sequence) for p in planted]
    record.planted.extend(here)
    record.deliveries.append(
        {
            "feed": feed,
            "business_date": day.isoformat(),
            "sequence": sequence,
            "rows": rows,
            "quarantined": sum(p.count for p in here if p.rule not in (None, "unreadable")),
            "unreadable": sum(p.count for p in here if p.rule == "unreadable"),
        }
    )


def _corrected_column(feed: str, index: int, line: Timeline) -> str | None:
    """The column set right in this delivery, or None: one delivery of the simulation is corrected."""
    wanted = min(1, len(line.business_dates) - 1)
    return dict([_CORRECTED[wanted]]).get(feed) if index == wanted else None


def _late(frame: pl.DataFrame, feed: str, day: date) -> list[Planted]:
    """Rows that arrive after their month; they are accepted."""
    contract = load_contract(feed)
    if contract.properties.get("history") != "events" or feed == "market.market_indicator":
        return []
    late = int(frame.select((pl.col(contract.event_date or "") < day.replace(day=1)).sum()).item())
    return [Planted("late", feed, day, 1, late, None)] if late else []


def _size(manifest: Path) -> int:
    """Bytes of a delivery's files and its manifest."""
    names = [f["name"] for f in json.loads(manifest.read_text(encoding="utf-8"))["files"]]
    return manifest.stat().st_size + sum((manifest.parent / str(n)).stat().st_size for n in names)
