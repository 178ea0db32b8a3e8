"""Facts of a night that a transform's parameter can name: the date, the rules in force, reference data of the day."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orchestration.inputs.frozen_reference import frozen_reference
from transforms.dates.calendar import add_months
from transforms.policy.policy import Policy
from transforms.profile.occupation import parse_occupations
from transforms.profile.risk_point import parse_risk_points
from warehouse.reference import occupations, risk_points

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from orchestration.inputs.rulebooks import Rulebooks
    from transforms.loans.product_conventions import ProductConventions
    from transforms.monitoring.reference import Reference
    from transforms.policy.product import Catalogue, Product
    from transforms.policy.reasons import Reasons
    from transforms.profile.occupation import Occupations
    from transforms.profile.risk_point import RiskPointRule
    from transforms.risk.model import Model
    from transforms.risk.scorecard import Scorecard


@dataclass(frozen=True)
class NightFacts:
    """The facts of the night of `day`; those that are functions of a date are asked for as of a day."""

    rulebooks: Rulebooks
    day: date

    @property
    def earlier_as_of(self) -> date:
        """The day a cooldown ago."""
        return add_months(self.day, -self.policy.hysteresis.cooldown_m)

    @cached_property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.rulebooks.policy(self.day)

    @cached_property
    def reasons(self) -> Reasons:
        """What every code says."""
        return self.policy.reasons.in_force(self.day)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The product catalogue in force."""
        return self.rulebooks.catalogue(self.day)

    @cached_property
    def products(self) -> tuple[Product, ...]:
        """The products sold."""
        return self.rulebooks.products(self.day)

    @cached_property
    def conventions(self) -> ProductConventions:
        """The conventions of every product, and the closed days known."""
        return self.rulebooks.conventions(self.day)

    @cached_property
    def scorecard(self) -> Scorecard:
        """The champion."""
        return self.rulebooks.scorecard(self.day)

    @cached_property
    def models(self) -> Mapping[str, Model]:
        """Every model known, by version."""
        return self.rulebooks.models.models_on(self.day)

    @cached_property
    def challengers(self) -> list[Scorecard]:
        """The cards scored beside the champion."""
        return self.rulebooks.models.challengers(self.day)

    @cached_property
    def drift_reference(self) -> Reference | None:
        """The customers the champion was frozen on; None where none have been."""
        return frozen_reference(self.rulebooks.settings, self.scorecard, self.day)

    @cached_property
    def risk_point_rules(self) -> tuple[RiskPointRule, ...]:
        """The rules of the risk points."""
        document = risk_points()
        return parse_risk_points(document.body, self.day, document.path.name, self.reasons)

    def occupations(self, as_of: date) -> Occupations:
        """How stable occupations are, and the wage growth released by a day."""
        document = occupations()
        return parse_occupations(document.body, as_of, document.path.name)


_POLICY, _PRODUCT = frozenset({"reference.policy"}), frozenset({"reference.product"})
_SCORECARD, _MODEL = frozenset({"reference.scorecard"}), frozenset({"reference.model"})
_NONE: frozenset[str] = frozenset()

#: Name → what it is on the night, seen as of a day, and the tables that publish it.
FACTS: dict[str, tuple[Callable[[NightFacts, date], Any], frozenset[str]]] = {
    "as_of": (lambda _, as_of: as_of, _NONE),
    "earlier_as_of": (lambda facts, _: facts.earlier_as_of, _POLICY),
    "policy": (lambda facts, _: facts.policy, _POLICY),
    "policy_book": (lambda facts, _: facts.rulebooks.policy_book, _POLICY),
    "reasons": (lambda facts, _: facts.reasons, frozenset({"reference.reason"})),
    "lender_type": (lambda facts, _: facts.policy.lender_type, _POLICY),
    "catalogue": (lambda facts, _: facts.catalogue, _PRODUCT),
    "products": (lambda facts, _: facts.products, _PRODUCT | _POLICY),
    "purposes": (lambda facts, _: facts.catalogue.purposes, _PRODUCT),
    "product_kinds": (lambda facts, _: {p.product_code: p.kind for p in facts.catalogue.products}, _PRODUCT),
    "conventions": (lambda facts, _: facts.conventions, _PRODUCT),
    "scorecard": (lambda facts, _: facts.scorecard, _SCORECARD),
    "models": (lambda facts, _: facts.models, _MODEL),
    "challengers": (lambda facts, _: facts.challengers, _MODEL),
    "drift_reference": (lambda facts, _: facts.drift_reference, _SCORECARD),
    "risk_point_rules": (lambda facts, _: facts.risk_point_rules, frozenset({"reference.reason"})),
    "occupations": (lambda facts, as_of: facts.occupations(as_of), _NONE),
}


def _section(name: str) -> Callable[[NightFacts, date], Any]:
    return lambda facts, _: getattr(facts.policy, name)


FACTS |= {f"{name}_policy": (_section(name), _POLICY) for name in (f.name for f in fields(Policy))}


def tables_behind(fact: str) -> frozenset[str]:
    """The output tables that publish what a fact is taken from."""
    return FACTS[fact][1]
