"""SQL of states: the current row of each key of a feed of changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.sql import identifier, identifiers

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Later among rows of one key: what arrived later; a correction replaces what it corrects.
ARRIVAL = ("feed_date", "delivery_seq")


def latest_sql(relation: str, key: Sequence[str], event: str) -> str:
    """The current row of each `key`: of what arrived last, the greatest by the column `event`.

    A delivery can bring several changes of one key, a lender's history all of them: the last change counts, as it would
    had each arrived on its day.
    """
    return newest_sql(relation, key, (*ARRIVAL, event))


def newest_sql(relation: str, key: Sequence[str], newest: Sequence[str]) -> str:
    """The row of each `key` that is greatest by the columns `newest`, the first of them first."""
    keys = identifiers(key)
    order = ", ".join(f"{identifier(n)} DESC" for n in newest)
    return f"SELECT * FROM {relation} QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {order}) = 1"
