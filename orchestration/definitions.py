"""The one `Definitions` of the code location."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from orchestration.assets.demand import DEMAND
from orchestration.assets.eligibility import ELIGIBILITY
from orchestration.assets.feeds import FEEDS
from orchestration.assets.models import MODELS
from orchestration.assets.monitoring import MONITORING
from orchestration.assets.profile import PROFILE
from orchestration.assets.publication import PUBLICATION
from orchestration.assets.risk import RISK
from orchestration.assets.servicing import SERVICING
from orchestration.jobs import NIGHT
from orchestration.run.resources import Warehouse
from orchestration.schedules import NIGHTLY

if TYPE_CHECKING:
    from collections.abc import Mapping


def build_defs(*, resource_overrides: Mapping[str, object] | None = None) -> dg.Definitions:
    """Fresh definitions; tests and the command line override resources, production takes them from `FENQI_*`."""
    return dg.Definitions(
        assets=[*FEEDS, *PROFILE, *MODELS, *RISK, *ELIGIBILITY, *SERVICING, *DEMAND, *MONITORING, *PUBLICATION],
        jobs=[NIGHT],
        schedules=[NIGHTLY],
        resources={"warehouse": Warehouse(), **(resource_overrides or {})},
        executor=dg.in_process_executor,
    )


defs = build_defs()
