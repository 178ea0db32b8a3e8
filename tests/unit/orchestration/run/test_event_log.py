"""Nights write Dagster's event log without opening it for each event; what is there is what its own class reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.run.dagster_home import open_instance, prepare_dagster_home
from orchestration.run.event_log import KeptOpenEventLogStorage
from warehouse.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@dg.asset(check_specs=[dg.AssetCheckSpec("holds", asset="watched")])
def watched() -> dg.MaterializeResult:
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True, check_name="holds")])


def test_events_are_read_by_dagsters_own_class(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with open_instance(settings) as instance:
        assert isinstance(instance.event_log_storage, KeptOpenEventLogStorage)
        done = dg.materialize([watched], instance=instance)
        assert done.success
        written = instance.all_logs(done.run_id)
    with dg.DagsterInstance.from_config(str(prepare_dagster_home(settings))) as plain:
        assert type(plain.event_log_storage) is SqliteEventLogStorage
        assert plain.all_logs(done.run_id) == written
        found = plain.get_latest_materialization_event(dg.AssetKey("watched"))
        assert found is not None
        assert found.run_id == done.run_id


def test_few_databases_are_open_and_none_afterwards(tmp_path: Path) -> None:
    with open_instance(Settings(home=tmp_path)) as instance:
        storage = instance.event_log_storage
        assert isinstance(storage, KeptOpenEventLogStorage)
        for number in range(12):
            assert storage.get_logs_for_run(f"run-{number}") == []
        assert len(storage._engines) == 8
    assert storage._engines == {}
