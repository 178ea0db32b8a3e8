"""Which card scores a night, and which cards cannot."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from orchestration.inputs.models import Models, checked_card
from transforms.risk.model import ModelError, decision
from warehouse.reference import REFERENCE, read_document
from warehouse.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = REFERENCE / "scorecards" / "expert_v1.toml"
MAY, JULY = date(2026, 5, 1), date(2026, 7, 1)


def with_second(home: Path) -> Settings:
    """A home whose registry knows a second card from May, which decides from July."""
    models = Models(Settings(home=home))
    text = SHIPPED.read_text(encoding="utf-8").replace('version = "expert_v1"', 'version = "second"')
    digest = models.store.keep("second", {"scorecard.toml": text.encode()})
    registration = {"digest": digest, "trained_on": "nights", "metrics": {}}
    with models.store.writing() as events:
        for event, since in (("registered", MAY), ("promoted", JULY)):
            events.append(
                decision(
                    events,
                    models.shipped,
                    event=event,  # type: ignore[arg-type]
                    version="second",
                    since=since,
                    by="Li",
                    reason="better",
                    registration=registration if event == "registered" else None,
                )
            )
    return Settings(home=home)


def test_the_card_of_a_date_is_the_one_promoted_by_then(tmp_path: Path) -> None:
    models = Models(with_second(tmp_path))
    assert [models.champion(d).version for d in (date(2026, 4, 1), MAY, JULY)] == ["expert_v1", "expert_v1", "second"]
    assert [[c.version for c in models.challengers(d)] for d in (date(2026, 4, 1), MAY, JULY)] == [[], ["second"], []]


def test_a_named_card_decides_whatever_is_promoted(tmp_path: Path) -> None:
    settings = with_second(tmp_path).model_copy(update={"scorecard": "expert_v1"})
    models = Models(settings)
    assert models.pinned
    assert models.champion(JULY).version == "expert_v1"
    assert models.challengers(MAY) == []


def test_a_card_learned_from_another_table_cannot_score_a_night(tmp_path: Path) -> None:
    foreign = tmp_path / "scorecard.toml"
    foreign.write_text(
        SHIPPED.read_text(encoding="utf-8").replace('column = "dsr"', 'column = "PAY_0"'), encoding="utf-8"
    )
    with pytest.raises(ModelError, match="reads PAY_0"):
        checked_card(read_document(foreign))
    assert checked_card(read_document(SHIPPED)).version == "expert_v1"
