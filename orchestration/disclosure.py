"""The cost sheet of a published offer: its rows read from the lake, the sheet made of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from transforms.eligibility.offer_sheet import offer_sheet
from warehouse.lake import Lake

if TYPE_CHECKING:
    from datetime import date

    from transforms.eligibility.disclosure import Disclosure
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

        of_night = "" if day is None else f" AND as_of_date = DATE '{day}'"
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
