"""Bank lines while they are being made: columns of numbers, texts by template."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from warehouse.simulator.draws import Ints


class Counterparty(IntEnum):
    """Who is on the other side; with a number it becomes the counterparty's account."""

    NONE = 0
    EMPLOYER = 1
    PLATFORM = 2
    PAYER = 3
    STATE = 4
    FAMILY = 5
    LANDLORD = 6
    SHOP = 7
    UTILITY = 8
    LENDER = 9
    OWN_SAVINGS = 10
    OWN_CURRENT = 11
    INSURER = 12
    HOSPITAL = 13
    BETTING = 14
    FRIEND = 15


#: Letters before the counterparty's number, by `Counterparty`.
PREFIXES = ("", "EM", "PF", "PY", "GV", "FA", "LL", "SH", "UT", "LN", "SA", "CA", "IN", "HO", "BT", "FR")


@dataclass(frozen=True)
class LineArrays:
    """Lines as columns: customer's position in the block, epoch day, second of the day, cents, template, other side.

    `savings` marks lines of the savings account; all others are on the current account.
    """

    customer: Ints
    day: Ints
    second: Ints
    amount: Ints
    template: Ints
    other_kind: Ints
    other: Ints
    savings: Ints


class Lines:
    """Collects lines in parts."""

    def __init__(self) -> None:
        self._parts: list[LineArrays] = []

    def add(
        self,
        customer: Ints,
        day: Ints,
        amount: Ints,
        template: Ints,
        other: tuple[int, Ints],
        rng: np.random.Generator,
        *,
        hours: tuple[int, int] = (7, 23),
        savings: bool = False,
    ) -> None:
        """Append lines, timed evenly between two hours of the day."""
        second = 3600 * hours[0] + (3600 * (hours[1] - hours[0]) * rng.random(customer.size)).astype(np.int64)
        n = customer.size
        kind, flag = np.full(n, int(other[0])), np.full(n, int(savings))
        self._parts.append(LineArrays(customer, day, second, amount, template, kind, other[1], flag))

    def extend(self, part: LineArrays) -> None:
        """Append lines made elsewhere."""
        self._parts.append(part)

    def arrays(self) -> LineArrays:
        """All lines so far, in the order they were added."""
        names = LineArrays.__dataclass_fields__
        empty = [np.zeros(0, np.int64)]
        return LineArrays(
            **{
                name: np.concatenate([getattr(p, name) for p in self._parts] or empty).astype(np.int64)
                for name in names
            }
        )
