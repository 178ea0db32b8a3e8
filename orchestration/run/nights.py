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
from quality.results import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orchestration.run.resources import Warehouse
    from quality.results import CheckResult

#: The broken rules of a check, in its metadata: what stopped a night, for those who say so.
BROKEN = "broken"


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
    """Each check of the step once, over its nights; it blocks when the run is of one night only.

    A broken rule is a line of the description and a row of the metadata; the verdict on every rule is in
    control.check_result.
    """
    one_night = len(context.partition_keys) == 1
    for name in sorted(key.name for key in context.selected_asset_check_keys):
        of_rules = CHECKS[name][1]
        verdicts = [(day, r) for day, made in results.items() for r in made if r.severity == of_rules]
        broken = [(day, r) for day, r in verdicts if not r.passed]
        lines = [f"{day}: {r.summary_line()}" for day, r in broken or verdicts if r.bad_rows or not r.passed]
        stops = one_night and any(r.blocks for _, r in broken)
        yield dg.AssetCheckResult(
            check_name=name,
            passed=not broken,
            severity=dg.AssetCheckSeverity.ERROR if stops else dg.AssetCheckSeverity.WARN,
            description="\n".join(lines) or "holds",
            metadata={
                "rules": len(verdicts),
                "rows": max((r.rows for _, r in verdicts), default=0),
                "bad_rows": sum(r.bad_rows for _, r in verdicts),
                **({BROKEN: [_broken(day, r) for day, r in broken]} if broken else {}),
            },
        )


def _broken(day: date, result: CheckResult) -> dict[str, str | int | float]:
    return {
        "night": str(day),
        "rule": result.rule,
        "words": f"{day}: {result.summary_line()}",
        "rows": result.rows,
        "bad_rows": result.bad_rows,
        "allowed_share": result.max_bad_share,
    }
