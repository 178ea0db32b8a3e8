"""The models of a warehouse: which card decides on a business date, which are scored beside it."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from transforms.risk.model import Model, ModelError, champion, models_on
from transforms.risk.scorecard import Scorecard, parse_scorecard
from warehouse.contract import load_contract
from warehouse.model_store import ModelStore
from warehouse.reference import Document, load_document

if TYPE_CHECKING:
    from warehouse.settings import Settings

SHIPPED = "expert_v1"
_BEFORE_ALL = date(1970, 1, 1)


class Models:
    """The registry read once, and the cards it names.

    The shipped card decides until another is promoted. Where the setting `scorecard` names a card (`pinned`), that one
    decides whatever was promoted: for a simulation of another card, or a lender without a registry.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = ModelStore(settings.home)
        self.pinned = settings.scorecard is not None
        self._cards: dict[str, Scorecard] = {}

    @cached_property
    def shipped_document(self) -> Document:
        """The card that decides until another is promoted, or whatever is."""
        return load_document("scorecards", self.settings.scorecard or SHIPPED)

    @cached_property
    def shipped(self) -> Model:
        """The model that decides until another is promoted."""
        body = self.shipped_document.body
        return Model(
            version=str(body["version"]),
            role="champion",
            digest=self.shipped_document.digest,
            trained_on=str(body.get("description", "")),
            effective_from=_BEFORE_ALL,
            decided_by="configuration",
            reason="the scorecard of the configuration, until another is promoted",
            shipped=True,
        )

    def models_on(self, day: date) -> dict[str, Model]:
        """Every model known on a business date, by version."""
        return models_on([] if self.pinned else self.store.events(), self.shipped, day)

    def champion(self, day: date) -> Scorecard:
        """The card that decides on a business date."""
        return self.card(champion(self.models_on(day)))

    def challengers(self, day: date) -> list[Scorecard]:
        """The cards scored beside it."""
        found = self.models_on(day)
        return [self.card(found[v]) for v in sorted(found) if found[v].role == "challenger"]

    def document(self, model: Model) -> Document:
        """A model's card as it is written, its file checked against the registered digest."""
        return self.shipped_document if model.shipped else self.store.card(model.version, model.digest)

    def card(self, model: Model) -> Scorecard:
        """A model's card."""
        if model.version not in self._cards:
            document = self.document(model)
            self._cards[model.version] = parse_scorecard(document.body, source=str(document.path))
        return self._cards[model.version]


def unreadable_columns(card: Scorecard) -> list[str]:
    """Columns a card reads that no profile has: such a card cannot score a night."""
    there = {name for name, _ in load_contract("profile.customer_profile").lake_columns()}
    wanted = {name for v in card.variables for name in (v.column, v.over) if name is not None}
    return sorted(wanted - there)


def checked_card(document: Document) -> Scorecard:
    """A card that nights can score with; ModelError where it reads columns no profile has."""
    card = parse_scorecard(document.body, source=str(document.path))
    if missing := unreadable_columns(card):
        raise ModelError(
            f"{document.path} reads {', '.join(missing)}, which profile.customer_profile has not: a card learned from "
            "another table cannot score a night"
        )
    return card
