"""When the night runs by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.jobs import NIGHT
from warehouse.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

_SETTINGS = Settings()


def business_date(tick: datetime) -> str:
    """The night a tick runs: the day before, in the business time zone; the tick of the 10th runs the 9th."""
    return (tick - timedelta(days=1)).strftime("%Y-%m-%d")


@dg.schedule(
    job=NIGHT,
    cron_schedule=_SETTINGS.schedule,
    execution_timezone=_SETTINGS.timezone,
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="The nightly run of the business date just ended; switch it on in the UI.",
)
def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Request the night of the business date before the tick."""
    day = business_date(context.scheduled_execution_time)
    return dg.RunRequest(run_key=f"night:{day}", partition_key=day)


NIGHTLY = nightly
