"""How an output table's asset runs: stage what its transform makes, run its strict suite, report both."""

from collections.abc import Callable
from datetime import date

import dagster as dg

from orchestration.assets.declare import asset_arguments, check_specs
from orchestration.run.context import RunContext
from orchestration.run.nights import nights_of, step_results, trouble_retried
from orchestration.run.resources import Warehouse
from quality.output_suite import output_rules
from quality.results import CheckResult
from warehouse.contract import load_contract
from warehouse.night import NotComputedError

Stage = Callable[[RunContext, date], None]


def output_asset(
    table: str, *, group: str, deps: list[str], staged_by: str | None = None
) -> Callable[[Stage], dg.AssetsDefinition]:
    """Make the asset of an output table of the function that stages it.

    `staged_by`: the table whose asset has staged this one too, because the two can only be told apart together.
    """

    def declare(stage: Stage) -> dg.AssetsDefinition:
        @dg.asset(
            **asset_arguments(table, group=group, deps=deps),
            check_specs=check_specs(table, output_rules(load_contract(table))),
            output_required=False,
        )
        def stage_output(context: dg.AssetExecutionContext, warehouse: Warehouse):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as in feeds.py
            verdicts: dict[date, list[CheckResult]] = {}
            for day in nights_of(context, warehouse):
                with trouble_retried():
                    if staged_by is None:
                        warehouse.work.night(day).start(table)
                    elif not warehouse.work.night(day).is_staged(table):
                        raise NotComputedError(f"{table} is made with {staged_by}: materialise them together")
                    stage(warehouse.work, day)
                    verdicts[day] = warehouse.work.check_output(table, day)
                rows = warehouse.work.night(day).staged_rows(table)
                context.add_asset_metadata({"dagster/row_count": rows}, partition_key=str(day))
            yield from step_results(context, verdicts)
            if any(day not in warehouse.work.stopped for day in verdicts):
                yield dg.MaterializeResult()

        return stage_output

    return declare
