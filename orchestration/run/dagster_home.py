"""Dagster's own files under `FENQI_HOME/dagster`: run history, event log, and a configuration that fits a night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.instance.ref import InstanceRef

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import Settings

#: Runs wait for each other beyond this many: every night is a process of its own, with its own memory limit.
MAX_CONCURRENT_RUNS = 2

_CONFIG = f"""\
# Written by `fenqi`; edit freely, it is not written again.
telemetry:
  enabled: false
# No invitation to sign up in front of the graph.
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: {MAX_CONCURRENT_RUNS}
# Retries are on the steps that can pass by themselves; a whole run is never repeated blindly.
run_retries:
  enabled: false
run_monitoring:
  enabled: true
"""


def prepare_dagster_home(settings: Settings) -> Path:
    """Make the folder and its `dagster.yaml` where they are missing; returns the folder."""
    home = settings.home / "dagster"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = home / "dagster.yaml"
    if not config.exists():
        config.write_text(_CONFIG, encoding="utf-8")
    return home


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Open the Dagster instance of this `FENQI_HOME`; use it in a `with`.

    Its event log is the one `dagster.yaml` gives, Dagster's default files, written to without closing them each time.
    """
    home = prepare_dagster_home(settings)
    event_log = {
        "module": "orchestration.run.event_log",
        "class": "KeptOpenEventLogStorage",
        "config": {"base_dir": str(home / "history" / "runs")},
    }
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides={"event_log_storage": event_log}))
