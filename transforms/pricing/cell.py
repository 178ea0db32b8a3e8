"""A row of the rate card as a plan: the terms by which a quote of the cell gives the card's own figures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from transforms.loans.plan import Fee, Plan, RepayMethod, method_terms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

UPFRONT_FEE = "upfront_fee"
PERIODIC_FEE = "periodic_fee"


def cell_plan(
    cell: Mapping[str, Any], amount_cents: int, start_on: date, *, fee_collector: str = "lender", **options: Any
) -> Plan:
    """The plan of one cell over `amount_cents`; `options` are further arguments of :class:`Plan`.

    `cell` is a row of `eligibility.rate_card`: monthly installments, fees as shares of the amount. A fee on 10,000
    yuan in cents is the share in millionths.
    """
    fees = (
        Fee(UPFRONT_FEE, "upfront", rate_ppm=int(cell["upfront_fee_per_10k_cents"]), collector=fee_collector),
        Fee(PERIODIC_FEE, "periodic", rate_ppm=int(cell["periodic_fee_per_10k_cents"]), collector=fee_collector),
    )
    lent = amount_cents - int(options.get("down_payment_cents", 0))
    method = RepayMethod(cell["repay_method"])
    terms = method_terms(method, lent, balloon_bp=int(cell["balloon_bp"]), step_bp=int(cell["step_bp"]))
    return Plan(
        amount_cents,
        Decimal(str(cell["nominal_rate"])),
        int(cell["term_m"]),
        start_on,
        fees=tuple(fee for fee in fees if fee.rate_ppm) + tuple(options.pop("fees", ())),
        **terms,
        **options,
    )
