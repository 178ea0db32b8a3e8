"""The assets of the output tables: stage what the transform makes, run the strict suite, report both.

Key, description, columns and checks come from the contract, dependencies and lineage from the transform's signature.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import dagster as dg

from orchestration.assets.declare import asset_arguments, check_specs
from orchestration.assets.tables import TABLES
from orchestration.inputs.signature import reads_of, tables_of
from orchestration.run.nights import nights_of, step_results, trouble_retried
from orchestration.run.publisher import check_output, stage
from orchestration.run.resources import Warehouse
from quality.results import CheckResult
from quality.suite import needed_tables
from warehouse.contract import contract_names, load_contract
from warehouse.night import NotComputedError


def output_assets(transform: Callable[..., Any]) -> list[dg.AssetsDefinition]:
    """The asset of each table a transform makes; the first one stages them all."""
    first, *others = tables_of(transform)
    reads = reads_of(transform)
    read = reads.feeds | (reads.tables - {first, *others})
    return [
        _output_asset(first, read, transform),
        *(_output_asset(table, read | {first}, transform, staged_by=first) for table in others),
    ]


def judged_beside(table: str) -> frozenset[str]:
    """The tables that the rules of an output's contract compare it with: they must be there before it is checked."""
    needed = {name for rule in load_contract(table).rules for name in needed_tables(rule)}
    return frozenset(needed & {*contract_names("output"), *contract_names("feed")}) - {table}


def _output_asset(
    table: str, read: frozenset[str], transform: Callable[..., Any], *, staged_by: str | None = None
) -> dg.AssetsDefinition:
    @dg.asset(
        **asset_arguments(table, group=table.partition(".")[0], read=read, judged_beside=judged_beside(table)),
        check_specs=check_specs(table),
        output_required=False,
    )
    def stage_output(context: dg.AssetExecutionContext, warehouse: Warehouse):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as in feeds.py
        verdicts: dict[date, list[CheckResult]] = {}
        run = warehouse.run
        for day in nights_of(context, warehouse):
            with trouble_retried():
                if staged_by is None:
                    stage(run, transform, day)
                elif not run.night(day).is_staged(table):
                    raise NotComputedError(f"{table} is made with {staged_by}: materialise them together")
                verdicts[day] = check_output(run, table, day)
            context.add_asset_metadata({"dagster/row_count": run.night(day).staged_rows(table)}, partition_key=str(day))
        yield from step_results(context, verdicts)
        if any(day not in run.verdicts.stopped for day in verdicts):
            yield dg.MaterializeResult()

    return stage_output


OUTPUTS = [asset for transform in TABLES for asset in output_assets(transform)]
