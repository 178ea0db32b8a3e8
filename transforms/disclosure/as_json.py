"""A cost sheet as data: the same lines as on the page, figures unrounded, each text in English and Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transforms.disclosure import words
from transforms.disclosure.disclosure import TEMPLATE_VERSION

if TYPE_CHECKING:
    from transforms.disclosure.disclosure import Charge, Disclosure
    from transforms.disclosure.words import Words


def as_json(sheet: Disclosure) -> dict[str, Any]:
    """The sheet as JSON-able values: money in cents, rates as decimal fractions, dates as text."""
    plan, terms, schedule = sheet.plan, sheet.terms, sheet.schedule
    return {
        "template_version": TEMPLATE_VERSION,
        "offer_key": terms.offer_key,
        "valid_until": None if terms.valid_until is None else terms.valid_until.isoformat(),
        "currency": terms.currency,
        "product": {"code": terms.product_code, **_both(terms.product)},
        "principal_cents": plan.lent_cents,
        "down_payment_cents": plan.down_payment_cents,
        "installments": len(schedule.installments),
        "repay_method": {"code": plan.method.value, **_both(words.METHODS[plan.method.value])},
        "nominal_rate": format(plan.annual_rate, "f"),
        "payment_cents": schedule.payment_cents,
        "last_payment_cents": schedule.last_payment_cents,
        "interest_cents": schedule.interest_cents,
        "fee_cents": schedule.fee_cents,
        "total_cost_cents": sheet.cost_cents,
        "total_paid_cents": schedule.total_cents,
        "apr_simple": round(terms.apr_simple, 6),
        "apr_irr": round(terms.apr_irr, 6),
        "annual_cost": round(terms.annual_cost, 6),
        "charges": [_line(charge, cents) for charge, cents in sheet.of("normal")],
        "default_costs": [_line(charge, cents) for charge, cents in sheet.of("contingent")],
        "paid_by_others": [_line(charge, cents) for charge, cents in sheet.of("paid_by_others")],
        "no_other_fees": _both(words.NO_OTHER_FEES),
        "cancellation": [_both(said) for said in cancellation(sheet)],
        "statements": [_both(said) for said in statements(sheet)],
        "basis": list(terms.basis),
        "schedule": [{**row, "due_on": row["due_on"].isoformat()} for row in schedule.to_frame().iter_rows(named=True)],
    }


def cancellation(sheet: Disclosure) -> list[Words]:
    """What ends the plan early, and the days in which it is undone."""
    said = [words.CANCELLATION[sheet.terms.cancel_rule]]
    if days := sheet.terms.cooling_off_days:
        said.append(words.Words(*(text.format(days=days) for text in words.COOLING_OFF)))
    return said


def statements(sheet: Disclosure) -> list[Words]:
    """Further statements: payee, proof of use, that cost is interest, sources of the annual costs."""
    terms = sheet.terms
    said = [words.AS_INTEREST]
    if terms.pay_mode is not None:
        said.append(words.ENTRUSTED if terms.pay_mode == "entrusted" else words.SELF_PAID)
    if terms.proof_of_use:
        said.append(words.PROOF)
    if terms.from_rate_card:
        said.append(words.ROUNDED)
    return said


def _both(said: Words) -> dict[str, str]:
    return {"en": said.en, "zh": said.zh}


def _line(charge: Charge, cents: int | None) -> dict[str, Any]:
    return {
        "code": charge.charge_code,
        "name": _both(charge.name),
        "method": _both(charge.method),
        "standard_ppm": charge.standard_ppm,
        "standard": _both(charge.standard()),
        "collector": {"code": charge.collector, **_both(words.COLLECTORS[charge.collector])},
        "amount_cents": cents,
        "citation": charge.citation,
    }
