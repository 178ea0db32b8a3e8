"""How much is spent in which month: Spring Festival, the sales of June and November, the summer."""

from __future__ import annotations

#: By month of the year; Spring Festival lies in January or February, 618 in June, Double 11 in November.
_SPENDING = (1.12, 1.18, 0.90, 0.93, 0.99, 1.08, 0.98, 0.98, 1.00, 1.03, 1.20, 1.06)
_ORDERS = (1.00, 0.85, 0.92, 0.92, 1.00, 1.35, 0.92, 0.95, 1.00, 1.02, 1.70, 1.10)


def season(month: int) -> float:
    """Factor on spending in a calendar month (number of the month)."""
    return _SPENDING[month % 12]


def order_season(month: int) -> float:
    """Factor on the number of online orders in a calendar month."""
    return _ORDERS[month % 12]
