"""Staging, checking and publishing the outputs of a run's nights."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from orchestration.inputs.frozen_reference import model_digest
from orchestration.inputs.signature import tables_of
from quality.output_suite import validate_output
from quality.suite import needed_tables
from transforms.risk.model import champion
from warehouse.contract import contract_names, load_contract
from warehouse.night import output_contracts
from warehouse.publication import Publication, Rulebook, publish

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from orchestration.run.context import RunContext
    from quality.results import CheckResult


class StoppedNightError(RuntimeError):
    """A night that a check has stopped; the message names table and rule, and what stays published."""


def stage(run: RunContext, transform: Callable[..., Any], day: date) -> None:
    """Stage the tables that a transform makes, in place of what the run staged of them before."""
    night, inputs = run.night(day), run.inputs(day)
    for table in tables_of(transform):
        night.start(table)
    for tables in inputs.tables(transform):
        for table, frame in tables.items():
            night.add(table, frame)


def check_output(run: RunContext, table: str, day: date) -> list[CheckResult]:
    """Run the strict suite on a staged output."""
    night = run.night(day)
    contract = load_contract(table)
    outputs, needed = contract_names("output"), {name for rule in contract.rules for name in needed_tables(rule)}
    relations = {name: night.output_or_none(name) for name in sorted(needed.intersection(outputs))}
    results = validate_output(
        run.lake.con,
        run.gx,
        contract,
        night.staged_table(table),
        {name: relation for name, relation in relations.items() if relation},
        day,
        night.rows_published_before(table),
    )
    run.verdicts.add(day, table, 0, results)
    run.verdicts.stop_if_broken(day, results)
    return results


def publish_night(run: RunContext, day: date) -> Publication:
    """Publish a night once every output's suite has been run and holds; StoppedNightError where one does not."""
    for contract in output_contracts():
        if not run.verdicts.has_checked(day, contract.name):
            check_output(run, contract.name, day)
    if day in run.verdicts.stopped:
        raise StoppedNightError(run.verdicts.stopped[day])
    publication = publish(run.night(day), _rulebook(run, day), run.verdicts.rows(day, run.run_id))
    run.published.add(day)
    return publication


def _rulebook(run: RunContext, day: date) -> Rulebook:
    rulebooks = run.rulebooks
    policy, model = rulebooks.policy(day), champion(rulebooks.models.models_on(day))
    return Rulebook(
        policy_id=policy.policy_id,
        policy_version=policy.version,
        policy_digest=policy.digest,
        model_version=model.version,
        model_digest=model_digest(model.digest, run.settings, rulebooks.scorecard(day), day),
        code_version=version("fenqi"),
    )
