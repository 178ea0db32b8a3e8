"""The nights: one partition per business date of the business calendar."""

from __future__ import annotations

import dagster as dg

from warehouse.settings import Settings

_SETTINGS = Settings()

#: A night of date D may run once D is over in the business time zone.
NIGHTS = dg.DailyPartitionsDefinition(start_date=_SETTINGS.first_date, timezone=_SETTINGS.timezone)
