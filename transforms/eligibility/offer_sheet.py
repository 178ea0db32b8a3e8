"""The cost sheet of a published offer, from the rows published with it and nothing else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from transforms.eligibility.disclosure import Charge, DisclosureError, Terms, disclosed
from transforms.eligibility.disclosure_words import Words
from transforms.pricing.plan import STEPS, Fee, Plan, RepayMethod

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.eligibility.disclosure import Disclosure

_TIMINGS = {"upfront_fee": "upfront", "periodic_fee": "periodic"}
#: Charges whose standard is the offer's own rate, and the column that says it.
_OWN_RATE = {"interest": "nominal_rate", "late_interest": "late_interest_rate", "compound_interest": None}
_FIGURES = {
    "payment_cents": "payment_cents",
    "last_payment_cents": "last_payment_cents",
    "interest_cents": "interest_cents",
    "fee_cents": "total_fee_cents",
    "cost_cents": "total_cost_cents",
    "total_cents": "total_paid_cents",
}


def offer_sheet(
    offer: Mapping[str, Any],
    charges: Sequence[Mapping[str, Any]],
    product: Mapping[str, Any],
    figures: Mapping[str, tuple[str, str]],
    currency: str = "CNY",
) -> Disclosure:
    """The sheet of a row of `eligibility.offer_disclosure`, as if drawn on its night.

    `charges` are the product's rows of `eligibility.disclosure_charge` and `product` its row of `reference.product`;
    `figures` are value and citation of the policy's figures by key (`reference.policy`). DisclosureError where a
    published figure is not that of the schedule.
    """
    lines = [_charge(row, offer) for row in sorted(charges, key=lambda row: row["charge_no"])]
    fees = tuple(
        Fee(c.charge_code, _TIMINGS[c.charge_code], rate_ppm=c.standard_ppm or 0, collector=c.collector)  # type: ignore[arg-type]
        for c in lines
        if c.charge_code in _TIMINGS
    )
    method = RepayMethod(offer["repay_method"])
    plan = Plan(
        amount_cents=offer["principal_cents"] + offer["down_payment_cents"],
        annual_rate=offer["nominal_rate"],
        installments=offer["term_m"],
        start_on=offer["as_of_date"],
        method=method,
        payment_rounding=figures["pricing.payment_rounding"][0],  # type: ignore[arg-type]  # a policy's, checked when loaded
        down_payment_cents=offer["down_payment_cents"],
        balloon_cents=_balloon_cents(offer, product),
        step_share=Decimal(product["step_bp"]) / 10_000 if method in STEPS else None,
        fees=fees,
    )
    shown = [key for key in sorted(figures) if key.startswith("disclosure.") and figures[key][0] == "true"]
    terms = Terms(
        product_code=offer["product_code"],
        product=Words(product["name_en"], product["name_zh"]),
        currency=currency,
        apr_simple=float(offer["apr_simple"]),
        apr_irr=float(offer["apr_irr"]),
        annual_cost=float(offer["annual_cost"]),
        decimals=int(figures["disclosure.annual_cost_decimals"][0]),
        offer_key=offer["offer_id"],
        valid_until=offer["prequalified_until"],
        cancel_rule=product["cancel_rule"],
        cooling_off_days=product["cooling_off_days"],
        pay_mode=offer["pay_mode"],
        proof_of_use=offer["proof_of_use"],
        merchant_subsidy_cents=offer["merchant_subsidy_cents"],
        fiscal_subsidy_cents=offer["fiscal_subsidy_cents"],
        from_rate_card=True,
        basis=tuple(dict.fromkeys(figures[key][1] for key in shown)),
    )
    sheet = disclosed(plan, terms, lines)
    wrong = [
        f"{column} {offer[column]}, by the schedule {getattr(sheet.schedule, name)}"
        for name, column in _FIGURES.items()
        if getattr(sheet.schedule, name) != offer[column]
    ]
    if wrong:
        raise DisclosureError(f"offer {offer['offer_id']}: {'; '.join(wrong)}")
    return sheet


def _balloon_cents(offer: Mapping[str, Any], product: Mapping[str, Any]) -> int:
    """What a balloon leaves to the last installment, rounded half up as it was priced."""
    if offer["repay_method"] != RepayMethod.BALLOON:
        return 0
    return int(offer["principal_cents"] * product["balloon_bp"] + 5_000) // 10_000


def _charge(row: Mapping[str, Any], offer: Mapping[str, Any]) -> Charge:
    code = row["charge_code"]
    charge = Charge(code, row["category"], row["standard_ppm"], row["basis"], row["collector"], row["citation"])
    if charge.standard_ppm is None and code in _OWN_RATE:
        rate = offer[_OWN_RATE[code] or "late_interest_rate"]
        return replace(charge, standard_ppm=int(rate * 1_000_000))
    return charge
