"""When a consent holds: on both sides of each of its dates, for every place that asks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

DAY = timedelta(days=1)


def consent_dates(night: date) -> list[tuple[dict[str, date], bool]]:
    """(Dates of a consent, whether it holds on the night)."""
    return [
        ({}, True),
        ({"granted_on": night}, True),
        ({"granted_on": night + DAY}, False),
        ({"expires_on": night}, True),
        ({"expires_on": night - DAY}, False),
        ({"withdrawn_on": night + DAY}, True),
        ({"withdrawn_on": night}, False),
    ]
