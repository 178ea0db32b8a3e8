"""The night as one job: every asset of a partition, in one process (each further process costs its imports again)."""

from __future__ import annotations

import dagster as dg

NIGHT = dg.define_asset_job(
    "night",
    selection=dg.AssetSelection.all(),
    description="One night: take in the feeds of a business date, compute every table, check, publish in one commit.",
    executor_def=dg.in_process_executor,
)
