"""Feeds: an asset per feed; materialising it takes in the delivery of the date and any earlier one not yet landed."""

from datetime import date

import dagster as dg

from orchestration.assets.declare import asset_arguments, check_specs
from orchestration.run.nights import nights_of, step_results, trouble_retried
from orchestration.run.resources import Warehouse
from quality.results import CheckResult
from warehouse.contract import contract_names, load_contract


def feed_asset(feed: str) -> dg.AssetsDefinition:
    """The asset of one feed, with the checks of its rules."""
    contract = load_contract(feed)

    @dg.asset(
        **asset_arguments(feed, group=contract.schema, kinds={"duckdb", "ducklake"}),
        check_specs=check_specs(feed),
        output_required=False,
    )
    def land_feed(context: dg.AssetExecutionContext, warehouse: Warehouse):  # type: ignore[no-untyped-def]  # noqa: ANN202 - Dagster takes no annotation on a generator of mixed events
        verdicts: dict[date, list[CheckResult]] = {}
        for day in nights_of(context, warehouse):
            with trouble_retried():
                intakes = warehouse.run.take_in(feed, day)
            for intake in intakes:
                context.log.info(intake.words)
            context.add_asset_metadata(intake.metadata, partition_key=str(day))
            verdicts[day] = list(intake.results)
        yield from step_results(context, verdicts)
        if any(day not in warehouse.run.verdicts.stopped for day in verdicts):
            yield dg.MaterializeResult()

    return land_feed


FEEDS = [feed_asset(name) for name in contract_names("feed")]
