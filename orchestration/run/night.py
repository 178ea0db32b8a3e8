"""One night through Dagster in this process: the same job, assets and checks as the schedule's."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import dagster as dg

from orchestration.definitions import build_defs
from orchestration.run import progress
from orchestration.run.dagster_home import open_instance
from orchestration.run.nights import BROKEN
from orchestration.run.resources import Warehouse
from quality.reconciliation import NOT_DELIVERED
from warehouse.contract import load_contract
from warehouse.lake import Lake, LakeMissingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    import duckdb

    from warehouse.settings import Settings

PUBLISHED, FAILED, STOPPED = 0, 1, 3
#: The check that the lender's books and the engine agree on most plans.
BOOKS_AGREE = "books_agree_mostly"


@dataclass(frozen=True)
class NightOutcome:
    """How a night ended: `exit_code` 0 published, 3 stopped by a check, 1 failed; `remedy` says what to do then."""

    business_date: date
    run_id: str
    exit_code: int
    problems: tuple[str, ...] = ()
    publication: str | None = None
    rows: dict[str, int] = field(default_factory=dict)
    stands: str = ""
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        """The outcome for machines."""
        state = {PUBLISHED: "published", FAILED: "failed", STOPPED: "stopped"}[self.exit_code]
        return {"business_date": str(self.business_date), "run_id": self.run_id, "state": state} | {
            "exit_code": self.exit_code,
            "publication": self.publication,
            "rows": self.rows,
            "problems": list(self.problems),
            "stands": self.stands,
            "remedy": self.remedy,
        }


def run_night(settings: Settings, day: date, *, listener: progress.Listener | None = None) -> NightOutcome:
    """Run the night of `day`; never raises for what went wrong inside it."""
    overrides = {k: str(v) for k, v in settings.model_dump(exclude_unset=True).items() if k in _PASSED_ON and v}
    job = build_defs(resource_overrides={"warehouse": Warehouse(overrides=overrides)}).resolve_job_def("night")
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with open_instance(settings) as instance, progress.listening(listener):
        result = job.execute_in_process(
            partition_key=str(day), instance=instance, raise_on_error=False, run_config=quiet
        )
        checks = list(_stopped_by(result))
        failed = [] if checks or result.success else list(_failures(result))
    code = PUBLISHED if result.success else STOPPED if checks else FAILED
    publication, rows, stands = (
        _outcome(settings, result.run_id) if result.success else (None, {}, standing_publication(settings))
    )
    messages = [f"{table} · {name}: {words}" for table, name, words in checks]
    remedy = "" if result.success else remedy_of(checks)
    return NightOutcome(day, result.run_id, code, tuple(messages or failed), publication, rows, stands, remedy)


_PASSED_ON = ("home", "feeds", "lake", "lake_data", "policy", "scorecard")


def remedy_of(checks: Sequence[tuple[str, str, str]]) -> str:
    """What to do about a night that these checks (table, name, words) stopped; without any it failed by itself."""
    feeds = {table: name for table, name, _ in checks if load_contract(table).role == "feed"}
    again = "then run the same command again"
    if not checks:
        return f"mend the cause, {again}; it starts from what has landed"
    if not feeds and all(name == BOOKS_AGREE for _, name, _ in checks):
        return (
            "the lender's books (book_outstanding_cents, book_next_due_on, book_dpd of credit.installment_plan) and "
            "the engine differ without a reason on as many plans as the line above says; the engine's figures are what "
            "would be published. Plans like these are in servicing.plan_reconciliation where reason = 'unexplained' "
            "on the nights published before. Where the books are wrong ask the sender for a corrected delivery (next "
            "sequence) of credit.installment_plan; to publish meanwhile, have it delivered with these columns empty, "
            f"compare servicing.plan_progress with the books and report what the engine gets wrong; {again}"
        )
    if not feeds:
        return (
            "no delivery is at fault: a table computed here broke a rule of its own, which is a defect of a rule or of "
            "the computation; report it with the line above"
        )
    wanting = [table for table, name, words in checks if name == "delivery_there" and NOT_DELIVERED in words]
    steps = []
    if wanting:
        steps.append(f"deliver what is missing ({', '.join(dict.fromkeys(wanting))})")
    if wrong := [table for table in feeds if table not in wanting]:
        steps.append(f"ask the sender for a corrected delivery (next sequence) of {', '.join(wrong)}")
    return f"{', and '.join(steps)}, {again}"


def _stopped_by(result: dg.ExecuteInProcessResult) -> Iterable[tuple[str, str, str]]:
    """(table, rule, words) of every rule that stopped the night."""
    for check in result.get_asset_check_evaluations():
        if not check.passed and check.blocking and check.severity == dg.AssetCheckSeverity.ERROR:
            for broken in cast("list[dict[str, str]]", check.metadata[BROKEN].value):
                yield ".".join(check.asset_key.path), broken["rule"], broken["words"]


def _failures(result: dg.ExecuteInProcessResult) -> Iterable[str]:
    for event in result.get_step_failure_events():
        error = event.step_failure_data.error
        while error is not None and error.cause is not None:
            error = error.cause
        name = (event.step_key or "").replace("__", ".")
        yield f"{name}: {(error.message if error else 'failed').strip()}"


def _outcome(settings: Settings, run_id: str) -> tuple[str | None, dict[str, int], str]:
    with Lake.open(settings, read_only=True) as lake:
        return *_published(lake.con, run_id), _standing(lake.con)


def _published(con: duckdb.DuckDBPyConnection, run_id: str) -> tuple[str | None, dict[str, int]]:
    row = con.execute(
        "SELECT publication, outputs FROM lake.control.run_manifest WHERE run_id = ?", [run_id]
    ).fetchone()
    return (row[0], {name: count for name, (count, _) in json.loads(row[1]).items()}) if row else (None, {})


def standing_publication(settings: Settings) -> str:
    """What readers find now, in words."""
    try:
        with Lake.open(settings, read_only=True) as lake:
            return _standing(lake.con)
    except LakeMissingError:
        return _NOTHING


_NOTHING = "nothing is published yet"


def _standing(con: duckdb.DuckDBPyConnection) -> str:
    row = con.execute(
        "SELECT business_date, run_id, published_at FROM lake.control.run_manifest "
        "ORDER BY business_date DESC, manifest_no DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return _NOTHING
    return f"the newest published night is {row[0]} (run {row[1]}, {row[2]:%Y-%m-%d %H:%M} UTC); it is unchanged"
