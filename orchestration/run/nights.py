"""One step over the nights of its run: one night as a rule, several when a range is launched as one run.

A night whose check fails stops the run when it is the only one. In a range the other nights go on: the stopped night
is named in each check it failed, later steps leave it out, publication publishes the others and then fails the run.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import dagster as dg
import duckdb
from filelock import Timeout

from orchestration.run.progress import announce

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orchestration.run.resources import Warehouse
    from quality.results import CheckResult

NOT_EVALUATED = "not evaluated: the rows were not read, see the checks that failed"


@contextmanager
def trouble_retried() -> Iterator[None]:
    """Ask for the step again after a while for what can pass by itself: a lock held long, storage out of reach.

    Anything else, a failed check or a defect, fails the step at once.
    """
    try:
        yield
    except (Timeout, ConnectionError, TimeoutError, duckdb.IOException) as error:
        raise dg.RetryRequested(max_retries=2, seconds_to_wait=30) from error


def nights_of(context: dg.AssetExecutionContext, warehouse: Warehouse) -> list[date]:
    """The business dates of this step that no earlier step has stopped; announces the step."""
    announce(".".join(context.asset_key.path))
    days = [date.fromisoformat(key) for key in context.partition_keys]
    return [day for day in days if day not in warehouse.run.verdicts.stopped]


def step_results(
    context: dg.AssetExecutionContext, results: Mapping[date, Sequence[CheckResult]]
) -> Iterator[dg.AssetCheckResult]:
    """Each check of the step once, over its nights; it blocks when the run is of one night only."""
    severity = dg.AssetCheckSeverity.ERROR if len(context.partition_keys) == 1 else dg.AssetCheckSeverity.WARN
    for name in sorted(key.name for key in context.selected_asset_check_keys):
        verdicts = [(day, r) for day, made in results.items() for r in made if name in (r.check or r.rule, r.rule)]
        silent = [day for day in results if day not in {judged for judged, _ in verdicts}]
        failed = [(day, r) for day, r in verdicts if not r.passed]
        lines = [f"{day}: {r.summary_line()}" for day, r in failed or verdicts if r.bad_rows or not r.passed]
        yield dg.AssetCheckResult(
            check_name=name,
            passed=not failed and not silent,
            severity=severity if any(r.blocks for _, r in failed) else dg.AssetCheckSeverity.WARN,
            description="\n".join([*lines, *(f"{day}: {NOT_EVALUATED}" for day in silent)]) or "holds",
            metadata={
                "rules": len(verdicts),
                "rows": max((r.rows for _, r in verdicts), default=0),
                "bad_rows": sum(r.bad_rows for _, r in verdicts),
                "allowed_share": dg.MetadataValue.float(max((r.max_bad_share for _, r in verdicts), default=0.0)),
            },
        )
