"""One step over the nights of its run: one night as a rule, several when a range is launched as one run.

A night whose check fails stops the run when it is the only one. In a range the other nights go on: the stopped night
is named in each check it failed, later steps leave it out, publication publishes the others and then fails the run.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.progress import announce

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orchestration.resources import Warehouse
    from quality.results import CheckResult

NOT_EVALUATED = "not evaluated: the rows were not read, see the checks that failed"


def nights_of(context: dg.AssetExecutionContext, warehouse: Warehouse) -> list[date]:
    """The business dates of this step that no earlier step has stopped; announces the step."""
    announce(".".join(context.asset_key.path))
    days = [date.fromisoformat(key) for key in context.partition_keys]
    return [day for day in days if day not in warehouse.work.stopped]


def step_results(
    context: dg.AssetExecutionContext, results: Mapping[date, Sequence[CheckResult]]
) -> Iterator[dg.AssetCheckResult]:
    """Each check of the step once, over its nights; it blocks when the run is of one night only."""
    severity = dg.AssetCheckSeverity.ERROR if len(context.partition_keys) == 1 else dg.AssetCheckSeverity.WARN
    for name in sorted(key.name for key in context.selected_asset_check_keys):
        found = {day: next((r for r in made if r.rule == name), None) for day, made in results.items()}
        failed = {day: r for day, r in found.items() if r is None or not r.passed}
        verdicts = [r for r in found.values() if r is not None]
        stops = any(r is not None and r.severity == "error" for r in failed.values())
        yield dg.AssetCheckResult(
            check_name=name,
            passed=not failed,
            severity=severity if stops else dg.AssetCheckSeverity.WARN,
            description="\n".join(
                f"{day}: {r.summary_line() if r else NOT_EVALUATED}" for day, r in (failed or found).items()
            ),
            metadata={
                "rule": verdicts[0].description if verdicts else NOT_EVALUATED,
                "rows": sum(r.rows for r in verdicts),
                "bad_rows": sum(r.bad_rows for r in verdicts),
                "allowed_share": dg.MetadataValue.float(verdicts[0].max_bad_share if verdicts else 0.0),
            },
        )
