"""The one resource: the context of the run, opened when its first step starts and closed when the run ends."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import PrivateAttr

from orchestration.run.context import RunContext
from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


class Warehouse(dg.ConfigurableResource["Warehouse"]):
    """Gives the steps of a run their :class:`RunContext`; configuration comes from `FENQI_*` or `overrides`."""

    overrides: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it
    _context: RunContext | None = PrivateAttr(default=None)
    _run_id: str = PrivateAttr(default="adhoc")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Warehouse]:
        """Close what was opened when the run ends, also when it fails."""
        run = context.run
        self._run_id = (run.root_run_id or run.run_id) if run else "adhoc"
        try:
            yield self
        finally:
            if self._context is not None:
                self._context.close()
                self._context = None

    @property
    def run(self) -> RunContext:
        """The context of the run."""
        if self._context is None:
            self._context = RunContext(Settings(**self.overrides), self._run_id)  # type: ignore[arg-type]  # pydantic parses text
        return self._context
