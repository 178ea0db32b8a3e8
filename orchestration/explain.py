"""Why a customer got what they got, one night: read from the published tables, told in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.keys import load_keys
from warehouse.lake import Lake
from warehouse.tokens import token

if TYPE_CHECKING:
    from datetime import date

    from warehouse.settings import Settings

_UUID = re.compile(r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$")


class UnknownCustomerError(ValueError):
    """The customer has no published row for that night."""


@dataclass(frozen=True)
class Explanation:
    """The published rows of one customer and night, as they stand; `reasons` joins each code to its text."""

    customer_token: str
    as_of: date
    eligibility: dict[str, Any]
    profile: dict[str, Any]
    risk: dict[str, Any]
    risk_reasons: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    offers: list[dict[str, Any]]
    debts: list[dict[str, Any]]
    manifest: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The explanation for machines."""
        return dict(vars(self))


def explain(settings: Settings, customer: str, day: date | None) -> Explanation:
    """Gather what is published of `customer` (the lender's number, or a token) for `day` (default: the newest night).

    UnknownCustomerError where the customer has no row that night.
    """
    name = customer if _UUID.match(customer) else token(load_keys(settings).token, "customer", customer)
    with Lake.open(settings, read_only=True) as lake:
        as_of = day or _newest(lake)
        key = [as_of, name]

        def rows(table: str, order: str = "") -> list[dict[str, Any]]:
            query = f"SELECT * FROM lake.{table} WHERE as_of_date = ? AND customer_token = ?::UUID {order}"
            return lake.frame(query, key).to_dicts()

        found = rows("eligibility.customer_eligibility")
        if not found:
            raise UnknownCustomerError(
                f"no published row of this customer for {as_of}: check the number, the date "
                "(`fenqi sql 'SELECT DISTINCT as_of_date FROM eligibility.customer_eligibility'`) and the token key"
            )
        codes = found[0]["reasons"] or []
        policy = lake.frame(
            "SELECT item_key AS code, decision, reason_en, reason_zh, citation FROM lake.reference.policy "
            "WHERE as_of_date = ? AND kind = 'rule' ORDER BY item_key",
            [as_of],
        ).to_dicts()
        manifest = lake.frame(
            "SELECT run_id, publication, published_at, policy_id, policy_version, model_version, code_version, "
            "inputs_digest, manifest_digest FROM lake.control.run_manifest WHERE business_date = ? "
            "ORDER BY manifest_no DESC LIMIT 1",
            [as_of],
        ).to_dicts()
        return Explanation(
            customer_token=name,
            as_of=as_of,
            eligibility=found[0],
            profile=rows("profile.customer_profile")[0],
            risk=rows("risk.risk_assessment")[0],
            risk_reasons=rows("risk.risk_reason", "ORDER BY reason_rank"),
            reasons=[p for p in policy if p["code"] in codes],
            offers=rows("eligibility.installment_offer", "ORDER BY rank"),
            debts=rows("profile.debt_ledger", "ORDER BY monthly_service_cents DESC"),
            manifest=manifest[0],
        )


def _newest(lake: Lake) -> date:
    row = lake.con.execute("SELECT max(business_date) FROM lake.control.run_manifest").fetchone()
    if row is None or row[0] is None:
        raise UnknownCustomerError("nothing is published yet: run `fenqi night --date D` first")
    newest: date = row[0]
    return newest
