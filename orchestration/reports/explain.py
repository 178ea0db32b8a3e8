"""Why a customer got what they got, one night: read from the published tables, told in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.inputs.reasons import reason_book
from warehouse.keys import load_keys
from warehouse.lake import Lake
from warehouse.tokens import token

if TYPE_CHECKING:
    from datetime import date

    from transforms.policy.reasons import Kind, Reasons
    from warehouse.settings import Settings

_UUID = re.compile(r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$")


_MARKET = "SELECT * FROM lake.reference.market_overlay WHERE as_of_date = ? AND reviewed_on = as_of_date"
_FIGURES = (
    "SELECT item_key, item_value FROM lake.reference.policy "
    "WHERE as_of_date = ? AND item_key IN ('hysteresis.exit_band_points', 'hysteresis.cooldown_m')"
)
#: The points of each variable beside its name, as risk.risk_assessment and reference.scorecard have them.
_POINTS = """
WITH given AS (SELECT as_of_date, unnest(points) AS points, generate_subscripts(points, 1) AS place
  FROM lake.risk.risk_assessment WHERE as_of_date = ? AND customer_token = ?::UUID)
SELECT place, variable, any_value(axis) AS axis, given.points, any_value(reference_points) AS reference_points
FROM given JOIN lake.reference.scorecard AS s USING (as_of_date, place) GROUP BY ALL ORDER BY place"""


class UnknownCustomerError(ValueError):
    """The customer has no published row for that night."""


@dataclass(frozen=True)
class Explanation:
    """The published rows of one customer and night, as they stand; `reasons` joins each code to its text.

    `market` is the night's review of the market, `points` the score variable by variable, `figures` those of the
    policy that the words name, `assessed_on` the day of the assessment a cooldown ago, `catalogue` what codes say.
    """

    customer_token: str
    as_of: date
    eligibility: dict[str, Any]
    profile: dict[str, Any]
    risk: dict[str, Any]
    risk_reasons: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    offers: list[dict[str, Any]]
    debts: list[dict[str, Any]]
    borrowing: dict[str, Any]
    notes: list[dict[str, Any]]
    alerts: list[dict[str, Any]]
    interventions: list[dict[str, Any]]
    market: dict[str, Any]
    points: list[dict[str, Any]]
    figures: dict[str, int]
    assessed_on: date | None
    manifest: dict[str, Any]
    routes: list[dict[str, Any]]
    policy_texts: list[dict[str, Any]]
    catalogue: Reasons

    def as_json(self) -> dict[str, Any]:
        """The explanation for machines: codes, and the words that were published with them."""
        return {name: item for name, item in vars(self).items() if name != "catalogue"}

    def said(self, kind: Kind, code: str, n: int) -> str:
        """What a code says, `n` 0 for English, 1 for Chinese."""
        return self.catalogue.reason(kind, code).pair[n]


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
        earlier = rows("risk.earlier_assessment")
        return Explanation(
            customer_token=name,
            as_of=as_of,
            eligibility=found[0],
            profile=rows("profile.customer_profile")[0],
            risk=rows("risk.risk_assessment")[0],
            risk_reasons=rows("risk.risk_reason", "ORDER BY reason_rank"),
            reasons=sorted((p for p in policy if p["code"] in codes), key=lambda p: p["decision"] != "declined"),
            offers=rows("eligibility.installment_offer", "ORDER BY rank"),
            debts=rows("profile.debt_ledger", "ORDER BY monthly_service_cents DESC"),
            borrowing=rows("risk.over_indebtedness")[0],
            notes=rows("risk.analyst_override", "ORDER BY noted_on DESC, note_id"),
            alerts=rows("risk.risk_alert", "ORDER BY alert_score DESC, alert_code"),
            interventions=rows("risk.intervention"),
            market=lake.frame(_MARKET, [as_of]).to_dicts()[0],
            points=lake.frame(_POINTS, key).to_dicts(),
            figures={k: int(v) for k, v in lake.con.execute(_FIGURES, [as_of]).fetchall()},
            assessed_on=earlier[0]["assessed_on"] if earlier else None,
            manifest=manifest[0],
            routes=rows("eligibility.second_installment", "ORDER BY plan_id, route"),
            policy_texts=[{k: p[k] for k in ("code", "reason_en", "reason_zh")} for p in policy],
            catalogue=reason_book().in_force(as_of),
        )


def _newest(lake: Lake) -> date:
    row = lake.con.execute("SELECT max(business_date) FROM lake.control.run_manifest").fetchone()
    if row is None or row[0] is None:
        raise UnknownCustomerError("nothing is published yet: run `fenqi night --date D` first")
    newest: date = row[0]
    return newest
