"""What the steps of one run share: one connection, the rules in force, the nights under way, the verdicts so far.

Plain Python, no Dagster: assets, command line and tests all go through it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from orchestration.inputs.checkpoints import Checkpoints
from orchestration.inputs.night_inputs import NightInputs
from orchestration.inputs.rulebooks import Rulebooks
from orchestration.run.verdicts import Verdicts
from quality.data_docs import build_data_docs
from quality.gx_session import GxSession
from quality.intake import DeliveryIntake
from warehouse.keys import load_keys
from warehouse.lake import Lake
from warehouse.night import Night, prune_staging

if TYPE_CHECKING:
    from datetime import date
    from types import TracebackType

    from quality.intake import Intake
    from warehouse.settings import Settings


#: How long a stopped run's staged tables wait to be resumed.
_STAGING_KEPT_DAYS = 7


class RunContext:
    """One run; `run_id` names it in the manifest and keeps its staged tables apart. Close it at the end."""

    def __init__(self, settings: Settings, run_id: str) -> None:
        self.settings = settings
        self.run_id = run_id
        self.keys = load_keys(settings, create=not (settings.home / "lake").exists())
        self.lake = Lake.opened(settings)
        prune_staging(settings.home, _STAGING_KEPT_DAYS, settings.now().timestamp())
        self.rulebooks = Rulebooks(settings)
        self.checkpoints = Checkpoints(self.lake, settings.checkpoint_from_rows)
        self.verdicts = Verdicts()
        #: The nights this run has published.
        self.published: set[date] = set()
        self._nights: dict[date, Night] = {}
        self._inputs: dict[date, NightInputs] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write the data docs of what was checked, close the run's connection and drop its staged tables.

        The staged tables of a night that was not published are kept, so that the run can be resumed.
        """
        try:
            if "gx" in self.__dict__:
                build_data_docs(
                    self.gx.validations, self.settings.home / "docs" / "data_docs", self.settings.docs_kept_days
                )
        finally:
            for day, night in self._nights.items():
                night.close(keep=day not in self.published)
            self.lake.close()

    @cached_property
    def gx(self) -> GxSession:
        """Great Expectations for this run; imported only when a check is due."""
        return GxSession(self.lake.con)

    @cached_property
    def delivery_intake(self) -> DeliveryIntake:
        """Where deliveries come in."""
        return DeliveryIntake(self.lake, self.keys, self.gx, self.run_id)

    def night(self, day: date) -> Night:
        """The night of a business date, opened once per run."""
        if day not in self._nights:
            self._nights[day] = Night(self.lake, self.keys, day, self.run_id)
        return self._nights[day]

    def inputs(self, day: date) -> NightInputs:
        """What the transforms of a business date's night read."""
        if day not in self._inputs:
            self._inputs[day] = NightInputs(self.night(day), self.checkpoints, self.rulebooks)
        return self._inputs[day]

    def take_in(self, feed: str, day: date) -> list[Intake]:
        """Take in a feed's deliveries up to a business date; the last one is that of the date itself."""
        intakes = self.delivery_intake.catch_up(feed, day)
        for intake in intakes:
            sequence = intake.delivery.sequence if intake.delivery else 0
            self.verdicts.add(intake.business_date, feed, sequence, intake.results)
        self.verdicts.stop_if_broken(day, intakes[-1].results)
        return intakes
