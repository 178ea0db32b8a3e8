"""The cost sheet of a published offer, made of its rows in the lake, and of a quote, by the policy in force."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orchestration.inputs.reasons import reason_book
from transforms.decision.facts import deciding_columns
from transforms.disclosure.offer_sheet import offer_sheet, quote_sheet
from transforms.policy.policy import parse_policy
from warehouse.contract import load_contract
from warehouse.lake import Lake
from warehouse.reference import load_document
from warehouse.shapes import polars_schema
from warehouse.sql import literal

if TYPE_CHECKING:
    from datetime import date

    from transforms.disclosure.disclosure import Disclosure
    from transforms.pricing.quote import Quote
    from warehouse.settings import Settings

_KEY = re.compile(r"^[0-9a-f]{32}$")


class UnknownOfferError(ValueError):
    """No published offer has that key."""


def disclosure(settings: Settings, offer_key: str, day: date | None = None) -> Disclosure:
    """The sheet of the offer published under `offer_key`, of any night or of `day`; UnknownOfferError without one."""
    if not _KEY.match(offer_key):
        raise UnknownOfferError(f"{offer_key!r} is no offer key: it has 32 digits, 0-9 and a-f")
    with Lake.open(settings, read_only=True) as lake:

        def rows(query: str, *parameters: object) -> list[dict[str, object]]:
            return lake.frame(query, list(parameters)).to_dicts()

        of_night = "" if day is None else f" AND as_of_date = {literal(day)}"
        found = rows(f"FROM lake.eligibility.offer_disclosure WHERE offer_id = ?{of_night}", offer_key)
        if not found:
            raise UnknownOfferError(
                f"no offer with the key {offer_key} is published; `fenqi sql 'SELECT offer_id FROM "
                "eligibility.installment_offer LIMIT 5'` shows some"
            )
        offer = found[0]
        of_product = "WHERE as_of_date = ? AND product_code = ?"
        product = (offer["as_of_date"], offer["product_code"])
        figures = rows(
            "SELECT item_key, item_value, citation FROM lake.reference.policy WHERE as_of_date = ? AND kind = 'figure'",
            offer["as_of_date"],
        )
        return offer_sheet(
            offer,
            rows(f"FROM lake.eligibility.disclosure_charge {of_product}", *product),
            rows(f"FROM lake.reference.product {of_product}", *product)[0],
            {str(f["item_key"]): (str(f["item_value"]), str(f["citation"])) for f in figures},
            settings.currency,
        )


def quoted(settings: Settings, quote: Quote) -> Disclosure:
    """The sheet of a quote by the configured policy in force on the day it is drawn; ValueError for a changed course.

    A sheet is of a plan kept as agreed: what is to happen on the way is not part of it.
    """
    if not quote.request.course.is_empty:
        raise ValueError("a disclosure is of the plan as agreed: leave out --rate-change, --draw, --repay and --settle")
    document = load_document("policies", settings.policy)
    columns = [polars_schema(load_contract(t)) for t in ("profile.customer_profile", "risk.risk_assessment")]
    book = parse_policy(
        document.body, source=document.path.name, columns=deciding_columns(*columns), reasons=reason_book()
    )
    return quote_sheet(quote, book.in_force(quote.request.plan.start_on))
