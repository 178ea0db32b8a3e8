"""How a transform says what it reads: the names and types of its parameters.

A transform that makes a table is named after it. Its parameters, and those of the functions they are named after, name

- an output table of the night (`plan_progress`), as a frame;
- a feed with the way it is read: `<feed>_rows`, all rows the night knows; `<feed>_known`, these with `known_on`, the
  day the lender knew of each; `<feed>_latest`, of a feed of changes the row of each key that is in force;
- a function of the transforms (`grade_inputs`, `open_requests`), which says in turn what it reads;
- a fact of the night: `as_of`, `policy`, a section of it (`monitoring_policy`), `catalogue`, `scorecard` and the like;
- any of these as of a cooldown ago, with `earlier_` before its name.

A function whose result is :data:`Sql` is a reduction of event rows: it gives the text of a query, its parameters of
type :class:`Rows` are feeds or output tables by their plain names, and whoever reads it gets the query's result.

Most functions see the customers of a range of shards. A parameter of type :data:`PerRange` has what was made of every
range, so its function sees the whole night. A function that makes several tables returns a NamedTuple of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NewType, Protocol, TypeAlias

import polars as pl

#: The text of a query.
Sql = NewType("Sql", str)
#: One frame per range of shards, whatever their order: what adds up over them.
PerRange: TypeAlias = Sequence[pl.DataFrame]


class Rows(Protocol):
    """Where rows are: SQL texts that can follow FROM."""

    @property
    def facts(self) -> str:
        """Rows that arrived in the month of their event."""

    @property
    def late(self) -> str | None:
        """Rows that arrived later; None for a feed of changes."""

    @property
    def all(self) -> str:
        """Both."""

    @property
    def checkpoint(self) -> str | None:
        """The checkpoint the night starts from; None where all rows are read."""
