"""SQL of states: of a feed of changes, the row of each key that stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def latest_sql(relation: str, key: Sequence[str], newest: Sequence[str] = ("feed_date", "delivery_seq")) -> str:
    """The row of each `key` that is greatest by `newest`; by default the one that arrived last."""
    keys = ", ".join(f'"{k}"' for k in key)
    order = ", ".join(f'"{n}" DESC' for n in newest)
    return f"SELECT * FROM {relation} QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {order}) = 1"
