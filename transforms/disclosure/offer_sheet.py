"""The cost sheet of a published offer, from the rows published with it and nothing else; and of a quoted plan."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from transforms.dates.calendar import MONTHLY
from transforms.dates.day_count import EQUAL_PERIODS
from transforms.disclosure.disclosure import (
    Charge,
    DisclosureError,
    Terms,
    default_charges,
    disclosed,
    fee_charge,
    fee_key,
)
from transforms.disclosure.offer_disclosure import citations_of
from transforms.disclosure.words import (
    BY_PERIOD,
    COLLECTORS,
    EQUAL_WORDS,
    METHODS,
    ON_WHOLE_PRINCIPAL,
    Words,
)
from transforms.loans.plan import STEPS, Fee, Plan, RepayMethod

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.disclosure.disclosure import Disclosure
    from transforms.policy.policy import Policy
    from transforms.pricing.quote import Quote

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
    if code == "interest" and offer["repay_method"] == RepayMethod.FLAT:
        charge = replace(charge, said=ON_WHOLE_PRINCIPAL)
    if charge.standard_ppm is None and code in _OWN_RATE:
        rate = offer[_OWN_RATE[code] or "late_interest_rate"]
        return replace(charge, standard_ppm=int(rate * 1_000_000))
    return charge


def quote_sheet(quote: Quote, policy: Policy) -> Disclosure:
    """The sheet of a quoted plan as it runs its course: its own fees by their own standards, default costs by `policy`.

    Late interest is the policy's on the plan's rate; annual costs are the quote's own, the regime's figure first.
    """
    plan, request = quote.request.plan, quote.request
    if unknown := {fee.collector for fee in plan.fees} - set(COLLECTORS):
        raise DisclosureError(f"collector {', '.join(sorted(unknown))} is none of {', '.join(COLLECTORS)}")
    nominal = int(plan.annual_rate * 1_000_000)
    fees = {fee_key(fee): fee_charge(fee) for fee in plan.fees}
    charges = [_interest(plan, nominal), *fees.values()]
    charges += default_charges(policy.default_costs, nominal, citations_of(policy))
    if quote.merchant_subsidy_cents:
        charges.append(Charge("merchant_subsidy", "paid_by_others", None, "price", "merchant"))
    if quote.treasury_subsidy_cents and request.treasury_rate is not None:
        state = int(request.treasury_rate * 1_000_000)
        charges.append(Charge("fiscal_subsidy", "paid_by_others", state, "year", "treasury"))
    shown = policy.disclosure
    costs = {"us_reg_z": quote.costs.apr_us, "eu_aprc": quote.costs.aprc_eu, "cn_irr": quote.costs.apr_irr}
    named = request.product_code
    terms = Terms(
        product_code=named or plan.method.value,
        product=Words(named, named) if named else METHODS[plan.method.value],
        currency=request.currency,
        apr_simple=quote.costs.apr_simple,
        apr_irr=quote.costs.apr_irr,
        annual_cost=costs[shown.annual_cost],
        decimals=shown.annual_cost_decimals,
        merchant_subsidy_cents=quote.merchant_subsidy_cents,
        fiscal_subsidy_cents=quote.treasury_subsidy_cents,
    )
    return disclosed(plan, terms, charges)


def _interest(plan: Plan, nominal_ppm: int) -> Charge:
    """Interest, said as it is charged: by the month, or for the length of each period by the plan's day count."""
    charge = Charge("interest", "normal", nominal_ppm, "year", "lender")
    if plan.method == RepayMethod.FLAT:
        return replace(charge, said=ON_WHOLE_PRINCIPAL)
    if plan.interest_basis == EQUAL_PERIODS and plan.frequency == MONTHLY:
        return charge
    even = plan.interest_basis == EQUAL_PERIODS
    basis = EQUAL_WORDS if even else Words(str(plan.interest_basis), str(plan.interest_basis))
    return replace(charge, said=Words(BY_PERIOD.en.format(basis=basis.en), BY_PERIOD.zh.format(basis=basis.zh)))
