"""When a row reaches the lender: mostly the day it happened, now and then days later, rarely after its month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warehouse.simulator.draws import luck

if TYPE_CHECKING:
    from warehouse.simulator.draws import Ints

#: Shares that are at most so many days late: on the day, 1 to 3, 4 to 12, 13 to 42.
_ON_TIME, _DAYS, _WEEK = 0.985, 0.9955, 0.999


@dataclass(frozen=True)
class Post:
    """Gives arrival days; with `late` false everything arrives on its day."""

    seed: int
    late: bool

    def arrival(self, day: Ints, customer: Ints, serial: Ints) -> Ints:
        """Arrival of events of those days; customer number and a serial tell rows of one day apart."""
        if not self.late:
            return day
        u, v = luck(self.seed, day, customer, serial), luck(self.seed + 1, day, customer, serial)
        delay = np.select(
            [u < _ON_TIME, u < _DAYS, u < _WEEK],
            [0, 1 + (3 * v).astype(np.int64), 4 + (9 * v).astype(np.int64)],
            13 + (30 * v).astype(np.int64),
        )
        return np.asarray(day + delay)
