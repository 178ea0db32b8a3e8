"""Models: which there are, who decided on them, and what challengers say beside the champion without deciding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.assets.outputs import output_asset
from transforms.risk.challenger_score import challenger_score
from transforms.risk.model import model_rows

if TYPE_CHECKING:
    from datetime import date

    from orchestration.run.context import RunContext


@output_asset("reference.model", group="reference", deps=[])
def known_models(work: RunContext, day: date) -> None:
    """Stage the models known, their roles and who decided them."""
    work.night(day).add("reference.model", model_rows(work.models.standing(day), day))


@output_asset(
    "risk.challenger_score",
    group="risk",
    deps=["profile.customer_profile", "risk.risk_assessment", "reference.model"],
)
def challenged_scores(work: RunContext, day: date) -> None:
    """Stage what each challenger says beside the champion."""
    night, challengers = work.night(day), work.models.challengers(day)
    for shards in night.shard_groups() if challengers else ():
        profile = night.read("profile.customer_profile", shards)
        assessment = night.read("risk.risk_assessment", shards)
        for challenger in challengers:
            night.add("risk.challenger_score", challenger_score(profile, assessment, challenger, day))


MODELS = [known_models, challenged_scores]
