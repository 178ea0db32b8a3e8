"""The rules of one run: its policy, products and models, read once, and which of them are in force on a day."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from orchestration.inputs.models import Models
from orchestration.inputs.reasons import reason_book
from transforms.dates.business_days import parse_calendar
from transforms.decision.facts import deciding_columns
from transforms.loans.product_conventions import ProductConventions
from transforms.policy.policy import parse_policy
from transforms.policy.product import parse_products
from transforms.risk.attributes import refuse_attributes
from warehouse.contract import load_contract
from warehouse.reference import load_document, products
from warehouse.shapes import polars_schema

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.policy import Policy, PolicyBook
    from transforms.policy.product import Catalogue, Product, ProductBook
    from transforms.risk.scorecard import Scorecard
    from warehouse.settings import Settings


class Rulebooks:
    """What the settings name, parsed on first use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def policy_book(self) -> PolicyBook:
        """All versions of the policy that decides."""
        document = load_document("policies", self.settings.policy)
        types = [polars_schema(load_contract(t)) for t in ("profile.customer_profile", "risk.risk_assessment")]
        return parse_policy(
            document.body, source=document.path.name, columns=deciding_columns(*types), reasons=reason_book()
        )

    @cached_property
    def product_book(self) -> ProductBook:
        """All versions of the product catalogue."""
        document = products()
        return parse_products(document.body, source=document.path.name)

    @cached_property
    def models(self) -> Models:
        """Which model decides on a date, and which are scored beside it."""
        return Models(self.settings)

    def policy(self, day: date) -> Policy:
        """The policy's version in force on a business date."""
        return self.policy_book.in_force(day)

    def catalogue(self, day: date) -> Catalogue:
        """The product catalogue in force on a business date."""
        return self.product_book.in_force(day)

    def products(self, day: date) -> tuple[Product, ...]:
        """The products sold under the policy in force on a business date."""
        return self.catalogue(day).under(self.policy(day))

    def scorecard(self, day: date) -> Scorecard:
        """The champion scorecard of a business date; PolicyError where it reads what the policy forbids."""
        card = self.models.champion(day)
        refuse_attributes(card, self.policy(day))
        return card

    def conventions(self, day: date) -> ProductConventions:
        """The conventions of every product by the catalogue's versions, and the closed days known on a date."""
        versions = self.product_book.conventions()
        names = sorted({c.calendar for of_product in versions.values() for _, c in of_product})
        documents = {name: load_document("calendars", name) for name in names}
        calendars = {n: parse_calendar(d.body, source=d.path.name) for n, d in documents.items()}
        return ProductConventions(day, versions, calendars)
