"""Random draws in bulk: one generator per stream, block of customers and calendar month.

A generator's seed is `SeedSequence(seed, spawn_key=(stream, block, month))`, what `SeedSequence.spawn` would hand out
for that path: adding a stream, a block or a month changes no other draw, and nothing depends on threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Customers drawn together; fixed, because the draws depend on it.
BLOCK = 10_000

#: Streams whose place in this tuple is part of the seed; it only keeps what they have always drawn. Any other stream is
#: known by the checksum of its name and needs no place here.
_STREAMS = (
    "person",
    "contact",
    "job",
    "stated",
    "consent",
    "latent",
    "credit_stock",
    "credit_new",
    "credit_month",
    "inquiry",
    "card",
    "card_month",
    "plan_new",
    "plan_month",
    "line",
    "income",
    "home",
    "spending",
    "time",
    "merchant",
    "order",
    "refund",
    "request",
    "market",
    "arrival",
    "fault",
    "change",
    "card_time",
    "plan_time",
    "borrow",
    "failed",
    "instrument",
    "market_price",
    "note",
    "obligor",
    "hardship",
    "service",
    "unusual",
)


@dataclass(frozen=True)
class Streams:
    """The generators of one block of customers (block -1: what belongs to no customer)."""

    seed: int
    block: int

    def at(self, stream: str, month: int = 0) -> np.random.Generator:
        """The generator of `stream` for a calendar month (see `timeline.month_number`; 0: none)."""
        known = _STREAMS.index(stream) if stream in _STREAMS else (1 << 32) + crc32(stream.encode())
        path = (known, self.block + 1, month)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=path)))


def pick(rng: np.random.Generator, shares: tuple[float, ...], size: int) -> Ints:
    """Indices drawn with the given shares, which need not add up to one."""
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    drawn = np.searchsorted(edges / edges[-1], rng.random(size), side="right")
    return np.minimum(drawn, len(shares) - 1).astype(np.int64)


def cents(yuan: Floats) -> Ints:
    """Whole cents of amounts in currency units."""
    return np.rint(yuan * 100.0).astype(np.int64)


def serial_within(groups: Ints) -> Ints:
    """0, 1, 2, … within each value of `groups`, in the order of appearance."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if ordered.size else np.zeros(0, np.int64)
    runs = np.diff(np.r_[starts, ordered.size])
    serial = np.arange(ordered.size) - np.repeat(starts, runs)
    result = np.empty(ordered.size, np.int64)
    result[order] = serial
    return result


def luck(seed: int, *parts: Ints) -> Floats:
    """Evenly spread numbers in [0, 1) that hang on the given integers alone (SplitMix64), whatever rows are beside.

    For what is drawn per row of tables whose length changes with the dates simulated.
    """
    with np.errstate(over="ignore"):
        mixed = np.full(parts[0].shape, np.uint64(seed & 0xFFFFFFFFFFFFFFFF), np.uint64)
        for part in parts:
            mixed = (mixed ^ part.astype(np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed = mixed ^ (mixed >> np.uint64(31))
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53))
