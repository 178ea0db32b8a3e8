"""What the steps of one run share: one connection, the rules in force, the nights under way, the verdicts so far.

Plain Python, no Dagster: assets, command line and tests all go through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Self

import polars as pl

from orchestration.inputs.checkpoints import Checkpoints
from orchestration.inputs.frozen_reference import model_digest
from orchestration.inputs.models import Models
from quality.data_docs import build_data_docs
from quality.gx_session import GxSession
from quality.intake import DeliveryIntake, Intake
from quality.output_suite import validate_output
from quality.suite import needed_tables
from transforms.decision.facts import deciding_columns
from transforms.policy.policy import parse_policy
from transforms.policy.product import parse_products
from transforms.profile.parameters import ProfileParameters
from transforms.profile.reductions import reductions
from transforms.profile.states import latest_sql
from transforms.risk.model import champion
from transforms.windows.features import EVENT_DATE
from warehouse.contract import contract_names, load_contract
from warehouse.delivery_writer import polars_schema
from warehouse.keys import load_keys
from warehouse.lake import Lake
from warehouse.night import Night, output_contracts, prune_staging
from warehouse.publication import Publication, Rulebook, publish
from warehouse.reference import load_document, products

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from types import TracebackType

    from quality.results import CheckResult
    from transforms.policy.policy import Policy, PolicyBook
    from transforms.policy.product import Catalogue, Product, ProductBook
    from transforms.risk.scorecard import Scorecard
    from warehouse.settings import Settings


#: How long a stopped run's staged tables wait to be resumed.
_STAGING_KEPT_DAYS = 7


class StoppedNightError(RuntimeError):
    """A night that a check has stopped; the message names table and rule, and what stands published."""


class Reductions(Mapping[str, pl.DataFrame]):
    """Frames by name, each made by its SQL when it is first asked for."""

    def __init__(self, lake: Lake, queries: Mapping[str, str]) -> None:
        self._lake, self._queries = lake, queries

    def __getitem__(self, name: str) -> pl.DataFrame:
        """Run the query of that name."""
        return self._lake.frame(self._queries[name])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._queries)

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self._queries)


class RunContext:
    """One run's work; `run_id` names it in the manifest and keeps its staged tables apart. Close it at the end."""

    def __init__(self, settings: Settings, run_id: str) -> None:
        self.settings = settings
        self.run_id = run_id
        self.keys = load_keys(settings, create=not (settings.home / "lake").exists())
        Lake.create(settings)
        self.lake = Lake.open(settings)
        prune_staging(settings.home, _STAGING_KEPT_DAYS, settings.now().timestamp())
        self.published: list[Publication] = []
        self.stopped: dict[date, str] = {}
        self._nights: dict[date, Night] = {}
        self.checkpoints = Checkpoints(self.lake, settings.checkpoint_from_rows)
        self._results: dict[date, dict[tuple[str, int], list[CheckResult]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write the data docs of what was checked and let the run's connection and staged tables go.

        The staged tables of a night that was not published are kept, so that the run can be resumed.
        """
        try:
            if "gx" in self.__dict__:
                build_data_docs(
                    self.gx.validations, self.settings.home / "docs" / "data_docs", self.settings.docs_kept_days
                )
        finally:
            done = {p.business_date for p in self.published}
            for day, night in self._nights.items():
                night.close(keep=day not in done)
            self.lake.close()

    @cached_property
    def gx(self) -> GxSession:
        """Great Expectations for this run; imported only when a check is due."""
        return GxSession(self.lake.con)

    @cached_property
    def delivery_intake(self) -> DeliveryIntake:
        """The door deliveries come in by."""
        return DeliveryIntake(self.lake, self.keys, self.gx, self.run_id)

    @cached_property
    def policy_book(self) -> PolicyBook:
        """All versions of the policy that decides."""
        document = load_document("policies", self.settings.policy)
        types = [polars_schema(load_contract(t)) for t in ("profile.customer_profile", "risk.risk_assessment")]
        return parse_policy(document.body, source=document.path.name, columns=deciding_columns(*types))

    @cached_property
    def product_book(self) -> ProductBook:
        """All versions of the product catalogue."""
        document = products()
        return parse_products(document.body, source=document.path.name)

    def catalogue(self, day: date) -> Catalogue:
        """The product catalogue in force on a business date."""
        return self.product_book.in_force(day)

    def products(self, day: date) -> tuple[Product, ...]:
        """The products sold under the policy in force on a business date."""
        return self.catalogue(day).under(self.policy(day))

    @cached_property
    def models(self) -> Models:
        """Which model decides on a date, and which are scored beside it."""
        return Models(self.settings)

    def scorecard(self, day: date) -> Scorecard:
        """The champion scorecard of a business date."""
        return self.models.champion(day)

    def policy(self, day: date) -> Policy:
        """The policy's version in force on a business date."""
        return self.policy_book.in_force(day)

    def night(self, day: date) -> Night:
        """The night of a business date, opened once per run."""
        if day not in self._nights:
            self._nights[day] = Night(self.lake, self.keys, day, self.run_id)
        return self._nights[day]

    def rows(
        self, feed: str, day: date, shards: tuple[int, int] | None = None, *, known_on: bool = False
    ) -> pl.DataFrame:
        """The rows of a feed as a night knows them; with `known_on` also since when the lender knew of each."""
        return self.lake.frame(f"SELECT * FROM {self.night(day).feed(feed, shards, known_on=known_on).all}")

    def latest(self, feed: str, day: date, shards: tuple[int, int] | None = None) -> pl.DataFrame:
        """Of a feed of changes, the row of each key that stands that night."""
        contract = load_contract(feed)
        return self.lake.frame(
            latest_sql(self.night(day).feed(feed, shards).all, contract.lake_key, str(contract.event_date))
        )

    def profile_parameters(self, day: date) -> ProfileParameters:
        """What the policy in force says of living costs and of whom and what may be taken into account."""
        policy = self.policy(day)
        affordability, attributes = policy.affordability, policy.attributes
        return ProfileParameters(
            living_cost_floor_cents=affordability.living_cost_floor_cents,
            living_cost_share_bp=affordability.living_cost_share_bp,
            shortfall_tolerance_cents=policy.servicing.shortfall_tolerance_cents,
            spouse_counts=attributes.spouse_counts,
            social_alerts=attributes.social_alerts,
        )

    def reductions(self, day: date, shards: tuple[int, int], as_of: date | None = None) -> Reductions:
        """Every frame the profile is made of, for a group of shards, each computed when it is asked for.

        With an earlier `as_of`, what the night of that date would compute if it were run now: give it to the
        transforms too, in place of `day`.
        """
        night, then = self.night(day), as_of or day
        sources = {name: night.feed(name, shards, then) for name in contract_names("feed")}
        sources |= {name: self.checkpoints.under(night, name, sources[name], then, shards) for name in EVENT_DATE}
        return Reductions(self.lake, reductions(then, sources))

    def lpr_1y_bp(self, day: date) -> int | None:
        """The one-year loan prime rate last released by the business date, in basis points; None if none was."""
        row = self.lake.con.execute(
            "SELECT round(indicator_value * 100)::BIGINT FROM "
            f"{self.night(day).feed('market.market_indicator').all} WHERE indicator_code = 'lpr_1y' "
            "ORDER BY released_on DESC, period_end DESC, feed_date DESC, delivery_seq DESC LIMIT 1"
        ).fetchone()
        return int(row[0]) if row else None

    def take_in(self, feed: str, day: date) -> list[Intake]:
        """Take in a feed's deliveries up to a business date; the last one is that of the date itself."""
        intakes = self.delivery_intake.catch_up(feed, day)
        for intake in intakes:
            key = (feed, intake.delivery.sequence if intake.delivery else 0)
            self._results.setdefault(intake.business_date, {})[key] = list(intake.results)
        self._stop_if_broken(day, intakes[-1].results)
        return intakes

    def _stop_if_broken(self, day: date, results: Sequence[CheckResult]) -> None:
        if broken := [r.summary_line() for r in results if r.blocks]:
            self.stopped[day] = "; ".join([*([self.stopped[day]] if day in self.stopped else []), *broken])

    def check_output(self, table: str, day: date) -> list[CheckResult]:
        """Run the strict suite on a staged output."""
        night = self.night(day)
        contract = load_contract(table)
        outputs, needed = contract_names("output"), {name for rule in contract.rules for name in needed_tables(rule)}
        relations = {name: night.output_or_none(name) for name in sorted(needed.intersection(outputs))}
        results = validate_output(
            self.lake.con,
            self.gx,
            contract,
            night.staged_table(table),
            {name: relation for name, relation in relations.items() if relation},
            day,
            night.rows_published_before(table),
        )
        self._results.setdefault(day, {})[table, 0] = results
        self._stop_if_broken(day, results)
        return results

    def publish(self, day: date) -> Publication:
        """Publish a night once every output's suite has been run and holds."""
        results = self._results.setdefault(day, {})
        for contract in output_contracts():
            if (contract.name, 0) not in results:
                self.check_output(contract.name, day)
        if day in self.stopped:
            raise StoppedNightError(self.stopped[day])
        publication = publish(self.night(day), self._rulebook(day), self._check_rows(day))
        self.published.append(publication)
        return publication

    def _rulebook(self, day: date) -> Rulebook:
        policy, model = self.policy(day), champion(self.models.standing(day))
        return Rulebook(
            policy_id=policy.policy_id,
            policy_version=policy.version,
            policy_digest=policy.digest,
            model_version=model.version,
            model_digest=model_digest(model.digest, self.settings, self.scorecard(day), day),
            code_version=version("fenqi"),
        )

    def _check_rows(self, day: date) -> pl.DataFrame:
        rows = [
            {
                "run_id": self.run_id,
                "table_name": r.table,
                "rule_code": r.rule,
                "business_date": day,
                "delivery_seq": sequence,
                "passed": r.passed,
                "severity": r.severity,
                "row_count": r.rows,
                "bad_rows": r.bad_rows,
                "max_bad_share": r.max_bad_share,
                "description": r.description,
            }
            for (_, sequence), results in self._results.get(day, {}).items()
            for r in results
        ]
        return pl.DataFrame(rows, schema_overrides={"delivery_seq": pl.Int16, "max_bad_share": pl.Float64})
