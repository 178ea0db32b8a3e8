"""Publication: every output of the night in one commit, with the manifest of its inputs."""

import dagster as dg

from orchestration.assets.declare import asset_arguments
from orchestration.run.nights import nights_of, trouble_retried
from orchestration.run.publisher import publish_night
from orchestration.run.resources import Warehouse
from warehouse.contract import contract_names


@dg.asset(
    **asset_arguments("control.run_manifest", group="publication", read=contract_names("output"), kinds={"ducklake"})
)
def run_manifest(context: dg.AssetExecutionContext, warehouse: Warehouse) -> None:
    """Publish the nights no check has stopped; fail when one was stopped, naming it."""
    run = warehouse.run
    for day in nights_of(context, warehouse):
        with trouble_retried():
            publication = publish_night(run, day)
        rows = {name: count for name, (count, _) in publication.outputs.items()}
        context.log.info("%s: %s publication, %d tables", day, publication.publication, len(rows))
        context.add_asset_metadata(
            {"publication": publication.publication, "manifest_digest": publication.manifest_digest, "rows": rows},
            partition_key=str(day),
        )
    if stopped := run.verdicts.stopped:
        lines = "\n".join(f"{day}: {reason}" for day, reason in sorted(stopped.items()))
        raise dg.Failure(f"these nights were stopped, the others are published:\n{lines}", allow_retries=False)


PUBLICATION = [run_manifest]
